//! The schema that editors go by is the language that the reader reads.

use serde_json::Value;
use std::path::{Path, PathBuf};

fn dialplans() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans")
}

/// Where a value is not what a schema says; only of the words that ours is made of.
fn fault(whole: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let place = name.strip_prefix('#').expect("a place in this schema");
        return fault(whole, whole.pointer(place).expect(name), value, at);
    }
    if let Some(shapes) = schema["anyOf"].as_array() {
        let faults: Vec<String> = shapes
            .iter()
            .map_while(|shape| fault(whole, shape, value, at))
            .collect();
        // What goes deepest is the most telling.
        let is_wrong = faults.len() == shapes.len();
        return is_wrong
            .then(|| faults.into_iter().max_by_key(String::len))
            .flatten();
    }
    if let Some(known) = schema["enum"].as_array() {
        return (!known.contains(value)).then(|| format!("{at}: {value} is none of {known:?}"));
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => return None,
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !types.contains(&is) {
        return Some(format!("{at}: {value} is not {types:?}"));
    }
    if let Some(items) = value.as_array() {
        let mut faults = items
            .iter()
            .zip(0..)
            .filter_map(|(item, n)| fault(whole, &schema["items"], item, &format!("{at}/{n}")));
        return faults.next();
    }
    let fields = value.as_object()?;
    let required = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    if let Some(missing) = required
        .into_iter()
        .find(|name| !fields.contains_key(*name))
    {
        return Some(format!("{at}: no '{missing}'"));
    }
    fields.iter().find_map(|(name, value)| {
        let at = format!("{at}/{name}");
        match (
            schema["properties"].get(name),
            &schema["additionalProperties"],
        ) {
            (Some(shape), _) => fault(whole, shape, value, &at),
            (None, Value::Bool(false)) => Some(format!("{at} is not known")),
            (None, shape) => fault(whole, shape, value, &at),
        }
    })
}

fn fault_of(text: &str) -> Option<String> {
    fault_by(&dialplan::schema(), text)
}

fn fault_by(schema: &Value, text: &str) -> Option<String> {
    let file: Value = serde_saphyr::from_str(text).expect("YAML");
    fault(schema, schema, &file, "")
}

#[test]
fn the_schemas_beside_the_dialplans_are_current() {
    for (file, schema, command) in [
        ("flow.schema.json", dialplan::schema(), "bellhop schema"),
        (
            "part.schema.json",
            dialplan::part_schema(),
            "bellhop schema --part",
        ),
    ] {
        let stored = std::fs::read_to_string(dialplans().join(file)).expect(file);
        let stored: Value = serde_json::from_str(&stored).expect("JSON");
        assert!(stored == schema, "run '{command} > dialplans/{file}'");
    }
}

#[test]
fn every_shipped_plan_is_what_the_schema_says() {
    let mut count = 0;
    for folder in std::fs::read_dir(dialplans()).expect("dialplans").flatten() {
        let flow = folder.path().join("flow.yaml");
        let Ok(text) = std::fs::read_to_string(&flow) else {
            continue;
        };
        count += 1;
        assert_eq!(fault_of(&text), None, "{}", flow.display());
    }
    assert!(count >= 3, "{count} plans");
}

#[test]
fn what_the_language_does_not_have_is_no_plan_by_the_schema() {
    let plan = |node: &str| {
        format!("plan: a\nlanguages: [en]\nstart: x\nrecording: off\nnodes:\n  x: {node}\n")
    };
    assert_eq!(fault_of(&plan("{ end: { en: Bye } }")), None);
    for node in [
        "{ sing: { en: Bye } }",
        "{ end: { fr: Bye } }",
        "{ say: { en: Bye }, nxt: x }",
        "{ say: { en: Bye }, next: x, interruptible: sometimes }",
        "{ ask: { en: Well }, routes: { x: { en: [a], keys: 1 } } }",
    ] {
        assert!(fault_of(&plan(node)).is_some(), "{node}");
    }
    assert!(fault_of("plan: a\nlanguages: [en]\nstart: x\nnods: {}\nnodes: {}\n").is_some());
}

#[test]
fn a_part_is_what_its_schema_says_and_nothing_else_is() {
    let schema = dialplan::part_schema();
    let parts = dialplans().join("../crates/call-engine/tests/plans/parts");
    let mut count = 0;
    for part in std::fs::read_dir(parts).expect("parts").flatten() {
        let text = std::fs::read_to_string(part.path()).expect("a part");
        count += 1;
        assert_eq!(fault_by(&schema, &text), None, "{}", part.path().display());
    }
    assert!(count >= 2, "{count} parts");

    let node = "nodes: { x: { say: { en: Well }, next: return } }";
    assert_eq!(
        fault_by(&schema, &format!("start: x\nparams: [card]\n{node}")),
        None
    );
    for wrong in [
        format!("plan: a\nlanguages: [en]\nstart: x\n{node}"),
        format!("start: x\nparam: [card]\n{node}"),
        format!("start: x\nparams: {{ card: 1 }}\n{node}"),
        "start: x".to_owned(),
        "start: x\nnodes: { x: { say: { en: Well }, nxt: return } }".to_owned(),
    ] {
        assert!(fault_by(&schema, &wrong).is_some(), "{wrong}");
    }
}
