//! "Hold on a second", 稍等我找一下: a caller who has to look something up has time for it.

use crate::call::Call;
use call_model::Interruption;
use dialplan::Line;
use std::time::Duration;

/// Whether the caller was given time for what they are asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Leave {
    /// They answer, or silence is none.
    #[default]
    None,
    /// They asked for a moment, and have said nothing since.
    Given,
}

impl Call {
    /// The caller asked for a moment.
    pub(crate) fn give_time(&mut self) {
        if self.mouth.level().is_some() && self.barge_in() {
            return;
        }
        self.remark("the caller asked for a moment");
        self.leave_given = Leave::Given;
        self.say_line(Line::TakeYourTime, Interruption::ByVoiceAndKeys);
    }

    /// The caller answered, or the time was not enough.
    pub(crate) fn take_time_back(&mut self) {
        self.leave_given = Leave::None;
    }

    /// How long the caller may be silent where others may for `usual`.
    pub(crate) fn silence_allowed(&self, usual: Duration) -> Duration {
        let allowed = match self.leave_given {
            Leave::None => usual,
            Leave::Given => usual.max(self.plan.policy().listening.hold_on),
        };
        self.patience(allowed)
    }
}
