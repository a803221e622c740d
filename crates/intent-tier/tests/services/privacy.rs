//! What callers say, what is answered, and the key reach no log.

use crate::stage::{answer, failed, question, server};
use call_model::{IntentFailure, IntentNews, Language, Private};
use futures_util::{SinkExt, StreamExt};
use intent_tier::{ChatSettings, ChatTier, IntentTier, WebSocketSettings, WebSocketTier};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;
use tokio_tungstenite::tungstenite::Message;
use tracing_subscriber::EnvFilter;

const SAID: &str = "my card is 6222021234567890";
const ANSWERED: &str = "你的密码是八四一";
const KEY: &str = "sesame-key";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn words_and_keys_reach_no_log() {
    let log = Log::default();
    let writer = log.clone();
    // Everything of ours, and of others what the server lets through.
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("info,intent_tier=trace"))
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // The runtime of this test has one thread, so all of it is heard and nothing else.
    let _listening = tracing::subscriber::set_default(subscriber);
    let garbled = [failed(IntentFailure::Garbled)];
    assert_eq!(ask(&socket_that_garbles().await).await, garbled);
    assert_eq!(ask(&endpoint_that_garbles().await).await, garbled);
    let text = String::from_utf8(log.0.lock().expect("a lock").clone()).expect("text");
    let failures = text.matches("the intent tier gave no whole answer");
    assert_eq!(failures.count(), 2, "{text}");
    for secret in [SAID, "6222021234567890", ANSWERED, KEY, "secret-path"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

async fn ask(tier: &impl IntentTier) -> Vec<IntentNews> {
    answer(tier, question(1, Language::Zh, SAID)).await
}

async fn socket_that_garbles() -> WebSocketTier {
    let address = server(|_, stream| async {
        let socket = tokio_tungstenite::accept_async(stream).await;
        let mut socket = socket.expect("a handshake");
        let wrong = format!(r#"{{"type":"{ANSWERED}","question":"{ANSWERED}"}}"#);
        let _ = socket.send(Message::text(wrong)).await;
        while socket.next().await.is_some() {}
    })
    .await;
    let settings = WebSocketSettings {
        url: format!("ws://{address}/secret-path"),
        key: Some(Private::new(KEY.to_owned())),
    };
    WebSocketTier::new(Handle::current(), &settings).expect("a tier")
}

async fn endpoint_that_garbles() -> ChatTier {
    let address = server(|_, mut stream| async move {
        let _ = stream.read(&mut [0; 16_384]).await;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
        let reply = format!("{head}data: {{\"choices\": \"{ANSWERED}\"}}\n\n");
        let _ = stream.write_all(reply.as_bytes()).await;
    })
    .await;
    let settings = ChatSettings {
        url: format!("http://{address}/secret-path"),
        model: "small".to_owned(),
        key: Some(Private::new(KEY.to_owned())),
    };
    ChatTier::new(Handle::current(), &settings).expect("a tier")
}
