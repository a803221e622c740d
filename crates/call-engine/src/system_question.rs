//! Yes-or-no questions of the system: what a reply to one amounts to.

use crate::answering::Misfit;
use crate::call::Call;
use crate::put_off::TurnResult;
use dialplan::Answer;

/// A reply to a question of the system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    Answer(Answer),
    /// The caller wants to hear it again.
    Repeat,
    /// It was a reply, and it was neither yes nor no.
    Unclear,
    /// It was none.
    Nothing,
}

impl Call {
    /// What a turn says to the yes-or-no question that stands.
    pub(crate) fn reply(&mut self, result: &TurnResult) -> Reply {
        let text = result.text();
        if self.mouth.level().is_some() && self.plan.is_backchannel(self.language, text) {
            self.resume("backchannel");
            return Reply::Nothing;
        }
        match self.plan.yes_no(self.language, text) {
            Some(answer) => Reply::Answer(answer),
            None if self.plan.wants_repeat(self.language, text) => Reply::Repeat,
            None => match self.misfit(result) {
                Misfit::Failed => Reply::Unclear,
                Misfit::Ignored | Misfit::Escalated => Reply::Nothing,
            },
        }
    }
}
