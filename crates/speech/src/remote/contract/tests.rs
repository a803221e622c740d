//! The protocol's schema and its examples, held against the types.

use super::*;
use schemars::JsonSchema;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How the schema shows [`Language`].
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
pub enum LanguageTag {
    En,
    Zh,
}

/// How the schema shows [`WordClass`].
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
pub enum ClassName {
    Demand,
    Ask,
}

/// How the schema shows [`Phrase`].
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
pub enum PhraseShape {
    /// One word.
    Word(String),
    /// All parts, in this order.
    Sequence(Vec<PhraseShape>),
    /// Exactly one of the parts.
    OneOf(Vec<PhraseShape>),
    /// The part, or nothing.
    Optional(Box<PhraseShape>),
    /// The part, at least and at most so often.
    Repeat {
        of: Box<PhraseShape>,
        min: u8,
        max: u8,
    },
}

/// Both directions.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum EarProtocol {
    ToEar(ToEar),
    FromEar(FromEar),
}

fn beside(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)
}

#[test]
fn the_schema_is_what_the_types_make() {
    let schema = serde_json::to_value(schemars::schema_for!(EarProtocol)).expect("a schema");
    let path = beside("remote.schema.json");
    if std::env::var_os("BELLHOP_WRITE_SCHEMA").is_some() {
        let text = serde_json::to_string_pretty(&schema).expect("json");
        std::fs::write(&path, text + "\n").expect("written");
    }
    let kept = std::fs::read_to_string(&path).expect("remote.schema.json");
    let kept: Value = serde_json::from_str(&kept).expect("json");
    assert_eq!(
        kept, schema,
        "the types changed: run this test with BELLHOP_WRITE_SCHEMA=1, and tell the change in REMOTE.md"
    );
}

/// The JSON lines of REMOTE.md, told apart by the direction that stands over them.
fn examples(direction: &str) -> Vec<String> {
    let text = std::fs::read_to_string(beside("REMOTE.md")).expect("REMOTE.md");
    let mut lines = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(fence) => is_inside = fence == format!("json {direction}"),
            None if is_inside && !line.is_empty() => lines.push(line.to_owned()),
            None => {}
        }
    }
    lines
}

/// Reads an example and writes it again: a field the types do not know would be lost.
fn holds<T: serde::de::DeserializeOwned + Serialize>(line: &str) -> String {
    let message: T = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    let written = serde_json::to_value(&message).expect("json");
    let read: Value = serde_json::from_str(line).expect("json");
    assert_eq!(written, read, "{line}");
    read["type"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_documented_examples_are_messages_of_every_type() {
    let to_ear: BTreeSet<_> = examples("to-ear")
        .iter()
        .map(|it| holds::<ToEar>(it))
        .collect();
    let expected = ["cancel", "end", "start"];
    assert_eq!(to_ear, expected.map(str::to_owned).into());
    let from_ear: BTreeSet<_> = examples("from-ear")
        .iter()
        .map(|it| holds::<FromEar>(it))
        .collect();
    let expected = ["error", "final", "listening", "no_match", "partial"];
    assert_eq!(from_ear, expected.map(str::to_owned).into());
}

#[test]
fn the_schema_shows_phrases_as_they_are_sent() {
    let phrase = Phrase::Repeat {
        of: Box::new(Phrase::OneOf(vec![
            Phrase::Word("one".to_owned()),
            Phrase::Optional(Box::new(Phrase::Sequence(Vec::new()))),
        ])),
        min: 1,
        max: 4,
    };
    let sent = serde_json::to_value(&phrase).expect("json");
    let expected = serde_json::json!({
        "repeat": { "of": { "one_of": [{ "word": "one" }, { "optional": { "sequence": [] } }] }, "min": 1, "max": 4 }
    });
    assert_eq!(sent, expected);
}
