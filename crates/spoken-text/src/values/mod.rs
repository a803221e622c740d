//! Values as people say them: days, times, and their way back into words.
//!
//! Each kind of value is one [`Pattern`](pattern::Pattern) a language. What an ear is told to listen
//! for and what is understood of its words are made of the same pattern, so that nothing is heard
//! that means nothing.

mod calendar;
mod clock;
mod dates;
mod kind;
pub(crate) mod numbers;
mod pattern;
mod read_as;
mod times;

pub use calendar::Day;
pub use kind::{Keyed, ValueKind, When};
pub use read_as::ReadAs;
