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
    /// How fast its words are spoken; sound files have their own pace.
    #[serde(default, skip_serializing_if = "Pace::is_usual")]
    pub pace: Pace,
}

/// How fast words are spoken, in per cent of the voice's usual rate: from 50 to 150.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Pace(u8);

impl Pace {
    /// As the voice speaks of itself.
    pub const USUAL: Self = Self(100);
    /// As slow as it may be: half the usual rate.
    pub const SLOWEST: Self = Self(50);
    /// As fast as it may be.
    pub const FASTEST: Self = Self(150);

    /// So many per cent; the nearest that may be.
    pub const fn of_percent(percent: u8) -> Self {
        if percent < Self::SLOWEST.0 {
            Self::SLOWEST
        } else if percent > Self::FASTEST.0 {
            Self::FASTEST
        } else {
            Self(percent)
        }
    }

    /// In per cent of the usual rate.
    pub const fn percent(self) -> u8 {
        self.0
    }

    /// Nothing was said of it.
    pub const fn is_usual(&self) -> bool {
        self.0 == Self::USUAL.0
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::USUAL
    }
}

impl From<Pace> for u8 {
    fn from(pace: Pace) -> Self {
        pace.0
    }
}

impl TryFrom<u8> for Pace {
    type Error = &'static str;

    fn try_from(percent: u8) -> Result<Self, Self::Error> {
        let pace = Self::of_percent(percent);
        match pace.0 == percent {
            true => Ok(pace),
            false => Err("a pace is 50 to 150 per cent"),
        }
    }
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
