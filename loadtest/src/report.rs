//! What is printed and kept of the calls that were judged.

use crate::call::{CallRecord, Ending};
use crate::scenario::{Measure, MeasureKind, Run, Verdict};
use serde::Serialize;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Prints a line. Whoever reads may have gone away (`| head`); the call goes on.
pub fn tell(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// One judged call.
#[derive(Debug, Serialize)]
pub struct CallReport {
    /// The scenario's name.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// The SIP Call-ID.
    pub call_id: String,
    /// Whether every step went as told and the call ended in order.
    pub went_as_told: bool,
    /// How it ended.
    pub ending: Ending,
    /// What became of each step.
    pub verdicts: Vec<Verdict>,
    /// Steps that were never reached.
    pub unreached: Vec<String>,
    /// Packets sent.
    pub sent: u64,
    /// Packets received.
    pub received: u64,
    /// Packets that never came.
    pub lost: u64,
    /// How often this machine was too late to send: the figures of such a call are worse than
    /// the server's.
    pub clock_moved: u32,
    /// The recording, caller left, what was heard right.
    pub recording: PathBuf,
}

impl CallReport {
    /// The report of a call that is over.
    pub fn new(
        name: &str,
        title: &str,
        run: &Run,
        record: &CallRecord,
        recording: PathBuf,
    ) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            call_id: record.call_id.clone(),
            went_as_told: run.went_as_told() && record.was_held(),
            ending: record.ending.clone(),
            verdicts: run.verdicts().to_vec(),
            unreached: run
                .unreached()
                .iter()
                .map(|step| step.text.clone())
                .collect(),
            sent: record.sent,
            received: record.stats.received,
            lost: record.stats.lost,
            clock_moved: record.clock_moved,
            recording,
        }
    }

    fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.verdicts.iter().flat_map(|verdict| &verdict.measures)
    }
}

/// Several figures of one kind.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Spread {
    /// What was measured.
    pub kind: MeasureKind,
    /// How often.
    pub count: usize,
    /// The middle one, in milliseconds.
    pub p50_ms: u64,
    /// The one that 95 of 100 stay within, in milliseconds.
    pub p95_ms: u64,
    /// The longest, in milliseconds.
    pub worst_ms: u64,
}

/// All calls of one run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether every call went as told.
    pub went_as_told: bool,
    /// The calls in order.
    pub calls: Vec<CallReport>,
    /// What was measured over all of them.
    pub figures: Vec<Spread>,
}

impl Report {
    /// A report of these calls.
    pub fn new(calls: Vec<CallReport>) -> Self {
        let figures = MeasureKind::ALL
            .into_iter()
            .filter_map(|kind| {
                let of_kind = calls
                    .iter()
                    .flat_map(CallReport::measures)
                    .filter(|measure| measure.kind == kind);
                spread(kind, of_kind.map(|measure| measure.took).collect())
            })
            .collect();
        Self {
            went_as_told: !calls.is_empty() && calls.iter().all(|call| call.went_as_told),
            calls,
            figures,
        }
    }
}

fn spread(kind: MeasureKind, mut times: Vec<Duration>) -> Option<Spread> {
    times.sort();
    let millis = |time: Option<&Duration>| time.map(|time| time.as_millis() as u64);
    Some(Spread {
        kind,
        count: times.len(),
        p50_ms: millis(percentile(&times, 50))?,
        p95_ms: millis(percentile(&times, 95))?,
        worst_ms: millis(times.last())?,
    })
}

/// The smallest of sorted values that `share` of a hundred do not exceed (nearest rank).
pub fn percentile<T>(sorted: &[T], share: usize) -> Option<&T> {
    let rank = (sorted.len() * share).div_ceil(100);
    sorted.get(rank.saturating_sub(1))
}

/// A table of the calls, then one of the figures.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<24} {:>7} {:>10} {:>6} {:>6}  recording",
            "call", "steps", "as told", "lost", "late"
        )?;
        for call in &self.calls {
            let all = call.verdicts.len() + call.unreached.len();
            let passed = call
                .verdicts
                .iter()
                .filter(|verdict| verdict.passed)
                .count();
            let word = if call.went_as_told { "yes" } else { "NO" };
            let (name, steps) = (&call.name, format!("{passed}/{all}"));
            let recording = call.recording.display();
            writeln!(
                f,
                "{name:<24} {steps:>7} {word:>10} {:>6} {:>6}  {recording}",
                call.lost, call.clock_moved
            )?;
        }
        if self.figures.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n{:<24} {:>7} {:>10} {:>10} {:>10}",
            "measured by sound", "count", "p50 ms", "p95 ms", "worst ms"
        )?;
        for figure in &self.figures {
            let Spread {
                kind,
                count,
                p50_ms,
                p95_ms,
                worst_ms,
            } = figure;
            writeln!(
                f,
                "{kind:<24} {count:>7} {p50_ms:>10} {p95_ms:>10} {worst_ms:>10}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values: Vec<u32> = (1..=20).collect();
        assert_eq!(percentile(&values, 50), Some(&10));
        assert_eq!(percentile(&values, 95), Some(&19));
        assert_eq!(percentile(&values[..1], 95), Some(&1));
        assert_eq!(percentile::<u32>(&[], 50), None);
    }

    #[test]
    fn a_run_without_calls_did_not_go_as_told() {
        assert!(!Report::new(Vec::new()).went_as_told);
    }
}
