//! Ears on other machines, over WebSocket: FunASR's protocol, and one of our own ([`contract`],
//! told in `REMOTE.md`), which [`EarServer`] speaks over any engine of this crate.
//!
//! A turn's sound is kept until its end. A connection that breaks is made again, to the next machine
//! where there are several, and the turn is sent from its beginning, so nothing is lost. What
//! does not come within its deadline fails the stream; [`crate::FallBack`] then goes on with an
//! engine at hand. All of it happens on a thread of its own: whoever pushes frames never waits.

mod bellhop;
pub mod contract;
mod courier;
mod dialect;
mod funasr;
mod hints;
mod roster;
mod server;
#[cfg(test)]
mod tests;
mod turn;

pub use server::{EarServer, EarServerSettings};

use crate::{FinishSink, HearingRequest, HearingStream, Recognizer, SpeechError};
use bellhop::BellhopDialect;
use call_model::{EscalationWords, Heard, PcmFrame, PhraseGrammar, Private};
use dialect::Dialect;
use funasr::FunAsrDialect;
use roster::Roster;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use turn::Turn;

/// Threads that carry all turns.
const COURIERS: usize = 2;
/// Threads on which outcomes are told; an engine may hear a whole turn again there.
const TOLD_THREADS: usize = 8;

/// The protocol that the other side speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RemoteKind {
    /// Our own, version 1.
    Bellhop,
    /// FunASR's, two passes.
    FunAsr,
}

/// Until when something must have come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadlines {
    /// A connection, from when it is wanted.
    pub connect: Duration,
    /// The first message, from when the connection is there.
    pub first: Duration,
    /// The last word of a turn, from its end.
    pub last: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(800),
            first: Duration::from_millis(2_500),
            last: Duration::from_millis(700),
        }
    }
}

/// Which ears, and how long they are waited for.
#[derive(Clone, Debug)]
pub struct RemoteSettings {
    /// The protocol.
    pub kind: RemoteKind,
    /// The machines, `ws://…` or `wss://…`; turns go round among them.
    pub urls: Vec<String>,
    /// Sent as a bearer token with every greeting.
    pub token: Option<Private<String>>,
    /// The deadlines.
    pub deadlines: Deadlines,
}

/// The `remote` engine.
pub struct RemoteRecognizer {
    runtime: Option<Runtime>,
    roster: Arc<Roster>,
    settings: RemoteSettings,
}

impl RemoteRecognizer {
    /// Checks the settings; nothing is connected before the first turn.
    ///
    /// # Errors
    /// [`SpeechError::Remote`]: an address or the token cannot be used.
    pub fn open(settings: RemoteSettings) -> Result<Self, SpeechError> {
        let roster = Roster::new(&settings.urls, settings.token.as_ref())?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(COURIERS)
            .max_blocking_threads(TOLD_THREADS)
            .thread_name("ear-courier")
            .enable_all()
            .build()
            .map_err(|error| SpeechError::Remote(format!("no thread: {error}")))?;
        Ok(Self {
            runtime: Some(runtime),
            roster: Arc::new(roster),
            settings,
        })
    }
}

impl Recognizer for RemoteRecognizer {
    /// The other side learns words as turns name them.
    fn prepare(
        &self,
        _grammars: &[Arc<PhraseGrammar>],
        _words: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        Ok(())
    }

    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        let dialect: Box<dyn Dialect> = match self.settings.kind {
            RemoteKind::Bellhop => Box::new(BellhopDialect::new(&request)?),
            RemoteKind::FunAsr => Box::new(FunAsrDialect::new(&request)?),
        };
        let turn = Arc::new(Turn::default());
        let (roster, deadlines) = (Arc::clone(&self.roster), self.settings.deadlines);
        if let Some(runtime) = &self.runtime {
            runtime.spawn(courier::carry(
                Arc::clone(&turn),
                roster,
                deadlines,
                dialect,
            ));
        }
        Ok(Box::new(RemoteStream {
            turn,
            longest: deadlines.last + TOLD_LATE,
        }))
    }

    fn name(&self) -> &str {
        match self.settings.kind {
            RemoteKind::Bellhop => "remote",
            RemoteKind::FunAsr => "remote (funasr)",
        }
    }
}

impl Drop for RemoteRecognizer {
    fn drop(&mut self) {
        // Whoever lets go of the last ear may stand on a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What a courier who keeps the deadline himself may be late by.
const TOLD_LATE: Duration = Duration::from_millis(250);

/// One turn, heard elsewhere.
struct RemoteStream {
    turn: Arc<Turn>,
    longest: Duration,
}

impl HearingStream for RemoteStream {
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        self.turn.push(frame)
    }

    fn finish(self: Box<Self>) -> Result<Heard, SpeechError> {
        self.turn.end(self.longest)
    }

    fn finish_to(self: Box<Self>, told: FinishSink) {
        self.turn.end_to(told);
    }
}

impl Drop for RemoteStream {
    fn drop(&mut self) {
        self.turn.cancel();
    }
}
