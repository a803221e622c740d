//! Sounds made from nothing.

use crate::to_sample;
use std::f64::consts::TAU;

/// A sine of `freq_hz` that starts at zero and rises: `samples` samples at
/// `rate` a second, of the given peak amplitude.
pub fn tone(freq_hz: f32, rate: u32, samples: usize, amplitude: i16) -> Vec<i16> {
    let turn = TAU * f64::from(freq_hz) / f64::from(rate);
    (0..samples)
        .map(|n| to_sample((f64::from(amplitude) * (turn * n as f64).sin()) as f32))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_swings_between_its_peaks() {
        let sine = tone(1_000.0, 8_000, 8, 30_000);
        assert_eq!(
            sine,
            [0, 21_213, 30_000, 21_213, 0, -21_213, -30_000, -21_213]
        );
    }
}
