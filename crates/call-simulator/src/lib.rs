//! Callers in virtual time: thousands of odd calls in seconds, each from a seed,
//! each held to the same rules; and any call again from its journal.
//!
//! - [`simulate`] runs a range of seeds against the engine and gives the outcomes
//!   and every rule that was broken;
//! - [`World`] is one such call;
//! - [`escape`](mod@escape) is the proof that whoever is owed a person is never lost;
//! - [`queues`] does it to waiting rooms;
//! - [`session`] does the same to whole sessions, with packets on bad networks;
//! - [`replay`] takes a journal and makes every decision again;
//! - [`talk`] plays conversations that people wrote, and says where they depart from the script;
//! - [`backtest`](mod@backtest) says where a stored call would have gone another way.

mod answers;
pub mod backtest;
mod caller;
mod check;
mod dice;
mod ear;
pub mod escape;
mod fault;
mod people;
mod phrases;
mod plans;
pub mod queues;
pub mod replay;
pub mod session;
mod simulate;
mod subject;
pub mod talk;
mod world;

pub use check::{Broken, Rule};
pub use fault::PlantedFault;
pub use simulate::{Summary, Violation, simulate};
pub use world::{Run, World};
