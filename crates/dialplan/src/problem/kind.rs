//! The sorts of faults, each with its name.

use serde::{Serialize, Serializer};
use std::fmt;

/// How grave a fault is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The plan is refused.
    Error,
    /// The plan runs; callers may find it hard to use.
    Warning,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $slug:literal, $severity:ident;)+) => {
        /// What sort of fault a problem is. Its slug names it for ever: scripts may rely on it.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum ProblemKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ProblemKind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// Its name, such as `unknown-target`.
            pub const fn slug(self) -> &'static str {
                match self {
                    $(Self::$kind => $slug,)+
                }
            }

            /// How grave a fault of this kind is.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$kind => Severity::$severity,)+
                }
            }
        }
    };
}

kinds! {
    /// The text is no YAML.
    NotYaml = "not-yaml", Error;
    /// Something is not written as the language of plans asks: a field it has not, a value out of range.
    Form = "form", Error;
    /// A target that is no node.
    UnknownTarget = "unknown-target", Error;
    /// A node that no way leads to.
    Unreachable = "unreachable", Error;
    /// A node from which neither a person nor an end can be reached.
    NoWayOut = "no-way-out", Error;
    /// A circle in which no caller is heard and nothing is counted.
    EndlessCircle = "endless-circle", Error;
    /// A node that listens and does not say what follows silence.
    NoSilencePath = "no-silence-path", Error;
    /// A ladder that ends where the caller may fail again.
    LadderEnd = "ladder-end", Error;
    /// A question to a back end without a way for when no answer comes.
    NoErrorExit = "no-error-exit", Error;
    /// A wording, a phrase or a title that is missing in a language of the plan.
    MissingLanguage = "missing-language", Error;
    /// A file that is named and not there.
    MissingFile = "missing-file", Error;
    /// An audio file of a form that is not played.
    AudioFormat = "audio-format", Error;
    /// A key with two meanings at one node.
    KeyClash = "key-clash", Error;
    /// Keys that begin a longer entry, without time to tell the two apart.
    KeyPrefix = "key-prefix", Error;
    /// A phrase with two targets at one node.
    PhraseClash = "phrase-clash", Error;
    /// A reason for a person without a way after hours.
    NoAfterHours = "no-after-hours", Error;
    /// A waiting room without a way for when nobody of it is to be had.
    NoOverflow = "no-overflow", Error;
    /// A caller sent to another server in a plan whose calls must be on record to their end.
    LeavesRecord = "leaves-record", Error;
    /// Calls are recorded before their callers are told.
    RecordingNotice = "recording-notice", Error;
    /// A slot that nothing fills.
    UnknownSlot = "unknown-slot", Error;
    /// A slot that is spoken of where a caller may come before it is filled.
    SlotUnset = "slot-unset", Error;
    /// A card number, an identity or a password is asked for and would be shown.
    NotSensitive = "not-sensitive", Error;
    /// What is sensitive would be read out, written in an address or copied.
    SensitiveTold = "sensitive-told", Error;
    /// Key 0, or a word that asks for a person, leads elsewhere.
    ReservedAnswer = "reserved-answer", Error;
    /// A word that no recogniser can hear.
    UnknownWord = "unknown-word", Error;
    /// A question whose answers are more than a recogniser searches.
    GrammarTooLarge = "grammar-too-large", Error;
    /// A question that reads out more options than a caller keeps in mind.
    ManyOptions = "many-options", Warning;
    /// A prompt that is longer than a caller listens.
    LongPrompt = "long-prompt", Warning;
    /// A prompt that cannot be interrupted and is longer than a caller bears.
    LongUninterrupted = "long-uninterrupted", Warning;
    /// A question behind too many others.
    DeepQuestions = "deep-questions", Warning;
    /// English and Mandarin offer not the same.
    LanguagesDiffer = "languages-differ", Warning;
}

/// As its slug.
impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl Serialize for ProblemKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_slug_is_a_name_of_its_own() {
        let slugs: BTreeSet<&str> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), ProblemKind::ALL.len());
        let is_slug = |slug: &&str| slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        assert!(slugs.iter().all(is_slug), "{slugs:?}");
    }
}
