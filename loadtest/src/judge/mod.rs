//! Judging by sound: is what was heard this prompt, how loud, until when.

mod candidate;
mod library;
mod match_audio;
mod playback;
mod recording;
mod spotter;
mod track;

pub use library::{Library, LibraryError, Reference};
pub use match_audio::{Alignment, Similarity, align, correlation};
pub use playback::Playback;
pub use recording::{Comparison, compare, locate};
pub use spotter::{End, Sighting, Spotter};
pub use track::Track;
