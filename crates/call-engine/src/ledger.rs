//! What speaks for fetching a person, each occurrence once, and what came of it.

use crate::anger::Anger;
use crate::escalation::{has_priority, judge};
use crate::rejudging::Behaviour;
use crate::sightings::{Sighting, is_same};
use call_model::{
    AskEvidence, AskMeans, CallTime, EmotionScore, EscalationReason, Evidence, Private, WordClass,
    WordEvidence,
};
use dialplan::EscalationPolicy;
use std::time::Duration;

/// The evidence of one call.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    evidence: Evidence,
    /// Occurrences that were counted, to know them again.
    counted: Vec<Sighting>,
    anger: Anger,
    escalation: Option<Escalation>,
    wait: Wait,
    closed: Closed,
    /// Requests for a person that the caller has taken back since.
    settled_asks: usize,
}

/// Whether the wait of this episode was answered: it escalates, or raises, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Wait {
    #[default]
    Unanswered,
    Answered,
}

/// An escalation that stands until a person has the caller, or the caller declines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Escalation {
    pub(crate) reason: EscalationReason,
    pub(crate) has_priority: bool,
    callback: Callback,
    /// Demands that it answers; a further one raises the caller.
    demands: usize,
}

/// Whether somebody will call back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Callback {
    None,
    Booked,
}

/// How much of the evidence an earlier escalation, closed since, has answered.
#[derive(Clone, Copy, Debug, Default)]
struct Closed {
    demands: usize,
    asks: usize,
}

/// More words or requests than this tell nothing new.
const KEPT_MAX: usize = 64;

impl Ledger {
    /// Counts the occurrences that are new and stand; gives them back.
    pub(crate) fn count(
        &mut self,
        sightings: &[Sighting],
        text: &str,
        stutter: Duration,
    ) -> Vec<Sighting> {
        let mut fresh = Vec::new();
        let earlier = self.counted.len();
        for sighting in sightings.iter().filter(|s| s.set_aside.is_none()) {
            let mut known = self.counted.iter().take(earlier);
            let is_known = known.any(|known| is_same(known, sighting, stutter));
            if is_known || self.counted.len() >= KEPT_MAX {
                continue;
            }
            self.counted.push(sighting.clone());
            self.note(sighting, text);
            fresh.push(sighting.clone());
        }
        fresh
    }

    fn note(&mut self, sighting: &Sighting, text: &str) {
        match sighting.class {
            WordClass::Demand => self.evidence.demands.push(WordEvidence {
                word: sighting.word.clone(),
                at: sighting.from,
                confidence: sighting.confidence,
                text: Private::new(text.to_owned()),
            }),
            WordClass::Ask => self.evidence.asks.push(AskEvidence {
                means: AskMeans::Word(sighting.word.clone()),
                at: sighting.from,
            }),
        }
    }

    /// Counts a key 0 that asks for a person.
    pub(crate) fn count_key_zero(&mut self, at: CallTime) {
        if self.evidence.asks.len() < KEPT_MAX {
            self.evidence.asks.push(AskEvidence {
                means: AskMeans::KeyZero,
                at,
            });
        }
    }

    /// Whether counting these as well would be owed a person at once.
    pub(crate) fn would_owe(&self, more: &[Sighting], policy: &EscalationPolicy) -> bool {
        if self
            .escalation
            .is_some_and(|escalation| escalation.has_priority)
        {
            return false;
        }
        let fresh: Vec<&Sighting> = more
            .iter()
            .filter(|s| {
                !self
                    .counted
                    .iter()
                    .any(|known| is_same(known, s, policy.stutter))
            })
            .collect();
        let asks = fresh.iter().filter(|s| s.class == WordClass::Ask).count();
        let has_demand = asks < fresh.len();
        let limit = usize::from(policy.ask_limit);
        has_demand || (asks > 0 && self.evidence.asks.len() + asks >= limit)
    }

    /// Requests for a person so far.
    pub(crate) fn asks(&self) -> u32 {
        u32::try_from(self.evidence.asks.len()).unwrap_or(u32::MAX)
    }

    /// A request for a person stands that was neither met nor taken back.
    pub(crate) fn has_open_ask(&self) -> bool {
        self.evidence.asks.len() > self.settled_asks
    }

    /// The caller would rather go on without a person.
    pub(crate) fn settle_asks(&mut self) {
        self.settled_asks = self.evidence.asks.len();
    }

    /// The latest score of the voice.
    pub(crate) fn latest_emotion(&self) -> Option<&EmotionScore> {
        self.anger.latest()
    }

    pub(crate) fn add_emotion(&mut self, score: &EmotionScore) {
        self.anger.add(score);
    }

    /// The caller declined: what was scored counts no more.
    pub(crate) fn forget_voice(&mut self) {
        self.anger.forget();
    }

    pub(crate) fn add_angry_words(&mut self, words: usize) {
        let words = u32::try_from(words).unwrap_or(u32::MAX);
        self.evidence.angry_words = self.evidence.angry_words.saturating_add(words);
    }

    pub(crate) const fn add_no_match(&mut self) {
        self.evidence.no_matches += 1;
    }

    pub(crate) const fn add_no_input(&mut self) {
        self.evidence.no_inputs += 1;
    }

    pub(crate) const fn add_interruption(&mut self) {
        self.evidence.interruptions += 1;
    }

    /// What the caller said and did so far is this much.
    pub(crate) const fn behaved(&mut self, behaviour: Behaviour) {
        self.evidence.angry_words = behaviour.angry_words;
        self.evidence.no_matches = behaviour.no_matches;
        self.evidence.no_inputs = behaviour.no_inputs;
        self.evidence.interruptions = behaviour.interruptions;
    }

    /// What the caller said and did so far that adds to the anger of the voice.
    pub(crate) fn behaviour(&self) -> Behaviour {
        Behaviour::from(&self.evidence)
    }

    /// The evidence as it stands.
    pub(crate) fn evidence(&self, policy: &EscalationPolicy, unserved: Duration) -> Evidence {
        let mut evidence = self.evidence.clone();
        evidence.unserved_micros = u64::try_from(unserved.as_micros()).unwrap_or(u64::MAX);
        evidence.anger = self.anger.evidence(policy, &evidence);
        evidence
    }

    /// The escalation that is owed now and not given yet: a first one, or one
    /// that raises a caller who already waits.
    pub(crate) fn owed(
        &mut self,
        now: CallTime,
        policy: &EscalationPolicy,
        unserved: Duration,
    ) -> Option<EscalationReason> {
        // Whoever is promised a call back is being said goodbye.
        if self
            .escalation
            .is_some_and(|e| e.callback == Callback::Booked)
        {
            return None;
        }
        let mut judged = self.evidence(policy, unserved);
        let may_speak = self.anger.may_speak(now, judged.anger.fused, policy);
        let answered = self.escalation.map_or(0, |escalation| escalation.demands);
        judged.demands.drain(..self.closed.demands.max(answered));
        if judged.asks.len() <= self.closed.asks {
            judged.asks.clear();
        }
        if self.escalation.is_some_and(|e| e.has_priority) {
            judged.demands.clear();
            judged.asks.clear();
        }
        if self.escalation.is_some() || !may_speak {
            judged.anger = call_model::AngerEvidence::default();
        }
        if self.wait == Wait::Answered {
            judged.unserved_micros = 0;
        }
        judge(policy, &judged)
    }

    /// Whether the wait can still escalate, or raise, in this episode.
    pub(crate) const fn may_gain_by_wait(&self) -> bool {
        matches!(self.wait, Wait::Unanswered)
    }

    /// The escalation stands; a further one raises who already waits.
    pub(crate) fn open(&mut self, now: CallTime, reason: EscalationReason) -> Escalation {
        let is_raised = self.escalation.is_some();
        let escalation = Escalation {
            reason,
            has_priority: is_raised || has_priority(reason),
            demands: self.evidence.demands.len(),
            callback: self.escalation.map_or(Callback::None, |e| e.callback),
        };
        if reason == EscalationReason::Wait {
            self.wait = Wait::Answered;
        }
        self.anger.answer(now);
        self.escalation = Some(escalation);
        escalation
    }

    /// The escalation that stands.
    pub(crate) const fn standing(&self) -> Option<Escalation> {
        self.escalation
    }

    /// Somebody will call back; false if that was settled before, or nothing stands.
    pub(crate) fn book(&mut self) -> bool {
        match &mut self.escalation {
            Some(escalation) if escalation.callback == Callback::None => {
                escalation.callback = Callback::Booked;
                true
            }
            Some(_) | None => false,
        }
    }

    /// What the plan alone wanted it takes back; requests and demands stay what they are.
    pub(crate) const fn take_back(&mut self) {
        self.escalation = None;
    }

    /// A person had the caller, or the caller chose to stay without one.
    pub(crate) fn close(&mut self, now: CallTime) {
        self.escalation = None;
        self.wait = Wait::Unanswered;
        self.anger.answer(now);
        self.settle_asks();
        self.closed = Closed {
            demands: self.evidence.demands.len(),
            asks: self.evidence.asks.len(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::PerMille;

    fn ask(from: u64) -> Sighting {
        Sighting {
            word: "operator".to_owned(),
            class: WordClass::Ask,
            from: CallTime::from_millis(from),
            to: CallTime::from_millis(from + 400),
            confidence: PerMille::ONE,
            set_aside: None,
        }
    }

    fn owed(ledger: &mut Ledger) -> Option<EscalationReason> {
        let now = CallTime::from_millis(60_000);
        ledger.owed(now, &EscalationPolicy::default(), Duration::ZERO)
    }

    #[test]
    fn an_occurrence_that_comes_again_from_the_next_turn_is_not_counted_twice() {
        let policy = EscalationPolicy::default();
        let mut ledger = Ledger::default();
        assert_eq!(ledger.count(&[ask(1_000)], "", policy.stutter).len(), 1);
        assert_eq!(
            ledger
                .count(&[ask(1_050), ask(3_000)], "", policy.stutter)
                .len(),
            1
        );
        assert_eq!(ledger.asks(), 2);
    }

    #[test]
    fn after_the_caller_declined_only_a_new_request_counts_and_three_stay_three() {
        let policy = EscalationPolicy::default();
        let mut ledger = Ledger::default();
        ledger.count(&[ask(0), ask(1_000), ask(2_000)], "", policy.stutter);
        assert_eq!(owed(&mut ledger), Some(EscalationReason::RepeatedRequest));
        ledger.open(CallTime::ZERO, EscalationReason::RepeatedRequest);
        assert_eq!(owed(&mut ledger), None);
        ledger.close(CallTime::ZERO);
        assert_eq!(owed(&mut ledger), None);
        ledger.count_key_zero(CallTime::from_millis(50_000));
        assert_eq!(owed(&mut ledger), Some(EscalationReason::RepeatedRequest));
    }

    #[test]
    fn one_who_already_waits_gains_by_a_third_request_and_by_the_wait() {
        let policy = EscalationPolicy::default();
        let now = CallTime::ZERO;
        let mut ledger = Ledger::default();
        ledger.open(now, EscalationReason::Asked);
        let long = Duration::from_secs(91);
        assert_eq!(
            ledger.owed(now, &policy, long),
            Some(EscalationReason::Wait)
        );
        assert!(ledger.open(now, EscalationReason::Wait).has_priority);
        assert_eq!(ledger.owed(now, &policy, long), None);
    }
}
