//! One call's connection to a service that speaks the contract.

use crate::contract::{CallFacts, FromService, ToService, Turn};
use crate::limits;
use crate::trouble::Trouble;
use call_model::{IntentFact, IntentQuestion, IntentQuestionId};
use futures_util::{SinkExt, StreamExt};
use outside_line::{Address, GreetingError, Socket};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// A message that is not taken within this breaks the connection.
const SEND_MAX: Duration = Duration::from_secs(2);
/// How long a closing connection is waited for.
const CLOSE_MAX: Duration = Duration::from_secs(1);

type AnswerSender = mpsc::Sender<Result<FromService, Trouble>>;

/// What a line is told to do.
pub(crate) enum Order {
    /// Ask, and bring what comes.
    Ask(Box<IntentQuestion>, AnswerSender),
    /// The question is over, whether it was answered or not.
    Over(IntentQuestionId),
    /// Tell a fact.
    Tell(IntentFact),
}

/// Serves one call until `Bye`, until nobody can give orders, or until it was idle for long.
pub(crate) async fn serve(address: Arc<Address>, mut orders: mpsc::Receiver<Order>) {
    let mut line = Line {
        address,
        socket: None,
        open: BTreeMap::new(),
        meter: Meter::new(),
    };
    loop {
        let idle = Instant::now() + limits::CONNECTION_IDLE;
        let goes_on = tokio::select! {
            order = orders.recv() => match order {
                Some(order) => line.obey(order).await,
                None => false,
            },
            frame = next_frame(&mut line.socket) => {
                line.hear(frame).await;
                true
            }
            () = tokio::time::sleep_until(idle) => false,
        };
        if !goes_on {
            return line.close().await;
        }
    }
}

async fn next_frame(socket: &mut Option<Socket>) -> Option<Result<Message, WsError>> {
    match socket {
        Some(socket) => socket.next().await,
        None => std::future::pending().await,
    }
}

/// A question on its way.
struct Open {
    question: Box<IntentQuestion>,
    answer: AnswerSender,
    has_begun: bool,
    is_asked_again: bool,
}

struct Line {
    address: Arc<Address>,
    socket: Option<Socket>,
    open: BTreeMap<IntentQuestionId, Open>,
    meter: Meter,
}

impl Line {
    /// Whether the line goes on.
    async fn obey(&mut self, order: Order) -> bool {
        match order {
            Order::Ask(question, answer) => {
                self.meter.strays = 0;
                let open = Open {
                    question,
                    answer,
                    has_begun: false,
                    is_asked_again: false,
                };
                self.ask(open).await;
            }
            Order::Over(question) => {
                // A question of the same number may have been put meanwhile.
                let is_over = |open: &Open| open.answer.is_closed();
                if self.open.get(&question).is_some_and(is_over) {
                    self.open.remove(&question);
                    self.send(&ToService::Cancel { question }).await;
                }
            }
            Order::Tell(fact) => {
                let is_last = matches!(fact, IntentFact::Bye { .. });
                if let IntentFact::Adopted { question } = &fact
                    && let Some(open) = self.open.get_mut(question)
                {
                    // Should it be asked again, it is no longer ahead.
                    open.question.is_ahead = false;
                }
                self.send(&ToService::from(fact)).await;
                return !is_last;
            }
        }
        true
    }

    /// Puts a question; on a connection that turns out broken once more.
    async fn ask(&mut self, mut open: Open) {
        loop {
            if self.socket.is_none()
                && let Err(trouble) = self.connect(&open).await
            {
                let _ = open.answer.try_send(Err(trouble));
                return;
            }
            let turn = Turn::from(open.question.as_ref());
            if self.send(&ToService::TurnFinal(Box::new(turn))).await {
                self.open.insert(open.question.question, open);
                return;
            }
            if std::mem::replace(&mut open.is_asked_again, true) {
                let _ = open.answer.try_send(Err(broken()));
                return;
            }
        }
    }

    /// Opens the connection for a question, as long as somebody waits for its answer.
    async fn connect(&mut self, open: &Open) -> Result<(), Trouble> {
        let socket = tokio::select! {
            socket = connect(&self.address) => socket?,
            () = open.answer.closed() => return Err(broken()),
        };
        self.socket = Some(socket);
        self.meter = Meter::new();
        let facts = CallFacts::from(open.question.as_ref());
        match self.send(&ToService::Call(facts)).await {
            true => Ok(()),
            false => Err(broken()),
        }
    }

    /// Whether the message went out. A connection that does not take it is given up.
    async fn send(&mut self, message: &ToService) -> bool {
        let Some(socket) = &mut self.socket else {
            return false;
        };
        let Ok(json) = serde_json::to_string(message) else {
            return false;
        };
        let is_sent = timeout(SEND_MAX, socket.send(Message::text(json))).await;
        let is_sent = matches!(is_sent, Ok(Ok(())));
        if !is_sent {
            self.socket = None;
        }
        is_sent
    }

    /// Takes what the service sent.
    async fn hear(&mut self, frame: Option<Result<Message, WsError>>) {
        if self.meter.is_too_fast() {
            return self.give_up(&Trouble::overrun("messages come too fast"));
        }
        match frame {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(message) => self.pass_on(message),
                Err(error) => self.give_up(&Trouble::json("a message", &error)),
            },
            Some(Ok(Message::Binary(_))) => {
                self.give_up(&Trouble::garbled("a binary message; messages are text"));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Err(WsError::Capacity(_))) => {
                self.give_up(&Trouble::overrun("a message is too large"));
            }
            Some(Err(WsError::Protocol(_) | WsError::Utf8(_))) if !is_reset(&frame) => {
                self.give_up(&Trouble::garbled("what came is no WebSocket message"));
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => self.reopen().await,
        }
    }

    fn pass_on(&mut self, message: FromService) {
        let id = message.question();
        let Some(open) = self.open.get_mut(&id) else {
            self.meter.strays += 1;
            if self.meter.strays > limits::STRAY_MESSAGES {
                self.give_up(&Trouble::overrun("messages go on that answer no question"));
            }
            return;
        };
        open.has_begun = true;
        let is_last = message.is_last();
        if open.answer.try_send(Ok(message)).is_err() || is_last {
            self.open.remove(&id);
        }
    }

    /// The connection cannot be trusted: every question on it fails.
    fn give_up(&mut self, trouble: &Trouble) {
        self.socket = None;
        for open in std::mem::take(&mut self.open).into_values() {
            let _ = open.answer.try_send(Err(trouble.clone()));
        }
    }

    /// The connection broke: what was not answered yet is asked again, once.
    async fn reopen(&mut self) {
        self.socket = None;
        for mut open in std::mem::take(&mut self.open).into_values() {
            if open.has_begun || std::mem::replace(&mut open.is_asked_again, true) {
                let _ = open.answer.try_send(Err(broken()));
            } else {
                self.ask(open).await;
            }
        }
    }

    async fn close(mut self) {
        if let Some(socket) = &mut self.socket {
            let _ = timeout(CLOSE_MAX, socket.close(None)).await;
        }
    }
}

/// tungstenite counts a connection that ends without a farewell among faults of protocol.
fn is_reset(frame: &Option<Result<Message, WsError>>) -> bool {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    matches!(
        frame,
        Some(Err(WsError::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
        )))
    )
}

fn broken() -> Trouble {
    Trouble::unreachable("the connection broke")
}

/// A connection that was greeted.
async fn connect(address: &Address) -> Result<Socket, Trouble> {
    let greeted = outside_line::connect(address, None, limits::MESSAGE_BYTES).await;
    greeted.map_err(|error| match error {
        GreetingError::Unreachable(what) => Trouble::unreachable(what),
        GreetingError::Status(status) => Trouble::status(status),
        GreetingError::Subprotocol | GreetingError::NotWebSocket => {
            Trouble::garbled(error.to_string())
        }
    })
}

/// Counts what a service sends.
struct Meter {
    second: Instant,
    messages: u32,
    strays: u32,
}

impl Meter {
    fn new() -> Self {
        Self {
            second: Instant::now(),
            messages: 0,
            strays: 0,
        }
    }

    fn is_too_fast(&mut self) -> bool {
        if self.second.elapsed() >= Duration::from_secs(1) {
            self.second = Instant::now();
            self.messages = 0;
        }
        self.messages += 1;
        self.messages > limits::MESSAGES_A_SECOND
    }
}
