//! `bellhop simulate`.

use crate::cli::Simulate;
use call_simulator::escape::escape;
use call_simulator::queues::{PlantedQueueFault, simulate_queues};
use call_simulator::session::simulate_sessions;
use call_simulator::{PlantedFault, Summary, Violation, simulate};
use std::process::ExitCode;

/// Violations shown at most.
const SHOWN: usize = 5;

/// Runs seeds and prints what came of them.
pub fn run(options: &Simulate) -> anyhow::Result<ExitCode> {
    let seeds = options.first..options.first.saturating_add(options.seeds);
    let is_good = if options.plant_faults {
        plant(&seeds) & plant_in_queues(&seeds)
    } else if options.escape {
        let table = escape(seeds, None);
        println!("{table}");
        table.failed().is_empty()
    } else if let Some(rooms) = options.queues {
        let summary = simulate_queues(options.first..options.first.saturating_add(rooms), None);
        println!("{summary}");
        summary.violations.is_empty()
    } else if options.sessions {
        let summary = simulate_sessions(seeds);
        println!("{summary}");
        summary.violations.is_empty()
    } else {
        let summary = simulate(seeds, None);
        show(&summary);
        summary.violations.is_empty()
    };
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn show(summary: &Summary) {
    for (outcome, count) in &summary.outcomes {
        println!("{outcome:<40} {count:>9}");
    }
    println!("{:<40} {:>9}", "violations", summary.violations.len());
    for violation in summary.violations.iter().take(SHOWN) {
        println!(
            "\nseed {}: {:?}\n{}",
            violation.seed, violation.rule, violation.trace
        );
    }
}

/// Plants every fault in turn; whether each was found.
fn plant(seeds: &std::ops::Range<u64>) -> bool {
    let mut missed = 0;
    for fault in PlantedFault::ALL {
        let name = format!("{fault:?}");
        let summary = simulate(seeds.clone(), Some(fault));
        match summary.violations.first() {
            Some(Violation { seed, rule, .. }) => {
                let count = summary.violations.len();
                println!("{name:<32} found {count} times, first by seed {seed}: {rule:?}");
            }
            None => {
                missed += 1;
                println!("{name:<32} NOT FOUND");
            }
        }
    }
    missed == 0
}

/// The same for waiting rooms.
fn plant_in_queues(seeds: &std::ops::Range<u64>) -> bool {
    let mut missed = 0;
    for fault in PlantedQueueFault::ALL {
        let name = format!("queue: {fault:?}");
        let summary = simulate_queues(seeds.clone(), Some(fault));
        let mut found = summary.violations.iter();
        match found.find(|(_, broken)| broken.rule == fault.breaks()) {
            Some((seed, broken)) => {
                let count = summary.violations.len();
                let rule = broken.rule;
                println!("{name:<32} found {count} times, first by seed {seed}: {rule:?}");
            }
            None => {
                missed += 1;
                println!("{name:<32} NOT FOUND");
            }
        }
    }
    missed == 0
}
