//! `loadtest intent-service`: a service behind the intent contract (version 1, JSON over WebSocket),
//! small enough for the demo, and bad where a test wants it so.

use super::Outcome;
use crate::answers;
use crate::cli::{Fault, IntentServiceArgs};
use crate::report::tell;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

/// An endless answer has so many sentences: two minutes of them.
const ENDLESS: usize = 1_200;
/// Each after so long.
const ENDLESS_PAUSE: Duration = Duration::from_millis(100);

/// Listens until it is told to end.
pub async fn serve(args: &IntentServiceArgs) -> Outcome {
    let listener = TcpListener::bind(args.listen).await?;
    tell(format_args!("listening on ws://{}", listener.local_addr()?));
    let manner = Manner {
        after: Duration::from_millis(args.after_ms),
        between: Duration::from_millis(args.between_ms),
        fault: args.fault,
    };
    let calls = answer_calls(listener, manner);
    match args.seconds {
        Some(seconds) => {
            let _ = timeout(Duration::from_secs(seconds), calls).await;
        }
        None => tokio::select! {
            () = calls => {}
            ended = tokio::signal::ctrl_c() => ended?,
        },
    }
    Ok(true)
}

/// How it answers.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Before the first sentence.
    pub after: Duration,
    /// Before each further one.
    pub between: Duration,
    /// What it does wrong.
    pub fault: Fault,
}

/// Takes one connection a call, for ever.
pub async fn answer_calls(listener: TcpListener, manner: Manner) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(async move {
                    // A call that breaks off is no trouble of ours.
                    let _ = answer_call(stream, manner).await;
                });
            }
            // Out of file handles, say: the next may fare better.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn answer_call(stream: TcpStream, manner: Manner) -> Result<(), Error> {
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    // What came while an answer was given is looked at before the next is.
    while let Some(frame) = socket.next().await {
        let frame = frame?;
        let Ok(turn) = serde_json::from_str::<Value>(frame.to_text().unwrap_or_default()) else {
            continue;
        };
        if turn["type"] == "turn.final" && !answer(&mut socket, &turn, manner).await? {
            return socket.close(None).await;
        }
    }
    Ok(())
}

/// Answers one question; false where the connection is to end.
async fn answer(
    socket: &mut WebSocketStream<TcpStream>,
    turn: &Value,
    manner: Manner,
) -> Result<bool, Error> {
    let question = &turn["question"];
    let (messages, about) = answers::answer(turn);
    // Callers' words stay out of what is printed.
    tell(format_args!(
        "question {question} in {}, attempt {}: {about}",
        turn["language"], turn["attempt"]
    ));
    sleep(manner.after).await;
    match manner.fault {
        Fault::None => {
            for (place, message) in messages.iter().enumerate() {
                if place > 0 {
                    sleep(manner.between).await;
                }
                socket.send(Message::text(message.to_string())).await?;
            }
        }
        Fault::Dead => {}
        Fault::Garbled => {
            socket
                .send(Message::text("{\"type\": \"say\", oops"))
                .await?
        }
        Fault::Endless => {
            for number in 1..=ENDLESS {
                let text = format!("And there is more, number {number}.");
                let message = json!({"type": "say", "question": question, "text": text});
                socket.send(Message::text(message.to_string())).await?;
                sleep(ENDLESS_PAUSE).await;
            }
        }
        Fault::BreaksOff => {
            if let Some(first) = messages.first() {
                socket.send(Message::text(first.to_string())).await?;
            }
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks about the dog, and gives what comes back within a second of quiet.
    async fn ask(fault: Fault) -> Vec<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let manner = Manner {
            after: Duration::from_millis(10),
            between: Duration::ZERO,
            fault,
        };
        let service = tokio::spawn(answer_calls(listener, manner));
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/");
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        let call =
            json!({"type": "call", "version": 1, "call": "7", "plan": "p", "language": "en"});
        let turn = json!({"type": "turn.final", "question": 7, "language": "en", "attempt": 1,
            "readings": [{"text": "can i bring my dog", "confidence": 0.8}], "later": "field"});
        for message in [call, turn] {
            socket
                .send(Message::text(message.to_string()))
                .await
                .unwrap();
        }
        let mut heard = Vec::new();
        let patience = Duration::from_millis(300);
        while let Ok(Some(Ok(frame))) = timeout(patience, socket.next()).await {
            heard.push(match frame {
                Message::Close(_) => "closed".to_owned(),
                frame => frame.to_text().unwrap().to_owned(),
            });
            if heard.len() > 5 {
                break;
            }
        }
        service.abort();
        heard
    }

    #[tokio::test]
    async fn a_good_service_says_what_it_knows_and_is_done() {
        let heard = ask(Fault::None).await;
        let types: Vec<String> = heard
            .iter()
            .map(|text| serde_json::from_str::<Value>(text).unwrap()["type"].to_string())
            .collect();
        assert_eq!(types, ["\"say\"", "\"say\"", "\"done\""]);
    }

    #[tokio::test]
    async fn a_bad_service_is_bad_in_the_way_it_is_told() {
        assert_eq!(ask(Fault::Dead).await, Vec::<String>::new());
        let garbled = ask(Fault::Garbled).await;
        assert!(serde_json::from_str::<Value>(&garbled[0]).is_err());
        assert!(ask(Fault::Endless).await.len() > 2);
        let broken = ask(Fault::BreaksOff).await;
        assert_eq!((broken.len(), broken[1].as_str()), (2, "closed"));
    }
}
