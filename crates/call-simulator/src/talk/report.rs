//! How a conversation went.

use super::backends::Given;
use super::coverage::Exit;
use call_model::{CallTime, IntentNews};
use std::collections::BTreeSet;
use std::fmt;

/// The bot is told to do so, where somebody asks what it did.
pub(super) const FETCHES: &str = "fetches a person";
/// The bot ends the call.
pub(super) const HANGS_UP: &str = "hangs up";

/// The person takes the call.
pub(super) const ANSWERS: &str = "answers";

/// A conversation that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// Where it departed from its script; none: it went as written.
    pub departure: Option<Departure>,
    /// What was said and done.
    pub lines: Vec<Line>,
    /// When it was over, in the call's own time.
    pub lasted: CallTime,
    /// The nodes and ways that were walked.
    pub walked: BTreeSet<Exit>,
    /// How often each answer of a back end was given.
    pub(super) given: Given,
    /// What the intent tier answered, question by question.
    pub tier_answers: Vec<Vec<IntentNews>>,
    /// A person took part who was fetched by a transfer, and not from a queue of the server's.
    pub is_transferred: bool,
}

/// Where a conversation departed from its script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Departure {
    /// The line of the script, from 1.
    pub line: u32,
    /// What it says.
    pub expected: String,
    /// What was so instead.
    pub got: String,
}

/// `expected  bot menu: "…"` and below it what was so instead.
impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, got, .. } = self;
        write!(f, "expected  {expected}")?;
        for (number, line) in got.lines().enumerate() {
            let mark = if number == 0 { "got" } else { "" };
            write!(f, "\n{mark:<9} {line}")?;
        }
        Ok(())
    }
}

/// Something that was said or done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// When.
    pub at: CallTime,
    /// By whom.
    pub who: Who,
    /// What, in words; of the bot with the node it stands at.
    pub what: String,
}

/// Who says or does something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// The machine.
    Bot,
    /// The caller.
    Caller,
    /// The person who is fetched.
    Person,
    /// A back end, or the intent tier.
    Service,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Bot => "bot",
            Self::Caller => "caller",
            Self::Person => "person",
            Self::Service => "service",
        })
    }
}

/// `  12.340 bot     menu: What can I do for you?`
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, who, what } = self;
        write!(f, "{:>8} {who:<7} {what}", at.to_string())
    }
}
