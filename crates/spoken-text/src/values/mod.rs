//! Values as people say them: days, times, amounts, letters, number plates, and their way back into words.
//!
//! Days and times are one [`Pattern`](pattern::Pattern) a language. What an ear is told to listen
//! for and what is understood of its words are made of the same pattern, so that nothing is heard
//! that means nothing.

mod amounts;
mod amounts_en;
mod amounts_zh;
mod calendar;
mod clock;
mod dates;
mod kind;
mod letters;
pub(crate) mod numbers;
mod pattern;
mod plates;
mod read_as;
mod spelling;
mod times;

pub use calendar::Day;
pub use kind::{Keyed, ValueKind, When};
pub use plates::Plates;
pub use read_as::ReadAs;
