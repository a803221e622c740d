//! `loadtest intent-service`: a service behind the intent contract (version 1, JSON over WebSocket),
//! small enough for the demo, and bad where a test wants it so.

use super::Outcome;
use crate::answers;
use crate::cli::{Fault, IntentServiceArgs};
use crate::report::tell;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

/// An endless answer has so many sentences: two minutes of them.
const ENDLESS: usize = 1_200;
/// Each after so long.
const ENDLESS_PAUSE: Duration = Duration::from_millis(100);
/// Messages that may wait to be sent.
const STEPS: usize = 16;

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

/// What an answer does with the connection.
enum Step {
    Send(String),
    Close,
}

/// Reads on while it answers: an answer that no longer matters holds up no other.
async fn answer_call(stream: TcpStream, manner: Manner) -> Result<(), Error> {
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    let (steps, mut next_step) = mpsc::channel(STEPS);
    // Dropped with the call, and every answer under way with it.
    let mut answers = JoinSet::new();
    let mut under_way = BTreeMap::new();
    loop {
        let frame = tokio::select! {
            Some(step) = next_step.recv() => match step {
                Step::Send(text) => {
                    socket.send(Message::text(text)).await?;
                    continue;
                }
                Step::Close => return socket.close(None).await,
            },
            frame = socket.next() => frame,
        };
        let Some(frame) = frame else {
            return Ok(());
        };
        let frame = frame?;
        let Ok(message) = serde_json::from_str::<Value>(frame.to_text().unwrap_or_default()) else {
            continue;
        };
        while answers.try_join_next().is_some() {}
        let question = message["question"].to_string();
        if message["type"] == "turn.final" {
            let answer = answers.spawn(answer(steps.clone(), message, manner));
            under_way.insert(question, answer);
        } else if message["type"] == "cancel"
            && let Some(answer) = under_way.remove(&question)
        {
            answer.abort();
        }
    }
}

/// Answers one question.
async fn answer(steps: mpsc::Sender<Step>, turn: Value, manner: Manner) {
    // A call that is over takes no more.
    let _ = give(&steps, &turn, manner).await;
}

async fn give(
    steps: &mpsc::Sender<Step>,
    turn: &Value,
    manner: Manner,
) -> Result<(), mpsc::error::SendError<Step>> {
    let question = &turn["question"];
    let (messages, about) = answers::answer(turn);
    let ahead = if turn["ahead"] == true { ", ahead" } else { "" };
    // Callers' words stay out of what is printed.
    tell(format_args!(
        "question {question} in {}, attempt {}{ahead}: {about}",
        turn["language"], turn["attempt"]
    ));
    sleep(manner.after).await;
    match manner.fault {
        Fault::None => {
            for (place, message) in messages.iter().enumerate() {
                if place > 0 {
                    sleep(manner.between).await;
                }
                steps.send(Step::Send(message.to_string())).await?;
            }
        }
        Fault::Dead => {}
        Fault::Garbled => {
            let garbled = "{\"type\": \"say\", oops".to_owned();
            steps.send(Step::Send(garbled)).await?;
        }
        Fault::Endless => {
            for number in 1..=ENDLESS {
                let text = format!("And there is more, number {number}.");
                let message = json!({"type": "say", "question": question, "text": text});
                steps.send(Step::Send(message.to_string())).await?;
                sleep(ENDLESS_PAUSE).await;
            }
        }
        Fault::BreaksOff => {
            if let Some(first) = messages.first() {
                steps.send(Step::Send(first.to_string())).await?;
            }
            steps.send(Step::Close).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks about the dog, and gives what comes back within a second of quiet.
    async fn ask(fault: Fault) -> Vec<String> {
        tell_and_hear(fault, Duration::from_millis(10), &[turn(7)]).await
    }

    fn turn(question: u32) -> Value {
        json!({"type": "turn.final", "question": question, "language": "en", "attempt": 1,
            "readings": [{"text": "can i bring my dog", "confidence": 0.8}], "later": "field"})
    }

    async fn tell_and_hear(fault: Fault, after: Duration, told: &[Value]) -> Vec<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let manner = Manner {
            after,
            between: Duration::ZERO,
            fault,
        };
        let service = tokio::spawn(answer_calls(listener, manner));
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/");
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        let call =
            json!({"type": "call", "version": 1, "call": "7", "plan": "p", "language": "en"});
        for message in [&call].into_iter().chain(told) {
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
    async fn an_answer_that_is_cancelled_is_not_given_and_holds_up_no_other() {
        let cancel = json!({"type": "cancel", "question": 7});
        let told = [turn(7), cancel, turn(8)];
        let heard = tell_and_hear(Fault::None, Duration::from_millis(150), &told).await;
        let questions: Vec<Value> = heard
            .iter()
            .map(|text| serde_json::from_str::<Value>(text).unwrap()["question"].clone())
            .collect();
        assert_eq!(questions, [8, 8, 8]);
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
