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
    /// Nobody works at this hour; shall somebody call back `{within}` the stated time? Answered
    /// by yes or no.
    AfterHours,
    /// The caller waited above the limit: a call back instead? Answered by yes or no.
    CallbackOffer,
    /// The caller goes on waiting.
    KeepWaiting,
    /// The person hung up while the caller stayed; another one? Answered by yes or no.
    PersonLeft,
    /// The call back is booked, `{within}` the stated time.
    CallbackBooked,
    /// The caller's number is withheld: which one may be called? Keyed in, ended by #.
    CallbackNumber,
    /// Is it this `{number}`? Answered by yes or no.
    CallbackNumberCheck,
    /// The call back is booked, on the number that was keyed in, `{within}` the stated time.
    CallbackBookedOn,
    /// No number was given, so that nobody can call back.
    CallbackNumberless,
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
    /// The caller asked for a moment, and has it.
    TakeYourTime,
    /// The server goes down.
    Draining,
    /// The end of the call.
    Goodbye,
}

impl Line {
    /// Every line, in a fixed order.
    pub const ALL: [Self; 26] = [
        Self::PersonOffer,
        Self::NoProgressOffer,
        Self::PleaseHold,
        Self::StillHolding,
        Self::NobodyFree,
        Self::AfterHours,
        Self::CallbackOffer,
        Self::KeepWaiting,
        Self::PersonLeft,
        Self::CallbackBooked,
        Self::CallbackNumber,
        Self::CallbackNumberCheck,
        Self::CallbackBookedOn,
        Self::CallbackNumberless,
        Self::CallbackDeclined,
        Self::NotUnderstood,
        Self::NotHeard,
        Self::UseKeys,
        Self::Fault,
        Self::OneMoment,
        Self::StillLooking,
        Self::AnswerBroke,
        Self::AnythingElse,
        Self::TakeYourTime,
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
            Self::AfterHours => "after_hours",
            Self::CallbackOffer => "callback_offer",
            Self::KeepWaiting => "keep_waiting",
            Self::PersonLeft => "person_left",
            Self::CallbackBooked => "callback_booked",
            Self::CallbackNumber => "callback_number",
            Self::CallbackNumberCheck => "callback_number_check",
            Self::CallbackBookedOn => "callback_booked_on",
            Self::CallbackNumberless => "callback_numberless",
            Self::CallbackDeclined => "callback_declined",
            Self::NotUnderstood => "not_understood",
            Self::NotHeard => "not_heard",
            Self::UseKeys => "use_keys",
            Self::Fault => "fault",
            Self::OneMoment => "one_moment",
            Self::StillLooking => "still_looking",
            Self::AnswerBroke => "answer_broke",
            Self::AnythingElse => "anything_else",
            Self::TakeYourTime => "take_your_time",
            Self::Draining => "draining",
            Self::Goodbye => "goodbye",
        }
    }

    /// Whether `{within}` stands in it for the time a call back is promised within.
    pub const fn tells_time(self) -> bool {
        matches!(
            self,
            Self::AfterHours | Self::CallbackBooked | Self::CallbackBookedOn
        )
    }

    /// Whether `{number}` stands in it for the number that somebody is called back on.
    pub const fn tells_number(self) -> bool {
        matches!(self, Self::CallbackNumberCheck)
    }
}
