//! The contract's schema and its examples, held against the types.

use super::*;
use call_model::{CallTime, PerMille, Score};
use schemars::JsonSchema;
use serde_json::Value;
use std::path::PathBuf;

/// How the schema shows [`Language`].
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
pub enum LanguageTag {
    En,
    Zh,
}

/// How the schema shows [`Speaker`].
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
pub enum SpeakerName {
    Caller,
    Bot,
    Agent,
}

/// How the schema shows [`HungUp`].
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
pub enum HungUpName {
    ByCaller,
    Cancelled,
    ByBot,
    Transferred,
    NoAck,
    MediaLost,
    TooLong,
    Drained,
    Fault,
}

/// The two directions of Bellhop's intent contract, version 1.
#[derive(JsonSchema)]
#[allow(dead_code)]
struct IntentContract {
    to_service: ToService,
    from_service: FromService,
}

/// A question with something in every field.
pub fn question() -> IntentQuestion {
    let reading = |text: &str, confidence| Hypothesis {
        text: text.to_owned().into(),
        confidence: PerMille::new(confidence),
        words: Vec::new(),
    };
    IntentQuestion {
        question: IntentQuestionId(7),
        call: CallId::new(1_764_000_000_000, 7),
        plan: "front-desk".to_owned(),
        node: "main".to_owned(),
        language: Language::En,
        attempt: 1,
        is_ahead: false,
        readings: vec![
            reading("when do you close", 820),
            reading("what do you close", 310),
        ],
        rejected: None,
        slots: [("order".to_owned(), "1234".to_owned().into())].into(),
        emotion: Some(EmotionScore {
            utterance: 2,
            at: CallTime::from_millis(4_000),
            anger: Score::from_tenths(875),
            log_odds_milli: 1_900,
            probability: PerMille::new(870),
            arousal: Score::from_points(70),
            speech_micros: 5_200_000,
            confidence: PerMille::new(900),
            is_calibrated: false,
            reasons: vec!["loud".to_owned()],
        }),
        history: vec![HandoffTurn {
            at: CallTime::from_millis(1_200),
            speaker: Speaker::Bot,
            text: "How can I help?".to_owned().into(),
        }],
        nodes: vec!["billing".to_owned()],
        first_piece_ms: 500,
        whole_ms: 2_000,
    }
}

fn beside(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)
}

#[test]
fn the_schema_is_what_the_types_make() {
    let schema = serde_json::to_value(schemars::schema_for!(IntentContract)).expect("a schema");
    let path = beside("contract.schema.json");
    if std::env::var_os("BELLHOP_WRITE_SCHEMA").is_some() {
        let text = serde_json::to_string_pretty(&schema).expect("json");
        std::fs::write(&path, text + "\n").expect("written");
    }
    let kept = std::fs::read_to_string(&path).expect("contract.schema.json");
    let kept: Value = serde_json::from_str(&kept).expect("json");
    assert_eq!(
        kept, schema,
        "the types changed: run this test with BELLHOP_WRITE_SCHEMA=1, and tell the change in CONTRACT.md"
    );
}

/// The JSON lines of CONTRACT.md, told apart by the direction that stands over them.
fn examples(direction: &str) -> Vec<String> {
    let text = std::fs::read_to_string(beside("CONTRACT.md")).expect("CONTRACT.md");
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
    let sorted = |mut types: Vec<String>| {
        types.sort();
        types.dedup();
        types
    };
    let to_service = examples("to-service");
    let to_service: Vec<_> = to_service
        .iter()
        .map(|line| holds::<ToService>(line))
        .collect();
    assert_eq!(
        sorted(to_service),
        [
            "adopted",
            "bye",
            "call",
            "cancel",
            "emotion",
            "heard",
            "key",
            "silence",
            "turn.final",
            "turn.partial"
        ]
    );
    let from_service = examples("from-service");
    let from_service: Vec<_> = from_service
        .iter()
        .map(|line| holds::<FromService>(line))
        .collect();
    assert_eq!(
        sorted(from_service),
        [
            "ask", "done", "end", "error", "escalate", "goto", "say", "set"
        ]
    );
}

#[test]
fn unknown_fields_are_ignored_and_unknown_types_are_not_understood() {
    let known = r#"{"type":"done","question":3,"mood":"fine"}"#;
    let message: FromService = serde_json::from_str(known).expect("a message");
    assert_eq!(message.question(), IntentQuestionId(3));
    let unknown = r#"{"type":"sing","question":3}"#;
    assert!(serde_json::from_str::<FromService>(unknown).is_err());
    assert!(serde_json::from_str::<FromService>(r#"{"type":"done"}"#).is_err());
}

#[test]
fn a_question_is_told_whole() {
    let turn = ToService::TurnFinal(Box::new(Turn::from(&question())));
    let told = serde_json::to_value(turn).expect("json");
    assert_eq!(told["readings"][0]["confidence"], 0.82);
    assert_eq!(told["emotion"]["anger"], 87.5);
    assert_eq!(told["history"][0]["speaker"], "bot");
    assert_eq!(told["slots"]["order"], "1234");
    assert_eq!(format!("{:?}", question().readings[0].text), "<private>");
}
