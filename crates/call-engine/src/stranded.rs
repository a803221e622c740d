//! Nobody was to be had: the caller hears what else there is, and only their own
//! choice closes the escalation.

use crate::answering::Misfit;
use crate::asking::joined;
use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{Asking, Phase, Stage, Stranded};
use crate::put_off::TurnResult;
use call_model::{CallAction, Decision, HangUpCause, Interruption};
use dialplan::{Answer, Line};

impl Call {
    pub(crate) fn say_stranded(&mut self) {
        if let Phase::Stranded(stranded) = &mut self.phase {
            stranded.heard_from = None;
        }
        self.say_line(Line::NobodyFree, Interruption::ByVoiceAndKeys);
    }

    /// The caller asks for a person again, though nobody was free.
    pub(crate) fn fetch_again(&mut self) {
        let Phase::Stranded(stranded) = &self.phase else {
            return;
        };
        let mut fetching = stranded.fetching.clone();
        if fetching.again >= limits::FETCHES_AGAIN {
            self.promise_callback();
            return;
        }
        fetching.again += 1;
        fetching.stage = Stage::Transfer;
        fetching.since = self.now;
        self.phase = Phase::Fetching(fetching);
        self.fetch_person();
        self.say_line(Line::PleaseHold, Interruption::Never);
    }

    /// Shall somebody call back? Yes, no, or words that are neither.
    pub(crate) fn answer_stranded(&mut self, result: &TurnResult) {
        let text = result.text();
        if self.mouth.level().is_some() && self.plan.is_backchannel(self.language, text) {
            return self.resume("backchannel");
        }
        match self.plan.yes_no(self.language, text) {
            Some(answer) => self.answered_stranded(answer),
            None if self.plan.wants_repeat(self.language, text) => self.repeat(),
            None => match self.misfit(result) {
                Misfit::Failed => self.stranded_failed(),
                Misfit::Ignored | Misfit::Escalated => {}
            },
        }
    }

    pub(crate) fn answered_stranded(&mut self, answer: Answer) {
        let Phase::Stranded(Stranded {
            heard_from: Some(_),
            ..
        }) = &self.phase
        else {
            return;
        };
        match answer {
            Answer::Yes => self.promise_callback(),
            Answer::No => self.decline_callback(),
        }
    }

    /// No answer: asked once more, then the call back is booked, so that an
    /// escalation never ends in nothing.
    pub(crate) fn stranded_failed(&mut self) {
        let Phase::Stranded(stranded) = &mut self.phase else {
            return;
        };
        stranded.tries += 1;
        if stranded.tries >= limits::SYSTEM_TRIES {
            self.promise_callback();
        } else {
            self.say_stranded();
        }
    }

    fn promise_callback(&mut self) {
        self.book_callback();
        let text = self.plan.line(Line::CallbackBooked, self.language);
        self.leave(
            HangUpCause::CallbackBooked,
            Some((text, Interruption::Never)),
        );
    }

    /// Books the call back that a standing escalation is owed, once.
    pub(crate) fn book_callback(&mut self) {
        if let Some(handoff) = self.handoff()
            && self.ledger.book()
        {
            self.act(CallAction::BookCallback(Box::new(handoff)));
        }
    }

    /// The caller's own choice, which alone closes an escalation.
    fn decline_callback(&mut self) {
        let back = self.back();
        self.decide(Decision::DeclinedPerson);
        self.ledger.close(self.now);
        self.wait.reset(self.now);
        let declined = self.plan.line(Line::CallbackDeclined, self.language);
        match back {
            Some(node) => {
                self.decide(Decision::Entered { node: node.clone() });
                self.phase = Phase::Asking(Asking::new(node));
                self.pose_after(Some(declined));
            }
            None => {
                let text = joined(declined, self.plan.line(Line::Goodbye, self.language));
                self.leave(HangUpCause::PlanEnded, Some((text, Interruption::Never)));
            }
        }
    }
}
