//! The person hung up and the caller stayed: they are told, and choose between
//! another person and the end.

use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{Arrival, Parted, Phase};
use crate::put_off::TurnResult;
use crate::system_question::Reply;
use call_model::{Decision, EscalationReason, HangUpCause, Interruption};
use dialplan::{Answer, Line};

impl Call {
    pub(crate) fn person_left(&mut self) {
        self.remark("the person hung up");
        self.quiet_since = self.now;
        self.ear.forget_before(self.now);
        if let Some(node) = self.plan.policy().people.after_person.clone() {
            self.enter(&node, Arrival::ByPlan);
            return;
        }
        self.phase = Phase::Parted(Parted::default());
        self.say_parted();
    }

    pub(crate) fn say_parted(&mut self) {
        if let Phase::Parted(parted) = &mut self.phase {
            parted.heard_from = None;
        }
        self.say_line(Line::PersonLeft, Interruption::ByVoiceAndKeys);
    }

    pub(crate) fn answer_parted(&mut self, result: &TurnResult) {
        match self.reply(result) {
            Reply::Answer(answer) => self.answered_parted(answer),
            Reply::Repeat => self.repeat(),
            Reply::Unclear => self.parting_unclear(),
            Reply::Nothing => {}
        }
    }

    pub(crate) fn answered_parted(&mut self, answer: Answer) {
        let Phase::Parted(Parted {
            heard_from: Some(_),
            ..
        }) = &self.phase
        else {
            return;
        };
        match answer {
            Answer::Yes => self.fetch_another(),
            Answer::No => self.leave(HangUpCause::PlanEnded, None),
        }
    }

    /// Another person, for the matter the first one was fetched for.
    pub(crate) fn fetch_another(&mut self) {
        let person = self.story.person.clone();
        self.escalate_with(EscalationReason::Asked, None, person);
    }

    /// Who talks and is not understood is not dropped: after the second time a person
    /// is fetched.
    fn parting_unclear(&mut self) {
        let Phase::Parted(parted) = &mut self.phase else {
            return;
        };
        parted.tries += 1;
        let count = parted.tries;
        self.decide(Decision::NoMatch { count });
        if count >= limits::SYSTEM_TRIES {
            let person = self.story.person.clone();
            self.escalate_with(EscalationReason::Ladder, None, person);
        } else {
            self.say_parted();
        }
    }

    /// Nobody speaks any more: a goodbye, and the end.
    pub(crate) fn part_in_silence(&mut self) {
        self.decide(Decision::NoInput { count: 1 });
        self.leave(HangUpCause::PlanEnded, None);
    }
}
