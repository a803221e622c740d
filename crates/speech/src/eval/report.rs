//! What a run found.

use call_model::{PerMille, Private};
use std::fmt;
use std::time::Duration;

/// What one run found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EvalReport {
    /// What became of each recording.
    pub recordings: Vec<Judged>,
}

/// What became of one recording.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// Who speaks; empty where nobody knows.
    pub speaker: String,
    /// What was understood, or read and then rejected; empty where the engine had no reading at all.
    pub text: Private<String>,
    /// Everything that was expected came true.
    pub is_right: bool,
    /// It was taken for a phrase of the grammar.
    pub is_accepted: bool,
    /// How sure the engine was of its reading, of one that it rejected too; none: it had no reading that is a phrase of
    /// the grammar.
    pub confidence: Option<PerMille>,
    /// Slots that were said.
    pub slots: usize,
    /// Slots that were understood.
    pub slots_found: usize,
    /// Escalation words that were found.
    pub spotted: usize,
    /// Wrong words, where the text is known; characters in Mandarin.
    pub words: Option<TextErrors>,
    /// Wrong letters, where the text is known; characters in Mandarin.
    pub letters: Option<TextErrors>,
    /// From its beginning to the first partial result with words, in the time of the sound.
    pub first_partial: Option<Duration>,
    /// From its beginning to the partial result that the final one only repeats, likewise.
    pub standing_partial: Option<Duration>,
    /// The time from the end of the turn to its result, on the clock.
    pub final_latency: Duration,
    /// What it cost.
    pub spent: Spent,
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
    /// Adds another run.
    pub fn add(&mut self, other: Self) {
        self.recordings.extend(other.recordings);
    }

    /// Recordings heard.
    pub const fn clips(&self) -> usize {
        self.recordings.len()
    }

    /// Recordings of which everything that was expected came true.
    pub fn right(&self) -> usize {
        self.count(|it| usize::from(it.is_right))
    }

    /// Recordings that were not rejected.
    pub fn accepted(&self) -> usize {
        self.count(|it| usize::from(it.is_accepted))
    }

    /// Slots that were said.
    pub fn slots(&self) -> usize {
        self.count(|it| it.slots)
    }

    /// Slots that were understood.
    pub fn slots_found(&self) -> usize {
        self.count(|it| it.slots_found)
    }

    fn count(&self, of: impl Fn(&Judged) -> usize) -> usize {
        self.recordings.iter().map(of).sum()
    }

    /// By how much confidence misses the share of right results, each step of a tenth weighed by its results
    /// (expected calibration error); 0 to 1, none without a result.
    pub fn calibration_error(&self) -> Option<f64> {
        let mut steps = [(0.0, 0.0); CONFIDENCE_STEPS];
        let mut results = 0;
        for judged in self.recordings.iter().filter(|it| it.is_accepted) {
            let confidence = judged.confidence.unwrap_or(PerMille::ZERO);
            let sure = f64::from(confidence.thousandths()) / 1_000.0;
            let step = ((sure * CONFIDENCE_STEPS as f64) as usize).min(CONFIDENCE_STEPS - 1);
            steps[step].0 += sure;
            steps[step].1 += f64::from(u8::from(judged.is_right));
            results += 1;
        }
        let missed: f64 = steps
            .iter()
            .map(|(sure, right)| f64::abs(sure - right))
            .sum();
        (results > 0).then(|| missed / f64::from(results))
    }

    /// Right recordings, in percent.
    pub fn right_percent(&self) -> f64 {
        percent(self.right(), self.clips())
    }

    /// Accepted recordings, in percent; of foreign speech these are the false accepts.
    pub fn accepted_percent(&self) -> f64 {
        percent(self.accepted(), self.clips())
    }

    /// Understood slots, in percent.
    pub fn slot_percent(&self) -> f64 {
        percent(self.slots_found(), self.slots())
    }

    /// CPU seconds a second of sound.
    pub fn cpu_share(&self) -> f64 {
        let spent = || self.recordings.iter().map(|it| it.spent);
        let sum = |of: fn(Spent) -> f64| spent().map(of).sum::<f64>();
        match sum(|it| it.audio_seconds) {
            seconds if seconds > 0.0 => sum(|it| it.cpu_seconds) / seconds,
            _ => 0.0,
        }
    }

    /// The latency that so many percent of the results do not pass.
    pub fn latency(&self, percentile: usize) -> Duration {
        let latencies = self.recordings.iter().map(|it| it.final_latency);
        let mut sorted: Vec<Duration> = latencies.collect();
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
            self.right(),
            self.clips(),
            self.right_percent(),
            self.accepted(),
            self.accepted_percent(),
        )?;
        if self.slots() > 0 {
            write!(
                f,
                ", {} of {} slots ({:.1} %)",
                self.slots_found(),
                self.slots(),
                self.slot_percent()
            )?;
        }
        write!(
            f,
            ", {} escalation words; {:.4} CPU s/s, final after {:.0} ms (p50) {:.0} ms (p95) {:.0} ms (longest)",
            self.count(|it| it.spotted),
            self.cpu_share(),
            self.latency(50).as_secs_f64() * 1e3,
            self.latency(95).as_secs_f64() * 1e3,
            self.latency(100).as_secs_f64() * 1e3,
        )
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn judged(confidence: u16, is_right: bool) -> Judged {
        Judged {
            speaker: String::new(),
            text: Private::new(String::new()),
            is_right,
            is_accepted: true,
            confidence: Some(PerMille::new(confidence)),
            slots: 0,
            slots_found: 0,
            spotted: 0,
            words: None,
            letters: None,
            first_partial: None,
            standing_partial: None,
            final_latency: Duration::ZERO,
            spent: Spent {
                audio_seconds: 1.0,
                cpu_seconds: 0.0,
            },
        }
    }

    #[test]
    fn confidence_that_comes_true_has_no_error() {
        let report = |recordings: &[Judged]| EvalReport {
            recordings: recordings.to_vec(),
        };
        let half = report(&[judged(500, true), judged(500, false)]);
        assert_eq!(half.calibration_error(), Some(0.0));
        let boasting = report(&[judged(1_000, true), judged(1_000, false)]);
        assert_eq!(boasting.calibration_error(), Some(0.5));
        let rejected = Judged {
            is_accepted: false,
            ..judged(1_000, false)
        };
        assert_eq!(report(&[rejected]).calibration_error(), None);
    }
}
