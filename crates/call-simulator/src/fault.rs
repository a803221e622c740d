//! Faults planted on purpose, to show that the checks find them.

/// One fault of an engine or its shell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PlantedFault {
    /// The end of a prompt is never told.
    PromptEndLost,
    /// A prompt is played twice.
    PlayedTwice,
    /// A prompt is played after the call was hung up.
    PlayedAfterTheEnd,
    /// An escalation that is owed is not given.
    EscalationForgotten,
    /// Somebody is given a person on a ground that is not there.
    AskCountedTwice,
    /// A caller who was promised a person is sent back to the plan.
    PromisedCallerSentBack,
    /// A call back that was promised is never booked.
    CallBackForgotten,
    /// The wait is noticed a second late.
    WaitNoticedLate,
    /// A call back is never offered to one who waits too long.
    OfferForgotten,
    /// A phone rings on for one who waits no longer.
    ReleaseForgotten,
    /// The music goes on when the waiting is over.
    MusicGoesOn,
    /// The bot hangs up when the person does.
    PartedInSilence,
    /// A deadline outlives its call.
    DeadlineAfterTheEnd,
    /// The same news does not give the same actions.
    Indeterminate,
    /// One piece of news brings forth thousands of actions.
    Flood,
    /// The call is never hung up.
    NeverHungUp,
    /// A result is asked of a turn that was never opened.
    TurnConfused,
    /// A question that nobody wants answered any more stays open.
    QuestionLeftOpen,
    /// The caller hears nothing while an answer is waited for.
    SilentWait,
    /// The intent tier is told that it said what nobody heard.
    UnheardWordsTold,
    /// The intent tier ends a call by its own will.
    TierEndsTheCall,
    /// What was answered to a turn that never was is said all the same.
    DiscardedAnswerSpoken,
}

impl PlantedFault {
    /// Every fault.
    pub const ALL: [Self; 22] = [
        Self::PromptEndLost,
        Self::PlayedTwice,
        Self::PlayedAfterTheEnd,
        Self::EscalationForgotten,
        Self::AskCountedTwice,
        Self::PromisedCallerSentBack,
        Self::CallBackForgotten,
        Self::WaitNoticedLate,
        Self::OfferForgotten,
        Self::ReleaseForgotten,
        Self::MusicGoesOn,
        Self::PartedInSilence,
        Self::DeadlineAfterTheEnd,
        Self::Indeterminate,
        Self::Flood,
        Self::NeverHungUp,
        Self::TurnConfused,
        Self::QuestionLeftOpen,
        Self::SilentWait,
        Self::UnheardWordsTold,
        Self::TierEndsTheCall,
        Self::DiscardedAnswerSpoken,
    ];
}
