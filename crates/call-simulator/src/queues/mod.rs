//! Whole waiting rooms in virtual time: queues with several agents, callers who
//! come, ask again, lose patience and come back, agents who answer or do not.
//!
//! Each seed is one room. An onlooker who knows nothing of its inside holds every
//! order it gives to the rules.

mod drawn;
mod faults;
mod onlooker;
mod rules;
mod seen;
mod tally;
mod world;

pub use faults::PlantedQueueFault;
pub use rules::{BrokenQueueRule, QueueRule};
pub use tally::QueueTally;

use std::fmt;
use std::ops::Range;

/// What came of a range of seeds.
#[derive(Clone, Debug, Default)]
pub struct QueueSummary {
    /// Rooms that were run.
    pub rooms: u64,
    /// Rooms in which somebody asked for a third time while they waited.
    pub rooms_with_third_requests: u64,
    /// What happened in all of them.
    pub tally: QueueTally,
    /// Rules that were broken, with the seed.
    pub violations: Vec<(u64, BrokenQueueRule)>,
}

/// More violations than a reader wants.
const VIOLATIONS_MAX: usize = 100;

/// Runs one room a seed, with a planted fault or none. Stops early once there are a
/// hundred violations.
pub fn simulate_queues(seeds: Range<u64>, fault: Option<PlantedQueueFault>) -> QueueSummary {
    let mut summary = QueueSummary::default();
    for seed in seeds {
        let (tally, broken) = world::run(seed, fault);
        summary.rooms += 1;
        summary.rooms_with_third_requests += u64::from(tally.third_requests > 0);
        summary.tally.add(&tally);
        let broken = broken.into_iter().map(|broken| (seed, broken));
        summary.violations.extend(broken);
        if summary.violations.len() >= VIOLATIONS_MAX {
            break;
        }
    }
    summary
}

impl fmt::Display for QueueSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tally = &self.tally;
        let rows = [
            ("rooms", self.rooms),
            ("callers", tally.callers),
            ("  had an agent", tally.served),
            ("  had the overflow target", tally.overflowed),
            ("  were told that nobody was to be had", tally.told),
            ("  left by themselves", tally.left),
            ("phones rung", tally.rings),
            ("phones rung in vain", tally.in_vain),
            ("rooms with a third request", self.rooms_with_third_requests),
            ("third requests while waiting", tally.third_requests),
            ("  waiters they overtook", tally.overtaken),
            ("violations", self.violations.len() as u64),
        ];
        for (what, count) in rows {
            writeln!(f, "{what:<40} {count:>9}")?;
        }
        write!(
            f,
            "{:<40} {:>8}s",
            "longest wait for an agent",
            tally.longest_wait.as_secs()
        )?;
        for (seed, broken) in self.violations.iter().take(5) {
            write!(f, "\n\nseed {seed}: {broken}")?;
        }
        Ok(())
    }
}
