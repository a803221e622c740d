//! What a run found.

use call_model::PerMille;
use std::fmt;
use std::time::Duration;

/// The counts of one run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EvalReport {
    /// Recordings heard.
    pub clips: usize,
    /// Recordings of which everything that was expected came true.
    pub right: usize,
    /// Recordings that were not rejected.
    pub accepted: usize,
    /// Slots that were said.
    pub slots: usize,
    /// Slots that were understood.
    pub slots_found: usize,
    /// Escalation words that were found.
    pub spotted: usize,
    /// Partial results that were given.
    pub partials: usize,
    /// Seconds of sound, silence included.
    pub audio_seconds: f64,
    /// CPU seconds spent on it.
    pub cpu_seconds: f64,
    /// The time from the end of each turn to its result.
    pub final_latencies: Vec<Duration>,
    /// The confidence of each accepted result, and whether it was right.
    pub confidences: Vec<(PerMille, bool)>,
}

impl EvalReport {
    /// Right recordings, in percent.
    pub fn right_percent(&self) -> f64 {
        percent(self.right, self.clips)
    }

    /// Accepted recordings, in percent; of foreign speech these are the false accepts.
    pub fn accepted_percent(&self) -> f64 {
        percent(self.accepted, self.clips)
    }

    /// Understood slots, in percent.
    pub fn slot_percent(&self) -> f64 {
        percent(self.slots_found, self.slots)
    }

    /// CPU seconds a second of sound.
    pub fn cpu_share(&self) -> f64 {
        match self.audio_seconds > 0.0 {
            true => self.cpu_seconds / self.audio_seconds,
            false => 0.0,
        }
    }

    /// The latency that so many percent of the results do not pass.
    pub fn latency(&self, percentile: usize) -> Duration {
        let mut sorted = self.final_latencies.clone();
        sorted.sort();
        let place = sorted.len().saturating_sub(1) * percentile.min(100) / 100;
        sorted.get(place).copied().unwrap_or_default()
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    match whole {
        0 => 0.0,
        _ => 100.0 * part as f64 / whole as f64,
    }
}

impl fmt::Display for EvalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} right ({:.1} %), {} accepted ({:.1} %)",
            self.right,
            self.clips,
            self.right_percent(),
            self.accepted,
            self.accepted_percent(),
        )?;
        if self.slots > 0 {
            write!(
                f,
                ", {} of {} slots ({:.1} %)",
                self.slots_found,
                self.slots,
                self.slot_percent()
            )?;
        }
        write!(
            f,
            ", {} escalation words; {:.4} CPU s/s, final after {:.0} ms (p50) {:.0} ms (p95) {:.0} ms (longest)",
            self.spotted,
            self.cpu_share(),
            self.latency(50).as_secs_f64() * 1e3,
            self.latency(95).as_secs_f64() * 1e3,
            self.latency(100).as_secs_f64() * 1e3,
        )
    }
}
