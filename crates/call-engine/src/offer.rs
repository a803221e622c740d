//! The offer of a person: brief, honest, and never a toll.

use crate::answering::Misfit;
use crate::asking::Failure;
use crate::call::Call;
use crate::deadline::limits::OFFER_HEARD;
use crate::meaning::Meaning;
use crate::phase::{Arrival, Asking, Closing, Offering, Phase};
use crate::put_off::TurnResult;
use call_model::{CallTime, Decision, EscalationReason, Interruption};
use dialplan::{Answer, AskInReply, Line};

impl Call {
    /// A person was asked for, and no rule owes one yet. True if the
    /// conversation took another way by it.
    pub(crate) fn asked(&mut self, at: CallTime) -> bool {
        match &self.phase {
            // Who asks for a person wants one, and no call back.
            Phase::Fetching(fetching) if fetching.has_offered() => self.keep_waiting(),
            Phase::Ringing | Phase::Fetching(_) | Phase::WithPerson | Phase::Over => {}
            Phase::Telling(_) | Phase::Asking(_) | Phase::Consulting(_) | Phase::Calling(_) => {
                self.offer(EscalationReason::Asked);
            }
            Phase::Parted(_) => self.fetch_another(),
            Phase::Offering(offering) => {
                let reason = offering.reason;
                let is_reply = offering
                    .heard_from
                    .is_some_and(|from| at >= from + OFFER_HEARD);
                match self.rules().ask_in_reply {
                    AskInReply::Transfer if is_reply => self.escalate(reason, None),
                    AskInReply::Transfer | AskInReply::Count => self.offer_on(),
                }
            }
            Phase::Stranded(_) => self.fetch_again(),
            Phase::Leaving(_) => return self.asked_while_leaving(),
        }
        true
    }

    /// The offer is made once; one that was cut short is made again.
    fn offer_on(&mut self) {
        if self.mouth.level().is_some() {
            self.resume("asked again");
        } else if self.mouth.in_air().is_none() {
            self.say_offer();
        }
    }

    /// Offers a person.
    pub(crate) fn offer(&mut self, reason: EscalationReason) {
        let (mut pending, untold) = (None, self.untold());
        let (question, back) = match &self.phase {
            Phase::Consulting(consulting) => {
                let asking = consulting.asking.clone();
                let back = asking.node.clone();
                (Some(asking), back)
            }
            Phase::Calling(calling) => {
                pending = Some(calling.clone());
                (None, calling.node.clone())
            }
            Phase::Asking(asking) => (Some(asking.clone()), asking.node.clone()),
            Phase::Telling(telling) => {
                let ahead = self.question_after(&telling.next);
                (ahead.map(Asking::new), telling.node.clone())
            }
            Phase::Ringing
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => return,
        };
        self.phase = Phase::Offering(Offering {
            reason,
            heard_from: None,
            question: question.map(|question| Asking {
                entry: Vec::new(),
                closing: Closing::No,
                ..question
            }),
            back,
            pending,
        });
        self.progress = self.now;
        self.decide(Decision::PersonOffered { reason });
        self.decline_voice_of(untold);
        self.say_offer();
    }

    pub(crate) fn say_offer(&mut self) {
        let Phase::Offering(offering) = &mut self.phase else {
            return;
        };
        offering.heard_from = None;
        let line = match offering.reason {
            EscalationReason::NoProgress => Line::NoProgressOffer,
            EscalationReason::Asked
            | EscalationReason::Demand
            | EscalationReason::Anger
            | EscalationReason::RepeatedRequest
            | EscalationReason::Wait
            | EscalationReason::PlanHandoff
            | EscalationReason::IntentTransfer
            | EscalationReason::Ladder
            | EscalationReason::EarLost
            | EscalationReason::Fault => Line::PersonOffer,
        };
        self.say_line(line, Interruption::ByVoiceAndKeys);
    }

    /// A reply to the offer: yes, no, or the answer to the plan's own question.
    pub(crate) fn answer_offer(&mut self, result: &TurnResult) {
        let Phase::Offering(offering) = &self.phase else {
            return;
        };
        let reason = offering.reason;
        let text = result.text();
        let is_backchannel = self.plan.is_backchannel(self.language, text);
        if self.mouth.level().is_some() && is_backchannel {
            return self.resume("backchannel");
        }
        match self.plan.yes_no(self.language, text) {
            Some(answer) if offering.heard_from.is_some() => {
                return self.answered_offer(answer, reason);
            }
            Some(_) | None => {}
        }
        let meaning = match &offering.question {
            Some(question) => self.meaning(&question.node, result),
            None if self.plan.wants_repeat(self.language, text) => Meaning::Repeat,
            None => Meaning::Nothing,
        };
        match meaning {
            Meaning::Goes(goes) => self.go(goes),
            Meaning::Open => {
                if !(self.mouth.level().is_some() && self.barge_in()) {
                    self.lapse_offer_for(result);
                }
            }
            Meaning::Repeat => self.repeat(),
            Meaning::HoldOn => self.give_time(),
            Meaning::Command(command) => self.obey(command),
            Meaning::Backchannel => self.resume("backchannel"),
            Meaning::Nothing => match self.misfit(result) {
                Misfit::Failed => self.lapse_offer_for(result),
                Misfit::Ignored | Misfit::Escalated => {}
            },
        }
    }

    pub(crate) fn answered_offer(&mut self, answer: Answer, reason: EscalationReason) {
        match answer {
            Answer::Yes => self.escalate(reason, None),
            Answer::No => self.decline_offer(),
        }
    }

    /// The caller would rather go on.
    pub(crate) fn decline_offer(&mut self) {
        self.decide(Decision::DeclinedPerson);
        self.ledger.settle_asks();
        let Phase::Offering(offering) = &self.phase else {
            return;
        };
        let (question, back) = (offering.question.clone(), offering.back.clone());
        if let Some(calling) = offering.pending.clone() {
            return self.go_on_calling(calling);
        }
        match question {
            Some(question) if question.node == back => self.ask_again(question),
            Some(_) | None => self.enter(&back, Arrival::ByPlan),
        }
    }

    /// What the caller said instead is taken as if no offer had been made.
    fn lapse_offer_for(&mut self, result: &TurnResult) {
        let Phase::Offering(offering) = &self.phase else {
            return;
        };
        match &offering.question {
            Some(question) if self.is_for_tier(&question.node, result) => {
                let question = question.clone();
                self.consult(question, result);
            }
            Some(_) | None => self.lapse_offer(Failure::NoMatch),
        }
    }

    /// The offer brought nothing: the question stands as before.
    pub(crate) fn lapse_offer(&mut self, failure: Failure) {
        let Phase::Offering(offering) = &self.phase else {
            return;
        };
        let (question, back) = (offering.question.clone(), offering.back.clone());
        if let Some(calling) = offering.pending.clone() {
            return self.go_on_calling(calling);
        }
        match question {
            Some(question) if question.node == back => {
                self.phase = Phase::Asking(question);
                self.climb(failure);
            }
            Some(_) | None => self.enter(&back, Arrival::ByPlan),
        }
    }
}
