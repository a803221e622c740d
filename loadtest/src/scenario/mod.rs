//! What a caller is told to do and to expect, as a small text file.

mod clips;
mod over;
mod parse;
mod run;
mod step;
mod verdict;

pub use clips::{ClipError, Clips};
pub use parse::ParseError;
pub use run::Run;
pub use verdict::{Measure, MeasureKind, Verdict};

use crate::rtp::Key;
use std::time::Duration;

/// A call as told by one file.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// What the call is about, for whoever reads the report.
    pub title: String,
    /// The voice that speaks: a folder of the fixtures.
    pub voice: String,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One line of a scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Its line, from 1.
    pub line: usize,
    /// As it was written.
    pub text: String,
    /// What it asks for.
    pub action: Action,
}

/// What a step does or expects.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// `expect prompt greeting or menu within 5s`: one of these begins by then.
    ExpectPrompt {
        /// The names, of which one must be heard.
        names: Vec<String>,
        /// Counted from the end of what the caller did last, or from the step's beginning.
        within: Duration,
    },
    /// `expect speech within 2s`: something begins to sound by then.
    ExpectSpeech {
        /// Counted like a prompt's.
        within: Duration,
    },
    /// `wait for quiet 300ms within 20s`: what sounds has ended.
    WaitForQuiet {
        /// So long it must have been quiet.
        quiet: Duration,
        /// The longest wait.
        within: Duration,
    },
    /// `wait 2s`.
    Wait(Duration),
    /// `say order-status`, `say yes after 1.5s of prompt`.
    Say {
        /// The clip's name in the voice's folder.
        clip: String,
        /// Only once the prompt has sounded for so long.
        after: Option<Duration>,
    },
    /// `key 4712#`.
    Key {
        /// The keys in order.
        keys: Vec<Key>,
        /// Only once the prompt has sounded for so long.
        after: Option<Duration>,
    },
    /// `expect ducking within 400ms`: the prompt spoken over falls by 12 dB, counted from the
    /// caller's onset.
    ExpectDucking {
        /// From the caller's onset.
        within: Duration,
    },
    /// `expect stop within 1s`: the prompt spoken over stops, counted from the caller's onset.
    ExpectStop {
        /// From the caller's onset.
        within: Duration,
    },
    /// `expect prompt goes on for 2s`: the prompt spoken over is back at its level within a second
    /// of the caller's end and plays on for so long, or to its own end.
    ExpectGoesOn {
        /// So long it must go on.
        lasting: Duration,
    },
    /// `expect bye within 10s`: the other side hangs up.
    ExpectBye {
        /// Counted from the step's beginning.
        within: Duration,
    },
    /// `hang up`.
    HangUp,
}
