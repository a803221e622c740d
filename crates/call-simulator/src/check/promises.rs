//! Who was promised a person is not sent back unasked, nor forgotten at the end.

use super::{Report, Rule};
use call_model::{
    CallAction, CallInput, Decision, EscalationReason, HungUp, PersonOutcome, PromptId,
};

#[derive(Debug, Default)]
pub(super) struct Promises {
    promised: Promised,
    /// What was promised last, the plan alone had wanted.
    is_the_plans: bool,
    latest: Option<Latest>,
    end: End,
}

/// Whose end of the call came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum End {
    #[default]
    None,
    Ours,
    Theirs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Promised {
    #[default]
    Nothing,
    /// A person, and nothing has closed that.
    Person,
    /// A call back was booked.
    CallBack,
}

/// The prompt that was played last.
#[derive(Debug)]
struct Latest {
    id: PromptId,
    was_heard: bool,
}

impl Promises {
    pub(super) fn input(&mut self, input: &CallInput) {
        match input {
            CallInput::PromptStarted(id) => {
                if let Some(latest) = &mut self.latest {
                    latest.was_heard |= latest.id == *id;
                }
            }
            CallInput::Person(PersonOutcome::Connected) => self.promised = Promised::Nothing,
            CallInput::HungUp(by) => self.end = whose(*by),
            CallInput::Answered
            | CallInput::SpeechStarted { .. }
            | CallInput::SpeechEnded { .. }
            | CallInput::Heard(_)
            | CallInput::KeyPressed(_)
            | CallInput::PromptEnded { .. }
            | CallInput::Emotion(_)
            | CallInput::EarLost
            | CallInput::EarRestored
            | CallInput::Person(_)
            | CallInput::Api { .. }
            | CallInput::Intent { .. }
            | CallInput::CallerHeld
            | CallInput::CallerReturned
            | CallInput::DeadlineReached
            | CallInput::Draining
            | CallInput::Failed { .. } => {}
        }
    }

    /// All actions of one piece of news are there.
    pub(super) fn handled(&self, report: Report<'_>) {
        if self.end == End::Ours && self.promised == Promised::Person {
            let what = "promised a person, and the call is over".to_owned();
            report(Rule::PromiseOutlivesTheCall, what);
        }
    }

    pub(super) fn action(&mut self, action: &CallAction, report: Report<'_>) {
        match action {
            CallAction::Escalate { reason, .. } => {
                self.is_the_plans = *reason == EscalationReason::PlanHandoff;
                if self.promised != Promised::CallBack {
                    self.promised = Promised::Person;
                }
            }
            CallAction::BookCallback(_) => {
                if self.promised == Promised::CallBack {
                    let what = "a call back is booked twice".to_owned();
                    report(Rule::PromiseOutlivesTheCall, what);
                }
                self.promised = Promised::CallBack;
            }
            CallAction::HangUp(_) => self.end = End::Ours,
            CallAction::Play { prompt, .. } => {
                self.latest = Some(Latest {
                    id: *prompt,
                    was_heard: false,
                });
            }
            CallAction::Decide(Decision::DeclinedPerson) => {
                let was_asked = self.latest.as_ref().is_some_and(|latest| latest.was_heard);
                if self.promised == Promised::Person && !was_asked {
                    let what = "declined a choice that was never heard".to_owned();
                    report(Rule::PromiseKept, what);
                }
                self.promised = Promised::Nothing;
            }
            CallAction::Decide(Decision::HandoffGivenUp) => {
                if self.promised == Promised::Person && !self.is_the_plans {
                    let what = "owed a person, and the plan gives it up".to_owned();
                    report(Rule::PromiseKept, what);
                }
                self.promised = Promised::Nothing;
            }
            CallAction::Decide(
                Decision::Entered { .. } | Decision::Routed { .. } | Decision::Collected { .. },
            ) => {
                if self.promised == Promised::Person {
                    report(Rule::PromiseKept, "back in the plan, unasked".to_owned());
                }
            }
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Listen { .. }
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CallApi(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::FetchPerson(_)
            | CallAction::Decide(_) => {}
        }
    }
}

const fn whose(by: HungUp) -> End {
    match by {
        HungUp::ByCaller | HungUp::Cancelled | HungUp::Transferred => End::Theirs,
        HungUp::ByBot
        | HungUp::NoAck
        | HungUp::MediaLost
        | HungUp::TooLong
        | HungUp::Drained
        | HungUp::Fault => End::Ours,
    }
}
