//! What is sent to a chat endpoint.

use super::prompt;
use call_model::{HandoffTurn, IntentQuestion, Language, Speaker};
use serde_json::{Value, json};

/// The body of the request for one question.
pub fn body(model: &str, question: &IntentQuestion) -> Value {
    json!({
        "model": model,
        "stream": true,
        "messages": messages(question),
        "tools": tools(question),
    })
}

/// The instructions, what was really said and heard, and the turn that is asked about.
fn messages(question: &IntentQuestion) -> Vec<Value> {
    let mut messages = vec![message("system", &prompt::instructions(question))];
    let turn = prompt::turn(question);
    let is_turn =
        |line: &HandoffTurn| line.speaker == Speaker::Caller && line.text.reveal().as_str() == turn;
    let history = match question.history.split_last() {
        // The turn itself may stand in the history already.
        Some((last, before)) if is_turn(last) => before,
        _ => &question.history,
    };
    messages.extend(history.iter().map(|line| of_line(line, question.language)));
    messages.push(message("user", &turn));
    messages
}

fn message(role: &str, content: &str) -> Value {
    json!({"role": role, "content": content})
}

fn of_line(line: &HandoffTurn, language: Language) -> Value {
    let text = line.text.reveal();
    match line.speaker {
        Speaker::Caller => message("user", text),
        Speaker::Bot => message("assistant", text),
        Speaker::Agent => message("assistant", &prompt::of_agent(text, language)),
    }
}

/// The verbs. `goto` is offered only where it may lead somewhere.
fn tools(question: &IntentQuestion) -> Vec<Value> {
    let texts = prompt::tool_texts(question.language);
    let text = json!({"type": "string"});
    let mut tools = vec![
        tool("ask", texts.ask, json!({"text": text}), &["text"]),
        tool(
            "set",
            texts.set,
            json!({"slot": text, "value": text}),
            &["slot", "value"],
        ),
        tool("escalate", texts.escalate, json!({"why": text}), &["why"]),
        tool("end", texts.end, json!({}), &[]),
    ];
    if !question.nodes.is_empty() {
        let node = json!({"type": "string", "enum": question.nodes});
        tools.push(tool("goto", texts.goto, json!({"node": node}), &["node"]));
    }
    tools
}

fn tool(name: &str, description: &str, properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::tests::question;
    use call_model::CallTime;

    fn line(speaker: Speaker, text: &str) -> HandoffTurn {
        HandoffTurn {
            at: CallTime::ZERO,
            speaker,
            text: text.to_owned().into(),
        }
    }

    fn roles(body: &Value) -> Vec<(&str, &str)> {
        let messages = body["messages"].as_array().expect("messages");
        messages
            .iter()
            .map(|one| {
                let role = one["role"].as_str().expect("a role");
                (role, one["content"].as_str().expect("content"))
            })
            .collect()
    }

    #[test]
    fn the_model_knows_only_what_was_said_and_heard_and_the_turn_once() {
        let mut question = question();
        let turn = prompt::turn(&question);
        question.history = vec![
            line(Speaker::Bot, "How can I"),
            line(Speaker::Agent, "Hello"),
            line(Speaker::Caller, &turn),
        ];
        let body = body("small", &question);
        let roles = &roles(&body)[1..];
        assert_eq!(
            roles,
            [
                ("assistant", "How can I"),
                ("assistant", "[human agent] Hello"),
                ("user", turn.as_str())
            ]
        );
        assert_eq!(
            (&body["model"], &body["stream"]),
            (&json!("small"), &json!(true))
        );
    }

    #[test]
    fn goto_is_offered_only_where_it_leads_somewhere() {
        let names = |question: &IntentQuestion| -> Vec<String> {
            let tools = tools(question);
            let name = |tool: &Value| tool["function"]["name"].as_str().map(str::to_owned);
            tools.iter().filter_map(name).collect()
        };
        let mut question = question();
        assert_eq!(names(&question), ["ask", "set", "escalate", "end", "goto"]);
        question.nodes.clear();
        assert_eq!(names(&question), ["ask", "set", "escalate", "end"]);
    }
}
