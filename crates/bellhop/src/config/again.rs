//! `[speech.again]`: who hears calls once more when they are over.

use super::speech::RecognizerKind;
use serde::Deserialize;
use std::time::Duration;

/// The engine, and when it may work.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgainKeys {
    /// Which recogniser; its table is the one that live calls use too.
    pub engine: RecognizerKind,
    /// While more calls than this are under way nothing is heard again.
    #[serde(default = "ten")]
    pub calls_max: usize,
    /// A call that began so many hours ago is left as it is.
    #[serde(default = "a_day")]
    pub within_h: u64,
}

const fn ten() -> usize {
    10
}

const fn a_day() -> u64 {
    24
}

impl AgainKeys {
    /// How old a call may be.
    pub const fn within(&self) -> Duration {
        Duration::from_secs(self.within_h.saturating_mul(3_600))
    }

    /// What is wrong with it, in the operator's words.
    pub(super) fn problem(&self) -> Option<String> {
        let what = match self {
            Self {
                engine: RecognizerKind::None,
                ..
            } => "engine = \"none\" hears nothing; name a recogniser, or take the table out",
            Self { within_h: 0, .. } => "within_h = 0 leaves every call as it is; give 24",
            Self { .. } => return None,
        };
        Some(format!("speech.again: {what}"))
    }
}
