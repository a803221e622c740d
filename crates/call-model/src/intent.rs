//! What the intent tier is asked and told, and what it says.
//!
//! The tier is a border: it answers questions that the plan's own rules leave
//! open, and the rules of escalation run whatever it does.

use crate::{CallId, EmotionScore, HandoffTurn, HungUp, Hypothesis, Key, Language, Private};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Numbers the questions of one call, from 1.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct IntentQuestionId(pub u32);

/// A turn of the caller that the plan's rules leave open.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IntentQuestion {
    /// Its number.
    pub question: IntentQuestionId,
    /// The call.
    pub call: CallId,
    /// The plan's name.
    pub plan: String,
    /// The node the caller is at.
    pub node: String,
    /// The language of the conversation.
    pub language: Language,
    /// Which try this is, from 1.
    pub attempt: u8,
    /// The turn is not over: it is asked what would be asked if it were. Nothing of the answer
    /// is spoken or done before [`IntentFact::Adopted`]; the question is cancelled if the
    /// caller goes on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ahead: bool,
    /// The readings of what was said, best first; may be empty.
    pub readings: Vec<Hypothesis>,
    /// The reading that the ear rejected, if there was one.
    pub rejected: Option<Hypothesis>,
    /// What the caller has told so far, by slot.
    pub slots: BTreeMap<String, Private<String>>,
    /// How the voice sounds, where it is scored.
    pub emotion: Option<EmotionScore>,
    /// The last lines, oldest first: only what the caller really heard.
    pub history: Vec<HandoffTurn>,
    /// Where `goto` may lead.
    pub nodes: Vec<String>,
    /// The first piece must come by then, in milliseconds.
    pub first_piece_ms: u32,
    /// The whole answer must be there by then, in milliseconds.
    pub whole_ms: u32,
}

/// One piece of an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentNews {
    /// One sentence or piece of it, to be spoken as it comes.
    Say {
        /// The words.
        text: Private<String>,
    },
    /// The floor goes to the caller.
    Ask {
        /// What is said before, if anything.
        text: Option<Private<String>>,
    },
    /// A slot is filled.
    Set {
        /// The slot.
        slot: String,
        /// Its value.
        value: Private<String>,
    },
    /// The conversation goes on at a node of the plan.
    Goto {
        /// The node's name.
        node: String,
    },
    /// The caller is to have a person.
    Escalate {
        /// Why, in the tier's words.
        why: String,
    },
    /// The call may end; refused while a request for a person is open.
    End,
    /// The answer is complete.
    Done,
    /// There is no answer, or no more of it.
    Failed {
        /// Why.
        why: IntentFailure,
    },
}

/// Why the intent tier gave no answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentFailure {
    /// There is none.
    NotConfigured,
    /// No connection could be made, or it broke.
    Unreachable,
    /// A deadline passed.
    TimedOut,
    /// What came cannot be read.
    Garbled,
    /// The answer had no end.
    Overrun,
}

/// A fact the intent tier is told without being asked anything.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentFact {
    /// So much of its words reached the caller.
    Heard {
        /// For how long they sounded, in milliseconds.
        ms: u32,
        /// The words.
        text: Private<String>,
    },
    /// A key was pressed.
    Key {
        /// Which.
        key: Key,
    },
    /// The caller says nothing.
    Silence {
        /// For how long, in milliseconds.
        ms: u32,
    },
    /// The voice was scored.
    Emotion(EmotionScore),
    /// The caller is speaking; this much is understood so far.
    Partial {
        /// The words so far.
        text: Private<String>,
    },
    /// The turn ended with the words that were asked about ahead: the answer counts.
    Adopted {
        /// The question.
        question: IntentQuestionId,
    },
    /// The call is over.
    Bye {
        /// Who ended it, or what.
        how: HungUp,
    },
}
