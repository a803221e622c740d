//! A handoff as JSON, in the units people use.

use call_model::{
    AngerTerms, AskEvidence, AskMeans, EmotionScore, Handoff, HandoffTurn, WordEvidence,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The whole story of a handoff.
pub fn of(handoff: &Handoff, recording: Option<&str>, delivery: &str, now: Timestamp) -> Value {
    let evidence = &handoff.evidence;
    let slots = handoff.slots.iter();
    let slots: serde_json::Map<String, Value> = slots
        .map(|(slot, value)| (slot.clone(), Value::from(value.reveal().as_str())))
        .collect();
    json!({
        "type": "handoff",
        "version": 1,
        "delivery": delivery,
        "time": now.to_string(),
        "call": handoff.call,
        "reason": handoff.reason.name(),
        "priority": handoff.has_priority,
        "urgency": handoff.urgency.number(),
        "language": handoff.language.tag(),
        "queue": handoff.queue,
        "skill": handoff.skill,
        "display": handoff.display,
        "slots": slots,
        "turns": handoff.turns.iter().map(turn).collect::<Vec<_>>(),
        "emotion": evidence.anger.series.last().map(emotion),
        "evidence": {
            "demands": evidence.demands.iter().map(word).collect::<Vec<_>>(),
            "asks": evidence.asks.iter().map(ask).collect::<Vec<_>>(),
            "anger": {
                "voice": points(evidence.anger.voice.tenths()),
                "fused": points(evidence.anger.fused.tenths()),
                "added": added(&evidence.anger.terms),
            },
            "angry_words": evidence.angry_words,
            "unserved_ms": evidence.unserved_micros / 1_000,
            "no_matches": evidence.no_matches,
            "no_inputs": evidence.no_inputs,
            "interruptions": evidence.interruptions,
        },
        "callback_within_s": handoff.callback_within_s,
        "callback_number": handoff.callback_number.as_ref().map(|number| number.reveal()),
        "recording": recording,
    })
}

fn points(tenths: u16) -> f64 {
    f64::from(tenths) / 10.0
}

fn added(terms: &AngerTerms) -> Value {
    json!({
        "words": points(terms.words.tenths()),
        "interruptions": points(terms.interruptions.tenths()),
        "no_matches": points(terms.no_matches.tenths()),
        "no_inputs": points(terms.no_inputs.tenths()),
    })
}

fn share(thousandths: u16) -> f64 {
    f64::from(thousandths) / 1_000.0
}

fn turn(turn: &HandoffTurn) -> Value {
    json!({
        "at_ms": turn.at.as_millis(),
        "speaker": turn.speaker,
        "text": turn.text,
    })
}

fn emotion(score: &EmotionScore) -> Value {
    json!({
        "at_ms": score.at.as_millis(),
        "anger": points(score.anger.tenths()),
        "arousal": points(score.arousal.tenths()),
        "confidence": share(score.confidence.thousandths()),
        "speech_ms": score.speech_micros / 1_000,
        "calibrated": score.is_calibrated,
        "reasons": score.reasons,
    })
}

fn word(word: &WordEvidence) -> Value {
    json!({
        "word": word.word,
        "at_ms": word.at.as_millis(),
        "confidence": share(word.confidence.thousandths()),
        "text": word.text,
    })
}

fn ask(ask: &AskEvidence) -> Value {
    let (means, word) = match &ask.means {
        AskMeans::Word(word) => ("word", Some(word)),
        AskMeans::KeyZero => ("key_zero", None),
    };
    json!({"means": means, "word": word, "at_ms": ask.at.as_millis()})
}
