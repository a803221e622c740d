//! Is the caller speaking, in this tick?
//!
//! Every 20 ms frame of the caller's sound goes through [`VoiceDetector::push`],
//! which says when speech began and when it ended, each with the moment it is
//! about. Four questions are asked in turn, the cheap ones first:
//!
//! 1. does the frame stand above the line's own noise (`floor`)?
//! 2. is it a steady tone, such as a key or a dial tone (`tone`)?
//! 3. does it sound like a voice (`likeness`, a small recurrent net)?
//! 4. has there been enough of that, or of its absence (`detector`)?
//!
//! A detector holds about 9 KB and allocates nothing after it was made.

mod detector;
mod floor;
mod likeness;
mod settings;
mod spectrum;
mod tone;

pub use detector::{VoiceDetector, VoiceNews};
pub use settings::VoiceSettings;
