//! The protocol between a media server and an ear elsewhere, version 1: what stands in each text
//! message. `REMOTE.md` tells it in prose, `remote.schema.json` as a schema.
//!
//! A service written in Rust can use these types as they are.

use call_model::{Language, Phrase, Private, WordClass};
use serde::{Deserialize, Serialize};

/// The version of the protocol, told in `start`.
pub const VERSION: u32 = 1;

/// A text message to the ear.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToEar {
    /// A turn begins; sound follows in binary messages. One connection has one turn at a time.
    Start(Box<Start>),
    /// The turn is over: all its sound was sent, and the last word is wanted.
    End {
        /// The turn.
        turn: u32,
    },
    /// The turn no longer matters.
    Cancel {
        /// The turn.
        turn: u32,
    },
}

/// What a turn is heard with.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Start {
    /// The version of the protocol: 1.
    pub version: u32,
    /// The turn's number, which every message about it repeats.
    pub turn: u32,
    /// Samples a second of the sound that follows: 16 bits, little-endian, one channel.
    pub sample_rate: u32,
    /// What is listened for: the language asked for, and where the caller may speak another one
    /// instead, that one too.
    pub languages: Vec<Listening>,
    /// Words that are likely here, for an ear that reads no grammar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phrases: Vec<String>,
    /// What the ear gave at the end of this caller's last turn, as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// What is listened for in one language.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Listening {
    /// The language.
    #[cfg_attr(test, schemars(with = "tests::LanguageTag"))]
    pub language: Language,
    /// What may be said; absent: anything, of which the escalation words matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<tests::PhraseShape>"))]
    pub grammar: Option<Phrase>,
    /// Words that are listened for everywhere in a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<Wanted>,
}

/// An escalation word.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Wanted {
    /// As it is spoken; words of an English phrase parted by one space.
    pub text: String,
    /// What hearing it means.
    #[cfg_attr(test, schemars(with = "tests::ClassName"))]
    pub class: WordClass,
}

/// A text message from the ear.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromEar {
    /// The turn was taken: a sign of life before anything is understood.
    Listening {
        /// The turn.
        turn: u32,
    },
    /// The caller is still speaking; this much is understood so far.
    Partial(Partial),
    /// The turn was understood; nothing follows about it.
    Final(Final),
    /// Nothing that was said fits; nothing follows about the turn.
    NoMatch(NoMatch),
    /// The turn, or the connection where none is named, is of no more use.
    Error {
        /// The turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<u32>,
        /// What kind of trouble it is.
        code: ErrorCode,
        /// The same in words for an operator; nothing that a caller said.
        message: String,
    },
}

/// Kinds of trouble.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// All places are taken; another machine may have one.
    Busy,
    /// What was sent is not of this protocol, or of no version known here.
    BadMessage,
    /// There is no model for a language.
    Unsupported,
    /// The engine failed.
    Failed,
}

/// What is understood so far.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Partial {
    /// The turn.
    pub turn: u32,
    /// The words so far, normalised; may be empty.
    #[cfg_attr(test, schemars(with = "String"))]
    pub text: Private<String>,
    /// The beginning of `text` that was the same in the partial before; it may still change.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "String"))]
    pub stable: Private<String>,
    /// The grammar could end here; absent: the ear reads no grammar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_complete: Option<bool>,
    /// The grammar could go on from here; absent: the ear reads no grammar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can_continue: Option<bool>,
    /// The words fit worse than other sounds would; a prompt goes on over them for a while.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_doubtful: bool,
    /// The escalation words found so far, all of them each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spotted: Vec<Spotted>,
}

/// A turn that was understood.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Final {
    /// The turn.
    pub turn: u32,
    /// The readings, best first; at least one.
    pub readings: Vec<Reading>,
    /// The escalation words found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spotted: Vec<Spotted>,
    /// The language that was spoken, where two were listened for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<tests::LanguageTag>"))]
    pub language: Option<Language>,
    /// What the ear wants to be given at this caller's next turn; at most 8 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// A turn that fits nothing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NoMatch {
    /// The turn.
    pub turn: u32,
    /// The reading that was too unsure, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Reading>,
    /// Escalation words found all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spotted: Vec<Spotted>,
    /// The language that came nearer, where two were listened for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<tests::LanguageTag>"))]
    pub language: Option<Language>,
    /// As in `final`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// One reading of a turn.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reading {
    /// The words, in small letters and simplified characters; English ones parted by one space.
    #[cfg_attr(test, schemars(with = "String"))]
    pub text: Private<String>,
    /// How sure the ear is of the whole, 0 to 1.
    pub confidence: f64,
    /// The words with their times; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<TimedWord>,
}

/// One word; times are milliseconds since the turn's first sample.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TimedWord {
    /// The word.
    #[cfg_attr(test, schemars(with = "String"))]
    pub word: Private<String>,
    /// When it began.
    pub from_ms: u32,
    /// When it ended.
    pub to_ms: u32,
    /// How sure the ear is of it, 0 to 1.
    pub confidence: f64,
}

/// One escalation word that was found; times as in [`TimedWord`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Spotted {
    /// The word as `start` has it.
    pub word: String,
    /// Its class as `start` has it.
    #[cfg_attr(test, schemars(with = "tests::ClassName"))]
    pub class: WordClass,
    /// When it began.
    pub from_ms: u32,
    /// When it ended.
    pub to_ms: u32,
    /// How sure the ear is of it, 0 to 1.
    pub confidence: f64,
}

#[cfg(test)]
#[path = "contract/tests.rs"]
mod tests;
