//! What callers and agents are told to do and to expect, as a small text file.

mod action;
mod clips;
mod made_clips;
mod music;
mod over;
mod parse;
mod phone_steps;
mod player;
mod run;
mod shared_clips;
mod step;
mod verdict;
mod voices;
mod words;

pub use action::Action;
pub use clips::{ClipError, Clips};
pub use parse::ParseError;
pub use player::{PhoneOrder, RingEnd, RingLog};
pub use run::{OnAir, Run};
pub use shared_clips::SharedSpeech;
pub use verdict::{Measure, MeasureKind, Verdict};
pub use voices::longest_silence;

use crate::sip::Manner;
use std::net::SocketAddr;

/// The calls told by one file.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// What it is about, for whoever reads the report.
    pub title: String,
    /// The user part that is called, where the command line's is not meant.
    pub to: Option<String>,
    /// Who takes part; the first is `caller`.
    pub parties: Vec<Party>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Somebody in a scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Party {
    /// The name its lines begin with.
    pub name: String,
    /// The voice it speaks with: a folder of the fixtures.
    pub voice: String,
    /// Who it is.
    pub role: Role,
}

/// On which side of the desk somebody is.
#[derive(Clone, PartialEq, Debug)]
pub enum Role {
    /// Calls.
    Caller {
        /// The calling number, where the command line's is not meant.
        number: Option<String>,
    },
    /// Is called.
    Agent {
        /// Where the phone is reached.
        address: SocketAddr,
        /// How it takes calls at first.
        manner: Manner,
    },
}

impl Scenario {
    /// Has an agent's phone elsewhere than the file says.
    pub fn move_phone(&mut self, from: SocketAddr, to: SocketAddr) {
        for party in &mut self.parties {
            match &mut party.role {
                Role::Agent { address, .. } if *address == from => *address = to,
                Role::Agent { .. } | Role::Caller { .. } => {}
            }
        }
    }
}

impl Party {
    /// Whether it is an agent's phone.
    pub const fn is_agent(&self) -> bool {
        matches!(self.role, Role::Agent { .. })
    }
}

/// One line of a scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Its line, from 1.
    pub line: usize,
    /// As it was written.
    pub text: String,
    /// Whose line it is: its place among the parties.
    pub who: usize,
    /// What it asks for.
    pub action: Action,
}
