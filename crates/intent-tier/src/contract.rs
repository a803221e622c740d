//! The streaming contract, version 1: what stands in each message. `CONTRACT.md`
//! tells it in prose, `contract.schema.json` as a schema.
//!
//! A service written in Rust can use these types as they are; `examples/service.rs`
//! does.

use call_model::{
    CallId, EmotionScore, HandoffTurn, HungUp, Hypothesis, IntentFact, IntentNews, IntentQuestion,
    IntentQuestionId, Key, Language, Private, Speaker,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the contract, told in `call`.
pub const VERSION: u32 = 1;

/// A message to the service.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type")]
pub enum ToService {
    /// The first message of every connection: which call it is about.
    #[serde(rename = "call")]
    Call(CallFacts),
    /// The caller is speaking; this much is understood so far.
    #[serde(rename = "turn.partial")]
    TurnPartial {
        /// The words so far.
        #[cfg_attr(test, schemars(with = "String"))]
        text: Private<String>,
    },
    /// A turn that the plan's rules leave open: the one message that wants an answer.
    #[serde(rename = "turn.final")]
    TurnFinal(Box<Turn>),
    /// A key was pressed.
    #[serde(rename = "key")]
    Key {
        /// Its face: 0 to 9, * or #, A to D.
        #[cfg_attr(test, schemars(with = "char"))]
        key: Key,
    },
    /// The voice was scored.
    #[serde(rename = "emotion")]
    Emotion(Emotion),
    /// So much of the service's words reached the caller.
    #[serde(rename = "heard")]
    Heard {
        /// For how long they sounded, in milliseconds.
        ms: u32,
        /// The words.
        #[cfg_attr(test, schemars(with = "String"))]
        text: Private<String>,
    },
    /// The caller says nothing.
    #[serde(rename = "silence")]
    Silence {
        /// For how long, in milliseconds.
        ms: u32,
    },
    /// The question no longer matters; what is still said to it is ignored.
    #[serde(rename = "cancel")]
    Cancel {
        /// Which.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
    },
    /// The caller's turn ended with the words of a question that was asked ahead: its answer
    /// counts.
    #[serde(rename = "adopted")]
    Adopted {
        /// Which.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
    },
    /// The call is over; the connection is closed after it.
    #[serde(rename = "bye")]
    Bye {
        /// Who ended it, or what.
        #[cfg_attr(test, schemars(with = "tests::HungUpName"))]
        how: HungUp,
    },
}

/// What is known of a call.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CallFacts {
    /// The version of the contract: 1.
    pub version: u32,
    /// The call's name, 32 hexadecimal digits; a connection that is opened again
    /// names the same call.
    #[cfg_attr(test, schemars(with = "String"))]
    pub call: CallId,
    /// The name of the plan.
    pub plan: String,
    /// The language of the conversation.
    #[cfg_attr(test, schemars(with = "tests::LanguageTag"))]
    pub language: Language,
}

/// A turn of the caller, with all that is needed to answer it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Turn {
    /// The question's number, which every message of the answer repeats.
    #[cfg_attr(test, schemars(with = "u32"))]
    pub question: IntentQuestionId,
    /// The node the caller is at.
    pub node: String,
    /// The language to answer in.
    #[cfg_attr(test, schemars(with = "tests::LanguageTag"))]
    pub language: Language,
    /// Which try this is, from 1.
    pub attempt: u8,
    /// The turn is not over: `adopted` follows if it ends with these words, `cancel` if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
    /// The readings of what was said, best first; may be empty.
    pub readings: Vec<Reading>,
    /// The reading that the ear rejected as too unsure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Reading>,
    /// What the caller has told so far, by slot.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub slots: BTreeMap<String, Private<String>>,
    /// How the voice sounds, where it is scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emotion: Option<Emotion>,
    /// The last lines of the conversation, oldest first: only what the caller
    /// really said and heard.
    #[serde(default)]
    pub history: Vec<Line>,
    /// Where `goto` may lead.
    #[serde(default)]
    pub nodes: Vec<String>,
    /// The first message of the answer must arrive by then, in milliseconds.
    pub first_piece_ms: u32,
    /// The whole answer must be there by then, in milliseconds.
    pub whole_ms: u32,
}

/// One reading of an utterance.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reading {
    /// The words, normalised; Chinese ones are not parted.
    #[cfg_attr(test, schemars(with = "String"))]
    pub text: Private<String>,
    /// How sure the ear is, 0 to 1.
    pub confidence: f64,
}

/// How a voice sounds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Emotion {
    /// Anger, 0 to 100; 50 is undecided, above 80 is rare among calm callers.
    pub anger: f64,
    /// Arousal, 0 to 100.
    pub arousal: f64,
    /// How sure the scorer is, 0 to 1.
    pub confidence: f64,
    /// Speech behind the score, in milliseconds.
    pub speech_ms: u64,
    /// The strongest reasons, most weighty first.
    #[serde(default)]
    pub reasons: Vec<String>,
}

/// One line of the conversation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Line {
    /// When it was said, in milliseconds since the call began.
    pub at_ms: u64,
    /// By whom.
    #[cfg_attr(test, schemars(with = "tests::SpeakerName"))]
    pub speaker: Speaker,
    /// The words.
    #[cfg_attr(test, schemars(with = "String"))]
    pub text: Private<String>,
}

/// A message of the service. Each names the question it answers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromService {
    /// A sentence or piece of one, spoken as it comes.
    Say {
        /// The question it answers.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
        /// The words; at most 2,048 bytes.
        #[cfg_attr(test, schemars(with = "String"))]
        text: Private<String>,
    },
    /// The floor goes to the caller; ends the answer.
    Ask {
        /// The question it answers.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
        /// What is said before, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, schemars(with = "Option<String>"))]
        text: Option<Private<String>>,
    },
    /// A slot is filled.
    Set {
        /// The question it answers.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
        /// The slot.
        slot: String,
        /// Its value.
        #[cfg_attr(test, schemars(with = "String"))]
        value: Private<String>,
    },
    /// The plan goes on at a node of `nodes`; ends the answer.
    Goto {
        /// The question it answers.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
        /// The node.
        node: String,
    },
    /// The caller is to have a person; ends the answer.
    Escalate {
        /// The question it answers.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
        /// Why, in a few words for the person; it holds no words of the caller.
        why: String,
    },
    /// The call may end; refused while the caller waits for a person. Ends the answer.
    End {
        /// The question it answers.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
    },
    /// The answer is complete.
    Done {
        /// The question it answers.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
    },
    /// There is no answer, or no more of it.
    Error {
        /// The question it answers.
        #[cfg_attr(test, schemars(with = "u32"))]
        question: IntentQuestionId,
        /// Why, for the service's own records; Bellhop does not read it.
        #[serde(default)]
        why: String,
    },
}

impl FromService {
    /// The question it answers.
    pub const fn question(&self) -> IntentQuestionId {
        match self {
            Self::Say { question, .. }
            | Self::Ask { question, .. }
            | Self::Set { question, .. }
            | Self::Goto { question, .. }
            | Self::Escalate { question, .. }
            | Self::End { question }
            | Self::Done { question }
            | Self::Error { question, .. } => *question,
        }
    }

    /// Whether it ends its answer.
    pub const fn is_last(&self) -> bool {
        match self {
            Self::Say { .. } | Self::Set { .. } => false,
            Self::Ask { .. }
            | Self::Goto { .. }
            | Self::Escalate { .. }
            | Self::End { .. }
            | Self::Done { .. }
            | Self::Error { .. } => true,
        }
    }

    /// What it tells the engine; none: the service gave up.
    pub(crate) fn into_news(self) -> Option<IntentNews> {
        match self {
            Self::Say { text, .. } => Some(IntentNews::Say { text }),
            Self::Ask { text, .. } => Some(IntentNews::Ask { text }),
            Self::Set { slot, value, .. } => Some(IntentNews::Set { slot, value }),
            Self::Goto { node, .. } => Some(IntentNews::Goto { node }),
            Self::Escalate { why, .. } => Some(IntentNews::Escalate { why }),
            Self::End { .. } => Some(IntentNews::End),
            Self::Done { .. } => Some(IntentNews::Done),
            Self::Error { .. } => None,
        }
    }
}

impl From<&IntentQuestion> for CallFacts {
    fn from(question: &IntentQuestion) -> Self {
        Self {
            version: VERSION,
            call: question.call,
            plan: question.plan.clone(),
            language: question.language,
        }
    }
}

impl From<&IntentQuestion> for Turn {
    fn from(question: &IntentQuestion) -> Self {
        Self {
            question: question.question,
            node: question.node.clone(),
            language: question.language,
            attempt: question.attempt,
            ahead: question.is_ahead,
            readings: question.readings.iter().map(Reading::from).collect(),
            rejected: question.rejected.as_ref().map(Reading::from),
            slots: question.slots.clone(),
            emotion: question.emotion.as_ref().map(Emotion::from),
            history: question.history.iter().map(Line::from).collect(),
            nodes: question.nodes.clone(),
            first_piece_ms: question.first_piece_ms,
            whole_ms: question.whole_ms,
        }
    }
}

impl From<&Hypothesis> for Reading {
    fn from(hypothesis: &Hypothesis) -> Self {
        Self {
            text: hypothesis.text.clone(),
            confidence: f64::from(hypothesis.confidence.thousandths()) / 1_000.0,
        }
    }
}

impl From<&EmotionScore> for Emotion {
    fn from(score: &EmotionScore) -> Self {
        Self {
            anger: f64::from(score.anger.tenths()) / 10.0,
            arousal: f64::from(score.arousal.tenths()) / 10.0,
            confidence: f64::from(score.confidence.thousandths()) / 1_000.0,
            speech_ms: score.speech_micros / 1_000,
            reasons: score.reasons.clone(),
        }
    }
}

impl From<&HandoffTurn> for Line {
    fn from(turn: &HandoffTurn) -> Self {
        Self {
            at_ms: turn.at.as_millis(),
            speaker: turn.speaker,
            text: turn.text.clone(),
        }
    }
}

impl From<IntentFact> for ToService {
    fn from(fact: IntentFact) -> Self {
        match fact {
            IntentFact::Heard { ms, text } => Self::Heard { ms, text },
            IntentFact::Key { key } => Self::Key { key },
            IntentFact::Silence { ms } => Self::Silence { ms },
            IntentFact::Emotion(score) => Self::Emotion(Emotion::from(&score)),
            IntentFact::Partial { text } => Self::TurnPartial { text },
            IntentFact::Adopted { question } => Self::Adopted { question },
            IntentFact::Bye { how } => Self::Bye { how },
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
