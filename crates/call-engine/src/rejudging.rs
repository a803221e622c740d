//! Anger judged once more over scores that are stored, by the rules that judge live.

use crate::ledger::Ledger;
use call_model::{CallTime, EmotionScore, EscalationReason, Evidence};
use dialplan::EscalationPolicy;
use std::time::Duration;

/// What a caller said and did that adds to the anger of the voice, over the call so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Behaviour {
    /// Angry words.
    pub angry_words: u32,
    /// Turns that fitted nothing.
    pub no_matches: u32,
    /// Turns in which nothing was said.
    pub no_inputs: u32,
    /// How often the caller spoke over a prompt.
    pub interruptions: u32,
}

impl From<&Evidence> for Behaviour {
    fn from(evidence: &Evidence) -> Self {
        Self {
            angry_words: evidence.angry_words,
            no_matches: evidence.no_matches,
            no_inputs: evidence.no_inputs,
            interruptions: evidence.interruptions,
        }
    }
}

/// The anger of one call under a policy that need not be the one it ran with.
///
/// It is told what a journal tells, in its order. Pooling, fusing, judging and resting are
/// those of [`Call`](crate::Call); nothing but anger is judged.
#[derive(Debug)]
pub struct AngerJudge<'a> {
    policy: &'a EscalationPolicy,
    ledger: Ledger,
}

impl<'a> AngerJudge<'a> {
    /// A judge for a call that begins.
    pub fn new(policy: &'a EscalationPolicy) -> Self {
        Self {
            policy,
            ledger: Ledger::default(),
        }
    }

    /// The voice was scored; true if a person is owed for anger from here on.
    pub fn scored(&mut self, now: CallTime, score: &EmotionScore) -> bool {
        self.ledger.add_emotion(score);
        self.owes(now)
    }

    /// The caller behaved so by now; true if a person is owed for anger from here on.
    pub fn behaved(&mut self, now: CallTime, behaviour: Behaviour) -> bool {
        self.ledger.behaved(behaviour);
        self.owes(now)
    }

    /// The caller declined to have the voice analysed: what was scored counts no more.
    pub fn declined_analysis(&mut self) {
        self.ledger.forget_voice();
    }

    /// A person was owed for another reason; until that is over, anger adds nothing.
    pub fn escalated(&mut self, now: CallTime, reason: EscalationReason) {
        self.ledger.open(now, reason);
    }

    /// A person had the caller, or the caller would rather go on without one.
    pub fn closed(&mut self, now: CallTime) {
        if self.ledger.standing().is_some() {
            self.ledger.close(now);
        }
    }

    fn owes(&mut self, now: CallTime) -> bool {
        match self.ledger.owed(now, self.policy, Duration::ZERO) {
            Some(reason) => {
                self.ledger.open(now, reason);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{PerMille, Score};

    fn at(seconds: u64) -> CallTime {
        CallTime::from_millis(seconds * 1_000)
    }

    fn score(utterance: u32, points: u16) -> EmotionScore {
        EmotionScore {
            utterance,
            at: at(u64::from(utterance) * 10),
            anger: Score::from_points(points),
            log_odds_milli: 0,
            probability: PerMille::ZERO,
            arousal: Score::ZERO,
            speech_micros: 3_000_000,
            confidence: PerMille::ONE,
            is_calibrated: false,
            reasons: Vec::new(),
        }
    }

    /// The utterances, from 1, after which a person was owed.
    fn owed(policy: &EscalationPolicy, points: &[u16]) -> Vec<u32> {
        let mut judge = AngerJudge::new(policy);
        let owes = |(n, points): (u32, &u16)| {
            judge
                .scored(at(u64::from(n) * 10), &score(n, *points))
                .then_some(n)
        };
        (1..).zip(points).filter_map(owes).collect()
    }

    #[test]
    fn a_threshold_moves_when_and_whether_a_person_is_owed() {
        let points = [50, 70, 90, 95, 99];
        for (above, expected) in [(55, vec![2]), (80, vec![4]), (90, vec![5]), (95, vec![])] {
            let policy = EscalationPolicy {
                anger_above: Score::from_points(above),
                ..EscalationPolicy::default()
            };
            assert_eq!(owed(&policy, &points), expected, "above {above}");
        }
    }

    #[test]
    fn one_utterance_of_three_seconds_is_enough_only_where_the_policy_asks_no_more() {
        let patient = EscalationPolicy::default();
        let quick = EscalationPolicy {
            anger_speech: Duration::from_secs(2),
            ..EscalationPolicy::default()
        };
        assert_eq!(owed(&patient, &[99]), Vec::<u32>::new());
        assert_eq!(owed(&quick, &[99]), vec![1]);
    }

    #[test]
    fn behaviour_adds_to_the_voice_and_another_reason_comes_first() {
        let policy = EscalationPolicy::default();
        let rude = Behaviour {
            angry_words: 2,
            ..Behaviour::default()
        };
        let mut judge = AngerJudge::new(&policy);
        assert!(!judge.scored(at(10), &score(1, 75)));
        assert!(!judge.scored(at(20), &score(2, 75)));
        assert!(judge.behaved(at(21), rude));

        let mut judge = AngerJudge::new(&policy);
        judge.escalated(at(5), EscalationReason::Demand);
        assert!(!judge.scored(at(10), &score(1, 95)) && !judge.scored(at(20), &score(2, 95)));
    }

    #[test]
    fn answered_anger_comes_again_only_after_it_has_left_and_rested() {
        let policy = EscalationPolicy::default();
        let mut judge = AngerJudge::new(&policy);
        assert!(!judge.scored(at(10), &score(1, 95)) && judge.scored(at(20), &score(2, 95)));
        judge.closed(at(25));
        assert!(!judge.scored(at(40), &score(3, 95)), "it has not left");
        for n in 4..=6 {
            assert!(!judge.scored(at(u64::from(n) * 10 + 10), &score(n, 20)));
        }
        assert!(!judge.scored(at(90), &score(7, 99)) && !judge.scored(at(100), &score(8, 99)));
        assert!(judge.scored(at(110), &score(9, 99)));
    }
}
