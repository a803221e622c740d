//! What a chat endpoint's stream says, as news.

use super::sentences::SentenceCutter;
use crate::limits;
use crate::trouble::Trouble;
use call_model::{IntentNews, Private};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

type Piece = Result<IntentNews, Trouble>;

/// One reply, gathered from its events.
#[derive(Default)]
pub struct Reply {
    sentences: SentenceCutter,
    tools: BTreeMap<u32, ToolCall>,
    /// The last sentence was a question.
    has_asked: bool,
    is_over: bool,
}

/// A tool's name and arguments; both may come in parts.
#[derive(Default)]
struct ToolCall {
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
    tool_calls: Option<Vec<ToolDelta>>,
}

#[derive(Deserialize)]
struct ToolDelta {
    #[serde(default)]
    index: u32,
    function: Option<FunctionDelta>,
}

#[derive(Deserialize)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

impl Reply {
    /// Takes the data of one event.
    pub fn take(&mut self, data: &str) -> Vec<Piece> {
        if self.is_over {
            return Vec::new();
        }
        if data.trim() == "[DONE]" {
            return self.finish();
        }
        let chunk: Chunk = match serde_json::from_str(data) {
            Ok(chunk) => chunk,
            Err(error) => return vec![Err(Trouble::json("an event", &error))],
        };
        if chunk.error.is_some() {
            return vec![Err(Trouble::unreachable("the endpoint told an error"))];
        }
        let mut news = Vec::new();
        for choice in chunk.choices {
            if let Some(delta) = choice.delta
                && let Err(trouble) = self.add(delta, &mut news)
            {
                news.push(Err(trouble));
            }
            // Nothing of worth follows; some endpoints leave out the [DONE].
            if choice.finish_reason.is_some() {
                news.extend(self.finish());
            }
        }
        news
    }

    /// The stream is over.
    pub fn stream_ended(&mut self) -> Vec<Piece> {
        if self.is_over {
            return Vec::new();
        }
        vec![Err(Trouble::unreachable(
            "the stream ended before its answer did",
        ))]
    }

    /// Whether the answer is complete.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    fn add(&mut self, delta: Delta, news: &mut Vec<Piece>) -> Result<(), Trouble> {
        if let Some(content) = delta.content {
            let sentences = self.sentences.push(&content);
            news.extend(sentences.into_iter().map(|sentence| self.say(sentence)));
        }
        for tool in delta.tool_calls.into_iter().flatten() {
            let call = self.tools.entry(tool.index).or_default();
            if let Some(function) = tool.function {
                call.name.push_str(&function.name.unwrap_or_default());
                call.arguments
                    .push_str(&function.arguments.unwrap_or_default());
            }
            let is_large = call.name.len() > limits::NAME_BYTES
                || call.arguments.len() > 2 * limits::PIECE_BYTES;
            if is_large || self.tools.len() > limits::TOOL_CALLS {
                return Err(Trouble::overrun("too many tool calls, or too large a one"));
            }
        }
        Ok(())
    }

    fn say(&mut self, sentence: String) -> Piece {
        self.has_asked = sentence.ends_with(['?', '？']);
        let text = sentence.into();
        Ok(IntentNews::Say { text })
    }

    /// What is left of the text, then what the tools say: slots first, then the last word.
    fn finish(&mut self) -> Vec<Piece> {
        if std::mem::replace(&mut self.is_over, true) {
            return Vec::new();
        }
        let mut news = Vec::new();
        let rest = self.sentences.finish();
        news.extend(rest.map(|sentence| self.say(sentence)));
        let mut last = None;
        for call in std::mem::take(&mut self.tools).into_values() {
            match call.into_news() {
                Ok(set @ IntentNews::Set { .. }) => news.push(Ok(set)),
                Ok(word) => match graver(last.take(), word) {
                    Ok(word) => last = Some(word),
                    Err(trouble) => return ended(news, Err(trouble)),
                },
                Err(trouble) => return ended(news, Err(trouble)),
            }
        }
        let last = match last {
            Some(word) => word,
            // A question without the tool hands over the floor all the same.
            None if self.has_asked => IntentNews::Ask { text: None },
            None => IntentNews::Done,
        };
        ended(news, Ok(last))
    }
}

fn ended(mut news: Vec<Piece>, last: Piece) -> Vec<Piece> {
    news.push(last);
    news
}

/// Of two last words the one that holds. A person outweighs all; otherwise there is no telling.
fn graver(earlier: Option<IntentNews>, later: IntentNews) -> Result<IntentNews, Trouble> {
    let is_escalation = |news: &IntentNews| matches!(news, IntentNews::Escalate { .. });
    match earlier {
        None => Ok(later),
        Some(earlier) if is_escalation(&earlier) => Ok(earlier),
        Some(_) if is_escalation(&later) => Ok(later),
        Some(_) => Err(Trouble::garbled("two tools that each end the answer")),
    }
}

#[derive(Deserialize)]
struct AskArguments {
    text: Option<Private<String>>,
}

#[derive(Deserialize)]
struct SetArguments {
    slot: String,
    value: Value,
}

#[derive(Deserialize)]
struct GotoArguments {
    node: String,
}

#[derive(Deserialize)]
struct EscalateArguments {
    #[serde(default)]
    why: String,
}

impl ToolCall {
    fn into_news(self) -> Piece {
        match self.name.as_str() {
            "ask" => {
                let AskArguments { text } = self.arguments()?;
                let text = text.filter(|text| !text.reveal().trim().is_empty());
                Ok(IntentNews::Ask { text })
            }
            "set" => {
                let SetArguments { slot, value } = self.arguments()?;
                let value = as_text(value)?.into();
                Ok(IntentNews::Set { slot, value })
            }
            "goto" => {
                let GotoArguments { node } = self.arguments()?;
                Ok(IntentNews::Goto { node })
            }
            "escalate" => {
                let EscalateArguments { why } = self.arguments()?;
                Ok(IntentNews::Escalate { why })
            }
            "end" => Ok(IntentNews::End),
            _ => Err(Trouble::garbled("a tool that was not offered")),
        }
    }

    fn arguments<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Trouble> {
        let arguments = match self.arguments.trim() {
            "" => "{}",
            arguments => arguments,
        };
        serde_json::from_str(arguments).map_err(|error| Trouble::json("a tool's arguments", &error))
    }
}

/// Models write numbers and truths as they please.
fn as_text(value: Value) -> Result<String, Trouble> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(Trouble::garbled("a slot's value is no text"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::IntentFailure;
    use serde_json::json;

    fn text(content: &str) -> String {
        json!({"choices": [{"delta": {"content": content}}]}).to_string()
    }

    fn tool(index: u32, name: &str, arguments: &str) -> String {
        let function = json!({"name": name, "arguments": arguments});
        let calls = json!([{"index": index, "id": "x", "function": function}]);
        json!({"choices": [{"delta": {"content": null, "tool_calls": calls}}]}).to_string()
    }

    /// What each event brings, in order, failures by their kind.
    fn read(events: &[String]) -> Vec<Result<IntentNews, IntentFailure>> {
        let mut reply = Reply::default();
        let mut news = Vec::new();
        for event in events {
            news.extend(reply.take(event));
        }
        news.extend(reply.stream_ended());
        let kind = |piece: Piece| piece.map_err(|trouble| trouble.why);
        news.into_iter().map(kind).collect()
    }

    fn say(text: &str) -> Result<IntentNews, IntentFailure> {
        let text = text.to_owned().into();
        Ok(IntentNews::Say { text })
    }

    fn done() -> String {
        "[DONE]".to_owned()
    }

    #[test]
    fn text_becomes_sentences_and_a_question_hands_over_the_floor() {
        let english = [
            text("We close "),
            text("at six. Any"),
            text("thing else?"),
            done(),
        ];
        let floor = Ok(IntentNews::Ask { text: None });
        let expected = [
            say("We close at six."),
            say("Anything else?"),
            floor.clone(),
        ];
        assert_eq!(read(&english), expected);
        let mandarin = [
            text("我们六点"),
            text("关门。还有"),
            text("别的事吗？"),
            done(),
        ];
        let expected = [say("我们六点关门。"), say("还有别的事吗？"), floor];
        assert_eq!(read(&mandarin), expected);
        let told = [text("我们六点关门。"), done()];
        assert_eq!(read(&told), [say("我们六点关门。"), Ok(IntentNews::Done)]);
    }

    #[test]
    fn tools_come_in_parts_and_slots_before_the_last_word() {
        let events = [
            tool(0, "goto", r#"{"node":"#),
            tool(1, "set", r#"{"slot":"order","value":1234}"#),
            tool(0, "", r#""bill"}"#),
            json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}).to_string(),
        ];
        let set = IntentNews::Set {
            slot: "order".to_owned(),
            value: "1234".to_owned().into(),
        };
        let node = "bill".to_owned();
        assert_eq!(read(&events), [Ok(set), Ok(IntentNews::Goto { node })]);
    }

    #[test]
    fn a_person_outweighs_every_other_last_word() {
        let why = || "caller is upset".to_owned();
        let escalate = || tool(1, "escalate", r#"{"why":"caller is upset"}"#);
        for other in [tool(0, "end", ""), tool(2, "goto", r#"{"node":"a"}"#)] {
            let read = read(&[other, escalate(), done()]);
            assert_eq!(read, [Ok(IntentNews::Escalate { why: why() })]);
        }
        let two = [tool(0, "end", ""), tool(1, "ask", "{}"), done()];
        assert_eq!(read(&two), [Err(IntentFailure::Garbled)]);
    }

    #[test]
    fn what_cannot_be_read_is_garbled_and_what_broke_is_unreachable() {
        let garbled = || Err(IntentFailure::Garbled);
        for event in [
            "not json".to_owned(),
            json!({"choices": "none"}).to_string(),
        ] {
            assert_eq!(read(&[event])[0], garbled());
        }
        for call in [
            tool(0, "set", r#"{"slot": "#),
            tool(0, "set", r#"{"slot":"a","value":{}}"#),
            tool(0, "goto", "{}"),
            tool(0, "transfer_money", "{}"),
        ] {
            assert_eq!(read(&[call, done()]), [garbled()]);
        }
        let error = json!({"error": {"message": "overloaded"}}).to_string();
        let unreachable = Err(IntentFailure::Unreachable);
        assert_eq!(
            read(&[text("好的。"), error])[..2],
            [say("好的。"), unreachable.clone()]
        );
        assert_eq!(read(&[text("Yes. And")]), [say("Yes."), unreachable]);
    }

    #[test]
    fn too_many_tools_and_too_large_ones_are_an_overrun() {
        let large = tool(0, "ask", &"x".repeat(3 * limits::PIECE_BYTES));
        assert_eq!(read(&[large])[0], Err(IntentFailure::Overrun));
        let many: Vec<_> = (0..40).map(|index| tool(index, "end", "")).collect();
        assert!(read(&many).contains(&Err(IntentFailure::Overrun)));
    }
}
