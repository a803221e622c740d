//! The chat adapter against endpoints that are good, slow, dead, garbled, endless and broken.

use crate::stage::{AMPLE_MS, PATIENCE, answer, ask, failed, hasty, nobody, question, say, server};
use call_model::{IntentFailure, IntentNews, Language, Private};
use intent_tier::{ChatSettings, ChatTier};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};

const HEAD: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

fn tier(address: SocketAddr) -> ChatTier {
    let settings = ChatSettings {
        url: format!("http://{address}/v1/chat/completions"),
        model: "small".to_owned(),
        key: Some(Private::new("sesame".to_owned())),
    };
    ChatTier::new(Handle::current(), &settings).expect("a tier")
}

/// The head of a request and its JSON.
async fn request(stream: &mut TcpStream) -> (String, Value) {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4_096];
        let size = stream.read(&mut piece).await.expect("a request");
        if size == 0 {
            // The client has no more to ask.
            std::future::pending::<()>().await;
        }
        bytes.extend_from_slice(&piece[..size]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(json) = serde_json::from_str(body)
        {
            return (head.to_lowercase(), json);
        }
    }
}

fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn text(content: &str) -> String {
    event(&json!({"choices": [{"index": 0, "delta": {"content": content}}]}))
}

fn tool(name: &str, arguments: &str) -> String {
    let function = json!({"name": name, "arguments": arguments});
    let calls = json!([{"index": 0, "id": "c", "type": "function", "function": function}]);
    event(&json!({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}))
}

/// An endpoint that answers with these bytes, and then ends the stream or holds it.
async fn answers_with(bytes: Vec<u8>, is_held: bool) -> SocketAddr {
    server(move |_, mut stream| {
        let bytes = bytes.clone();
        async move {
            request(&mut stream).await;
            let _ = stream.write_all(&bytes).await;
            if is_held {
                std::future::pending::<()>().await;
            }
        }
    })
    .await
}

/// What is heard of a stream of these events.
async fn heard(events: &[String]) -> Vec<IntentNews> {
    let bytes = format!("{HEAD}{}", events.concat()).into_bytes();
    let address = answers_with(bytes, false).await;
    answer(&tier(address), question(1, Language::En, "x")).await
}

fn done() -> String {
    "data: [DONE]\n\n".to_owned()
}

#[tokio::test]
async fn the_first_sentence_is_spoken_while_the_second_is_made() {
    let go_on = Arc::new(Notify::new());
    let may_go_on = Arc::clone(&go_on);
    let address = server(move |_, mut stream| {
        let may_go_on = Arc::clone(&may_go_on);
        async move {
            request(&mut stream).await;
            let first = format!("{HEAD}{}", text("One moment. We"));
            let _ = stream.write_all(first.as_bytes()).await;
            may_go_on.notified().await;
            let second = format!("{}{}", text(" close at six."), done());
            let _ = stream.write_all(second.as_bytes()).await;
        }
    })
    .await;
    let mut asked = ask(&tier(address), question(1, Language::En, "x"));
    assert_eq!(asked.next().await, Some(say("One moment.")));
    go_on.notify_one();
    assert_eq!(
        asked.all().await,
        [say("We close at six."), IntentNews::Done]
    );
}

#[tokio::test]
async fn the_request_holds_model_key_tools_and_what_was_said() {
    let (sender, mut requests) = mpsc::unbounded_channel();
    let address = server(move |_, mut stream| {
        let sender = sender.clone();
        async move {
            sender
                .send(request(&mut stream).await)
                .expect("the test listens");
            let bytes = format!("{HEAD}{}{}", text("我们六点关门。"), done());
            let _ = stream.write_all(bytes.as_bytes()).await;
        }
    })
    .await;
    let news = answer(&tier(address), question(1, Language::Zh, "几点关门")).await;
    assert_eq!(news, [say("我们六点关门。"), IntentNews::Done]);
    let (head, body) = requests.recv().await.expect("a request");
    assert!(head.starts_with("post /v1/chat/completions http/1.1"));
    assert!(head.contains("authorization: bearer sesame"));
    assert_eq!(
        (&body["model"], &body["stream"]),
        (&json!("small"), &json!(true))
    );
    assert_eq!(
        body["messages"][1],
        json!({"role": "user", "content": "几点关门"})
    );
    assert_eq!(body["tools"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn tools_are_verbs() {
    let news = heard(&[
        text("I put you through."),
        tool("escalate", r#"{"why":"contract"}"#),
        done(),
    ])
    .await;
    let why = "contract".to_owned();
    assert_eq!(
        news,
        [
            say("I put you through."),
            IntentNews::Escalate { why },
            IntentNews::Done
        ]
    );
    let news = heard(&[tool("goto", r#"{"node":"billing"}"#), done()]).await;
    let node = "billing".to_owned();
    assert_eq!(news, [IntentNews::Goto { node }, IntentNews::Done]);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_unreachable_at_once() {
    let news = answer(&tier(nobody().await), question(1, Language::En, "x")).await;
    assert_eq!(news, [failed(IntentFailure::Unreachable)]);
}

#[tokio::test]
async fn an_endpoint_that_says_nothing_or_only_its_headers_times_out() {
    for bytes in [
        Vec::new(),
        HEAD.as_bytes().to_vec(),
        format!("{HEAD}: wait\n\n").into_bytes(),
    ] {
        let address = answers_with(bytes, true).await;
        let news = answer(&tier(address), hasty(200, AMPLE_MS)).await;
        assert_eq!(news, [failed(IntentFailure::TimedOut)]);
    }
}

#[tokio::test]
async fn an_answer_that_stops_midway_times_out() {
    let bytes = format!("{HEAD}{}", text("One. And")).into_bytes();
    let address = answers_with(bytes, true).await;
    let news = answer(&tier(address), hasty(AMPLE_MS, 500)).await;
    assert_eq!(news, [say("One."), failed(IntentFailure::TimedOut)]);
}

#[tokio::test]
async fn a_stream_that_closes_midway_or_tells_an_error_is_unreachable() {
    let error = event(&json!({"error": {"message": "overloaded", "code": 503}}));
    for end in [String::new(), error] {
        let news = heard(&[text("One. And"), end]).await;
        assert_eq!(news, [say("One."), failed(IntentFailure::Unreachable)]);
    }
}

#[tokio::test]
async fn a_missing_done_matters_only_where_nothing_else_told_the_end() {
    let finish = event(&json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}));
    let news = heard(&[text("We close at six."), finish]).await;
    assert_eq!(news, [say("We close at six."), IntentNews::Done]);
    let news = heard(&[text("We close at six.")]).await;
    assert_eq!(news, [failed(IntentFailure::Unreachable)]);
}

#[tokio::test]
async fn what_cannot_be_read_is_garbled() {
    for events in [
        vec!["data: {oops\n\n".to_owned()],
        vec![tool("set", r#"{"slot""#), done()],
        vec![tool("sing", "{}"), done()],
        vec![tool("goto", r#"{"node":"nowhere"}"#), done()],
        vec![done()],
    ] {
        let news = heard(&events).await;
        assert_eq!(news, [failed(IntentFailure::Garbled)], "{events:?}");
    }
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi";
    let address = answers_with(page.into(), false).await;
    let news = answer(&tier(address), question(1, Language::En, "x")).await;
    assert_eq!(news, [failed(IntentFailure::Garbled)]);
}

#[tokio::test]
async fn an_answer_without_end_is_an_overrun() {
    for piece in [
        text("And then. "),
        text("word "),
        ": ping\n\n".to_owned(),
        "x".to_owned(),
    ] {
        let address = server(move |_, mut stream| {
            let piece = piece.repeat(100);
            async move {
                request(&mut stream).await;
                let _ = stream.write_all(HEAD.as_bytes()).await;
                while stream.write_all(piece.as_bytes()).await.is_ok() {}
            }
        })
        .await;
        let news = answer(&tier(address), question(1, Language::En, "x")).await;
        assert_eq!(news.last(), Some(&failed(IntentFailure::Overrun)));
    }
}

#[tokio::test]
async fn a_connection_serves_one_question_after_another() {
    let (sender, mut served) = mpsc::unbounded_channel();
    let address = server(move |_, mut stream| {
        let sender = sender.clone();
        async move {
            let head = HEAD.replace("Connection: close", "Transfer-Encoding: chunked");
            let finish = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
            let events = [text("Yes."), event(&finish), done()].concat();
            let reply = format!("{head}{:x}\r\n{events}\r\n0\r\n\r\n", events.len());
            for number in 0.. {
                request(&mut stream).await;
                sender.send(number).expect("the test listens");
                let _ = stream.write_all(reply.as_bytes()).await;
            }
        }
    })
    .await;
    let tier = tier(address);
    // What follows an answer is read while the next question may be on its way already.
    let mut is_kept = false;
    for number in 1..50 {
        answer(&tier, question(number, Language::En, "x")).await;
        is_kept |= served.recv().await.is_some_and(|number| number > 0);
    }
    assert!(is_kept);
}

#[tokio::test]
async fn each_status_has_its_meaning() {
    for (status, why) in [
        (401, IntentFailure::NotConfigured),
        (404, IntentFailure::NotConfigured),
        (307, IntentFailure::NotConfigured),
        (429, IntentFailure::Unreachable),
        (500, IntentFailure::Unreachable),
        (503, IntentFailure::Unreachable),
    ] {
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nLocation: /x\r\n\r\n");
        let address = answers_with(head.into_bytes(), false).await;
        let news = answer(&tier(address), question(1, Language::En, "x")).await;
        assert_eq!(news, [failed(why)], "{status}");
    }
}

#[tokio::test]
async fn a_cancelled_question_closes_the_stream() {
    let (sender, mut closed) = mpsc::unbounded_channel();
    let address = server(move |_, mut stream| {
        let sender = sender.clone();
        async move {
            request(&mut stream).await;
            let bytes = format!("{HEAD}{}", text("One. Two"));
            let _ = stream.write_all(bytes.as_bytes()).await;
            // Ends when the other side is gone.
            let _ = stream.read_to_end(&mut Vec::new()).await;
            sender.send(()).expect("the test listens");
        }
    })
    .await;
    let tier = tier(address);
    let mut asked = ask(&tier, question(1, Language::En, "x"));
    assert_eq!(asked.next().await, Some(say("One.")));
    drop(asked.handle);
    let closed = tokio::time::timeout(PATIENCE, closed.recv()).await;
    assert_eq!(closed.expect("in time"), Some(()));
    assert_eq!(asked.news.recv().await, None);
}
