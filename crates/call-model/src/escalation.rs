//! Why a caller is taken to a person, and what the person is told.

use crate::{
    CallId, CallTime, EmotionScore, Language, PerMille, Private, PromptText, Score, Urgency,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Why a call goes to a person. A closed list: each stands by itself in every report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationReason {
    /// A demand word: 投诉, complaint, lawyer …
    Demand,
    /// The voice stood above the anger threshold for long enough.
    Anger,
    /// The third request for a person.
    RepeatedRequest,
    /// The caller asked and took the offer.
    Asked,
    /// Unserved for longer than the longest wait.
    Wait,
    /// Nothing came of the conversation and the caller took the offer of a person.
    NoProgress,
    /// The plan leads here.
    PlanHandoff,
    /// The intent tier decided so.
    IntentTransfer,
    /// The last rung of a no-input or no-match ladder.
    Ladder,
    /// The recogniser is gone and keys do not serve.
    EarLost,
    /// A part of ours failed.
    Fault,
}

impl EscalationReason {
    /// Every reason, in the order of the list.
    pub const ALL: [Self; 11] = [
        Self::Demand,
        Self::Anger,
        Self::RepeatedRequest,
        Self::Asked,
        Self::Wait,
        Self::NoProgress,
        Self::PlanHandoff,
        Self::IntentTransfer,
        Self::Ladder,
        Self::EarLost,
        Self::Fault,
    ];

    /// Its name in plans, journals and tables, e.g. `repeated_request`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demand => "demand",
            Self::Anger => "anger",
            Self::RepeatedRequest => "repeated_request",
            Self::Asked => "asked",
            Self::Wait => "wait",
            Self::NoProgress => "no_progress",
            Self::PlanHandoff => "plan_handoff",
            Self::IntentTransfer => "intent_transfer",
            Self::Ladder => "ladder",
            Self::EarLost => "ear_lost",
            Self::Fault => "fault",
        }
    }
}

impl fmt::Display for EscalationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that counted, and where it was said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WordEvidence {
    /// The word as the list has it.
    pub word: String,
    /// When it was said.
    pub at: CallTime,
    /// How sure the ear was.
    pub confidence: PerMille,
    /// What was understood around it.
    pub text: Private<String>,
}

/// How a person was asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskMeans {
    /// By this word.
    Word(String),
    /// By key 0.
    KeyZero,
}

/// One request for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AskEvidence {
    /// How.
    pub means: AskMeans,
    /// When.
    pub at: CallTime,
}

/// What words and behaviour add to the anger of the voice, each held within its own cap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AngerTerms {
    /// For angry words.
    pub words: Score,
    /// For speaking over prompts.
    pub interruptions: Score,
    /// For turns that fitted nothing.
    pub no_matches: Score,
    /// For turns in which nothing was said, so that the question came again.
    pub no_inputs: Score,
}

/// The anger that was judged.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AngerEvidence {
    /// The voice alone, pooled over the last three utterances.
    pub voice: Score,
    /// With the terms of words and behaviour added, as far as the cap on all of them allows.
    pub fused: Score,
    /// Those terms.
    #[serde(default)]
    pub terms: AngerTerms,
    /// Speech behind the pooled score, in microseconds.
    pub speech_micros: u64,
    /// Every score of the call, in order.
    pub series: Vec<EmotionScore>,
}

/// All that speaks for fetching a person; the escalation policy judges this and nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// Demand words that stood unchallenged.
    pub demands: Vec<WordEvidence>,
    /// Requests for a person over the whole call, each counted once.
    pub asks: Vec<AskEvidence>,
    /// Anger, pooled and fused.
    pub anger: AngerEvidence,
    /// Time unserved in this episode, in microseconds.
    pub unserved_micros: u64,
    /// Angry words in this call; they weigh only beside an angry voice.
    #[serde(default)]
    pub angry_words: u32,
    /// Turns in this call that fitted nothing.
    pub no_matches: u32,
    /// Turns in this call in which nothing was said.
    pub no_inputs: u32,
    /// How often the caller spoke over a prompt.
    pub interruptions: u32,
}

/// Who said a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The caller.
    Caller,
    /// The machine.
    Bot,
    /// The human agent.
    Agent,
}

/// One line of the story that is handed over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HandoffTurn {
    /// When it was said.
    pub at: CallTime,
    /// By whom.
    pub speaker: Speaker,
    /// The words, or the keys that were pressed.
    pub text: Private<String>,
}

/// The whole story, as it is handed to a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Handoff {
    /// The call.
    pub call: CallId,
    /// Why.
    pub reason: EscalationReason,
    /// What spoke for it.
    pub evidence: Evidence,
    /// Whether it stands ahead of ordinary waiters.
    pub has_priority: bool,
    /// How urgent the plan holds it to be.
    #[serde(default, skip_serializing_if = "Urgency::is_usual")]
    pub urgency: Urgency,
    /// The language of the conversation.
    pub language: Language,
    /// The skill the plan names for it, if it does.
    pub skill: Option<String>,
    /// The SIP address to try, as the plan names it; none: nobody is to be had there.
    #[serde(default)]
    pub target: Option<String>,
    /// The waiting room to stand in; none: `target` is tried at once.
    #[serde(default)]
    pub queue: Option<String>,
    /// What the agent's phone shows: why, about what, and whether the caller is
    /// verified, e.g. `愤怒87·挂失·已核身`; empty where nobody made one.
    #[serde(default)]
    pub display: Private<String>,
    /// The same, spoken to the agent alone before the two are joined; at most four seconds.
    #[serde(default)]
    pub whisper: Option<PromptText>,
    /// A call back, where one is booked, is promised within so many seconds; none:
    /// no time was named.
    #[serde(default)]
    pub callback_within_s: Option<u32>,
    /// The number to call back on, as the caller keyed it in; none: the one they call from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_number: Option<Private<String>>,
    /// What the caller has told so far, by slot.
    pub slots: BTreeMap<String, Private<String>>,
    /// The last lines of the conversation, oldest first.
    pub turns: Vec<HandoffTurn>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_journaled_under_its_own_name() {
        for reason in EscalationReason::ALL {
            let json = serde_json::to_string(&reason).expect("json");
            assert_eq!(json, format!("\"{}\"", reason.name()));
        }
    }
}
