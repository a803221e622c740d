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
    /// What each recording cost.
    pub spent: Vec<Spent>,
    /// From the beginning of each recording to its first partial result with words, in the time of the sound.
    pub first_partials: Vec<Duration>,
    /// From the beginning of each recording to the partial result that its final one only repeats, likewise.
    pub standing_partials: Vec<Duration>,
    /// The time from the end of each turn to its result, on the clock.
    pub final_latencies: Vec<Duration>,
    /// Wrong words of each recording whose text is known; characters in Mandarin.
    pub words: Vec<TextErrors>,
    /// Wrong letters of each recording whose text is known; characters in Mandarin.
    pub letters: Vec<TextErrors>,
    /// The confidence of each accepted result, and whether it was right.
    pub confidences: Vec<(PerMille, bool)>,
}

/// What hearing a recording cost.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spent {
    /// Seconds of sound, silence included.
    pub audio_seconds: f64,
    /// CPU seconds spent on it.
    pub cpu_seconds: f64,
}

/// How far a text was from what was said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextErrors {
    /// Units left out, put in and put in another's place.
    pub errors: usize,
    /// Units said.
    pub said: usize,
}

/// So many steps of confidence are told apart when it is held against the truth.
const CONFIDENCE_STEPS: usize = 10;

impl EvalReport {
    /// Adds another run's counts.
    pub fn add(&mut self, other: Self) {
        self.clips += other.clips;
        self.right += other.right;
        self.accepted += other.accepted;
        self.slots += other.slots;
        self.slots_found += other.slots_found;
        self.spotted += other.spotted;
        self.spent.extend(other.spent);
        self.first_partials.extend(other.first_partials);
        self.standing_partials.extend(other.standing_partials);
        self.final_latencies.extend(other.final_latencies);
        self.words.extend(other.words);
        self.letters.extend(other.letters);
        self.confidences.extend(other.confidences);
    }

    /// By how much confidence misses the share of right results, each step of a tenth weighed by its results
    /// (expected calibration error); 0 to 1, none without a result.
    pub fn calibration_error(&self) -> Option<f64> {
        let mut steps = [(0.0, 0.0); CONFIDENCE_STEPS];
        for (confidence, is_right) in &self.confidences {
            let sure = f64::from(confidence.thousandths()) / 1_000.0;
            let step = ((sure * CONFIDENCE_STEPS as f64) as usize).min(CONFIDENCE_STEPS - 1);
            steps[step].0 += sure;
            steps[step].1 += f64::from(u8::from(*is_right));
        }
        let missed: f64 = steps
            .iter()
            .map(|(sure, right)| f64::abs(sure - right))
            .sum();
        let results = self.confidences.len();
        (results > 0).then(|| missed / results as f64)
    }

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
        let sum = |of: fn(&Spent) -> f64| self.spent.iter().map(of).sum::<f64>();
        match sum(|it| it.audio_seconds) {
            seconds if seconds > 0.0 => sum(|it| it.cpu_seconds) / seconds,
            _ => 0.0,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_that_comes_true_has_no_error() {
        let sure = |thousandths, right| (PerMille::new(thousandths), right);
        let report = |confidences: &[(PerMille, bool)]| EvalReport {
            confidences: confidences.to_vec(),
            ..EvalReport::default()
        };
        let half = report(&[sure(500, true), sure(500, false)]);
        assert_eq!(half.calibration_error(), Some(0.0));
        let boasting = report(&[sure(1_000, true), sure(1_000, false)]);
        assert_eq!(boasting.calibration_error(), Some(0.5));
        assert_eq!(report(&[]).calibration_error(), None);
    }
}
