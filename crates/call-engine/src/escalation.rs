//! The judgement: given the evidence and the plan's numbers, is a person owed?

use call_model::{EscalationReason, Evidence};
use dialplan::EscalationPolicy;
use std::time::Duration;

/// Which rule of `policy` the evidence fulfils, the weightiest first; a pure
/// function of the two.
///
/// The rules that are choices of the caller or the plan (`Asked`, `NoProgress`,
/// `PlanHandoff`, `Ladder` …) are not judged: they happen.
pub fn judge(policy: &EscalationPolicy, evidence: &Evidence) -> Option<EscalationReason> {
    if evidence.asks.len() >= usize::from(policy.ask_limit) {
        Some(EscalationReason::RepeatedRequest)
    } else if !evidence.demands.is_empty() {
        Some(EscalationReason::Demand)
    } else if is_angry(policy, evidence) {
        Some(EscalationReason::Anger)
    } else if Duration::from_micros(evidence.unserved_micros) > policy.wait_max {
        Some(EscalationReason::Wait)
    } else {
        None
    }
}

/// Whether a caller taken to a person for this reason stands ahead of ordinary
/// waiters: a third request overtakes, and nobody waits the limit out twice.
pub const fn has_priority(reason: EscalationReason) -> bool {
    matches!(
        reason,
        EscalationReason::RepeatedRequest | EscalationReason::Wait
    )
}

fn is_angry(policy: &EscalationPolicy, evidence: &Evidence) -> bool {
    let anger = &evidence.anger;
    anger.fused > policy.anger_above
        && anger.voice >= policy.anger_voice_floor
        && Duration::from_micros(anger.speech_micros) >= policy.anger_speech
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{
        AngerEvidence, AskEvidence, AskMeans, CallTime, PerMille, Score, WordEvidence,
    };

    fn asks(count: usize) -> Vec<AskEvidence> {
        let ask = |n: usize| AskEvidence {
            means: AskMeans::KeyZero,
            at: CallTime::from_millis(n as u64 * 1_000),
        };
        (0..count).map(ask).collect()
    }

    fn anger(voice: u16, fused: u16, seconds: u64) -> Evidence {
        Evidence {
            anger: AngerEvidence {
                voice: Score::from_tenths(voice),
                fused: Score::from_tenths(fused),
                speech_micros: seconds * 1_000_000,
                ..AngerEvidence::default()
            },
            ..Evidence::default()
        }
    }

    #[test]
    fn the_third_request_is_owed_a_person_and_the_second_is_not() {
        let policy = EscalationPolicy::default();
        for (count, owed) in [
            (0, None),
            (2, None),
            (3, Some(EscalationReason::RepeatedRequest)),
        ] {
            let evidence = Evidence {
                asks: asks(count),
                ..Evidence::default()
            };
            assert_eq!(judge(&policy, &evidence), owed, "{count} asks");
        }
        assert!(has_priority(EscalationReason::RepeatedRequest));
    }

    #[test]
    fn anger_counts_strictly_above_eighty_with_a_voice_and_four_seconds_behind_it() {
        let policy = EscalationPolicy::default();
        for (evidence, owed) in [
            (anger(800, 800, 10), false),
            (anger(801, 801, 10), true),
            (anger(801, 801, 3), false),
            (anger(599, 900, 10), false),
            (anger(600, 900, 4), true),
        ] {
            let verdict = judge(&policy, &evidence);
            assert_eq!(
                verdict == Some(EscalationReason::Anger),
                owed,
                "{evidence:?}"
            );
        }
    }

    #[test]
    fn ninety_seconds_are_a_wait_that_is_still_allowed() {
        let policy = EscalationPolicy::default();
        for (micros, owed) in [
            (90_000_000, None),
            (90_000_001, Some(EscalationReason::Wait)),
        ] {
            let evidence = Evidence {
                unserved_micros: micros,
                ..Evidence::default()
            };
            assert_eq!(judge(&policy, &evidence), owed);
        }
    }

    #[test]
    fn a_demand_needs_no_second_word() {
        let evidence = Evidence {
            demands: vec![WordEvidence {
                word: "投诉".into(),
                at: CallTime::ZERO,
                confidence: PerMille::ONE,
                text: String::new().into(),
            }],
            ..Evidence::default()
        };
        let verdict = judge(&EscalationPolicy::default(), &evidence);
        assert_eq!(verdict, Some(EscalationReason::Demand));
    }
}
