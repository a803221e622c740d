//! Honest calls break no rule; every planted fault breaks its own.

use call_simulator::{PlantedFault, Rule, Violation, simulate};

#[test]
fn a_thousand_odd_callers_break_no_rule() {
    let summary = simulate(0..1_000, None);
    let shown: Vec<String> = summary.violations.iter().take(3).map(shown).collect();
    assert!(summary.violations.is_empty(), "{}", shown.join("\n\n"));
    assert_eq!(summary.outcomes.values().sum::<u64>(), 1_000);
    assert!(
        summary.outcomes.len() >= 12,
        "few outcomes: {:?}",
        summary.outcomes
    );
}

#[test]
fn every_planted_fault_is_found_by_its_own_rule() {
    for fault in PlantedFault::ALL {
        let summary = simulate(0..400, Some(fault));
        let rule = rule_against(fault);
        let found = summary.violations.iter().any(|v| v.rule == rule);
        let broken: Vec<Rule> = summary.violations.iter().map(|v| v.rule).collect();
        assert!(
            found,
            "{fault:?} should break {rule:?}, broken were {broken:?}"
        );
    }
}

const fn rule_against(fault: PlantedFault) -> Rule {
    match fault {
        PlantedFault::PromptEndLost => Rule::EveryPlayEnds,
        PlantedFault::PlayedTwice => Rule::OnePromptAtATime,
        PlantedFault::PlayedAfterTheEnd | PlantedFault::DeadlineAfterTheEnd => {
            Rule::NothingAfterTheEnd
        }
        PlantedFault::EscalationForgotten => Rule::EscalationOwed,
        PlantedFault::AskCountedTwice => Rule::EscalationGrounded,
        PlantedFault::PromisedCallerSentBack => Rule::PromiseKept,
        PlantedFault::CallBackForgotten => Rule::PromiseOutlivesTheCall,
        PlantedFault::WaitNoticedLate => Rule::WaitNoticed,
        PlantedFault::OfferForgotten => Rule::LongWaitIsOffered,
        PlantedFault::ReleaseForgotten => Rule::PersonIsReleased,
        PlantedFault::MusicGoesOn => Rule::MusicStops,
        PlantedFault::PartedInSilence => Rule::PartingIsTold,
        PlantedFault::Indeterminate => Rule::ReplayIdentical,
        PlantedFault::Flood => Rule::BoundedActions,
        PlantedFault::NeverHungUp => Rule::CallEnds,
        PlantedFault::TurnConfused => Rule::ActionsMakeSense,
    }
}

fn shown(violation: &Violation) -> String {
    let head: Vec<&str> = violation.trace.lines().take(1).collect();
    format!(
        "seed {} {:?} {}",
        violation.seed,
        violation.rule,
        head.join("\n")
    )
}
