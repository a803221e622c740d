//! Values of compiled plans, held against each other by their names.

use crate::{Node, Wording};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A longer value says no more.
const SHOWN_MAX: usize = 60;

/// Every value within a value, by its path.
pub(super) fn leaves(value: &impl Serialize) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(value) {
        collect(&value, String::new(), &mut leaves);
    }
    leaves
}

fn collect(value: &Value, path: String, leaves: &mut BTreeMap<String, String>) {
    let deeper = |name: &str| match path.is_empty() {
        true => name.to_owned(),
        false => format!("{path}.{name}"),
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                collect(value, deeper(name), leaves);
            }
        }
        Value::Array(items) => {
            for (number, value) in items.iter().enumerate() {
                collect(value, deeper(&(number + 1).to_string()), leaves);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            leaves.insert(path, text.clone());
        }
        Value::Bool(_) | Value::Number(_) => {
            leaves.insert(path, value.to_string());
        }
    }
}

/// What is otherwise in two values, as `anger_above: 80 → 70`.
pub(super) fn changes(before: &impl Serialize, now: &impl Serialize) -> Vec<String> {
    changed_leaves(&leaves(before), &leaves(now))
}

pub(super) fn changed_leaves(
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut changes = Vec::new();
    for (path, value) in now {
        match before.get(path) {
            Some(earlier) if earlier == value => {}
            Some(earlier) => {
                changes.push(format!("{path}: {} → {}", shown(earlier), shown(value)));
            }
            None => changes.push(format!("{path}: {} is new", shown(value))),
        }
    }
    let is_gone = |(path, _): &(&String, &String)| !now.contains_key(*path);
    for (path, value) in before.iter().filter(is_gone) {
        changes.push(format!("{path}: {} is gone", shown(value)));
    }
    changes
}

fn shown(value: &str) -> String {
    if value.chars().count() <= SHOWN_MAX {
        return value.to_owned();
    }
    let kept: String = value.chars().take(SHOWN_MAX).collect();
    format!("{kept}…")
}

/// What is otherwise in two wordings, by language: `in en: “Hello.” → “Good day.”`
pub(super) fn wordings(before: &Wording, now: &Wording) -> Vec<String> {
    let mut changes = Vec::new();
    for (language, pieces) in &now.0 {
        let earlier = before.0.get(language);
        if earlier.is_some_and(|earlier| earlier != pieces) {
            let [before, now] = [before, now].map(|wording| wording.as_text(*language));
            changes.push(match before == now {
                // Pauses are not told.
                true => format!("in {language}: its pauses are others"),
                false => format!("in {language}: “{before}” → “{now}”"),
            });
        }
    }
    changes
}

/// What makes two nodes the same but for their names: all that they say and do. Numbers of
/// grammars are left out, and ways back to itself are so named.
pub(super) fn fingerprint(node: &Node, name: &str) -> String {
    let mut print = String::new();
    for (path, value) in leaves(node) {
        if path.contains("grammars") {
            continue;
        }
        let value = if value == name {
            "(itself)"
        } else {
            value.as_str()
        };
        print.push_str(&format!("{path}={value}\n"));
    }
    print
}
