//! Honest calls break no rule; every planted fault breaks its own.

use call_model::{CallAction, Decision, IntentFact, JournalEntry, JournalLine};
use call_simulator::{PlantedFault, Rule, Violation, World, simulate};

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
fn what_an_ear_said_before_it_fell_silent_counts_as_said() {
    // A goodbye of which only a part was told; two deadlines of one moment; two turns in a row asked about ahead.
    for seed in [63_361, 85_186, 294_994] {
        let summary = simulate(seed..seed + 1, None);
        let shown: Vec<String> = summary.violations.iter().map(shown).collect();
        assert!(summary.violations.is_empty(), "{}", shown.join("\n\n"));
    }
}

#[test]
fn the_callers_ask_back_ends_and_intent_tiers_in_every_way() {
    let mut seen = std::collections::BTreeMap::<&str, u32>::new();
    for seed in 0..1_000 {
        for line in World::from_seed(seed).run().journal {
            let what = match line {
                JournalLine::At(_, JournalEntry::Out(CallAction::CallApi(_))) => "asks a back end",
                JournalLine::At(_, JournalEntry::Out(CallAction::AskIntent(question)))
                    if question.is_ahead =>
                {
                    "asks the tier ahead"
                }
                JournalLine::At(
                    _,
                    JournalEntry::Out(CallAction::TellIntent(IntentFact::Adopted { .. })),
                ) => "adopts an answer",
                JournalLine::At(_, JournalEntry::Out(CallAction::AskIntent(_))) => "asks the tier",
                JournalLine::At(_, JournalEntry::Out(CallAction::CancelIntent(_))) => "cancels",
                JournalLine::At(
                    _,
                    JournalEntry::Out(CallAction::Decide(Decision::LanguageChosen { .. })),
                ) => "changes its language",
                JournalLine::At(_, JournalEntry::Wake { .. })
                | JournalLine::At(_, JournalEntry::In(_) | JournalEntry::Out(_))
                | JournalLine::Begin(_)
                | JournalLine::End(..) => continue,
            };
            *seen.entry(what).or_default() += 1;
        }
    }
    for (what, least) in [
        ("asks a back end", 100),
        ("asks the tier", 200),
        ("asks the tier ahead", 80),
        ("adopts an answer", 50),
        ("cancels", 50),
        ("changes its language", 50),
    ] {
        let count = seen.get(what).copied().unwrap_or_default();
        assert!(count >= least, "{what} {count} times only: {seen:?}");
    }
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
        PlantedFault::QuestionLeftOpen => Rule::AnsweredOrGivenUp,
        PlantedFault::SilentWait => Rule::NoSilenceOfOurs,
        PlantedFault::UnheardWordsTold => Rule::OnlyHeard,
        PlantedFault::TierEndsTheCall => Rule::EndAgreed,
        PlantedFault::DiscardedAnswerSpoken => Rule::OnlyAdopted,
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
