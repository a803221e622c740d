//! One connection: turns one after another, each heard on a thread of its own.

use super::House;
use super::heard::Teller;
use crate::remote::contract::{ErrorCode, FromEar, Listening, Start, ToEar, VERSION};
use crate::{CallerChannel, HearingRequest, SpeechError};
use call_model::{
    CallTime, EscalationWord, EscalationWords, FRAME_SAMPLES, FRAME_TIME, GrammarId, Language,
    PcmFrame, PhraseGrammar, SAMPLE_RATE, TurnId,
};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// A message is no larger; grammars are the largest part of them.
const MESSAGE_MAX: usize = 1_024 * 1_024;
/// Orders that may wait for a turn's thread; then the connection is not read, and TCP holds
/// the sender back.
const ORDERS: usize = 64;
/// News that may wait for the connection, and how many of these places are kept for last words.
const NEWS: usize = 64;
const NEWS_KEPT: usize = 16;
/// A thread that takes no order for so long is stuck; its turn will miss every deadline.
const ORDER_MAX: Duration = Duration::from_secs(10);

/// News that are not taken within this break the connection.
const SAY_MAX: Duration = Duration::from_secs(5);

/// What a turn's thread is told.
enum Order {
    Sound(Vec<u8>),
    End,
}

/// A turn under way. Dropping it cancels the turn.
struct Running {
    turn: u32,
    orders: mpsc::Sender<Order>,
}

/// Serves a connection to its end.
#[expect(
    clippy::result_large_err,
    reason = "the library's own type of a refused greeting"
)]
pub(super) async fn serve(stream: TcpStream, house: &House) -> Result<(), String> {
    let _ = stream.set_nodelay(true);
    let idle = house.settings.idle_max;
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX))
        .write_buffer_size(0);
    let greeting = tokio_tungstenite::accept_hdr_async_with_config(
        stream,
        |request: &Request, response| admit(house, request, response),
        Some(config),
    );
    let socket = timeout(idle, greeting).await;
    let mut socket = socket
        .map_err(|_| "no greeting came".to_owned())?
        .map_err(|_| "it was not greeted as WebSocket, or without the right key".to_owned())?;
    let (sender, mut news) = mpsc::channel::<FromEar>(NEWS);
    let mut running: Option<Running> = None;
    loop {
        let frame = tokio::select! {
            biased;
            Some(message) = news.recv() => {
                // What a turn that was cancelled still says is not passed on.
                let is_wanted = |it: &Running| message.turn() == Some(it.turn);
                if running.as_ref().is_some_and(is_wanted) {
                    if message.is_last() {
                        running = None;
                    }
                    say(&mut socket, &message).await?;
                }
                continue;
            }
            frame = timeout(idle, socket.next()) => match (frame, &running) {
                (Ok(frame), _) => frame,
                (Err(_), None) => return Ok(()),
                (Err(_), Some(_)) => return Err("nothing more came of a turn".to_owned()),
            },
        };
        match frame {
            Some(Ok(Message::Text(text))) => match serde_json::from_str::<ToEar>(&text) {
                Ok(ToEar::Start(start)) => {
                    let turn = start.turn;
                    // A new turn puts an end to one that was left open.
                    running = None;
                    let message = match begin(house, *start, sender.clone()) {
                        Ok(it) => {
                            running = Some(it);
                            FromEar::Listening { turn }
                        }
                        Err((code, why)) => trouble(Some(turn), code, &why),
                    };
                    say(&mut socket, &message).await?;
                }
                Ok(ToEar::End { turn }) => {
                    order(&running, Some(turn), Order::End).await;
                }
                Ok(ToEar::Cancel { turn }) => {
                    running = running.filter(|it| it.turn != turn);
                }
                Err(error) => {
                    let why = format!("cannot be read at {}:{}", error.line(), error.column());
                    say(&mut socket, &trouble(None, ErrorCode::BadMessage, &why)).await?;
                    return Err("a message cannot be read".to_owned());
                }
            },
            Some(Ok(Message::Binary(bytes))) => {
                order(&running, None, Order::Sound(bytes.to_vec())).await;
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(_))) | None => return Ok(()),
            Some(Err(_)) if running.is_none() => return Ok(()),
            Some(Err(_)) => return Err("the connection broke in a turn".to_owned()),
        }
    }
}

#[expect(
    clippy::result_large_err,
    reason = "the library's own type of a refused greeting"
)]
fn admit(house: &House, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    let Some(token) = &house.settings.token else {
        return Ok(response);
    };
    let given = request.headers().get(AUTHORIZATION);
    let given = given.and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    let is_right = given.is_some_and(|given| is_same(given, token.reveal()));
    if is_right {
        return Ok(response);
    }
    let mut refused = ErrorResponse::new(Some("a bearer token is wanted\n".to_owned()));
    *refused.status_mut() = StatusCode::UNAUTHORIZED;
    Err(refused)
}

/// Compares in a time that does not tell where two keys differ.
fn is_same(one: &str, other: &str) -> bool {
    let differing = one
        .bytes()
        .zip(other.bytes())
        .fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && differing == 0
}

async fn say(socket: &mut WebSocketStream<TcpStream>, message: &FromEar) -> Result<(), String> {
    let json = serde_json::to_string(message).map_err(|_| "no JSON".to_owned())?;
    let sent = timeout(SAY_MAX, socket.send(Message::text(json))).await;
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err("news are not taken".to_owned()),
    }
}

/// Passes an order on; it waits where the thread is behind, and then TCP holds the sender back.
async fn order(running: &Option<Running>, turn: Option<u32>, order: Order) {
    let running = running.as_ref();
    let running = running.filter(|it| turn.is_none_or(|turn| turn == it.turn));
    if let Some(running) = running {
        // A thread that is gone has said why.
        let _ = timeout(ORDER_MAX, running.orders.send(order)).await;
    }
}

fn trouble(turn: Option<u32>, code: ErrorCode, message: &str) -> FromEar {
    FromEar::Error {
        turn,
        code,
        message: message.to_owned(),
    }
}

/// Gives a turn its thread, if there is a place for one.
fn begin(
    house: &House,
    start: Start,
    news: mpsc::Sender<FromEar>,
) -> Result<Running, (ErrorCode, String)> {
    let bad = |why: &str| (ErrorCode::BadMessage, why.to_owned());
    if start.version != VERSION {
        return Err(bad("only version 1 is spoken here"));
    }
    if start.sample_rate != SAMPLE_RATE {
        return Err(bad("only 8000 samples a second are heard here"));
    }
    let mut languages = start.languages.into_iter();
    let asked = languages.next();
    let asked = asked.ok_or_else(|| bad("a turn needs a language"))?;
    let also = languages.next();
    let place = Arc::clone(&house.turns).try_acquire_owned();
    let place = place.map_err(|_| (ErrorCode::Busy, "all places are taken".to_owned()))?;
    let channel = CallerChannel::remembering(start.memory.as_deref());
    let language = asked.language;
    let (grammar, escalation) = parts(asked);
    let has_grammar = grammar.is_some();
    let request = HearingRequest {
        turn: TurnId(start.turn),
        grammar,
        escalation,
        also: also.map(parts),
        channel: channel.clone(),
    };
    let (orders, todo) = mpsc::channel(ORDERS);
    let recognizer = Arc::clone(&house.recognizer);
    let turn = start.turn;
    let teller = Teller::new(turn, language, has_grammar, channel);
    tokio::task::spawn_blocking(move || {
        let engine = move || recognizer.open(request);
        work(engine, teller, turn, todo, &news, place);
    });
    Ok(Running { turn, orders })
}

fn parts(of: Listening) -> (Option<Arc<PhraseGrammar>>, Arc<EscalationWords>) {
    let Listening {
        language,
        grammar,
        escalation,
    } = of;
    let id = match language {
        Language::En => GrammarId(0),
        Language::Zh => GrammarId(1),
    };
    let grammar = grammar.map(|root| Arc::new(PhraseGrammar { id, language, root }));
    let words = escalation.into_iter().map(|word| EscalationWord {
        text: word.text,
        class: word.class,
    });
    let words = EscalationWords {
        language,
        words: words.collect(),
    };
    (grammar, Arc::new(words))
}

/// Hears one turn to its end, or until nobody sends orders any more.
fn work(
    open: impl FnOnce() -> Result<Box<dyn crate::HearingStream>, SpeechError>,
    mut teller: Teller,
    turn: u32,
    mut orders: mpsc::Receiver<Order>,
    news: &mpsc::Sender<FromEar>,
    place: OwnedSemaphorePermit,
) {
    // The place is free before the last word goes out: it may be answered with the next turn.
    let conclude = |place: OwnedSemaphorePermit, message: FromEar| {
        drop(place);
        let _ = news.blocking_send(message);
    };
    let failed = |error: &SpeechError| {
        let code = match error {
            SpeechError::AllEarsBusy { .. } => ErrorCode::Busy,
            SpeechError::ModelMissing { .. } => ErrorCode::Unsupported,
            _ => ErrorCode::Failed,
        };
        tracing::warn!(%error, "a turn cannot be heard");
        trouble(Some(turn), code, &error.to_string())
    };
    let mut stream = match open() {
        Ok(stream) => stream,
        Err(error) => return conclude(place, failed(&error)),
    };
    let mut frames = Frames::default();
    while let Some(order) = orders.blocking_recv() {
        let (bytes, is_end) = match order {
            Order::Sound(bytes) => (bytes, false),
            Order::End => (Vec::new(), true),
        };
        for frame in frames.push(&bytes, is_end) {
            match stream.push(&frame) {
                Ok(None) => {}
                // Where the connection is slow, later partials tell the same and more.
                Ok(Some(heard)) if news.capacity() > NEWS_KEPT => {
                    if news.blocking_send(teller.tell(heard)).is_err() {
                        return;
                    }
                }
                Ok(Some(_)) => {}
                Err(error) => return conclude(place, failed(&error)),
            }
        }
        if is_end {
            let last = stream.finish().map(|heard| teller.tell(heard));
            return conclude(place, last.unwrap_or_else(|error| failed(&error)));
        }
    }
}

/// Cuts sound as it comes into frames, from time zero on.
#[derive(Default)]
struct Frames {
    waiting: Vec<u8>,
    count: u32,
}

impl Frames {
    fn push(&mut self, bytes: &[u8], is_end: bool) -> Vec<PcmFrame> {
        self.waiting.extend_from_slice(bytes);
        let frame = 2 * FRAME_SAMPLES;
        let mut whole = self.waiting.len() / frame * frame;
        if is_end && whole < self.waiting.len() {
            // The last frame is made full with silence.
            whole += frame;
            self.waiting.resize(whole, 0);
        }
        let ready: Vec<u8> = self.waiting.drain(..whole).collect();
        let frames = ready.chunks_exact(frame).map(|piece| {
            let mut frame = PcmFrame::silent(CallTime::ZERO + FRAME_TIME * self.count);
            self.count += 1;
            for (sample, bytes) in frame.samples.iter_mut().zip(piece.chunks_exact(2)) {
                *sample = i16::from_le_bytes([bytes[0], bytes[1]]);
            }
            frame
        });
        frames.collect()
    }
}

impl FromEar {
    /// Whether nothing follows about its turn.
    fn is_last(&self) -> bool {
        match self {
            Self::Listening { .. } | Self::Partial(_) => false,
            Self::Final(_) | Self::NoMatch(_) | Self::Error { .. } => true,
        }
    }
}
