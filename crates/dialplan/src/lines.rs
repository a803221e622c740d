//! What Bellhop itself says in a plan's name.

use serde::{Deserialize, Serialize};

/// A line of the system; each plan has a wording for each, its own or the usual one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first ask: "I can put you through; or tell me in a few words and I may be quicker."
    PersonOffer,
    /// Nothing came of the conversation for long: a person is offered.
    NoProgressOffer,
    /// A person is being fetched.
    PleaseHold,
    /// Said while a caller waits, at intervals.
    StillHolding,
    /// Nobody is free; shall somebody call back? Answered by yes or no.
    NobodyFree,
    /// The call back is booked.
    CallbackBooked,
    /// The caller wants no call back.
    CallbackDeclined,
    /// Nothing was understood, where a node has no wording of its own.
    NotUnderstood,
    /// Nothing was heard, where a node has no wording of its own.
    NotHeard,
    /// The ear is gone: keys are asked for.
    UseKeys,
    /// A part of ours failed; a person is fetched.
    Fault,
    /// An answer takes a moment.
    OneMoment,
    /// An answer takes longer.
    StillLooking,
    /// An answer broke off before its end; the question follows.
    AnswerBroke,
    /// The intent tier would end the call, and the caller has not said so.
    AnythingElse,
    /// The server goes down.
    Draining,
    /// The end of the call.
    Goodbye,
}

impl Line {
    /// Every line, in a fixed order.
    pub const ALL: [Self; 17] = [
        Self::PersonOffer,
        Self::NoProgressOffer,
        Self::PleaseHold,
        Self::StillHolding,
        Self::NobodyFree,
        Self::CallbackBooked,
        Self::CallbackDeclined,
        Self::NotUnderstood,
        Self::NotHeard,
        Self::UseKeys,
        Self::Fault,
        Self::OneMoment,
        Self::StillLooking,
        Self::AnswerBroke,
        Self::AnythingElse,
        Self::Draining,
        Self::Goodbye,
    ];

    /// Its name in a plan's `lines:`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PersonOffer => "person_offer",
            Self::NoProgressOffer => "no_progress_offer",
            Self::PleaseHold => "please_hold",
            Self::StillHolding => "still_holding",
            Self::NobodyFree => "nobody_free",
            Self::CallbackBooked => "callback_booked",
            Self::CallbackDeclined => "callback_declined",
            Self::NotUnderstood => "not_understood",
            Self::NotHeard => "not_heard",
            Self::UseKeys => "use_keys",
            Self::Fault => "fault",
            Self::OneMoment => "one_moment",
            Self::StillLooking => "still_looking",
            Self::AnswerBroke => "answer_broke",
            Self::AnythingElse => "anything_else",
            Self::Draining => "draining",
            Self::Goodbye => "goodbye",
        }
    }
}
