//! What the intent tier answers in a conversation, as a service of its contract is told it.

use call_model::{IntentFailure, IntentNews};
use serde_json::{Value, json};

/// One line a question: the messages of the answer, without the question's number, or `"down"` where
/// the connection is to break. Nothing where nothing is asked.
///
/// # Errors
/// Why no service could answer so.
pub(super) fn tier_script(answers: &[Vec<IntentNews>]) -> Result<String, String> {
    let lines: Result<Vec<String>, String> = answers.iter().map(|news| line(news)).collect();
    Ok(lines?.concat())
}

fn line(news: &[IntentNews]) -> Result<String, String> {
    let messages: Result<Vec<Value>, IntentFailure> = news.iter().map(message).collect();
    match messages {
        Ok(messages) => Ok(format!("{}\n", Value::Array(messages))),
        Err(IntentFailure::Unreachable) => Ok("\"down\"\n".to_owned()),
        Err(
            IntentFailure::NotConfigured
            | IntentFailure::TimedOut
            | IntentFailure::Garbled
            | IntentFailure::Overrun,
        ) => Err("the intent tier is asked more than it says what is answered".to_owned()),
    }
}

fn message(news: &IntentNews) -> Result<Value, IntentFailure> {
    Ok(match news {
        IntentNews::Say { text } => json!({"type": "say", "text": text.reveal()}),
        IntentNews::Ask { text: None } => json!({"type": "ask"}),
        IntentNews::Ask { text: Some(text) } => json!({"type": "ask", "text": text.reveal()}),
        IntentNews::Set { slot, value } => {
            json!({"type": "set", "slot": slot, "value": value.reveal()})
        }
        IntentNews::Goto { node } => json!({"type": "goto", "node": node}),
        IntentNews::Escalate { why } => json!({"type": "escalate", "why": why}),
        IntentNews::End => json!({"type": "end"}),
        IntentNews::Done => json!({"type": "done"}),
        IntentNews::Failed { why } => return Err(*why),
    })
}
