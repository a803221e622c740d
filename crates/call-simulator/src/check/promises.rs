//! Who was promised a person is not sent back unasked.

use super::{Report, Rule};
use call_model::{CallAction, Decision, HangUpCause};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Promises {
    #[default]
    None,
    /// A person was promised, and nothing has closed that.
    Person,
    /// A call back was booked, or the caller was told that the server goes down.
    CallBack,
}

impl Promises {
    pub(super) fn action(&mut self, action: &CallAction, report: Report<'_>) {
        match action {
            CallAction::Escalate { .. } => *self = Self::Person,
            CallAction::BookCallback(_) => *self = Self::CallBack,
            CallAction::Decide(Decision::DeclinedPerson) => *self = Self::None,
            CallAction::Decide(
                Decision::Entered { .. } | Decision::Routed { .. } | Decision::Collected { .. },
            ) => {
                if *self == Self::Person {
                    report(Rule::PromiseKept, "back in the plan, unasked".to_owned());
                }
            }
            CallAction::HangUp(HangUpCause::PlanEnded) => {}
            CallAction::Play { .. }
            | CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Listen { .. }
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::FetchPerson(_)
            | CallAction::HangUp(_)
            | CallAction::Decide(_) => {}
        }
    }
}
