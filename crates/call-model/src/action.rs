//! What a call wants done.

use crate::{
    ApiRequest, CallTime, EscalationReason, Evidence, GrammarId, Handoff, HungUp, IntentFact,
    IntentQuestion, IntentQuestionId, Interruption, Language, PerMille, Private, PromptId,
    PromptText, TurnId, VoiceAnalysis,
};
use serde::{Deserialize, Serialize};

/// One thing the engine wants done, in the imperative. Each is journaled; a
/// replay compares them one by one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAction {
    /// Say this; answered by one `PromptStarted` at most and one `PromptEnded` exactly.
    Play {
        /// Its number.
        prompt: PromptId,
        /// What to say.
        text: PromptText,
        /// What may interrupt it.
        interruption: Interruption,
    },
    /// Lower the prompt by 12 dB at once: the caller may be speaking.
    Duck(PromptId),
    /// Bring the prompt back to its level: it was nothing.
    Unduck(PromptId),
    /// Stop the prompt in this tick, with a 10 ms fade.
    StopPlaying(PromptId),
    /// Have the ear understand what is said from now on (speech already under way included).
    Listen {
        /// The turn's number.
        turn: TurnId,
        /// The plan's grammar for this place; none: only escalation words.
        grammar: Option<GrammarId>,
        /// The language to listen in.
        language: Language,
        /// A second grammar and language to try at the same time: the first utterance
        /// of a caller whose language nobody knows yet.
        #[serde(default)]
        also: Option<(Option<GrammarId>, Language)>,
    },
    /// The turn is over: have the ear give its final result.
    FinishHearing(TurnId),
    /// Nothing more is wanted from this turn; no result will be read.
    StopListening(TurnId),
    /// The escalation stands; nothing the bot does undoes it.
    Escalate {
        /// Why.
        reason: EscalationReason,
        /// What spoke for it.
        evidence: Box<Evidence>,
    },
    /// Fetch a person now: from the waiting room it names, else by the trunk's way;
    /// answered by `Person` inputs. Wanted again while the caller waits, it raises them.
    FetchPerson(Box<Handoff>),
    /// The caller no longer waits for a person: phones stop ringing, the place in the
    /// queue is given up.
    ReleasePerson,
    /// Hold music from now on, wherever no prompt sounds.
    StartMusic,
    /// No more music.
    StopMusic,
    /// Book a call back to this caller.
    BookCallback(Box<Handoff>),
    /// Ask a back end over HTTP; answered by exactly one `Api`, unless the call ends first.
    CallApi(Box<ApiRequest>),
    /// Ask the intent tier; answered by `Intent` news until `Done` or `Failed`.
    AskIntent(Box<IntentQuestion>),
    /// The question no longer matters.
    CancelIntent(IntentQuestionId),
    /// A fact for the intent tier: what was heard of its words, a key, silence, the end.
    TellIntent(IntentFact),
    /// From now on the caller's voice may be scored, or may not; told only where it changes.
    AnalyseVoice(VoiceAnalysis),
    /// End the call.
    HangUp(HangUpCause),
    /// Nothing to do: a decision, for the journal and whoever watches.
    Decide(Decision),
}

/// Why the bot hangs up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangUpCause {
    /// The plan's end was reached.
    PlanEnded,
    /// The caller was promised a callback and told so.
    CallbackBooked,
    /// The server goes down and the caller was told goodbye.
    Draining,
    /// The engine could not go on; the caller's escalation stands in the archive.
    Fault,
}

impl From<HangUpCause> for HungUp {
    fn from(cause: HangUpCause) -> Self {
        match cause {
            HangUpCause::PlanEnded | HangUpCause::CallbackBooked => Self::ByBot,
            HangUpCause::Draining => Self::Drained,
            HangUpCause::Fault => Self::Fault,
        }
    }
}

/// A decision and its ground, as a reviewer reads it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The conversation moved to this node of the plan.
    Entered {
        /// The node's name.
        node: String,
        /// What is said and keyed here is masked wherever it is shown.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_sensitive: bool,
    },
    /// What was said or keyed led here.
    Routed {
        /// The node that asked.
        node: String,
        /// The node it leads to.
        to: String,
        /// The phrase or key that decided.
        by: Private<String>,
        /// How sure.
        confidence: PerMille,
    },
    /// A value was collected.
    Collected {
        /// The slot it fills.
        slot: String,
        /// The value.
        value: Private<String>,
        /// How sure.
        confidence: PerMille,
    },
    /// The turn is over.
    TurnEnded {
        /// The pause that was waited for, in milliseconds.
        pause_ms: u32,
        /// Why this pause was enough, e.g. `grammar complete`.
        why: String,
    },
    /// Speech over a prompt was confirmed as an interruption.
    BargedIn,
    /// Speech over a prompt was a mere "uh-huh" or noise; the prompt goes on.
    Resumed {
        /// Why, e.g. `backchannel`, `noise`.
        why: String,
    },
    /// Nothing was said.
    NoInput {
        /// How often at this node.
        count: u32,
    },
    /// What was said fits nothing here.
    NoMatch {
        /// How often at this node.
        count: u32,
    },
    /// A person was asked for; so often by now.
    AskCounted {
        /// How often in this call.
        count: u32,
    },
    /// An escalation word was heard but does not count.
    WordSetAside {
        /// The word.
        word: String,
        /// Why, e.g. `negated`, `withdrawn`, `asks for a number`.
        why: String,
    },
    /// A person was offered.
    PersonOffered {
        /// On what ground.
        reason: EscalationReason,
    },
    /// The caller chose to stay without a person.
    DeclinedPerson,
    /// Nobody of a waiting room was to be had, and the plan goes on where it says for that: what it
    /// alone had wanted a person for wants none any more.
    HandoffGivenUp,
    /// The caller's first understood words were of this language: the call goes on in it.
    LanguageChosen {
        /// Which.
        language: Language,
    },
    /// What the caller came for is done, as the plan has it: told once for each node.
    TaskDone {
        /// The node that says so.
        node: String,
    },
    /// Something else worth a reviewer's look, without a caller's words.
    Remarked {
        /// In words.
        what: String,
        /// The moment it is about.
        at: CallTime,
    },
}
