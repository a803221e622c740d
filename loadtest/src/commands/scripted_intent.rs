//! An intent tier for the time of one call: it answers as the conversation beside the call has it.

use crate::report::tell;
use crate::scripted_mind::{ScriptedAnswer, ScriptedMind};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Between two messages of an answer.
const BETWEEN: Duration = Duration::from_millis(200);

/// Takes one connection after another, for ever.
pub(super) async fn answer_questions(listener: TcpListener, mind: Arc<ScriptedMind>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let mind = Arc::clone(&mind);
                tokio::spawn(async move {
                    // A call that breaks off is no trouble of ours.
                    let _ = answer_call(stream, &mind).await;
                });
            }
            // Out of file handles, say: the next may fare better.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn answer_call(stream: TcpStream, mind: &ScriptedMind) -> Result<(), Error> {
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    while let Some(frame) = socket.next().await {
        let frame = frame?;
        let Ok(turn) = serde_json::from_str::<Value>(frame.to_text().unwrap_or_default()) else {
            continue;
        };
        if turn["type"] != "turn.final" {
            continue;
        }
        let question = &turn["question"];
        let messages = match mind.next(question) {
            Some(ScriptedAnswer::Messages(messages)) => messages,
            Some(ScriptedAnswer::Down) => {
                tell(format_args!("            intent tier: down"));
                return Ok(());
            }
            None => {
                let why = "the conversation has no answer to it";
                vec![json!({"type": "error", "question": question, "why": why})]
            }
        };
        // The words of a conversation are no caller's.
        let types: Vec<&str> = messages.iter().filter_map(|m| m["type"].as_str()).collect();
        tell(format_args!(
            "            intent tier: {}",
            types.join(", ")
        ));
        for message in messages {
            sleep(BETWEEN).await;
            socket.send(Message::text(message.to_string())).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_question_is_answered_as_written_and_one_too_many_is_an_error() {
        let script = "[{\"type\":\"say\",\"text\":\"Yes.\"},{\"type\":\"done\"}]\n";
        let mind = Arc::new(ScriptedMind::read(script).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = tokio::spawn(answer_questions(listener, mind));
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/");
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        let mut types = Vec::new();
        for question in [1, 2] {
            let turn = json!({"type": "turn.final", "question": question});
            let text = Message::text(turn.to_string());
            socket.send(text).await.unwrap();
            let patience = Duration::from_secs(5);
            loop {
                let frame = timeout(patience, socket.next()).await.unwrap();
                let frame = frame.unwrap().unwrap();
                let message: Value = serde_json::from_str(frame.to_text().unwrap()).unwrap();
                assert_eq!(message["question"], question);
                let name = message["type"].as_str().unwrap().to_owned();
                let is_last = name != "say";
                types.push(name);
                if is_last {
                    break;
                }
            }
        }
        assert_eq!(types, ["say", "done", "error"]);
        service.abort();
    }

    #[tokio::test]
    async fn a_tier_that_is_down_breaks_the_connection() {
        let mind = Arc::new(ScriptedMind::read("\"down\"\n").unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = tokio::spawn(answer_questions(listener, mind));
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/");
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        let turn = json!({"type": "turn.final", "question": 1});
        socket.send(Message::text(turn.to_string())).await.unwrap();
        let news = timeout(Duration::from_secs(5), socket.next())
            .await
            .unwrap();
        assert!(!matches!(news, Some(Ok(_))), "{news:?}");
        service.abort();
    }
}
