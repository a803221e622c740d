//! The plan language as a JSON Schema, for editors. Names of fields come from the tables that the reader itself
//! goes by; what a schema cannot say (that ways lead somewhere, that keys do not clash) `check` tells.

use super::lowering::PART_FIELDS;
use super::{api, deciding, flow, kinds, policy, words};
use crate::Line;
use call_model::EscalationReason;
use serde_json::{Map, Value, json};

/// A JSON Schema (draft 7) of `flow.yaml`.
pub fn schema() -> Value {
    let head = flow::FIELDS.iter().map(|field| (*field, head_field(field)));
    let required = ["plan", "languages", "start", "nodes"];
    of_file("A dialplan of Bellhop", head, &required)
}

/// A JSON Schema (draft 7) of the files that `call` names.
pub fn part_schema() -> Value {
    let fields = PART_FIELDS.iter().map(|field| match *field {
        "params" => (*field, known("texts")),
        field => (field, head_field(field)),
    });
    let title = "A part of a dialplan of Bellhop";
    of_file(title, fields, &["start", "nodes"])
}

/// The schema of a file with these fields, and the definitions that they may refer to.
fn of_file<'f>(
    title: &str,
    fields: impl Iterator<Item = (&'f str, Value)>,
    required: &[&str],
) -> Value {
    let mut schema = closed(fields);
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!(title);
    schema["required"] = json!(required);
    schema["definitions"] = definitions();
    schema
}

fn definitions() -> Value {
    let request = api::REQUEST
        .iter()
        .map(|field| (*field, request_field(field)));
    let part = request.clone().chain([("name", known("wording"))]);
    let tests = deciding::TESTS.iter().map(|test| (*test, known("texts")));
    let answers = [
        ("key", known("texts")),
        ("en", known("texts")),
        ("zh", known("texts")),
    ];
    let all = closed([("all", map_of(closed(part))), ("deadline", known("text"))]);
    json!({
        "text": { "type": ["string", "number", "boolean"] },
        "texts": any([known("text"), json!({ "type": "array", "items": known("text") })]),
        "piece": any([
            known("text"),
            closed([("audio", known("text"))]),
            closed([("pause", known("text"))]),
        ]),
        "pieces": any([known("piece"), json!({ "type": "array", "items": known("piece") })]),
        "wording": any([known("pieces"), closed([("en", known("pieces")), ("zh", known("pieces"))])]),
        "ladder": {
            "type": "array",
            "items": any([closed([("then", known("text"))]), known("wording")]),
        },
        "answers": closed(answers),
        "request": closed(request),
        "requests": all,
        "condition": map_of(any([known("texts"), closed(tests)])),
        "node": { "anyOf": kinds::KINDS.iter().map(|(kind, fields)| node(kind, fields)).collect::<Vec<_>>() },
    })
}

/// The shape of one of the schema's definitions.
fn known(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn any(shapes: impl IntoIterator<Item = Value>) -> Value {
    json!({ "anyOf": shapes.into_iter().collect::<Vec<_>>() })
}

/// A map of these fields and no others.
fn closed<'f>(fields: impl IntoIterator<Item = (&'f str, Value)>) -> Value {
    let fields = fields
        .into_iter()
        .map(|(name, shape)| (name.to_owned(), shape));
    let properties: Map<String, Value> = fields.collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// A map whose names are the plan's.
fn map_of(shape: Value) -> Value {
    json!({ "type": "object", "additionalProperties": shape })
}

fn one_of(names: &[&str]) -> Value {
    json!({ "enum": names })
}

fn on_or_off() -> Value {
    json!({ "enum": ["on", "off", true, false] })
}

fn node(kind: &str, fields: &[&str]) -> Value {
    let all = fields.iter().chain(&kinds::ANYWHERE);
    let mut node = closed(all.map(|field| (*field, node_field(kind, field))));
    node["title"] = json!(kind);
    node["required"] = json!([kind]);
    node
}

fn node_field(kind: &str, field: &str) -> Value {
    match (kind, field) {
        ("ask" | "collect" | "survey" | "menu" | "say" | "message", field) if field == kind => {
            known("wording")
        }
        ("end", "end") => any([json!({ "type": "null" }), known("wording")]),
        ("verify", "verify") => known("request"),
        ("api", "api") => any([known("request"), known("requests")]),
        ("handoff", "handoff") => any([
            json!({ "type": ["string", "number", "null"] }),
            closed(["skill", "priority", "method"].map(|field| (field, known("text")))),
        ]),
        ("decide", "decide") => {
            let case = closed([("when", known("condition")), ("to", known("text"))]);
            json!({ "type": "array", "items": case })
        }
        ("set", "set") => map_of(any([
            json!({ "type": ["string", "number", "boolean", "null"] }),
            closed([("add", known("text"))]),
        ])),
        (_, "say" | "title") => known("wording"),
        (_, "no_input" | "no_match") => known("ladder"),
        (_, "routes") => map_of(known("answers")),
        (_, "examples") => map_of(closed([("en", known("texts")), ("zh", known("texts"))])),
        (_, "open") => map_of(json!({ "type": ["array", "object", "string"] })),
        (_, "keys") => json!({ "type": "object" }),
        (_, "with" | "on_status") => map_of(known("text")),
        (_, "plate") => one_of(&["zh", "any"]),
        (_, "digits" | "letters") => any([
            known("text"),
            closed([("min", known("text")), ("max", known("text"))]),
        ]),
        (_, "date") => json!({ "enum": ["past", "future", "any"] }),
        (_, "time" | "amount") => json!({ "enum": ["any", null] }),
        (_, "confirm") => any([
            json!({ "enum": ["always", "low"] }),
            closed([("always", known("wording"))]),
            closed([("low", known("wording"))]),
        ]),
        (_, "yes_no") => any([
            json!({ "type": "null" }),
            closed([("yes", known("text")), ("no", known("text"))]),
        ]),
        (_, "one_of") => map_of(known("answers")),
        (_, "grammar") => any([
            known("text"),
            closed([("en", known("text")), ("zh", known("text"))]),
        ]),
        (_, "interruptible") => one_of(&["voice_and_keys", "voice", "keys", "never"]),
        (_, "by") => one_of(&["voice_and_keys", "voice", "keys"]),
        (_, "voice_analysis" | "global_words") => on_or_off(),
        _ => known("text"),
    }
}

fn request_field(field: &str) -> Value {
    match field {
        "body" => json!({}),
        "headers_env" | "keep" => map_of(known("text")),
        "method" => one_of(&["get", "post"]),
        _ => known("text"),
    }
}

fn head_field(field: &str) -> Value {
    match field {
        "languages" => json!({ "type": "array", "items": one_of(&["en", "zh"]) }),
        "purpose" => one_of(&["service", "measurement"]),
        "recording" => json!({ "enum": ["on", "off", "required", true, false] }),
        "voice_analysis" => on_or_off(),
        "hours" => closed([
            ("zone", known("text")),
            ("open", map_of(known("texts"))),
            ("closed_on", known("texts")),
        ]),
        "profiles" => map_of(closed([
            ("when", known("condition")),
            ("pauses", known("text")),
            ("rate", known("text")),
            ("ask_limit", known("text")),
        ])),
        "policy" => closed(policy::FIELDS.iter().map(|field| (*field, json!({})))),
        "people" => people(),
        "intent" => closed(["tier", "first_piece", "whole"].map(|field| (field, known("text")))),
        "messages" => known("request"),
        "global_words" => known("texts"),
        "words" => {
            let changes = closed(["add", "remove", "only"].map(|field| (field, known("texts"))));
            let lists = || closed(words::LISTS.iter().map(|list| (*list, changes.clone())));
            closed([("en", lists()), ("zh", lists())])
        }
        "say_as" => {
            let words = || map_of(known("text"));
            closed([("en", words()), ("zh", words())])
        }
        "lines" => closed(Line::ALL.iter().map(|line| (line.name(), known("wording")))),
        "nodes" => map_of(known("node")),
        _ => known("text"),
    }
}

fn people() -> Value {
    let ways = [("callback", known("text")), ("call", known("text"))];
    let way = || any([known("text"), closed(ways.clone())]);
    let reasons = EscalationReason::ALL.map(EscalationReason::name);
    let by_reason = closed(
        reasons
            .into_iter()
            .chain(["default"])
            .map(|reason| (reason, way())),
    );
    closed(policy::PEOPLE.iter().map(|field| match *field {
        "otherwise" => (*field, any([way(), by_reason.clone()])),
        _ => (*field, known("text")),
    }))
}
