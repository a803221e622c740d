//! Who was promised a person is not sent back unasked.

use super::{Report, Rule};
use call_model::{CallAction, CallInput, Decision, PromptId};

#[derive(Debug, Default)]
pub(super) struct Promises {
    promised: Promised,
    latest: Option<Latest>,
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
        if let (CallInput::PromptStarted(id), Some(latest)) = (input, &mut self.latest) {
            latest.was_heard |= latest.id == *id;
        }
    }

    pub(super) fn action(&mut self, action: &CallAction, report: Report<'_>) {
        match action {
            CallAction::Escalate { .. } => self.promised = Promised::Person,
            CallAction::BookCallback(_) => self.promised = Promised::CallBack,
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
            | CallAction::FetchPerson(_)
            | CallAction::HangUp(_)
            | CallAction::Decide(_) => {}
        }
    }
}
