//! The voice's pitch by normalised cross-correlation.

use crate::spectrum::dot;

/// Samples that are compared with the ones a period earlier: 20 ms.
const COMPARED: usize = 160;
/// Shortest and longest period looked for: 571 and 62.5 Hz.
const PERIOD_MIN: usize = 14;
const PERIOD_MAX: usize = 128;
/// Samples a pitch is read from.
pub const REACH: usize = COMPARED + PERIOD_MAX + 1;
/// A correlation below this is no voice.
pub const VOICED_FROM: f32 = 0.5;
/// A longer period must correlate better by so much for each octave, since every multiple of a period fits too.
const OCTAVE_COST: f32 = 0.06;
/// A period that is far from the last one costs so much for each octave.
const JUMP_COST: f32 = 0.08;

const PERIODS: usize = PERIOD_MAX - PERIOD_MIN + 1;

/// A frame's pitch.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Pitch {
    /// Fundamental frequency; 0 where nothing correlates.
    pub hz: f32,
    /// Normalised cross-correlation at that period, −1 to 1.
    pub correlation: f32,
}

impl Pitch {
    /// Whether this is the sound of a voice.
    pub fn is_voiced(&self) -> bool {
        self.correlation >= VOICED_FROM && self.hz > 0.0
    }

    /// Harmonics to noise in dB, −10 to 30, from the correlation `r`: 10·log₁₀(r / (1 − r))
    /// (Boersma 1993).
    pub fn harmonicity_db(&self) -> f32 {
        let r = self.correlation.clamp(0.05, 0.999);
        (10.0 * (r / (1.0 - r)).log10()).clamp(-10.0, 30.0)
    }
}

/// Follows the pitch from frame to frame.
#[derive(Clone, Debug, Default)]
pub struct PitchTracker {
    /// The last voiced frame's period, in samples.
    last: Option<f32>,
}

impl PitchTracker {
    /// Forgets what was; after a gap.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// The pitch at the end of `samples`, which are at least [`REACH`] long, the newest last.
    pub fn find(&mut self, samples: &[f32]) -> Pitch {
        let Some(from) = samples.len().checked_sub(REACH) else {
            return Pitch::default();
        };
        let samples = &samples[from..];
        let newest = &samples[REACH - COMPARED..];
        let energy = dot(newest, newest);
        if energy < COMPARED as f32 {
            self.last = None;
            return Pitch::default();
        }
        let correlations = correlations(samples, newest, energy);
        let pitch = self.choose(&correlations);
        self.last = pitch.is_voiced().then(|| 8_000.0 / pitch.hz);
        pitch
    }

    fn choose(&self, correlations: &[f32; PERIODS]) -> Pitch {
        let mut best: Option<(f32, usize)> = None;
        for at in 1..PERIODS - 1 {
            let here = correlations[at];
            if here < correlations[at - 1] || here < correlations[at + 1] {
                continue;
            }
            let period = (at + PERIOD_MIN) as f32;
            let octaves = (period / PERIOD_MIN as f32).log2();
            let jump = self.last.map_or(0.0, |last| (period / last).log2().abs());
            let worth = here - OCTAVE_COST * octaves - JUMP_COST * jump.min(1.0);
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, at));
            }
        }
        let Some((_, at)) = best else {
            return Pitch::default();
        };
        let (offset, peak) = summit(correlations[at - 1], correlations[at], correlations[at + 1]);
        Pitch {
            hz: 8_000.0 / ((at + PERIOD_MIN) as f32 + offset),
            correlation: peak.min(1.0),
        }
    }
}

/// One correlation a period, each normalised by the energies of both stretches.
fn correlations(samples: &[f32], newest: &[f32], energy: f32) -> [f32; PERIODS] {
    let mut found = [0.0; PERIODS];
    let start = REACH - COMPARED - PERIOD_MIN;
    let mut earlier_energy = dot(
        &samples[start..start + COMPARED],
        &samples[start..start + COMPARED],
    );
    for (place, found) in found.iter_mut().enumerate() {
        let from = start - place;
        let earlier = &samples[from..from + COMPARED];
        if place > 0 {
            let gone = samples[from + COMPARED];
            earlier_energy += samples[from] * samples[from] - gone * gone;
        }
        let norm = (energy * earlier_energy.max(1.0)).sqrt();
        *found = dot(newest, earlier) / norm;
    }
    found
}

/// The summit of the parabola through three neighbouring values: its offset from the
/// middle one, and its height.
pub fn summit(before: f32, middle: f32, after: f32) -> (f32, f32) {
    let bend = before - 2.0 * middle + after;
    if bend >= 0.0 {
        return (0.0, middle);
    }
    let offset = (0.5 * (before - after) / bend).clamp(-0.5, 0.5);
    (offset, middle - 0.25 * (before - after) * offset)
}
