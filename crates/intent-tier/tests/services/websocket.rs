//! The contract against services that are good, slow, dead, garbled, endless and broken.

use crate::stage::{
    AMPLE_MS, PATIENCE, answer, ask, call, failed, hasty, nobody, question, say, server,
};
use call_model::{
    HungUp, IntentFact, IntentFailure, IntentNews, IntentQuestion, IntentQuestionId, Key, Language,
    Private,
};
use futures_util::{SinkExt, StreamExt};
use intent_tier::contract::{FromService, ToService};
use intent_tier::{IntentTier, WebSocketSettings, WebSocketTier, limits};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

type Socket = WebSocketStream<TcpStream>;

fn tier(address: SocketAddr) -> WebSocketTier {
    let settings = WebSocketSettings {
        url: format!("ws://{address}/intent"),
        key: Some(Private::new("sesame".to_owned())),
    };
    WebSocketTier::new(Handle::current(), &settings).expect("a tier")
}

async fn greet(stream: TcpStream) -> Socket {
    let socket = tokio_tungstenite::accept_async(stream).await;
    socket.expect("a handshake")
}

/// The next message, nothing once the connection is over.
async fn next(socket: &mut Socket) -> Option<ToService> {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => Some(serde_json::from_str(&text).expect("a message")),
        Some(Ok(_)) | Some(Err(_)) | None => None,
    }
}

/// The next question's number.
async fn asked(socket: &mut Socket) -> Option<IntentQuestionId> {
    loop {
        if let ToService::TurnFinal(turn) = next(socket).await? {
            return Some(turn.question);
        }
    }
}

async fn tell(socket: &mut Socket, message: &FromService) {
    let json = serde_json::to_string(message).expect("json");
    // A peer that has gone is what some of these tests are about.
    let _ = socket.send(Message::text(json)).await;
}

fn said(question: IntentQuestionId, text: &str) -> FromService {
    let text = text.to_owned().into();
    FromService::Say { question, text }
}

/// A service that answers every question with these frames; `QUESTION` becomes its number.
async fn answers_with(frames: Vec<Message>) -> SocketAddr {
    server(move |_, stream| {
        let frames = frames.clone();
        async move {
            let mut socket = greet(stream).await;
            while asked(&mut socket).await.is_some() {
                for frame in &frames {
                    let _ = socket.send(frame.clone()).await;
                }
            }
        }
    })
    .await
}

#[tokio::test]
async fn an_answer_comes_piece_by_piece_in_both_languages() {
    let address = server(|_, stream| async {
        let mut socket = greet(stream).await;
        while let Some(question) = asked(&mut socket).await {
            tell(&mut socket, &said(question, "One moment.")).await;
            tell(&mut socket, &said(question, "我们六点关门。")).await;
            tell(&mut socket, &FromService::Done { question }).await;
        }
    })
    .await;
    let tier = tier(address);
    for (number, language, words) in [(1, Language::En, "hours"), (2, Language::Zh, "几点关门")]
    {
        let news = answer(&tier, question(number, language, words)).await;
        assert_eq!(
            news,
            [say("One moment."), say("我们六点关门。"), IntentNews::Done]
        );
    }
}

#[tokio::test]
async fn every_verb_comes_through_and_the_last_word_ends_the_answer() {
    let question_1 = IntentQuestionId(1);
    let verbs = [
        (
            FromService::Ask {
                question: question_1,
                text: None,
            },
            IntentNews::Ask { text: None },
        ),
        (
            FromService::Goto {
                question: question_1,
                node: "billing".to_owned(),
            },
            IntentNews::Goto {
                node: "billing".to_owned(),
            },
        ),
        (
            FromService::Escalate {
                question: question_1,
                why: "contract".to_owned(),
            },
            IntentNews::Escalate {
                why: "contract".to_owned(),
            },
        ),
        (
            FromService::End {
                question: question_1,
            },
            IntentNews::End,
        ),
    ];
    for (verb, news) in verbs {
        let json = serde_json::to_string(&verb).expect("json");
        let address = answers_with(vec![Message::text(json)]).await;
        let heard = answer(&tier(address), question(1, Language::En, "x")).await;
        assert_eq!(heard, [news, IntentNews::Done]);
    }
}

#[tokio::test]
async fn a_call_has_one_connection_and_the_service_hears_all_of_it() {
    let (sender, mut heard) = mpsc::unbounded_channel();
    let address = server(move |number, stream| {
        let sender = sender.clone();
        async move {
            let mut socket = greet(stream).await;
            while let Some(message) = next(&mut socket).await {
                if let ToService::TurnFinal(turn) = &message {
                    let question = turn.question;
                    tell(&mut socket, &said(question, "Yes.")).await;
                    tell(&mut socket, &FromService::Done { question }).await;
                }
                sender.send((number, message)).expect("the test listens");
            }
        }
    })
    .await;
    let tier = tier(address);
    let early = Key::ZERO;
    tier.tell(call(), IntentFact::Key { key: early });
    answer(&tier, question(1, Language::Zh, "几点关门")).await;
    let text = Private::new("Yes.".to_owned());
    tier.tell(call(), IntentFact::Heard { ms: 400, text });
    tier.tell(call(), IntentFact::Silence { ms: 5_000 });
    answer(&tier, question(2, Language::Zh, "在哪")).await;
    let how = HungUp::ByCaller;
    tier.tell(call(), IntentFact::Bye { how });
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "bye") {
        let message = tokio::time::timeout(PATIENCE, heard.recv()).await;
        let (number, message) = message.expect("in time").expect("a message");
        assert_eq!(number, 0, "one connection");
        let json = serde_json::to_value(&message).expect("json");
        kinds.push(json["type"].as_str().expect("a type").to_owned());
    }
    let expected = [
        "call",
        "turn.final",
        "heard",
        "silence",
        "turn.final",
        "bye",
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unreachable_at_once() {
    let tier = tier(nobody().await);
    let news = answer(&tier, question(1, Language::En, "x")).await;
    assert_eq!(news, [failed(IntentFailure::Unreachable)]);
}

#[tokio::test]
async fn a_service_that_never_greets_or_never_answers_times_out() {
    let mute = server(|_, stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    });
    let polite = server(|_, stream| async {
        let mut socket = greet(stream).await;
        while next(&mut socket).await.is_some() {}
    });
    for address in [mute.await, polite.await] {
        let news = answer(&tier(address), hasty(200, AMPLE_MS)).await;
        assert_eq!(news, [failed(IntentFailure::TimedOut)]);
    }
}

#[tokio::test]
async fn an_answer_that_stops_midway_times_out() {
    let say_one = r#"{"type":"say","question":1,"text":"One."}"#;
    let address = answers_with(vec![Message::text(say_one)]).await;
    let news = answer(&tier(address), hasty(AMPLE_MS, 500)).await;
    assert_eq!(news, [say("One."), failed(IntentFailure::TimedOut)]);
}

#[tokio::test]
async fn what_cannot_be_read_is_garbled() {
    let unknown = r#"{"type":"sing","question":1}"#;
    let nowhere = r#"{"type":"goto","question":1,"node":"nowhere"}"#;
    for frame in [
        Message::text("not json"),
        Message::text(unknown),
        Message::text(nowhere),
        Message::text(r#"{"type":"done","question":1}"#),
        Message::binary(vec![1, 2, 3]),
    ] {
        let address = answers_with(vec![frame.clone()]).await;
        let news = answer(&tier(address), question(1, Language::En, "x")).await;
        assert_eq!(news, [failed(IntentFailure::Garbled)], "{frame:?}");
    }
}

#[tokio::test]
async fn a_peer_that_is_no_websocket_service_is_garbled() {
    let address = server(|_, mut stream| async move {
        let _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news, [failed(IntentFailure::Garbled)]);
}

#[tokio::test]
async fn a_refused_key_and_a_busy_service_are_told_apart() {
    for (status, why) in [
        ("401 Unauthorized", IntentFailure::NotConfigured),
        ("404 Not Found", IntentFailure::NotConfigured),
        ("503 Service Unavailable", IntentFailure::Unreachable),
    ] {
        let address = server(move |_, mut stream| async move {
            let mut request = vec![0; 2_048];
            let size = stream.read(&mut request).await.expect("a request");
            let request = String::from_utf8_lossy(&request[..size]).to_lowercase();
            assert!(request.contains("authorization: bearer sesame"));
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
        })
        .await;
        let news = answer(&tier(address), question(1, Language::En, "x")).await;
        assert_eq!(news, [failed(why)], "{status}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_an_overrun() {
    let address = server(|_, stream| async {
        let mut socket = greet(stream).await;
        let question = asked(&mut socket).await.expect("a question");
        for _ in 0..100_000 {
            tell(&mut socket, &said(question, "and")).await;
        }
    })
    .await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news.last(), Some(&failed(IntentFailure::Overrun)));
    assert!(news.len() <= limits::PIECES + 1);
}

#[tokio::test]
async fn a_message_that_is_too_large_is_an_overrun() {
    let large = "大".repeat(limits::MESSAGE_BYTES);
    let json = serde_json::to_string(&said(IntentQuestionId(1), &large)).expect("json");
    let address = answers_with(vec![Message::text(json)]).await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news, [failed(IntentFailure::Overrun)]);
}

#[tokio::test]
async fn messages_that_answer_nothing_are_ignored_up_to_a_limit() {
    let stray = Message::text(r#"{"type":"say","question":99,"text":"Late."}"#);
    let done = [
        Message::text(r#"{"type":"say","question":1,"text":"Yes."}"#),
        Message::text(r#"{"type":"done","question":1}"#),
    ];
    let few = [vec![stray.clone(); 100], done.to_vec()].concat();
    let address = answers_with(few).await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news, [say("Yes."), IntentNews::Done]);
    let many = [vec![stray; 2_000], done.to_vec()].concat();
    let address = answers_with(many).await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news, [failed(IntentFailure::Overrun)]);
}

#[tokio::test]
async fn a_connection_that_broke_before_the_answer_is_opened_again_once() {
    let address = server(|number, stream| async move {
        let mut socket = greet(stream).await;
        let Some(ToService::Call(facts)) = next(&mut socket).await else {
            panic!("the call comes first on every connection");
        };
        assert_eq!(facts.call, call());
        while let Some(question) = asked(&mut socket).await {
            if number == 0 {
                return;
            }
            tell(&mut socket, &said(question, "Here again.")).await;
            tell(&mut socket, &FromService::Done { question }).await;
        }
    })
    .await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news, [say("Here again."), IntentNews::Done]);
}

#[tokio::test]
async fn a_service_that_always_breaks_is_asked_twice_and_no_more() {
    let (sender, mut connections) = mpsc::unbounded_channel();
    let address = server(move |number, stream| {
        sender.send(number).expect("the test listens");
        async move {
            let mut socket = greet(stream).await;
            asked(&mut socket).await;
        }
    })
    .await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news, [failed(IntentFailure::Unreachable)]);
    assert_eq!(
        (connections.recv().await, connections.recv().await),
        (Some(0), Some(1))
    );
    assert!(connections.try_recv().is_err());
}

#[tokio::test]
async fn a_connection_that_breaks_midway_fails_the_answer_and_serves_the_next() {
    let address = server(|number, stream| async move {
        let mut socket = greet(stream).await;
        while let Some(question) = asked(&mut socket).await {
            tell(&mut socket, &said(question, "One.")).await;
            if number == 0 {
                return;
            }
            tell(&mut socket, &FromService::Done { question }).await;
        }
    })
    .await;
    let tier = tier(address);
    let news = answer(&tier, question(1, Language::En, "x")).await;
    assert_eq!(news, [say("One."), failed(IntentFailure::Unreachable)]);
    let news = answer(&tier, question(2, Language::En, "x")).await;
    assert_eq!(news, [say("One."), IntentNews::Done]);
}

#[tokio::test]
async fn a_cancelled_question_is_told_to_the_service_and_says_nothing_more() {
    let (sender, mut cancelled) = mpsc::unbounded_channel();
    let address = server(move |_, stream| {
        let sender = sender.clone();
        async move {
            let mut socket = greet(stream).await;
            let question = asked(&mut socket).await.expect("a question");
            tell(&mut socket, &said(question, "One.")).await;
            if let Some(ToService::Cancel { question }) = next(&mut socket).await {
                tell(&mut socket, &said(question, "Two.")).await;
                sender.send(question).expect("the test listens");
            }
            while next(&mut socket).await.is_some() {}
        }
    })
    .await;
    let tier = tier(address);
    let mut asked = ask(&tier, question(1, Language::En, "x"));
    assert_eq!(asked.next().await, Some(say("One.")));
    asked.handle.cancel();
    let question = tokio::time::timeout(PATIENCE, cancelled.recv()).await;
    assert_eq!(question.expect("in time"), Some(IntentQuestionId(1)));
    assert_eq!(asked.news.recv().await, None);
}

#[tokio::test]
async fn a_service_knows_which_question_was_asked_ahead_and_what_became_of_it() {
    let (sender, mut heard) = mpsc::unbounded_channel();
    let address = server(move |_, stream| {
        let sender = sender.clone();
        async move {
            let mut socket = greet(stream).await;
            while let Some(message) = next(&mut socket).await {
                if let ToService::TurnFinal(turn) = &message {
                    let question = turn.question;
                    tell(&mut socket, &said(question, "One.")).await;
                }
                if let ToService::Adopted { question } = message {
                    tell(&mut socket, &FromService::Done { question }).await;
                }
                sender.send(message).expect("the test listens");
            }
        }
    })
    .await;
    let tier = tier(address);
    let ahead = |number, words| IntentQuestion {
        is_ahead: true,
        ..question(number, Language::Zh, words)
    };
    let mut discarded = ask(&tier, ahead(1, "你们卖雨"));
    assert_eq!(discarded.next().await, Some(say("One.")));
    discarded.handle.cancel();
    assert_eq!(discarded.news.recv().await, None);
    let mut adopted = ask(&tier, ahead(2, "你们卖雨伞吗"));
    assert_eq!(adopted.next().await, Some(say("One.")));
    let question = IntentQuestionId(2);
    tier.tell(call(), IntentFact::Adopted { question });
    assert_eq!(adopted.all().await, [IntentNews::Done]);
    let mut told = Vec::new();
    while told.len() < 5 {
        let message = tokio::time::timeout(PATIENCE, heard.recv()).await;
        told.push(match message.expect("in time").expect("a message") {
            ToService::Call(_) => "call".to_owned(),
            ToService::TurnFinal(turn) => format!("{} ahead {}", turn.question.0, turn.ahead),
            ToService::Cancel { question } => format!("{} cancelled", question.0),
            ToService::Adopted { question } => format!("{} adopted", question.0),
            other => format!("{other:?}"),
        });
    }
    let expected = [
        "call",
        "1 ahead true",
        "1 cancelled",
        "2 ahead true",
        "2 adopted",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_was_adopted_is_no_longer_ahead_on_a_connection_that_broke() {
    let (sender, mut asked) = mpsc::unbounded_channel();
    let address = server(move |number, stream| {
        let sender = sender.clone();
        async move {
            let mut socket = greet(stream).await;
            while let Some(message) = next(&mut socket).await {
                match message {
                    ToService::TurnFinal(turn) => {
                        let question = turn.question;
                        sender.send(turn.ahead).expect("the test listens");
                        if number == 1 {
                            tell(&mut socket, &said(question, "Here again.")).await;
                            tell(&mut socket, &FromService::Done { question }).await;
                        }
                    }
                    ToService::Adopted { .. } => return,
                    _ => {}
                }
            }
        }
    })
    .await;
    let tier = tier(address);
    let question = IntentQuestion {
        is_ahead: true,
        ..question(1, Language::En, "when do you close")
    };
    let id = question.question;
    let adopted = ask(&tier, question);
    assert_eq!(asked.recv().await, Some(true));
    tier.tell(call(), IntentFact::Adopted { question: id });
    assert_eq!(adopted.all().await, [say("Here again."), IntentNews::Done]);
    assert_eq!(asked.recv().await, Some(false));
}

#[tokio::test]
async fn a_service_that_gives_up_is_unreachable() {
    let error = r#"{"type":"error","question":1,"why":"no model"}"#;
    let address = answers_with(vec![Message::text(error)]).await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news, [failed(IntentFailure::Unreachable)]);
}
