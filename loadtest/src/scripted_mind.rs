//! What an intent tier answers in one conversation, question by question.

use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where the connection is to break instead.
const DOWN: &str = "down";

/// An intent tier that knows its answers by heart, in their order, whatever is asked.
#[derive(Debug, Default)]
pub struct ScriptedMind {
    answers: Vec<ScriptedAnswer>,
    asked: AtomicUsize,
}

/// What comes of one question.
#[derive(Clone, PartialEq, Debug)]
pub enum ScriptedAnswer {
    /// These messages of the contract, still without the question's number.
    Messages(Vec<Value>),
    /// The connection breaks.
    Down,
}

/// Why a script cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ScriptedMindError {
    line: usize,
    problem: String,
}

impl ScriptedMind {
    /// Reads one line of JSON a question: an array of messages, or `"down"`.
    ///
    /// # Errors
    /// The first line that is neither.
    pub fn read(text: &str) -> Result<Self, ScriptedMindError> {
        let lines = text.lines().enumerate();
        let answers = lines.map(|(number, line)| {
            answer(line).map_err(|problem| ScriptedMindError {
                line: number + 1,
                problem,
            })
        });
        Ok(Self {
            answers: answers.collect::<Result<_, _>>()?,
            asked: AtomicUsize::new(0),
        })
    }

    /// What the next question gets, with its number put in; none where the script has no more.
    pub fn next(&self, question: &Value) -> Option<ScriptedAnswer> {
        let place = self.asked.fetch_add(1, Ordering::Relaxed);
        let mut answer = self.answers.get(place)?.clone();
        if let ScriptedAnswer::Messages(messages) = &mut answer {
            for message in messages {
                message["question"] = question.clone();
            }
        }
        Some(answer)
    }
}

fn answer(line: &str) -> Result<ScriptedAnswer, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    match value {
        Value::String(text) if text == DOWN => Ok(ScriptedAnswer::Down),
        Value::Array(messages) if messages.iter().all(|message| message["type"].is_string()) => {
            Ok(ScriptedAnswer::Messages(messages))
        }
        _ => Err(format!("neither a list of messages nor \"{DOWN}\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn questions_are_answered_in_the_order_of_the_script() {
        let text = "[{\"type\":\"say\",\"text\":\"Yes.\"},{\"type\":\"ask\"}]\n\"down\"\n";
        let mind = ScriptedMind::read(text).unwrap();
        let first = vec![
            json!({"type": "say", "text": "Yes.", "question": 7}),
            json!({"type": "ask", "question": 7}),
        ];
        assert_eq!(mind.next(&json!(7)), Some(ScriptedAnswer::Messages(first)));
        assert_eq!(mind.next(&json!(8)), Some(ScriptedAnswer::Down));
        assert_eq!(mind.next(&json!(9)), None);
    }

    #[test]
    fn what_is_no_answer_is_told_with_its_line() {
        for text in [
            "[]\n{}\n",
            "[]\n[{\"text\": 1}]\n",
            "[]\n\"up\"\n",
            "[]\n[\n",
        ] {
            let error = ScriptedMind::read(text).unwrap_err().to_string();
            assert!(error.starts_with("line 2: "), "{text}: {error}");
        }
    }
}
