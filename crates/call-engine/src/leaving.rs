//! How a call ends, and what it does when a part of ours fails.

use crate::call::Call;
use crate::ear::Turn;
use crate::people::{Said, uninterrupted};
use crate::phase::{Leaving, Phase};
use crate::sightings::Sighting;
use call_model::{
    CallAction, EscalationReason, HangUpCause, HungUp, Hypothesis, IntentFact, Interruption,
    PerMille, Private,
};
use dialplan::Line;

/// How sure a reading is that the ear never finished.
const UNFINISHED: PerMille = PerMille::new(500);

impl Call {
    /// Last words, then the end.
    pub(crate) fn leave(&mut self, cause: HangUpCause, said: Option<Said>) {
        let back = self.back();
        self.orders.release(&mut self.out);
        self.phase = Phase::Leaving(Leaving {
            cause,
            since: self.now,
            back,
        });
        let (text, interruption) = said.unwrap_or_else(|| {
            let goodbye = self.plan.line(Line::Goodbye, self.language);
            (goodbye, Interruption::Never)
        });
        self.say(text, uninterrupted(interruption));
    }

    pub(crate) fn hang_up(&mut self, cause: HangUpCause) {
        self.mouth.fall_silent(self.now, &mut self.out);
        self.ear.stop(&mut self.out);
        self.tell_tier(IntentFact::Bye { how: cause.into() });
        self.orders.release(&mut self.out);
        self.orders.music(false, false, &mut self.out);
        self.act(CallAction::HangUp(cause));
        self.phase = Phase::Over;
    }

    /// The last words are said: the call ends, but not while a caller speaks whose
    /// request would refuse the end.
    pub(crate) fn hang_up_when_heard_out(&mut self) {
        let Phase::Leaving(leaving) = &self.phase else {
            return;
        };
        let cause = leaving.cause;
        let is_heard_out = match cause {
            HangUpCause::PlanEnded => !self.callers_floor() && !self.ear.is_finishing(),
            HangUpCause::CallbackBooked | HangUpCause::Draining | HangUpCause::Fault => true,
        };
        if self.mouth.is_silent() && is_heard_out {
            self.hang_up(cause);
        }
    }

    /// The call is over. A promise that an end of our own making cuts off is kept
    /// by a call back.
    pub(crate) fn hung_up(&mut self, by: HungUp) {
        match by {
            HungUp::ByCaller | HungUp::Cancelled | HungUp::Transferred => {}
            HungUp::ByBot
            | HungUp::NoAck
            | HungUp::MediaLost
            | HungUp::TooLong
            | HungUp::Drained
            | HungUp::Fault => self.book_callback(),
        }
        self.tell_tier(IntentFact::Bye { how: by });
        self.phase = Phase::Over;
    }

    /// The plan's end is refused while a request for a person is open. True if
    /// the conversation took another way.
    pub(crate) fn asked_while_leaving(&mut self) -> bool {
        match &self.phase {
            Phase::Leaving(leaving) => match leaving.cause {
                HangUpCause::PlanEnded => {
                    self.escalate(EscalationReason::Asked, None);
                    true
                }
                HangUpCause::CallbackBooked | HangUpCause::Draining | HangUpCause::Fault => false,
            },
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => false,
        }
    }

    /// The server goes down: goodbye within its limit; a promise is kept by a call back.
    pub(crate) fn draining(&mut self) {
        match &self.phase {
            Phase::Ringing => self.hang_up(HangUpCause::Draining),
            Phase::Fetching(_) | Phase::Stranded(_) => {
                self.book_callback();
                self.say_drained();
            }
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Parted(_) => self.say_drained(),
            Phase::Leaving(_) | Phase::WithPerson | Phase::Over => {}
        }
    }

    fn say_drained(&mut self) {
        let text = self.plan.line(Line::Draining, self.language);
        self.leave(HangUpCause::Draining, Some((text, Interruption::Never)));
    }

    /// A part of ours failed: the caller gets a person.
    pub(crate) fn failed(&mut self, what: &str) {
        self.remark(format!("failed: {what}"));
        match &self.phase {
            Phase::Ringing => self.hang_up(HangUpCause::Fault),
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Parted(_) => {
                self.escalate(EscalationReason::Fault, None);
            }
            Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => {}
        }
    }

    /// The recogniser is gone: on by keys, or to a person.
    pub(crate) fn ear_lost(&mut self) {
        if self.ear.is_lost() {
            return;
        }
        let turn = self.ear.take_any(&mut self.out);
        self.ear.lose();
        self.resume("the ear is gone");
        let steps = self.steps;
        if let Some(turn) = turn
            && !turn.understood.text.is_empty()
        {
            self.understood_at_last(turn);
        }
        match &self.phase {
            // A question that was just entered has asked for keys already.
            Phase::Asking(_) if self.steps > steps => {}
            Phase::Asking(_) => self.pose(),
            Phase::Offering(offering) => {
                let by_keys = offering
                    .question
                    .as_ref()
                    .is_some_and(|question| self.is_answerable_by_keys(&question.node));
                if !by_keys {
                    self.escalate(EscalationReason::EarLost, None);
                }
            }
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => {}
        }
    }

    pub(crate) fn ear_restored(&mut self) {
        if self.ear.is_lost() {
            self.ear.forget_before(self.now);
        }
        self.ear.restore();
    }

    /// The ear owes a result and does not give it: the turn brought nothing, and
    /// after several such turns the ear counts as lost.
    pub(crate) fn recognition_overdue(&mut self) {
        let Some(turn) = self.ear.give_up(&mut self.out) else {
            return;
        };
        self.remark("the ear gave no result in time");
        let is_failing = self.ear.is_failing();
        if !turn.understood.text.is_empty() {
            self.understood_at_last(turn);
        } else if !is_failing {
            self.turn_result(turn, Vec::new(), None, Vec::new(), None);
        }
        if is_failing {
            self.ear_lost();
        }
    }

    /// The ear's last word will not come: what was understood so far is the result.
    fn understood_at_last(&mut self, turn: Turn) {
        let reading = Hypothesis {
            text: Private::new(turn.understood.text.clone()),
            confidence: UNFINISHED,
            words: Vec::new(),
        };
        let spotted = turn.watch.all();
        let spotted = spotted.iter().map(Sighting::as_spotted).collect();
        let language = Some(self.tongue_of(reading.text.reveal()));
        self.turn_result(turn, vec![reading], None, spotted, language);
    }
}
