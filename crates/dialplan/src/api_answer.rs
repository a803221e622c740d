//! What an answer over HTTP tells a plan.

use call_model::{ApiFailure, ApiOutcome, Private};
use serde_json::Value;
use std::collections::BTreeMap;

/// The outcome of a request that was answered with this status and body: the fields that the node
/// keeps, by slot, as they can be spoken. One that is missing is left out; an answer without a
/// body holds none. A status that is no success (RFC 9110 §15.3) is told as a failure, as is JSON
/// that cannot be read.
pub fn outcome_of(status: u16, body: &[u8], keep: &BTreeMap<String, String>) -> ApiOutcome {
    let failed = |why| ApiOutcome::Failed { why };
    if !(200..300).contains(&status) {
        return failed(ApiFailure::Status(status));
    }
    let mut fields = BTreeMap::new();
    if keep.is_empty() || body.is_empty() {
        return ApiOutcome::Answered { status, fields };
    }
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return failed(ApiFailure::Garbled);
    };
    for (slot, pointer) in keep {
        if let Some(text) = json.pointer(pointer).and_then(as_text) {
            fields.insert(slot.clone(), Private::new(text));
        }
    }
    ApiOutcome::Answered { status, fields }
}

/// A field as it can be spoken; nothing for what holds other fields.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str) -> ApiOutcome {
        let keep = [("state", "/order/state"), ("copies", "/copies")];
        let keep = keep.map(|(slot, pointer)| (slot.to_owned(), pointer.to_owned()));
        outcome_of(status, body.as_bytes(), &BTreeMap::from(keep))
    }

    #[test]
    fn an_answer_is_kept_as_far_as_it_can_be_spoken() {
        for (body, kept) in [
            (
                r#"{"order": {"state": "已发货"}, "copies": 2}"#,
                vec![("copies", "2"), ("state", "已发货")],
            ),
            (r#"{"order": {"state": {}}, "copies": null}"#, vec![]),
            ("", vec![]),
        ] {
            let kept = kept.into_iter();
            let kept = kept.map(|(slot, value)| (slot.to_owned(), value.to_owned().into()));
            let wanted = ApiOutcome::Answered {
                status: 200,
                fields: kept.collect(),
            };
            assert_eq!(outcome(200, body), wanted, "{body}");
        }
        let failed = |why| ApiOutcome::Failed { why };
        assert_eq!(outcome(404, ""), failed(ApiFailure::Status(404)));
        assert_eq!(outcome(200, "<html>"), failed(ApiFailure::Garbled));
    }
}
