//! The numbers a detector works with.

use std::time::Duration;

/// How much evidence begins and ends speech. The defaults are measured on real
/// telephone-band speech and noise (`tests/real_speech.rs`).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct VoiceSettings {
    /// So much voiced sound begins speech; shorter sounds are clicks.
    pub onset: Duration,
    /// So long without voice ends speech.
    pub hangover: Duration,
    /// A frame counts only when it stands so many decibels above the line's noise.
    pub above_floor_db: f32,
    /// And only when it is at least so loud, in dBFS: what is quieter is the line itself.
    pub quietest_dbfs: f32,
    /// A likeness to a voice, 0 to 1, from which a frame speaks for an onset.
    pub voice_begins: f32,
    /// A likeness below which a frame of running speech counts as pause.
    pub voice_holds: f32,
    /// Speech is said to have begun at most so long before it was sure.
    pub reach_back: Duration,
}

impl Default for VoiceSettings {
    fn default() -> Self {
        Self {
            onset: Duration::from_millis(60),
            hangover: Duration::from_millis(200),
            above_floor_db: 9.0,
            quietest_dbfs: -52.0,
            voice_begins: 0.5,
            voice_holds: 0.35,
            reach_back: Duration::from_millis(300),
        }
    }
}
