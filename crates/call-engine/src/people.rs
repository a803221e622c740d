//! Escalations, and fetching a person: never undone by the bot.

use crate::announcement::{Announced, Verified};
use crate::call::Call;
use crate::phase::{Fetching, Phase, Place, Stage, Standing, Stranded, WaitOffer};
use crate::story::Topic;
use call_model::{
    CallAction, EmotionScore, EscalationReason, Handoff, HangUpCause, IntentFact, Interruption,
    PersonFailure, PersonOutcome, PromptText, VoiceAnalysis,
};
use dialplan::{HandoffMethod, Line, Otherwise, PersonWanted, QueueOverflow};

/// A prompt of the plan with what may interrupt it.
pub(crate) type Said = (PromptText, Interruption);

impl Call {
    /// Escalates if a rule owes it; true if it did.
    pub(crate) fn judged(&mut self) -> bool {
        let unserved = self.wait.unserved(self.now);
        let policy = self.treatment.rules(&self.plan);
        match self.ledger.owed(self.now, policy, unserved) {
            Some(reason) => {
                self.escalate(reason, None);
                true
            }
            None => false,
        }
    }

    pub(crate) fn emotion(&mut self, score: &EmotionScore) {
        if self.voice_analysis == VoiceAnalysis::Off {
            return;
        }
        match &self.phase {
            Phase::Ringing | Phase::WithPerson | Phase::Over => {}
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
            | Phase::Leaving(_) => {
                self.ledger.add_emotion(score);
                if self.is_followed_by_tier() {
                    self.tell_tier(IntentFact::Emotion(score.clone()));
                }
                self.judged();
            }
        }
    }

    /// A node of the plan gives the caller to a person.
    pub(crate) fn hand_off(&mut self, said: Option<Said>, person: PersonWanted) {
        self.escalate_with(EscalationReason::PlanHandoff, said, person);
    }

    /// The escalation stands from here on; a person is fetched, or is already.
    pub(crate) fn escalate(&mut self, reason: EscalationReason, said: Option<Said>) {
        self.escalate_with(reason, said, PersonWanted::default());
    }

    pub(crate) fn escalate_with(
        &mut self,
        reason: EscalationReason,
        said: Option<Said>,
        person: PersonWanted,
    ) {
        let unserved = self.wait.unserved(self.now);
        let evidence = self.ledger.evidence(self.rules(), unserved);
        self.ledger.open(self.now, reason);
        let evidence = Box::new(evidence);
        match &mut self.phase {
            Phase::Ringing | Phase::WithPerson | Phase::Over => {}
            Phase::Fetching(fetching) => {
                fetching.reason = reason;
                self.act(CallAction::Escalate { reason, evidence });
                self.raise();
                self.offer_callback_if_due();
            }
            Phase::Stranded(stranded) => {
                stranded.fetching.reason = reason;
                self.act(CallAction::Escalate { reason, evidence });
                self.fetch_again();
            }
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Parted(_) => {
                let (back, untold) = (self.back(), self.untold());
                self.act(CallAction::Escalate { reason, evidence });
                self.fetch(reason, said, person, back);
                self.decline_voice_of(untold);
            }
            Phase::Leaving(leaving) => {
                let (cause, back) = (leaving.cause, leaving.back.clone());
                self.act(CallAction::Escalate { reason, evidence });
                match cause {
                    HangUpCause::PlanEnded => self.fetch(reason, said, person, back),
                    HangUpCause::Draining => self.book_callback(),
                    HangUpCause::CallbackBooked | HangUpCause::Fault => {}
                }
            }
        }
    }

    /// The question to go back to, should the caller choose so.
    pub(crate) fn back(&self) -> Option<String> {
        match &self.phase {
            Phase::Telling(telling) => self.question_after(&telling.next),
            Phase::Asking(asking) => Some(asking.node.clone()),
            Phase::Consulting(consulting) => Some(consulting.asking.node.clone()),
            Phase::Calling(calling) => self.question_after_back_end(&calling.node),
            Phase::Offering(offering) => match (&offering.question, &offering.pending) {
                (Some(question), _) => Some(question.node.clone()),
                (None, Some(calling)) => self.question_after_back_end(&calling.node),
                (None, None) => None,
            },
            Phase::Leaving(leaving) => leaving.back.clone(),
            Phase::Fetching(fetching) => fetching.back.clone(),
            Phase::Stranded(stranded) => stranded.fetching.back.clone(),
            Phase::Ringing | Phase::WithPerson | Phase::Parted(_) | Phase::Over => None,
        }
    }

    fn fetch(
        &mut self,
        reason: EscalationReason,
        said: Option<Said>,
        person: PersonWanted,
        back: Option<String>,
    ) {
        let has_notice =
            self.mouth.holds_notice() || matches!(said, Some((_, Interruption::LegalNotice)));
        self.story.person = person.clone();
        self.phase = Phase::Fetching(Fetching {
            reason,
            person,
            since: self.now,
            stage: if has_notice {
                Stage::AfterNotice
            } else {
                Stage::Transfer
            },
            standing: Standing::Ordinary,
            place: Place::Nowhere,
            offer: WaitOffer::NotMade,
            again: 0,
            back,
        });
        if !has_notice {
            self.fetch_person();
        }
        match said {
            Some((text, interruption)) => self.say(text, uninterrupted(interruption)),
            None if reason == EscalationReason::Fault => {
                self.say_line(Line::Fault, Interruption::Never);
            }
            None => self.say_line(Line::PleaseHold, Interruption::Never),
        }
    }

    pub(crate) fn fetch_after_notice(&mut self) {
        if let Phase::Fetching(fetching) = &mut self.phase
            && fetching.stage == Stage::AfterNotice
        {
            fetching.stage = Stage::Transfer;
            fetching.since = self.now;
            self.fetch_person();
        }
    }

    pub(crate) fn fetch_person(&mut self) {
        let Some(handoff) = self.handoff() else {
            return;
        };
        if let Phase::Fetching(fetching) = &mut self.phase {
            fetching.standing = match handoff.has_priority {
                true => Standing::Ahead,
                false => Standing::Ordinary,
            };
        }
        self.orders.fetch(handoff, &mut self.out);
    }

    /// The whole story, for whoever takes over.
    pub(crate) fn handoff(&self) -> Option<Handoff> {
        let escalation = self.ledger.standing()?;
        let people = &self.plan.policy().people;
        let usual = PersonWanted::default();
        let (person, queue, target) = match &self.phase {
            Phase::Fetching(fetching) => {
                let person = &fetching.person;
                match (fetching.stage, people.otherwise(escalation.reason)) {
                    (Stage::OnCall, Otherwise::OnCall { number }) => {
                        (person, None, Some(number.clone()))
                    }
                    (Stage::OnCall, Otherwise::Callback { .. })
                    | (Stage::Transfer | Stage::AfterNotice, _) => {
                        let queue = self.queue_for(person).map(str::to_owned);
                        (person, queue, people.transfer.clone())
                    }
                }
            }
            Phase::Stranded(stranded) => (&stranded.fetching.person, None, None),
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Parted(_)
            | Phase::Over => (&usual, None, None),
        };
        let unserved = self.wait.unserved(self.now);
        let evidence = self.ledger.evidence(self.rules(), unserved);
        let topic = self.topic();
        let announced = Announced {
            reason: escalation.reason,
            evidence: &evidence,
            topic: topic.as_deref(),
            verified: self.verified(),
            language: self.language,
        };
        let within = people.callback_within(escalation.reason).as_secs();
        Some(Handoff {
            display: announced.display(),
            whisper: Some(announced.whisper()),
            callback_within_s: u32::try_from(within).ok(),
            callback_number: self.callback_number().cloned(),
            call: self.id,
            reason: escalation.reason,
            evidence,
            has_priority: escalation.has_priority,
            urgency: person.urgency,
            language: self.language,
            skill: person.skill.clone(),
            target,
            queue,
            slots: self.plan.shown(&self.story.slots),
            turns: self.story.turns(),
        })
    }

    /// The waiting room to stand in for this person, if any.
    pub(crate) fn queue_for<'a>(&'a self, person: &'a PersonWanted) -> Option<&'a str> {
        let of_plan = self.plan.policy().people.queue.as_ref();
        let queue = match person.method {
            Some(HandoffMethod::Refer) => None,
            Some(HandoffMethod::Bridge) | None => person.queue.as_ref().or(of_plan),
        };
        queue.map(String::as_str)
    }

    /// What the caller was at, as the plan calls it; the node they would go back to where
    /// it has no word for it.
    fn topic(&self) -> Option<String> {
        let of_plan = match &self.story.topic {
            Some(Topic::Node(node)) => self.plan.title(node, self.language).map(str::to_owned),
            Some(Topic::Skill(skill)) => Some(readable(skill)),
            None => None,
        };
        of_plan.or_else(|| self.back().map(|node| readable(&node)))
    }

    fn verified(&self) -> Verified {
        match &self.plan.policy().people.verified_by {
            None => Verified::NotAsked,
            Some(slot) => match self.known_slots().get(slot).map(|value| value.reveal()) {
                Some(value) if !matches!(value.as_str(), "" | "no" | "false" | "0") => {
                    Verified::Yes
                }
                Some(_) | None => Verified::No,
            },
        }
    }

    /// News of the person.
    pub(crate) fn person(&mut self, outcome: PersonOutcome) {
        match (&self.phase, outcome) {
            (Phase::Fetching(_) | Phase::Stranded(_), PersonOutcome::Connected) => self.connected(),
            (Phase::Fetching(_), PersonOutcome::Queued { ahead }) => self.queued(ahead),
            (Phase::Fetching(_), PersonOutcome::Ringing) => self.remark("a person's phone rings"),
            (Phase::Fetching(_), PersonOutcome::Failed(why)) => {
                self.orders.settled();
                self.person_failed(why);
            }
            (Phase::Fetching(_), PersonOutcome::Left) => {
                self.orders.settled();
                self.person_failed(PersonFailure::Unreachable);
            }
            (Phase::WithPerson, PersonOutcome::Left) => self.person_left(),
            (Phase::Leaving(leaving), PersonOutcome::Connected)
                if leaving.cause == HangUpCause::CallbackBooked =>
            {
                self.connected();
            }
            (
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
                | Phase::Over,
                PersonOutcome::Queued { .. }
                | PersonOutcome::Ringing
                | PersonOutcome::Connected
                | PersonOutcome::Failed(_)
                | PersonOutcome::Left,
            ) => self.remark("news of a person that nobody waits for"),
        }
    }

    fn connected(&mut self) {
        self.remark("a person has the caller");
        self.wishes.goes_back_no_further();
        self.phase = Phase::WithPerson;
        self.orders.settled();
        self.mouth.fall_silent(self.now, &mut self.out);
        self.ledger.close(self.now);
        self.wait.run(self.now, false);
        self.wait.reset(self.now);
    }

    /// Nobody was to be had there: whoever is on call, else the caller is asked.
    pub(crate) fn person_failed(&mut self, why: PersonFailure) {
        self.remark(format!("no person was to be had: {}", named(why)));
        if let Some(node) = self.overflow_node() {
            self.overflow_to(&node);
            return;
        }
        let Phase::Fetching(fetching) = &mut self.phase else {
            return;
        };
        let offers = fetching.person.overflow == Some(QueueOverflow::Callback);
        let otherwise = self.plan.policy().people.otherwise(fetching.reason);
        match (fetching.stage, otherwise) {
            (Stage::Transfer | Stage::AfterNotice, Otherwise::OnCall { .. }) if !offers => {
                fetching.stage = Stage::OnCall;
                fetching.place = Place::Nowhere;
                fetching.since = self.now;
                self.fetch_person();
            }
            (Stage::Transfer | Stage::AfterNotice | Stage::OnCall, _) => {
                let mut fetching = fetching.clone();
                fetching.offer = fetching.offer.broken_off();
                self.phase = Phase::Stranded(Stranded::new(fetching, why));
                self.say_stranded();
            }
        }
    }
}

/// A name of a plan's, for people.
fn readable(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

/// Last words and holding lines are not interrupted; a notice stays a notice.
pub(crate) const fn uninterrupted(interruption: Interruption) -> Interruption {
    match interruption {
        Interruption::LegalNotice => Interruption::LegalNotice,
        Interruption::ByVoiceAndKeys
        | Interruption::ByVoice
        | Interruption::ByKeys
        | Interruption::Never => Interruption::Never,
    }
}

const fn named(failure: PersonFailure) -> &'static str {
    match failure {
        PersonFailure::NoneConfigured => "no place is configured",
        PersonFailure::AfterHours => "nobody works at this hour",
        PersonFailure::QueueFull => "the waiting room is full",
        PersonFailure::Busy => "busy",
        PersonFailure::NoAnswer => "no answer",
        PersonFailure::Refused => "refused",
        PersonFailure::Unreachable => "unreachable",
    }
}
