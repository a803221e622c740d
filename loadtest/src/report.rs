//! What is printed and kept of the calls that were judged.

use crate::call::{Acted, Ending};
use crate::scenario::{Measure, MeasureKind, Verdict};
use serde::Serialize;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Prints a line. Whoever reads may have gone away (`| head`); the call goes on.
pub fn tell(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// One judged scenario.
#[derive(Debug, Serialize)]
pub struct CallReport {
    /// The scenario's name.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// The SIP Call-ID of the first call.
    pub call_id: String,
    /// Whether every step went as told and every call ended in order.
    pub went_as_told: bool,
    /// What became of each step.
    pub verdicts: Vec<Verdict>,
    /// Steps that were never reached.
    pub unreached: Vec<String>,
    /// Who called, in order, then the calls that phones answered.
    pub parties: Vec<PartyReport>,
}

/// One party's call.
#[derive(Debug, Serialize)]
pub struct PartyReport {
    /// The party's name.
    pub name: String,
    /// The SIP Call-ID of this leg.
    pub call_id: String,
    /// How a caller's call ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// Packets received.
    pub received: u64,
    /// Packets that never came.
    pub lost: u64,
    /// How often this machine was too late to send: the figures of such a call are worse than
    /// the server's.
    pub clock_moved: u32,
    /// The recording, what was said left, what was heard right.
    pub recording: PathBuf,
}

/// A scenario that needs what is not on this machine.
#[derive(Debug, Serialize)]
pub struct Skipped {
    /// The scenario's name.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// What is missing.
    pub why: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SKIPPED {}: {} ({})", self.name, self.title, self.why)
    }
}

impl CallReport {
    /// The report of a scenario that was acted out; its sound will lie in `out`.
    pub fn new(name: &str, title: &str, acted: &Acted, out: &Path) -> Self {
        let run = &acted.run;
        let all = &run.scenario().parties;
        let recording = |place: usize, who: usize| {
            let file = match place {
                0 => format!("{name}.wav"),
                _ => format!("{name}.{}-{place}.wav", all[who].name),
            };
            out.join(file)
        };
        let callers = acted
            .calls
            .iter()
            .enumerate()
            .map(|(place, (who, record))| PartyReport {
                name: all[*who].name.clone(),
                call_id: record.call_id.clone(),
                ending: Some(record.ending.clone()),
                received: record.stats.received,
                lost: record.stats.lost,
                clock_moved: record.clock_moved,
                recording: recording(place, *who),
            });
        let first = acted.calls.len();
        let agents = acted
            .answered
            .iter()
            .enumerate()
            .map(|(place, (who, call))| PartyReport {
                name: all[*who].name.clone(),
                call_id: call.ring.call_id.clone(),
                ending: None,
                received: call.stats.received,
                lost: call.stats.lost,
                clock_moved: 0,
                recording: recording(first + place, *who),
            });
        let parties: Vec<PartyReport> = callers.chain(agents).collect();
        let were_held = acted.calls.iter().all(|(_, record)| record.was_held());
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            call_id: parties
                .first()
                .map_or(String::new(), |party| party.call_id.clone()),
            went_as_told: run.went_as_told() && were_held && !acted.calls.is_empty(),
            verdicts: run.verdicts().to_vec(),
            unreached: run
                .unreached()
                .iter()
                .map(|step| step.text.clone())
                .collect(),
            parties,
        }
    }

    /// Prints how each caller's call ended.
    pub fn tell_endings(&self) {
        let several = self.parties.len() > 1;
        for party in &self.parties {
            let Some(ending) = &party.ending else {
                continue;
            };
            let told = match ending {
                Ending::ByUs => "I hung up".to_owned(),
                Ending::ByPeer => "the other side hung up".to_owned(),
                Ending::Refused(status, reason) => format!("refused: {status} {reason}"),
                Ending::Failed(what) => format!("failed: {what}"),
            };
            let who = match several {
                true => format!("{}: ", party.name),
                false => String::new(),
            };
            tell(format_args!(
                "          {who}{told} (Call-ID {})",
                party.call_id
            ));
        }
    }

    fn lost(&self) -> u64 {
        self.parties.iter().map(|party| party.lost).sum()
    }

    fn clock_moved(&self) -> u32 {
        self.parties.iter().map(|party| party.clock_moved).sum()
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
    /// The scenarios in order.
    pub calls: Vec<CallReport>,
    /// Those that could not be tried here.
    pub skipped: Vec<Skipped>,
    /// What was measured over all of them.
    pub figures: Vec<Spread>,
}

impl Report {
    /// A report of these calls, and of those that were skipped.
    pub fn new(calls: Vec<CallReport>, skipped: Vec<Skipped>) -> Self {
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
            skipped,
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
            let recording = call.parties.first().map(|party| party.recording.display());
            writeln!(
                f,
                "{name:<24} {steps:>7} {word:>10} {:>6} {:>6}  {}",
                call.lost(),
                call.clock_moved(),
                recording.map_or(String::new(), |path| path.to_string())
            )?;
        }
        for skipped in &self.skipped {
            writeln!(f, "{skipped}")?;
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
        assert!(!Report::new(Vec::new(), Vec::new()).went_as_told);
    }
}
