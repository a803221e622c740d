//! One real call, from the INVITE to the end.

mod company;
mod line;
mod phone_line;

pub use company::{Acted, Cast, act};
pub use phone_line::PhoneCall;

use crate::rtp::{Ear, Mouth, RtpStats};
use crate::sip::{Callee, Codec};
use line::Line;
use serde::Serialize;
use std::io;
use std::time::{Duration, Instant};

/// A call to be placed.
#[derive(Clone, Debug)]
pub struct Dial {
    /// Whom to call.
    pub callee: Callee,
    /// The caller's user part.
    pub from: String,
    /// The codec offered.
    pub codec: Codec,
    /// Makes the call's names; no two calls of one run share it.
    pub seed: u64,
    /// Whether sound is decoded and kept; a held call only counts packets.
    pub keep_audio: bool,
    /// The longest wait for an answer, then CANCEL.
    pub answer_within: Duration,
    /// Whether media may leave this machine.
    pub allow_remote: bool,
    /// The longest call, then BYE.
    pub longest: Duration,
}

/// Who tells the caller what to do. All times are since the INVITE, or since the scenario began.
pub trait Director {
    /// Called once every 20 ms of an answered call, after the packet of this tick has left.
    fn tick(&mut self, now: Duration, ear: &Ear, mouth: &mut Mouth) -> Wish;
    /// Called once when an answered call is over.
    fn ended(&mut self, now: Duration, ear: &Ear, ending: &Ending);
}

/// What the director wants next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// The call goes on.
    GoOn,
    /// The caller hangs up.
    HangUp,
}

/// How a call ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// This caller hung up.
    ByUs,
    /// The other side hung up.
    ByPeer,
    /// It was refused: status and reason.
    Refused(u16, String),
    /// It failed, in words.
    Failed(String),
}

/// What is left of a call.
#[derive(Debug)]
pub struct CallRecord {
    /// The SIP Call-ID.
    pub call_id: String,
    /// How it ended.
    pub ending: Ending,
    /// From the INVITE to its 200 OK.
    pub answered_after: Option<Duration>,
    /// When media began to flow, or, where none did, when the INVITE left.
    pub begun: Duration,
    /// Packets sent.
    pub sent: u64,
    /// What was received.
    pub stats: RtpStats,
    /// How often this machine was more than a tick too late to send.
    pub clock_moved: u32,
    /// What was heard, if kept, from the first packet on.
    pub heard: Vec<i16>,
    /// What was said, if kept, on the same timeline.
    pub said: Vec<i16>,
}

impl CallRecord {
    /// Whether the call was answered and ended in order.
    pub const fn was_held(&self) -> bool {
        self.answered_after.is_some() && matches!(self.ending, Ending::ByUs | Ending::ByPeer)
    }
}

/// Places a call and stays until it is over.
///
/// # Errors
/// Only where this machine's sockets fail; what the other side does is in the record.
pub async fn place(dial: &Dial, director: &mut impl Director) -> io::Result<CallRecord> {
    place_since(dial, Instant::now(), director).await
}

/// Like [`place`], with all times counted from `epoch`, which several calls may share.
///
/// # Errors
/// Like [`place`].
pub async fn place_since(
    dial: &Dial,
    epoch: Instant,
    director: &mut impl Director,
) -> io::Result<CallRecord> {
    let mut line = Line::open(dial, epoch).await?;
    let ending = line.run(director).await?;
    Ok(line.into_record(ending))
}
