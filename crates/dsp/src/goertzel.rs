//! How much of one frequency is in a sound.

use std::f64::consts::TAU;

/// A detector for one frequency, after Goertzel (1958).
#[derive(Clone, Copy, Debug)]
pub struct Goertzel {
    coefficient: f64,
}

impl Goertzel {
    /// A detector for `freq_hz` in sound of `sample_rate` samples a second.
    pub fn new(freq_hz: f32, sample_rate: u32) -> Self {
        let turn = TAU * f64::from(freq_hz) / f64::from(sample_rate);
        Self {
            coefficient: 2.0 * turn.cos(),
        }
    }

    /// The mean square that this frequency contributes: a tone of amplitude `a`
    /// gives a²/2, comparable with the square of [`crate::level::rms`].
    ///
    /// The resolution is the sample rate divided by the number of samples (50 Hz
    /// for 20 ms). Within one such step of 0 Hz or half the rate a tone leaks
    /// into its mirror and the figure is off by up to a factor of two.
    pub fn power(&self, samples: &[i16]) -> f32 {
        if samples.is_empty() {
            return 0.0;
        }
        let (mut last, mut before) = (0.0, 0.0);
        for &sample in samples {
            let next = f64::from(sample) + self.coefficient * last - before;
            (before, last) = (last, next);
        }
        let energy = last * last + before * before - self.coefficient * last * before;
        let length = samples.len() as f64;
        (2.0 * energy / (length * length)).max(0.0) as f32
    }

    /// The share of the whole sound that is this frequency: 1 for a pure tone
    /// of it, 0 for silence and for tones a few resolution steps away.
    pub fn share(&self, samples: &[i16]) -> f32 {
        let whole = crate::level::rms(samples).powi(2);
        if whole == 0.0 {
            0.0
        } else {
            (self.power(samples) / whole).min(1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone;

    #[test]
    fn a_tone_is_found_at_its_own_frequency_alone() {
        let hum = tone(440.0, 8_000, 1_600, 10_000);
        assert!(Goertzel::new(440.0, 8_000).share(&hum) > 0.99);
        assert!(Goertzel::new(600.0, 8_000).share(&hum) < 0.001);
        let power = Goertzel::new(440.0, 8_000).power(&hum);
        assert!((power / 50_000_000.0 - 1.0).abs() < 0.01, "{power}");
    }

    #[test]
    fn of_two_tones_each_has_its_share() {
        let low = tone(400.0, 8_000, 1_600, 9_000);
        let high = tone(1_200.0, 8_000, 1_600, 3_000);
        let both: Vec<i16> = low.iter().zip(&high).map(|(a, b)| a + b).collect();
        assert!((Goertzel::new(400.0, 8_000).share(&both) - 0.9).abs() < 0.01);
        assert!((Goertzel::new(1_200.0, 8_000).share(&both) - 0.1).abs() < 0.01);
    }

    #[test]
    fn silence_has_no_frequency() {
        let ear = Goertzel::new(440.0, 8_000);
        assert_eq!((ear.power(&[]), ear.share(&[0; 160])), (0.0, 0.0));
    }
}
