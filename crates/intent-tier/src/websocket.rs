//! The streaming contract over WebSocket: one connection a call.

use crate::answer::{self, Source};
use crate::contract::FromService;
use crate::limits;
use crate::line::{self, Order};
use crate::tier::{AskHandle, IntentTier, IntentTierError, NewsSink};
use crate::trouble::Trouble;
use call_model::{CallId, IntentFact, IntentNews, IntentQuestion, IntentQuestionId, Private};
use outside_line::Address;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Orders that may wait for a connection.
const ORDERS: usize = 64;
/// Of these, places that facts may not take: what is asked, cancelled, adopted and said
/// at the end is never crowded out by what is merely told.
const ORDERS_KEPT: usize = 16;
/// Messages of one answer that may wait to be passed on.
const MESSAGES_WAITING: usize = 256;

/// Where a service that speaks the contract is.
#[derive(Clone, Debug)]
pub struct WebSocketSettings {
    /// `ws://…` or `wss://…`.
    pub url: String,
    /// Sent as `Authorization: Bearer …` when a connection is opened.
    pub key: Option<Private<String>>,
}

/// A service that speaks the streaming contract, version 1.
///
/// A call's connection is opened at its first question and kept until `Bye`. One
/// that turns out broken before an answer began is opened again, once a question.
pub struct WebSocketTier {
    runtime: Handle,
    address: Arc<Address>,
    lines: Mutex<BTreeMap<CallId, mpsc::Sender<Order>>>,
}

impl WebSocketTier {
    /// Checks the settings; nothing is connected before the first question.
    ///
    /// # Errors
    ///
    /// When the address or the key cannot be used.
    pub fn new(runtime: Handle, settings: &WebSocketSettings) -> Result<Self, IntentTierError> {
        let schemes = ["ws", "wss"];
        let key = settings.key.as_ref();
        let address = Address::new(&settings.url, schemes, "ws:// or wss://", key)?;
        Ok(Self {
            runtime,
            address: Arc::new(address),
            lines: Mutex::default(),
        })
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<CallId, mpsc::Sender<Order>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call's line, a new one where there is none; none: there are too many.
    fn line(&self, call: CallId) -> Option<mpsc::Sender<Order>> {
        let mut lines = self.lines();
        if let Some(line) = lines.get(&call).filter(|line| !line.is_closed()) {
            return Some(line.clone());
        }
        lines.retain(|_, line| !line.is_closed());
        if lines.len() >= limits::CONNECTIONS {
            return None;
        }
        let (line, orders) = mpsc::channel(ORDERS);
        self.runtime
            .spawn(line::serve(Arc::clone(&self.address), orders));
        lines.insert(call, line.clone());
        Some(line)
    }
}

impl IntentTier for WebSocketTier {
    fn ask(&self, question: IntentQuestion, news: NewsSink) -> AskHandle {
        let (answer, messages) = mpsc::channel(MESSAGES_WAITING);
        let line = self.line(question.call);
        let inbox = Inbox {
            question: question.question,
            messages,
            line: line.clone(),
        };
        let handle = answer::follow(&self.runtime, &question, news, inbox);
        // An order that cannot be placed is dropped, and the inbox finds its other end gone.
        if let Some(line) = line {
            let _ = line.try_send(Order::Ask(Box::new(question), answer));
        }
        handle
    }

    fn tell(&self, call: CallId, fact: IntentFact) {
        let is_last = matches!(fact, IntentFact::Bye { .. });
        let line = match is_last {
            true => self.lines().remove(&call),
            false => self.lines().get(&call).cloned(),
        };
        let is_kept = is_last || matches!(fact, IntentFact::Adopted { .. });
        if let Some(line) = line
            && (is_kept || line.capacity() > ORDERS_KEPT)
        {
            let _ = line.try_send(Order::Tell(fact));
        }
    }
}

/// Where the line puts what came for one question.
struct Inbox {
    question: IntentQuestionId,
    messages: mpsc::Receiver<Result<FromService, Trouble>>,
    line: Option<mpsc::Sender<Order>>,
}

impl Source for Inbox {
    async fn next(&mut self) -> Result<IntentNews, Trouble> {
        match self.messages.recv().await {
            Some(Ok(message)) => match message.into_news() {
                Some(news) => Ok(news),
                None => Err(Trouble::unreachable("the service told an error")),
            },
            Some(Err(trouble)) => Err(trouble),
            None => Err(Trouble::unreachable(
                "no connection could take the question",
            )),
        }
    }
}

impl Drop for Inbox {
    /// Whatever ended the question, the line need not follow it further.
    fn drop(&mut self) {
        self.messages.close();
        if let Some(line) = &self.line {
            let _ = line.try_send(Order::Over(self.question));
        }
    }
}
