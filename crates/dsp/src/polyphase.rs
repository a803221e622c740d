//! Between a sample rate and a whole multiple of it while the sound is running.
//!
//! Both directions use one low-pass at the higher rate, a sinc under a Kaiser window (β = 4.55) that reaches
//! [`CROSSINGS`] samples of the lower rate to each side. It is linear in phase and delays the sound by as many
//! samples of the lower rate. From 8 to 48 kHz: flat within 0.1 dB up to 3.4 kHz, at least 45 dB down from 4.6 kHz on.

use crate::halfband::bessel;
use std::f64::consts::PI;

/// Samples of the lower rate that the filter reaches to each side.
const CROSSINGS: usize = 12;
const KAISER_BETA: f64 = 4.55;

/// Multiplies the sample rate of a stream.
#[derive(Clone, Debug)]
pub struct Interpolator {
    factor: usize,
    taps: Vec<f32>,
    past: Past,
}

impl Interpolator {
    /// How far what comes out lags behind, in samples of the lower rate.
    pub const LAG: usize = CROSSINGS;

    /// A stream that was silent until now, to a rate `factor` times as high.
    ///
    /// # Panics
    /// A factor of zero.
    pub fn new(factor: usize) -> Self {
        let taps = low_pass(factor);
        Self {
            factor,
            taps,
            past: Past::silent(2 * CROSSINGS + 1),
        }
    }

    /// Appends the `factor` samples that follow from one.
    pub fn push(&mut self, sample: f32, raised: &mut Vec<f32>) {
        self.past.push(sample);
        for phase in 0..self.factor {
            let taps = self.taps.iter().skip(phase).step_by(self.factor);
            let sum: f32 = self.past.back().zip(taps).map(|(it, tap)| it * tap).sum();
            raised.push(sum);
        }
    }
}

/// Divides the sample rate of a stream.
#[derive(Clone, Debug)]
pub struct Decimator {
    factor: usize,
    taps: Vec<f32>,
    past: Past,
}

impl Decimator {
    /// How far what comes out lags behind, in samples of the lower rate.
    pub const LAG: usize = CROSSINGS;

    /// A stream that was silent until now, to a rate `factor` times as low.
    ///
    /// # Panics
    /// A factor of zero.
    pub fn new(factor: usize) -> Self {
        let taps = low_pass(factor);
        Self {
            factor,
            past: Past::silent(taps.len()),
            taps,
        }
    }

    /// The sample that follows from `factor` of the higher rate.
    pub fn push(&mut self, samples: &[f32]) -> f32 {
        let Some((first, others)) = samples.split_first() else {
            return 0.0;
        };
        self.past.push(*first);
        let weighed = self.past.back().zip(&self.taps);
        let sum: f32 = weighed.map(|(it, tap)| it * tap).sum();
        for sample in others {
            self.past.push(*sample);
        }
        sum / self.factor as f32
    }
}

/// The low-pass at the higher rate; the taps of one phase add up to one.
fn low_pass(factor: usize) -> Vec<f32> {
    assert!(
        factor > 0,
        "a rate is multiplied or divided by one at least"
    );
    let reach = CROSSINGS * factor;
    let tap = |at: usize| {
        let crossings = (at as f64 - reach as f64) / factor as f64;
        let sinc = match at == reach {
            true => 1.0,
            false => (PI * crossings).sin() / (PI * crossings),
        };
        let place = crossings / (CROSSINGS as f64 + 1.0);
        sinc * bessel(KAISER_BETA * (1.0 - place * place).sqrt()) / bessel(KAISER_BETA)
    };
    (0..=2 * reach).map(|at| tap(at) as f32).collect()
}

/// The last samples of a stream, in a ring.
#[derive(Clone, Debug)]
struct Past {
    samples: Vec<f32>,
    newest: usize,
}

impl Past {
    fn silent(length: usize) -> Self {
        Self {
            samples: vec![0.0; length],
            newest: 0,
        }
    }

    fn push(&mut self, sample: f32) {
        self.newest = self.newest.checked_sub(1).unwrap_or(self.samples.len() - 1);
        self.samples[self.newest] = sample;
    }

    /// From the newest sample back.
    fn back(&self) -> impl Iterator<Item = &f32> {
        let (older, newer) = self.samples.split_at(self.newest);
        newer.iter().chain(older)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::{rms, to_db};
    use crate::{to_sample, tone};

    fn raised(sound: &[i16], factor: usize) -> Vec<f32> {
        let mut up = Interpolator::new(factor);
        let mut raised = Vec::new();
        for &sample in sound {
            up.push(f32::from(sample), &mut raised);
        }
        raised
    }

    fn lowered(sound: &[f32], factor: usize) -> Vec<i16> {
        let mut down = Decimator::new(factor);
        let pieces = sound.chunks_exact(factor);
        pieces.map(|piece| to_sample(down.push(piece))).collect()
    }

    #[test]
    fn up_and_down_again_is_the_same_sound_later() {
        for factor in [2, 3, 6] {
            let sound = tone(1_000.0, 8_000, 4_000, 12_000);
            let back = lowered(&raised(&sound, factor), factor);
            assert_eq!(back.len(), sound.len());
            let lag = Interpolator::LAG + Decimator::LAG;
            for (n, &sample) in sound.iter().enumerate().take(3_900).skip(100) {
                let error = back[n + lag].abs_diff(sample);
                assert!(error < 60, "by {factor}, sample {n}: off by {error}");
            }
        }
    }

    #[test]
    fn no_mirror_of_the_telephone_band_is_heard_above_it() {
        let up = raised(&tone(1_000.0, 8_000, 8_000, 12_000), 6);
        let up: Vec<i16> = up.into_iter().map(to_sample).collect();
        let wanted = tone(1_000.0, 48_000, up.len(), 12_000);
        let lag = 6 * Interpolator::LAG;
        let others: Vec<i16> = (1_000..40_000).map(|n| up[n + lag] - wanted[n]).collect();
        assert!(rms(&others) < 60.0, "{}", rms(&others));
    }

    #[test]
    fn what_a_low_rate_cannot_carry_is_left_out() {
        let level = |freq| {
            let high = tone(freq, 48_000, 48_000, 12_000)
                .into_iter()
                .map(f32::from);
            let low = lowered(&high.collect::<Vec<_>>(), 6);
            to_db(rms(&low[200..7_800]) / 8_485.0)
        };
        assert!(level(3_400.0).abs() < 0.1, "{}", level(3_400.0));
        assert!(level(4_600.0) < -45.0, "{}", level(4_600.0));
        assert!(level(9_000.0) < -45.0, "{}", level(9_000.0));
    }
}
