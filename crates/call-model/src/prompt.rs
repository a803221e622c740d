//! What the bot says.

use crate::{Language, Private};
use serde::{Deserialize, Serialize};

/// Numbers the prompts of one call, from 1.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct PromptId(pub u32);

/// One piece of a prompt.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptPiece {
    /// Words to be spoken; they may repeat what the caller said.
    Text(Private<String>),
    /// An audio file of the plan, named relative to the plan's folder.
    File(String),
    /// Nothing, for so many milliseconds.
    Pause(u32),
}

/// A whole prompt: pieces in one language, played without a gap.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct PromptText {
    /// The language its words are spoken in.
    pub language: Language,
    /// The pieces in order.
    pub pieces: Vec<PromptPiece>,
}

/// What may interrupt a prompt. Escalation words and key 0 are heard either way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interruption {
    /// Speech and keys.
    #[default]
    ByVoiceAndKeys,
    /// Speech alone.
    ByVoice,
    /// Keys alone.
    ByKeys,
    /// Nothing: it is finished first.
    Never,
    /// A legal notice: it is finished before anything heard during it takes effect.
    LegalNotice,
}

/// How a prompt ended; every prompt ends exactly once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptEnd {
    /// Played to its end.
    Finished,
    /// Stopped before its end.
    Stopped {
        /// How much of it the caller heard, in milliseconds.
        heard_ms: u32,
    },
    /// It could not be made or played.
    Failed,
}
