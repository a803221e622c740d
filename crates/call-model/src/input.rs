//! News that goes into a call.

use crate::{
    ApiOutcome, ApiRequestId, CallTime, EmotionScore, Heard, IntentNews, IntentQuestionId, Key,
    PromptEnd, PromptId,
};
use serde::{Deserialize, Serialize};

/// One piece of news for the engine, in the past tense. Each is journaled with
/// the time it arrived, so a replay needs no recogniser, scorer or network.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallInput {
    /// The caller can hear us: ACK and first packet arrived, or 300 ms after the ACK.
    Answered,
    /// The caller began to speak.
    SpeechStarted {
        /// When the first voiced sound was.
        since: CallTime,
    },
    /// The caller stopped speaking, if only for a breath.
    SpeechEnded {
        /// When the last voiced sound was.
        since: CallTime,
    },
    /// The ear understood, or did not.
    Heard(Heard),
    /// A key was pressed.
    KeyPressed(Key),
    /// The first packet of a prompt went out.
    PromptStarted(PromptId),
    /// A prompt is over.
    PromptEnded {
        /// Which.
        prompt: PromptId,
        /// How.
        end: PromptEnd,
    },
    /// The voice was scored.
    Emotion(EmotionScore),
    /// The recogniser is gone.
    EarLost,
    /// The recogniser is back.
    EarRestored,
    /// News of the person who was fetched.
    Person(PersonOutcome),
    /// News of a request to a back end.
    Api {
        /// Which.
        request: ApiRequestId,
        /// What became of it.
        outcome: ApiOutcome,
    },
    /// News of the intent tier.
    Intent {
        /// The question it answers.
        question: IntentQuestionId,
        /// The news.
        news: IntentNews,
    },
    /// The caller put us on hold; their own hold does not run the wait clock.
    CallerHeld,
    /// The caller took us back from hold.
    CallerReturned,
    /// A deadline came due; the engine knows which.
    DeadlineReached,
    /// The server is going down: say goodbye within its limit.
    Draining,
    /// A part of ours failed for this call.
    Failed {
        /// What, in an operator's words; holds no words of the caller.
        what: String,
    },
    /// The call is over.
    HungUp(HungUp),
}

/// What became of fetching a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonOutcome {
    /// The caller stands in a waiting room.
    Queued {
        /// So many stand before them.
        ahead: u32,
    },
    /// The person's phone rings.
    Ringing,
    /// A person has the caller.
    Connected,
    /// Nobody could be had.
    Failed(PersonFailure),
    /// The person hung up while the caller stayed.
    Left,
}

/// Why nobody could be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonFailure {
    /// No place to send callers to is configured.
    NoneConfigured,
    /// Nobody works at this hour.
    AfterHours,
    /// The waiting room is full.
    QueueFull,
    /// Busy.
    Busy,
    /// Did not answer.
    NoAnswer,
    /// Refused the call.
    Refused,
    /// The way there is broken.
    Unreachable,
}

/// Who ended the call, or what.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HungUp {
    /// The caller.
    ByCaller,
    /// The caller, before the call was answered.
    Cancelled,
    /// The bot, as its plan says.
    ByBot,
    /// The call left for a person elsewhere.
    Transferred,
    /// The caller never acknowledged our answer (RFC 3261 §13.3.1.4).
    NoAck,
    /// No sound arrived for too long.
    MediaLost,
    /// The call reached the longest time a call may last.
    TooLong,
    /// The server went down.
    Drained,
    /// A part of ours failed.
    Fault,
}
