//! How a voice sounds, as the scorer tells it.

use crate::{CallTime, PerMille, Score};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The voice alone, scored over one utterance so far; the engine's policy pools,
/// fuses and judges.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EmotionScore {
    /// Numbers the caller's utterances from 1; a later score of the same number replaces the earlier.
    pub utterance: u32,
    /// The end of the speech that was scored.
    pub at: CallTime,
    /// Anger on the operating scale: 50 is the balanced boundary, 80 the stated budget of calm calls.
    pub anger: Score,
    /// The model's log-odds of anger, in thousandths.
    pub log_odds_milli: i32,
    /// The probability of anger at the declared prior.
    pub probability: PerMille,
    /// Arousal, which triggers nothing.
    pub arousal: Score,
    /// Voiced speech behind this score, in microseconds.
    pub speech_micros: u64,
    /// How sure the scorer is.
    pub confidence: PerMille,
    /// Whether the scale was fitted to this site's lines and callers; until then it is that of the
    /// recordings which the model was trained on.
    #[serde(default)]
    pub is_calibrated: bool,
    /// The strongest reasons, in words a reviewer understands, most weighty first.
    pub reasons: Vec<String>,
}

/// Whether the caller's voice may be scored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoiceAnalysis {
    /// It may, where there is a scorer.
    #[default]
    On,
    /// The plan or the caller says no: nothing is computed, stored or judged.
    Off,
}

impl VoiceAnalysis {
    /// Whether it may be, which holds where nobody says otherwise.
    pub const fn is_on(&self) -> bool {
        matches!(self, Self::On)
    }
}

impl EmotionScore {
    /// Voiced speech behind this score.
    pub const fn speech(&self) -> Duration {
        Duration::from_micros(self.speech_micros)
    }
}
