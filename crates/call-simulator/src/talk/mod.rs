//! Conversations that product people write beside a plan, run in virtual time against the
//! real engine.
//!
//! ```text
//! # A caller asks for an order
//! language en
//! bot menu: "What can I do for you"
//! caller: where is my order
//! keys: 4271
//! slot order = 4271
//! ```
//!
//! - [`read_talks`] reads a file of them and tells every [`TalkProblem`] with its place;
//! - [`Rehearsal`] is a plan ready to be talked to: [`Rehearsal::run`] plays one [`Talk`] and says
//!   where it departed from its script, if it did;
//! - [`Rehearsal::call_script`] has a caller play it on a real line, and [`Rehearsal::departure`] judges
//!   that call by its journal;
//! - [`Coverage`] counts which nodes and ways out of them were walked.
//!
//! In virtual time there is no sound. The ear understands what a recogniser with the plan's grammars could,
//! prompts last as long as their words take to say, and back ends answer as the script has it.

mod answers;
mod backends;
mod carried;
mod coverage;
mod ear;
mod expecting;
mod judge;
mod on_line;
mod parse;
mod report;
mod run;
mod script;
mod seen;
mod shell;
mod tier;
mod tier_script;

pub use carried::Needs;
pub use coverage::{Coverage, Exit, Way};
pub use on_line::CallScript;
pub use parse::read_talks;
pub use report::{Departure, Line, Played, Who};
pub use run::Rehearsal;
pub use script::{Talk, TalkProblem};
