//! `[speech.whisper]`: the recogniser of free speech.

use serde::Deserialize;
use std::path::PathBuf;

/// The model and how it looks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhisperKeys {
    /// The model's file, as whisper.cpp reads it.
    pub model: PathBuf,
    /// Turns that are looked at side by side.
    #[serde(default = "one")]
    pub passes: usize,
    /// Threads of one look; 0: the cores, shared out among the passes.
    #[serde(default)]
    pub threads: usize,
    /// A look every so many milliseconds while a caller speaks; none: only when they have ended.
    pub partial_every_ms: Option<u64>,
    /// A caller waits so long at most.
    #[serde(default = "four_seconds")]
    pub limit_ms: u64,
}

const fn one() -> usize {
    1
}

const fn four_seconds() -> u64 {
    4_000
}

impl WhisperKeys {
    /// A model by its file, all else as it usually is.
    pub fn of(model: PathBuf) -> Self {
        Self {
            model,
            passes: one(),
            threads: 0,
            partial_every_ms: None,
            limit_ms: four_seconds(),
        }
    }

    /// What is wrong with it, in the operator's words.
    pub(super) fn problem(&self) -> Option<String> {
        let what = match self {
            Self { passes: 0, .. } => "passes = 0 would look at no turn; give 1 at least",
            Self { limit_ms: 0, .. } => "limit_ms = 0 leaves no time to look; give 4000",
            Self {
                partial_every_ms: Some(0..100),
                ..
            } => {
                "partial_every_ms below 100 is more often than anybody speaks a word; give 500, or leave it out"
            }
            Self { .. } => return None,
        };
        Some(format!("speech.whisper: {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    #[test]
    fn a_whisper_model_lies_beside_the_file_and_the_rest_is_as_usual() {
        let config =
            read("[speech]\nrecognizer = 'whisper'\n[speech.whisper]\nmodel = 'm/base.bin'\n");
        let speech = config.expect("read").speech;
        let keys = speech.whisper.expect("keys");
        assert!(keys.model.is_absolute() && keys.model.ends_with("m/base.bin"));
        assert_eq!((keys.passes, keys.threads, keys.limit_ms), (1, 0, 4_000));
        assert_eq!(keys.partial_every_ms, None);
    }

    #[test]
    fn what_cannot_be_meant_is_told_with_its_remedy() {
        let table = [
            ("recognizer = 'whisper'", "[speech.whisper]"),
            ("[speech.whisper]\nmodel = 'm'", "nobody looks"),
            (
                "final = 'whisper'\n[speech.whisper]\nmodel = 'm'\npasses = 0",
                "passes = 0",
            ),
            (
                "final = 'whisper'\n[speech.whisper]\nmodel = 'm'\npartial_every_ms = 10",
                "below 100",
            ),
            (
                "final = 'whisper'\n[speech.whisper]\nmodel = 'm'\nlimit_ms = 0",
                "limit_ms = 0",
            ),
            (
                "final = 'whisper'\n[speech.whisper]\nmodel = 'm'\nbeam = 5",
                "beam",
            ),
        ];
        for (text, expected) in table {
            let text = format!("[speech]\n{text}");
            let told = read(&text).err().map(|error| error.to_string());
            assert!(
                told.as_ref().is_some_and(|it| it.contains(expected)),
                "{told:?}"
            );
        }
    }
}
