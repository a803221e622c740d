//! What can go wrong with hearing and speaking, and whose fault it is.

use call_model::Language;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Who has to act on an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The operator: something is not installed, not readable or wrongly written.
    Operator,
    /// The engine: a library or program did not do its work.
    Engine,
    /// Ours: more was asked than we allow ourselves.
    Ours,
}

/// A word that a plan uses and the pronouncing dictionary lacks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownWord {
    /// The word as the plan has it.
    pub word: String,
    /// The characters or words in it that have no pronunciation, where it has others.
    pub parts: Vec<String>,
    /// The nearest word the dictionary has, if one is near.
    pub suggestion: Option<String>,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.word)?;
        let parts = self.parts.iter().filter(|part| **part != self.word);
        let parts: Vec<String> = parts.map(|part| format!("'{part}'")).collect();
        if !parts.is_empty() {
            write!(f, " (for {})", parts.join(", "))?;
        }
        match &self.suggestion {
            Some(near) => write!(f, " (did you mean '{near}'?)"),
            None => Ok(()),
        }
    }
}

/// An error of the ear or the voice, in an operator's words; it never holds
/// what a caller said.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// A shared library cannot be loaded.
    #[error("{library} cannot be loaded ({reason}); install it with: apt install {package}")]
    LibraryMissing {
        /// The library's file name.
        library: &'static str,
        /// The Debian package that brings it.
        package: &'static str,
        /// What the loader said.
        reason: String,
    },
    /// No acoustic model for a language was found.
    #[error("no speech model for '{language}': {remedy}")]
    ModelMissing {
        /// The language.
        language: Language,
        /// What to do about it.
        remedy: String,
    },
    /// A model's file is missing, unreadable or not what it should be.
    #[error("speech model file {}: {what}", path.display())]
    ModelUnusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Words of a plan that cannot be heard, because no pronunciation is known.
    #[error(
        "no pronunciation is known in '{language}' for {}; write it in other words or take it out of the plan",
        listed(words)
    )]
    UnknownWords {
        /// The language of the words.
        language: Language,
        /// The words.
        words: Vec<UnknownWord>,
    },
    /// A grammar is larger than the ear can search.
    #[error("grammar {grammar} is too large: {what}")]
    GrammarTooLarge {
        /// The grammar's number in its plan.
        grammar: u32,
        /// Which limit it passes.
        what: String,
    },
    /// All ears are in use.
    #[error("all {limit} ears are in use; raise the limit if the machine has cores to spare")]
    AllEarsBusy {
        /// The limit of decoders.
        limit: usize,
    },
    /// The recogniser took longer than a caller waits.
    #[error(
        "the recogniser did not answer within {limit:?}; it needs a smaller model or more cores"
    )]
    EarTooSlow {
        /// The deadline it missed.
        limit: Duration,
    },
    /// The recogniser elsewhere cannot be set up.
    #[error("the recogniser elsewhere cannot be asked: {0}")]
    Remote(String),
    /// The recogniser failed in the middle of its work.
    #[error("the recogniser failed: {0}")]
    Engine(String),
    /// No program speaks a language.
    #[error("no voice for '{language}': {remedy}")]
    VoiceMissing {
        /// The language.
        language: Language,
        /// What to do about it.
        remedy: String,
    },
    /// A speaking program failed.
    #[error("{program} did not speak: {what}")]
    Voice {
        /// The program.
        program: String,
        /// What it did instead.
        what: String,
    },
    /// A speaking program took too long.
    #[error("{program} did not finish within {limit:?}")]
    VoiceTooSlow {
        /// The program.
        program: String,
        /// The deadline it missed.
        limit: Duration,
    },
    /// A sound file cannot be used.
    #[error("sound file {}: {what}", path.display())]
    SoundFile {
        /// The file, as it was named.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A folder or file of ours cannot be read or written.
    #[error("{}: {source}", path.display())]
    Storage {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl SpeechError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::LibraryMissing { .. }
            | Self::ModelMissing { .. }
            | Self::ModelUnusable { .. }
            | Self::UnknownWords { .. }
            | Self::GrammarTooLarge { .. }
            | Self::Remote(_)
            | Self::VoiceMissing { .. }
            | Self::SoundFile { .. }
            | Self::Storage { .. } => Fault::Operator,
            Self::Engine(_)
            | Self::EarTooSlow { .. }
            | Self::Voice { .. }
            | Self::VoiceTooSlow { .. } => Fault::Engine,
            Self::AllEarsBusy { .. } => Fault::Ours,
        }
    }
}

fn listed(words: &[UnknownWord]) -> String {
    let shown: Vec<String> = words.iter().map(ToString::to_string).collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_reported_by_name_with_its_neighbour() {
        let error = SpeechError::UnknownWords {
            language: Language::En,
            words: vec![
                UnknownWord {
                    word: "capuccino".to_owned(),
                    parts: vec!["capuccino".to_owned()],
                    suggestion: Some("cappuccino".to_owned()),
                },
                UnknownWord {
                    word: "xqz please".to_owned(),
                    parts: vec!["xqz".to_owned()],
                    suggestion: None,
                },
            ],
        };
        assert_eq!(
            error.to_string(),
            "no pronunciation is known in 'en' for 'capuccino' (did you mean 'cappuccino'?), 'xqz please' (for 'xqz'); write it in other words or take it out of the plan"
        );
        assert_eq!(error.fault(), Fault::Operator);
    }
}
