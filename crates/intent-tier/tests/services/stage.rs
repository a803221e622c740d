//! A small streaming server that does what a script says, and an asker that waits.

use call_model::{
    CallId, Hypothesis, IntentFailure, IntentNews, IntentQuestion, IntentQuestionId, Language,
    PerMille,
};
use intent_tier::{AskHandle, IntentTier};
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than anything here takes; a test that needs it has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// A deadline that nothing good misses.
pub const AMPLE_MS: u32 = 20_000;

/// Serves each connection, numbered from 0, by a script.
pub async fn server<F, Fut>(script: F) -> SocketAddr
where
    F: Fn(usize, TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(script(number, stream));
        }
    });
    address
}

/// An address where nobody listens.
pub async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("an address")
}

pub fn call() -> CallId {
    CallId::new(1_764_000_000_000, 42)
}

/// A question with ample time.
pub fn question(number: u32, language: Language, said: &str) -> IntentQuestion {
    IntentQuestion {
        question: IntentQuestionId(number),
        call: call(),
        plan: "front-desk".to_owned(),
        node: "main".to_owned(),
        language,
        attempt: 1,
        is_ahead: false,
        readings: vec![Hypothesis {
            text: said.to_owned().into(),
            confidence: PerMille::new(820),
            words: Vec::new(),
        }],
        rejected: None,
        slots: [].into(),
        emotion: None,
        history: Vec::new(),
        nodes: vec!["billing".to_owned()],
        first_piece_ms: AMPLE_MS,
        whole_ms: AMPLE_MS,
    }
}

/// The same in a hurry: what is late by design is late by far.
pub fn hasty(first_piece_ms: u32, whole_ms: u32) -> IntentQuestion {
    IntentQuestion {
        first_piece_ms,
        whole_ms,
        ..question(1, Language::En, "when do you close")
    }
}

/// A question under way.
pub struct Asked {
    pub handle: AskHandle,
    pub news: mpsc::UnboundedReceiver<IntentNews>,
}

pub fn ask(tier: &impl IntentTier, question: IntentQuestion) -> Asked {
    let (sender, news) = mpsc::unbounded_channel();
    let sink = move |news| sender.send(news).expect("the test listens");
    let handle = tier.ask(question, Box::new(sink));
    Asked { handle, news }
}

impl Asked {
    pub async fn next(&mut self) -> Option<IntentNews> {
        let next = timeout(PATIENCE, self.news.recv()).await;
        next.expect("news, or the end of them")
    }

    /// Everything, until nothing more can come. One end, and it is the last.
    pub async fn all(mut self) -> Vec<IntentNews> {
        let mut all = Vec::new();
        while let Some(news) = self.next().await {
            all.push(news);
        }
        let is_end =
            |news: &&IntentNews| matches!(news, IntentNews::Done | IntentNews::Failed { .. });
        assert_eq!(all.iter().filter(is_end).count(), 1, "{all:?}");
        assert!(all.last().as_ref().is_some_and(is_end), "{all:?}");
        all
    }
}

pub async fn answer(tier: &impl IntentTier, question: IntentQuestion) -> Vec<IntentNews> {
    ask(tier, question).all().await
}

pub fn say(text: &str) -> IntentNews {
    let text = text.to_owned().into();
    IntentNews::Say { text }
}

pub const fn failed(why: IntentFailure) -> IntentNews {
    IntentNews::Failed { why }
}
