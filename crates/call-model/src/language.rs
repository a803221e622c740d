//! The languages of callers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A language that callers speak and prompts are written in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Mandarin Chinese.
    Zh,
}

/// A tag that names no [`Language`].
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no language of ours: 'en' or 'zh' is expected")]
pub struct UnknownLanguage(String);

impl Language {
    /// Every language, in a fixed order.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// Its tag: `en` or `zh` (the primary subtag of BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;
    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL
            .into_iter()
            .find(|language| language.tag() == tag)
            .ok_or_else(|| UnknownLanguage(tag.chars().take(32).collect()))
    }
}
