//! The life of one call: news goes in with its time, actions come out.
//!
//! ```text
//! call.handle(now, &CallInput::SpeechStarted { since });
//! while let Some(action) = call.poll_action() { shell.act(action); }
//! let wake = call.poll_timeout();
//! ```
//!
//! Three things go on in a call side by side, and each is a machine of its own:
//! the *mouth* (the prompt in the air), the *ear* (the turn that is listened to)
//! and the *phase* (where the conversation stands). Beside them a ledger keeps
//! what speaks for fetching a person, and a clock the time unserved. Nothing in
//! here reads a clock, draws a number or waits.
//!
//! The [`waiting_room`] is a second machine of the same kind: it knows all callers who
//! wait for a person, and decides whose phone rings for whom.

mod ahead;
mod anger;
mod announcement;
mod answering;
mod asking;
mod awaited;
mod barge_in;
mod call;
mod callback_number;
mod calling;
mod closing_key;
mod commands;
mod consulting;
mod deadline;
mod due;
mod ear;
mod escalation;
mod hold_on;
mod keys;
mod known;
mod leaving;
mod ledger;
mod listening;
mod meaning;
mod mouth;
mod offer;
mod overflow;
mod parted;
mod people;
mod phase;
mod profile;
mod put_off;
mod read_back;
mod rejudging;
mod sightings;
mod standing_orders;
mod story;
mod stranded;
mod system_question;
mod tier;
mod tongue;
mod turn_taking;
mod voice_analysis;
mod wait_clock;
mod waiting;
pub mod waiting_room;
mod weighing;
mod word_watch;

pub use call::Call;
pub use deadline::Deadline;
pub use escalation::{has_priority, judge};
pub use rejudging::{AngerJudge, Behaviour};

/// The version that a journal's header names.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
