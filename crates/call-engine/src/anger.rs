//! Anger: pooled over the caller's last utterances, fused with what was said and done.

use call_model::{AngerEvidence, AngerTerms, CallTime, EmotionScore, Evidence, Score};
use dialplan::{AngerFusion, EscalationPolicy};

/// The series of scores of one call, and whether anger was already answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Anger {
    series: Vec<EmotionScore>,
    answered: Answered,
}

/// Whether the anger of the moment may speak.
#[derive(Clone, Copy, Debug, Default)]
enum Answered {
    /// It may.
    #[default]
    No,
    /// It was judged, and must first leave and rest.
    Yes {
        /// When it last stood above the leaving mark.
        high: CallTime,
    },
}

/// A call longer than this many utterances forgets the oldest scores.
const SERIES_MAX: usize = 400;

impl Anger {
    /// Takes in a score; one of the same utterance is replaced.
    pub(crate) fn add(&mut self, score: &EmotionScore) {
        match self
            .series
            .iter_mut()
            .find(|s| s.utterance == score.utterance)
        {
            Some(earlier) => *earlier = score.clone(),
            None => self.series.push(score.clone()),
        }
        if self.series.len() > SERIES_MAX {
            self.series.remove(0);
        }
    }

    /// No score was ever taken in.
    pub(crate) fn forget(&mut self) {
        self.series.clear();
    }

    /// The score of the latest utterance.
    pub(crate) fn latest(&self) -> Option<&EmotionScore> {
        self.series.last()
    }

    /// Pooled and fused; the rest of `evidence` tells of words and behaviour.
    pub(crate) fn evidence(&self, policy: &EscalationPolicy, evidence: &Evidence) -> AngerEvidence {
        let from = self
            .series
            .len()
            .saturating_sub(usize::from(policy.anger_utterances));
        let (voice, speech_micros) = pooled(&self.series[from..]);
        let terms = terms(&policy.anger_fusion, evidence);
        AngerEvidence {
            voice,
            fused: fused(voice, policy.anger_fusion.cap, &terms),
            terms,
            speech_micros,
            series: self.series.clone(),
        }
    }

    /// The anger was answered with a person, or the caller declined one.
    pub(crate) fn answer(&mut self, now: CallTime) {
        self.answered = Answered::Yes { high: now };
    }

    /// Whether anger that now stands at `fused` may speak: it was never answered,
    /// or it left since and has rested.
    pub(crate) fn may_speak(
        &mut self,
        now: CallTime,
        fused: Score,
        policy: &EscalationPolicy,
    ) -> bool {
        match self.answered {
            Answered::No => true,
            Answered::Yes { .. } if fused > policy.anger_leave => {
                self.answered = Answered::Yes { high: now };
                false
            }
            Answered::Yes { high } => {
                if now.since(high) >= policy.anger_rest {
                    self.answered = Answered::No;
                }
                false
            }
        }
    }
}

/// The mean of the scores, each weighing as much as the speech behind it.
fn pooled(scores: &[EmotionScore]) -> (Score, u64) {
    let speech: u64 = scores.iter().map(|s| s.speech_micros).sum();
    let weighed: u128 = scores
        .iter()
        .map(|s| u128::from(s.anger.tenths()) * u128::from(s.speech_micros))
        .sum();
    let tenths = weighed.checked_div(u128::from(speech)).unwrap_or(0);
    (
        Score::from_tenths(u16::try_from(tenths).unwrap_or(1_000)),
        speech,
    )
}

fn terms(fusion: &AngerFusion, evidence: &Evidence) -> AngerTerms {
    AngerTerms {
        words: fusion.word.of(evidence.angry_words),
        interruptions: fusion.interruption.of(evidence.interruptions),
        no_matches: fusion.no_match.of(evidence.no_matches),
        no_inputs: fusion.no_input.of(evidence.no_inputs),
    }
}

/// The terms together add at most the cap.
fn fused(voice: Score, cap: Score, terms: &AngerTerms) -> Score {
    let AngerTerms {
        words,
        interruptions,
        no_matches,
        no_inputs,
    } = terms;
    let all = [words, interruptions, no_matches, no_inputs];
    let added = all.iter().map(|term| term.tenths()).sum::<u16>();
    Score::from_tenths(voice.tenths() + added.min(cap.tenths()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::PerMille;

    fn score(utterance: u32, points: u16, seconds: u64) -> EmotionScore {
        EmotionScore {
            utterance,
            at: CallTime::from_millis(u64::from(utterance) * 5_000),
            anger: Score::from_points(points),
            log_odds_milli: 0,
            probability: PerMille::ZERO,
            arousal: Score::ZERO,
            speech_micros: seconds * 1_000_000,
            confidence: PerMille::ONE,
            is_calibrated: false,
            reasons: Vec::new(),
        }
    }

    #[test]
    fn the_last_three_utterances_weigh_by_the_speech_in_them() {
        let mut anger = Anger::default();
        for (utterance, points, seconds) in [(1, 100, 60), (2, 90, 1), (3, 60, 2), (4, 90, 1)] {
            anger.add(&score(utterance, points, seconds));
        }
        let evidence = anger.evidence(&EscalationPolicy::default(), &Evidence::default());
        assert_eq!(evidence.voice, Score::from_points(75));
        assert_eq!(evidence.speech_micros, 4_000_000);
        assert_eq!(evidence.series.len(), 4);
    }

    #[test]
    fn a_later_score_of_an_utterance_replaces_the_earlier() {
        let mut anger = Anger::default();
        anger.add(&score(1, 90, 1));
        anger.add(&score(1, 40, 2));
        let evidence = anger.evidence(&EscalationPolicy::default(), &Evidence::default());
        assert_eq!(evidence.voice, Score::from_points(40));
        assert_eq!(evidence.speech_micros, 2_000_000);
    }

    #[test]
    fn each_term_has_its_cap_and_all_of_them_have_one() {
        let mut anger = Anger::default();
        anger.add(&score(1, 70, 5));
        // Angry words, interruptions, no match, no input; what each adds, and where that leads.
        for (behaviour, added, fused) in [
            ([0, 0, 0, 0], [0, 0, 0, 0], 70),
            ([1, 0, 0, 0], [5, 0, 0, 0], 75),
            ([3, 0, 0, 0], [10, 0, 0, 0], 80),
            ([0, 1, 0, 0], [0, 2, 0, 0], 72),
            ([0, 9, 0, 0], [0, 6, 0, 0], 76),
            ([0, 0, 1, 0], [0, 0, 2, 0], 72),
            ([0, 0, 9, 0], [0, 0, 6, 0], 76),
            ([0, 0, 0, 1], [0, 0, 0, 2], 72),
            ([0, 0, 0, 9], [0, 0, 0, 4], 74),
            ([1, 2, 1, 1], [5, 4, 2, 2], 83),
            ([0, 9, 9, 9], [0, 6, 6, 4], 85),
            ([u32::MAX; 4], [10, 6, 6, 4], 85),
        ] {
            let [angry_words, interruptions, no_matches, no_inputs] = behaviour;
            let behaviour = Evidence {
                angry_words,
                interruptions,
                no_matches,
                no_inputs,
                ..Evidence::default()
            };
            let evidence = anger.evidence(&EscalationPolicy::default(), &behaviour);
            let [words, interruptions, no_matches, no_inputs] = added.map(Score::from_points);
            let terms = AngerTerms {
                words,
                interruptions,
                no_matches,
                no_inputs,
            };
            assert_eq!(evidence.terms, terms, "{behaviour:?}");
            assert_eq!(evidence.fused, Score::from_points(fused), "{behaviour:?}");
            assert_eq!(
                evidence.voice,
                Score::from_points(70),
                "the voice alone is kept"
            );
        }
    }

    #[test]
    fn the_fused_score_ends_at_a_hundred() {
        let mut anger = Anger::default();
        anger.add(&score(1, 97, 5));
        let behaviour = Evidence {
            angry_words: 2,
            ..Evidence::default()
        };
        let evidence = anger.evidence(&EscalationPolicy::default(), &behaviour);
        assert_eq!(evidence.fused, Score::MAX);
    }

    #[test]
    fn answered_anger_must_leave_and_rest_before_it_speaks_again() {
        let policy = EscalationPolicy::default();
        let mut anger = Anger::default();
        let at = CallTime::from_millis;
        assert!(anger.may_speak(at(0), Score::from_points(85), &policy));
        anger.answer(at(0));
        assert!(!anger.may_speak(at(20_000), Score::from_points(85), &policy));
        assert!(!anger.may_speak(at(25_000), Score::from_points(60), &policy));
        assert!(
            !anger.may_speak(at(26_000), Score::from_points(85), &policy),
            "no rest yet"
        );
        assert!(
            !anger.may_speak(at(36_000), Score::from_points(50), &policy),
            "rested from here on"
        );
        assert!(anger.may_speak(at(37_000), Score::from_points(85), &policy));
    }
}
