//! What the ear is asked to listen for, and what it says it heard.

use crate::{CallTime, Language, PerMille, Private};
use serde::{Deserialize, Serialize};

/// Names a grammar within one compiled plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrammarId(pub u32);

/// Numbers the turns in which a call listens, from 1.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TurnId(pub u32);

/// A pattern of words that a caller may say.
///
/// Words are normalised (lower case, no punctuation, simplified characters) and
/// hold no spaces; a Chinese word is what the plan's word cutting made it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phrase {
    /// One word.
    Word(String),
    /// All parts, in this order.
    Sequence(Vec<Phrase>),
    /// Exactly one of the parts.
    OneOf(Vec<Phrase>),
    /// The part, or nothing.
    Optional(Box<Phrase>),
    /// The part from `min` to `max` times.
    Repeat {
        /// What is repeated.
        of: Box<Phrase>,
        /// At least so often.
        min: u8,
        /// At most so often.
        max: u8,
    },
}

/// Everything that may be said at one place of a plan, in one language.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct PhraseGrammar {
    /// Its name within the plan.
    pub id: GrammarId,
    /// The language of its words.
    pub language: Language,
    /// The whole utterance.
    pub root: Phrase,
}

/// The two classes of escalation words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordClass {
    /// Escalates at once: 投诉, complaint, lawyer …
    Demand,
    /// Asks for a person and is counted: 人工, agent, operator …
    Ask,
}

/// One escalation word or phrase, normalised.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct EscalationWord {
    /// As it is spoken; words of an English phrase parted by one space.
    pub text: String,
    /// What hearing it means.
    pub class: WordClass,
}

/// The escalation words of one language, searched for beside every grammar.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct EscalationWords {
    /// The language of the words.
    pub language: Language,
    /// The words, each once.
    pub words: Vec<EscalationWord>,
}

/// One recognised word with its place in time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WordSpan {
    /// The word, normalised.
    pub word: Private<String>,
    /// When it began.
    pub from: CallTime,
    /// When it ended.
    pub to: CallTime,
    /// How sure the ear is of it.
    pub confidence: PerMille,
}

/// One reading of an utterance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hypothesis {
    /// The words, normalised; English ones parted by one space, Chinese ones not parted.
    pub text: Private<String>,
    /// How sure the ear is of the whole.
    pub confidence: PerMille,
    /// Its words in order; empty where an engine gives no times.
    pub words: Vec<WordSpan>,
}

/// An escalation word found in running speech.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpottedWord {
    /// The word as the list has it.
    pub word: String,
    /// Its class.
    pub class: WordClass,
    /// When it began.
    pub from: CallTime,
    /// When it ended.
    pub to: CallTime,
    /// How sure the search is of it, by the check of its own segment.
    pub confidence: PerMille,
}

/// News from the ear about one turn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// The caller is still speaking (or pausing); this much is understood so far.
    Partial {
        /// The turn it belongs to.
        turn: TurnId,
        /// The words so far; may be empty.
        text: Private<String>,
        /// The grammar could end here.
        is_complete: bool,
        /// The grammar could go on from here.
        can_continue: bool,
        /// The words fit worse than other sounds would: perhaps none of them was said.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_doubtful: bool,
        /// Escalation words found so far in this turn (all of them, each time).
        spotted: Vec<SpottedWord>,
    },
    /// The turn is over and was understood.
    Final {
        /// The turn it belongs to.
        turn: TurnId,
        /// The best reading.
        best: Hypothesis,
        /// Other readings, best first; may be empty.
        others: Vec<Hypothesis>,
        /// Escalation words found in the whole turn.
        spotted: Vec<SpottedWord>,
        /// The language that won where two were tried; none: the one asked for.
        #[serde(default)]
        language: Option<Language>,
    },
    /// The turn is over and nothing that was said fits.
    NoMatch {
        /// The turn it belongs to.
        turn: TurnId,
        /// The reading that was rejected, if there was one.
        rejected: Option<Hypothesis>,
        /// Escalation words found all the same.
        spotted: Vec<SpottedWord>,
        /// The language that came nearer where two were tried; none: the one asked for.
        #[serde(default)]
        language: Option<Language>,
    },
}

impl Heard {
    /// The turn that this news is about.
    pub const fn turn(&self) -> TurnId {
        match self {
            Self::Partial { turn, .. } | Self::Final { turn, .. } | Self::NoMatch { turn, .. } => {
                *turn
            }
        }
    }
}
