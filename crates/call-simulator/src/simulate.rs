//! A range of seeds, and what came of them.

use crate::check::Rule;
use crate::fault::PlantedFault;
use crate::world::World;
use std::collections::BTreeMap;
use std::ops::Range;

/// What came of a range of seeds.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Calls by how they ended.
    pub outcomes: BTreeMap<String, u64>,
    /// Rules that were broken.
    pub violations: Vec<Violation>,
}

/// A rule that a seed's call broke.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The seed, to run it again.
    pub seed: u64,
    /// The rule.
    pub rule: Rule,
    /// What was wrong and when, and the call's journal as JSON lines.
    pub trace: String,
}

/// More violations than a reader wants.
const VIOLATIONS_MAX: usize = 100;

/// Runs one call a seed, with a planted fault or none.
///
/// Stops early once there are a hundred violations.
pub fn simulate(seeds: Range<u64>, fault: Option<PlantedFault>) -> Summary {
    let mut summary = Summary::default();
    for seed in seeds {
        let run = World::from_seed(seed).with_fault(fault).run();
        for broken in &run.broken {
            let mut trace = format!("at {}: {}\n", broken.at, broken.what);
            for line in &run.journal {
                trace.push_str(&serde_json::to_string(line).unwrap_or_default());
                trace.push('\n');
            }
            summary.violations.push(Violation {
                seed,
                rule: broken.rule,
                trace,
            });
        }
        *summary.outcomes.entry(run.outcome).or_default() += 1;
        if summary.violations.len() >= VIOLATIONS_MAX {
            break;
        }
    }
    summary
}
