//! Carries one turn: connects, sends its sound, brings its news, and begins again elsewhere where
//! a connection breaks.

use super::Deadlines;
use super::dialect::{Dialect, Refusal, Said};
use super::roster::{Line, Roster};
use super::turn::{Turn, Work};
use call_model::Heard;
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// A message that is not taken within this breaks the connection.
const SEND_MAX: Duration = Duration::from_secs(2);
/// A turn is begun again so often, beside once for each further machine.
const AGAIN_MAX: usize = 2;
/// More messages about one turn are none of this world.
const MESSAGES_MAX: u32 = 20_000;

/// How a connection's part of a turn ended.
enum Ended {
    Last(Heard),
    Cancelled,
    /// The connection is of no more use; another one may be.
    Broken(String),
    /// The machine does not take the turn, or does not speak the protocol.
    Refused(String),
    /// Not even a sign of life came.
    Silent,
}

/// Carries the turn to its outcome.
pub(super) async fn carry(
    turn: Arc<Turn>,
    roster: Arc<Roster>,
    deadlines: Deadlines,
    mut dialect: Box<dyn Dialect>,
) {
    let outcome = tokio::select! {
        outcome = tries(&turn, &roster, deadlines, dialect.as_mut()) => outcome,
        () = too_late(&turn, deadlines.last) => Err("no final came in time".to_owned()),
    };
    let outcome = match outcome {
        Err(why) => dialect.left_over().ok_or(why),
        outcome => outcome,
    };
    if let Some((told, outcome)) = turn.conclude(outcome) {
        // Whoever is told may have work to do, e.g. hear the turn again with another engine.
        tokio::task::spawn_blocking(move || told(outcome));
    }
}

/// Ends when a turn that is over has waited for too long.
async fn too_late(turn: &Turn, longest: Duration) {
    turn.over.notified().await;
    tokio::time::sleep(longest).await;
}

async fn tries(
    turn: &Turn,
    roster: &Roster,
    deadlines: Deadlines,
    dialect: &mut dyn Dialect,
) -> Result<Heard, String> {
    let mut why = String::new();
    let (mut again, mut silent) = (0, 0);
    while again < AGAIN_MAX + roster.len() {
        let mut line = match roster.line(dialect.subprotocol(), deadlines.connect).await {
            Ok(line) => line,
            Err(Refusal(what)) => {
                // What a machine said before it was left alone tells more.
                why = if why.is_empty() { what } else { why };
                again += 1;
                continue;
            }
        };
        let is_used = line.is_used;
        match converse(turn, &mut line, deadlines, dialect).await {
            Ended::Last(heard) => {
                if dialect.is_kept() {
                    roster.keep(line);
                }
                return Ok(heard);
            }
            Ended::Cancelled => {
                if let Some(message) = dialect.cancelling()
                    && send(&mut line, Message::text(message)).await.is_ok()
                {
                    roster.keep(line);
                }
                return Err("nobody waits for it".to_owned());
            }
            // It may have died of old age: that says nothing of its machine.
            Ended::Broken(_) if is_used => again += 1,
            Ended::Broken(what) => (why, again) = (what, again + 1),
            Ended::Refused(what) => {
                roster.refused(&line);
                (why, again) = (what, again + 1);
            }
            // Two machines that say nothing are enough.
            Ended::Silent => {
                roster.was_silent(&line);
                (why, again) = ("nothing came back in time".to_owned(), again + 1);
                silent += 1;
                if silent == roster.len().min(2) {
                    break;
                }
            }
        }
    }
    Err(why)
}

/// A turn's whole sound from its beginning, and what comes back.
async fn converse(
    turn: &Turn,
    line: &mut Line,
    deadlines: Deadlines,
    dialect: &mut dyn Dialect,
) -> Ended {
    if let Err(why) = send(line, Message::text(dialect.opening())).await {
        return Ended::Broken(why);
    }
    let (mut sent, mut is_over) = (0, false);
    let mut silent_until = Some(Instant::now() + deadlines.first);
    let mut messages = 0;
    loop {
        while !is_over {
            let messages = match turn.work(sent) {
                Work::Cancelled => return Ended::Cancelled,
                Work::Wait => break,
                Work::Sound(samples) => {
                    sent += samples.len();
                    let pieces = dialect.sound(&samples).into_iter();
                    pieces.map(Message::binary).collect()
                }
                Work::Ended => {
                    is_over = true;
                    let (rest, last) = dialect.ending();
                    let rest = rest.map(Message::binary).into_iter();
                    rest.chain([Message::text(last)]).collect::<Vec<_>>()
                }
            };
            for message in messages {
                if let Err(why) = send(line, message).await {
                    return Ended::Broken(why);
                }
            }
        }
        let silence = silent_until.map(tokio::time::Instant::from_std);
        let frame = tokio::select! {
            frame = line.socket.next() => frame,
            () = turn.wake.notified(), if !is_over => continue,
            () = sleep_until(silence.unwrap_or_else(tokio::time::Instant::now)), if silence.is_some() => {
                return Ended::Silent;
            }
        };
        messages += 1;
        let text = match frame {
            Some(Ok(Message::Text(text))) if messages <= MESSAGES_MAX => text,
            Some(Ok(Message::Text(_))) => return Ended::Broken("messages without end".to_owned()),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Ok(Message::Binary(_))) => {
                return Ended::Broken("a binary message; answers are text".to_owned());
            }
            Some(Ok(Message::Close(_))) | None => {
                return Ended::Broken("the service closed the connection".to_owned());
            }
            Some(Err(error)) => return Ended::Broken(told(&error)),
        };
        match dialect.hear(&text, turn.began()) {
            Ok(said) => {
                silent_until = None;
                match said {
                    Said::Nothing => {}
                    Said::Partial(news) => turn.tell(news),
                    Said::Last(heard) => return Ended::Last(heard),
                }
            }
            Err(Refusal(what)) => return Ended::Refused(what),
        }
    }
}

async fn send(line: &mut Line, message: Message) -> Result<(), String> {
    match timeout(SEND_MAX, line.socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(told(&error)),
        Err(_) => Err("the service takes no more sound".to_owned()),
    }
}

/// An error in words that hold nothing of what was said.
fn told(error: &WsError) -> String {
    match error {
        WsError::Capacity(_) => "a message is too large".to_owned(),
        WsError::Utf8(_) => "what came is no WebSocket message".to_owned(),
        WsError::Io(error) => format!("the connection broke: {}", error.kind()),
        _ => "the connection broke".to_owned(),
    }
}
