//! Honest waiting rooms break no rule; every planted fault breaks its own.

use call_simulator::queues::{PlantedQueueFault, QueueRule, simulate_queues};

#[test]
fn in_a_thousand_queues_every_third_request_overtakes_and_no_rule_is_broken() {
    let summary = simulate_queues(0..1_000, None);
    assert!(summary.violations.is_empty(), "{summary}");
    assert_eq!(summary.rooms, 1_000);
    let tally = summary.tally;
    assert!(summary.rooms_with_third_requests > 300, "{summary}");
    assert!(tally.overtaken > 300, "{summary}");
    assert!(
        tally.served > 3_000 && tally.overflowed > 500 && tally.told > 1_000,
        "{summary}"
    );
}

#[test]
fn every_planted_fault_is_found_by_its_own_rule() {
    for fault in PlantedQueueFault::ALL {
        let summary = simulate_queues(0..400, Some(fault));
        let broken: Vec<QueueRule> = summary.violations.iter().map(|(_, b)| b.rule).collect();
        let rule = fault.breaks();
        assert!(
            broken.contains(&rule),
            "{fault:?} should break {rule:?}, broken were {broken:?}"
        );
    }
}
