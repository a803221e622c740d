//! Nobody was to be had: the caller hears what else there is, and only their own
//! choice closes the escalation.

use crate::asking::joined;
use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{Asking, CallbackNumber, Phase, Place, Stage, Stranded};
use crate::put_off::TurnResult;
use crate::system_question::Reply;
use call_model::{
    CallAction, Decision, EscalationReason, HangUpCause, Interruption, PersonFailure, Private,
    PromptText,
};
use dialplan::{Answer, Line};

impl Call {
    pub(crate) fn say_stranded(&mut self) {
        let Phase::Stranded(stranded) = &mut self.phase else {
            return;
        };
        stranded.heard_from = None;
        if stranded.number != CallbackNumber::NotAsked {
            let number = stranded.number.clone();
            return self.say_number_question(&number);
        }
        let line = match stranded.why {
            PersonFailure::AfterHours => Line::AfterHours,
            PersonFailure::NoneConfigured
            | PersonFailure::QueueFull
            | PersonFailure::Busy
            | PersonFailure::NoAnswer
            | PersonFailure::Refused
            | PersonFailure::Unreachable => Line::NobodyFree,
        };
        let reason = stranded.fetching.reason;
        let text = self.line_within(line, reason);
        self.say(text, Interruption::ByVoiceAndKeys);
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
        fetching.place = Place::Nowhere;
        fetching.since = self.now;
        self.phase = Phase::Fetching(fetching);
        self.fetch_person();
        self.say_line(Line::PleaseHold, Interruption::Never);
    }

    /// Shall somebody call back? Yes, no, or words that are neither.
    pub(crate) fn answer_stranded(&mut self, result: &TurnResult) {
        match self.reply(result) {
            Reply::Answer(answer) => self.answered_stranded(answer),
            Reply::Repeat => self.repeat(),
            Reply::Unclear => self.stranded_failed(),
            Reply::Nothing => {}
        }
    }

    pub(crate) fn answered_stranded(&mut self, answer: Answer) {
        let Phase::Stranded(Stranded {
            heard_from: Some(_),
            number,
            ..
        }) = &self.phase
        else {
            return;
        };
        match (number, answer) {
            (CallbackNumber::NotAsked | CallbackNumber::Check(_), Answer::Yes) => {
                self.promise_callback();
            }
            (CallbackNumber::NotAsked, Answer::No) => self.decline_callback(),
            (CallbackNumber::Check(_), Answer::No) => self.ask_number(),
            (CallbackNumber::Keyed(_) | CallbackNumber::Refused, _) => self.stranded_failed(),
        }
    }

    /// No answer: asked once more, then the call back is booked, so that an
    /// escalation never ends in nothing.
    pub(crate) fn stranded_failed(&mut self) {
        let Phase::Stranded(stranded) = &mut self.phase else {
            return;
        };
        stranded.tries += 1;
        if stranded.tries < limits::SYSTEM_TRIES {
            return self.say_stranded();
        }
        match stranded.number {
            CallbackNumber::NotAsked | CallbackNumber::Check(_) => self.promise_callback(),
            CallbackNumber::Keyed(_) | CallbackNumber::Refused => self.give_up_number(),
        }
    }

    /// Books a call back, and tells the caller by when; asks first where to.
    pub(crate) fn promise_callback(&mut self) {
        if self.lacks_number() {
            return self.ask_number();
        }
        let reason = match &self.phase {
            Phase::Fetching(fetching) => fetching.reason,
            Phase::Stranded(stranded) => stranded.fetching.reason,
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => return,
        };
        self.book_callback();
        let line = match (self.callback_number(), self.is_number_withheld()) {
            (Some(_), _) => Line::CallbackBookedOn,
            (None, true) => Line::CallbackNumberless,
            (None, false) => Line::CallbackBooked,
        };
        let text = self.line_within(line, reason);
        self.leave(
            HangUpCause::CallbackBooked,
            Some((text, Interruption::Never)),
        );
    }

    /// The number that the caller keyed in.
    pub(crate) fn callback_number(&self) -> Option<&Private<String>> {
        let Phase::Stranded(Stranded {
            number: CallbackNumber::Check(number),
            ..
        }) = &self.phase
        else {
            return None;
        };
        Some(number)
    }

    fn line_within(&self, line: Line, reason: EscalationReason) -> PromptText {
        let within = self.plan.policy().people.callback_within(reason);
        self.plan.line_within(line, within, self.language)
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
                self.note_entry(&node);
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
