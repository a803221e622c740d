//! Waiting for a person: the place in the waiting room, being raised in it, and
//! the offer of a call back to one who waited above the limit.

use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{Fetching, Phase, Place, Stage, Standing, WaitOffer};
use crate::put_off::TurnResult;
use crate::system_question::Reply;
use call_model::{CallTime, Decision, Interruption};
use dialplan::{Answer, Line};

impl Call {
    /// The caller stands in a waiting room.
    pub(crate) fn queued(&mut self, ahead: u32) {
        self.remark(format!("waits for a person, {ahead} ahead"));
        let now = self.now;
        let has_priority = self.ledger.standing().is_some_and(|e| e.has_priority);
        let Phase::Fetching(fetching) = &mut self.phase else {
            return;
        };
        if fetching.place == Place::Nowhere {
            fetching.place = Place::Queued { since: now };
        }
        // They were raised before the room had told of them.
        if has_priority && fetching.standing == Standing::Ordinary {
            self.raise();
        }
    }

    /// The escalation weighs more now: who stands in a waiting room is moved ahead there.
    pub(crate) fn raise(&mut self) {
        let Phase::Fetching(fetching) = &self.phase else {
            return;
        };
        let is_queued = match fetching.place {
            Place::Queued { .. } => true,
            Place::Nowhere => self.queue_for(&fetching.person).is_some(),
        };
        match fetching.stage {
            Stage::Transfer if is_queued => self.fetch_person(),
            Stage::Transfer | Stage::OnCall | Stage::AfterNotice => {}
        }
    }

    /// Music sounds while the caller waits, but for a question that is put to them.
    pub(crate) fn wants_music(&self) -> bool {
        match &self.phase {
            Phase::Fetching(fetching) => match fetching.stage {
                Stage::AfterNotice => false,
                Stage::Transfer | Stage::OnCall => !fetching.is_offering(),
            },
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Stranded(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => false,
        }
    }

    /// When a call back is to be offered: the wait has passed its limit, nothing has been
    /// offered in this wait, and the caller is not speaking.
    pub(crate) fn callback_offer_due(&self) -> Option<CallTime> {
        let Phase::Fetching(fetching) = &self.phase else {
            return None;
        };
        let is_open = match (fetching.stage, fetching.offer) {
            (Stage::Transfer | Stage::OnCall, WaitOffer::NotMade) => true,
            (Stage::AfterNotice, _) | (_, WaitOffer::Open { .. } | WaitOffer::Made) => false,
        };
        let is_long = !self.ledger.may_gain_by_wait();
        let may_speak = !self.callers_floor() && self.is_line_open();
        (is_open && is_long && may_speak).then(|| fetching.since + limits::CALLBACK_OFFER)
    }

    pub(crate) fn offer_callback_if_due(&mut self) {
        if self.callback_offer_due().is_some_and(|at| at <= self.now) {
            self.offer_callback();
        }
    }

    pub(crate) fn offer_callback(&mut self) {
        self.remark("a call back is offered");
        self.open_callback_offer(0);
    }

    /// The same question once more.
    pub(crate) fn say_callback_offer(&mut self) {
        if let Phase::Fetching(Fetching {
            offer: WaitOffer::Open { tries, .. },
            ..
        }) = self.phase
        {
            self.open_callback_offer(tries);
        }
    }

    fn open_callback_offer(&mut self, tries: u32) {
        let Phase::Fetching(fetching) = &mut self.phase else {
            return;
        };
        fetching.offer = WaitOffer::Open {
            tries,
            heard_from: None,
        };
        self.say_line(Line::CallbackOffer, Interruption::ByVoiceAndKeys);
    }

    /// A call back, or rather wait on?
    pub(crate) fn answer_callback_offer(&mut self, result: &TurnResult) {
        match self.reply(result) {
            Reply::Answer(answer) => self.answered_callback_offer(answer),
            Reply::Repeat => self.repeat(),
            Reply::Unclear => self.callback_offer_failed(),
            Reply::Nothing => {}
        }
    }

    pub(crate) fn answered_callback_offer(&mut self, answer: Answer) {
        if !matches!(&self.phase, Phase::Fetching(fetching) if fetching.has_offered()) {
            return;
        }
        match answer {
            Answer::Yes => self.promise_callback(),
            Answer::No => self.keep_waiting(),
        }
    }

    /// Neither yes nor no: asked once more, then the caller waits on.
    fn callback_offer_failed(&mut self) {
        let Phase::Fetching(Fetching {
            offer: WaitOffer::Open { tries, .. },
            ..
        }) = &self.phase
        else {
            return;
        };
        let tries = tries + 1;
        if tries >= limits::SYSTEM_TRIES {
            self.keep_waiting();
        } else {
            self.open_callback_offer(tries);
        }
    }

    /// No, a request for a person, or silence: the place is kept, and the wait goes on.
    pub(crate) fn keep_waiting(&mut self) {
        let Phase::Fetching(fetching) = &mut self.phase else {
            return;
        };
        if !fetching.is_offering() {
            return;
        }
        fetching.offer = WaitOffer::Made;
        self.decide(Decision::Remarked {
            what: "the caller waits on".to_owned(),
            at: self.now,
        });
        self.say_line(Line::KeepWaiting, Interruption::Never);
    }
}
