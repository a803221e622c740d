//! How loud samples are.

/// The level that stands for silence, and the lowest that is ever told.
pub const SILENCE_DBFS: f32 = -96.0;

const FULL_SCALE: f32 = 32_768.0;

/// Root mean square of the samples, 0 to 32,768; no samples are silent.
pub fn rms(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let energy: u64 = samples
        .iter()
        .map(|&sample| u64::from(sample.unsigned_abs()).pow(2))
        .sum();
    (energy as f64 / samples.len() as f64).sqrt() as f32
}

/// Level of the samples in dB below full scale (RMS 32,768): a sine of full
/// amplitude has −3.01, silence and anything below it [`SILENCE_DBFS`].
pub fn dbfs(samples: &[i16]) -> f32 {
    to_db(rms(samples) / FULL_SCALE).max(SILENCE_DBFS)
}

/// The amplitude factor of so many decibels: −12 dB is 0.251.
pub fn from_db(db: f32) -> f32 {
    10.0_f32.powf(db / 20.0)
}

/// The decibels of an amplitude factor; of 0, negative infinity.
pub fn to_db(factor: f32) -> f32 {
    20.0 * factor.log10()
}

/// The greatest difference between neighbouring samples: what is heard as a click.
pub fn steepest_step(samples: &[i16]) -> u16 {
    samples
        .windows(2)
        .map(|pair| pair[0].abs_diff(pair[1]))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone;

    #[test]
    fn known_signals_have_their_known_levels() {
        assert_eq!(dbfs(&[]), SILENCE_DBFS);
        assert_eq!(dbfs(&[0; 160]), SILENCE_DBFS);
        assert_eq!(dbfs(&[i16::MIN; 160]), 0.0);
        let sine = tone(1_000.0, 8_000, 800, i16::MAX);
        assert!((dbfs(&sine) + 3.01).abs() < 0.01, "{}", dbfs(&sine));
        assert!((rms(&sine) - 23_170.0).abs() < 5.0);
    }

    #[test]
    fn decibels_and_factors_are_each_others_inverse() {
        assert!((from_db(-12.0) - 0.2512).abs() < 1e-4);
        assert!((to_db(from_db(-7.5)) + 7.5).abs() < 1e-4);
    }

    #[test]
    fn a_step_is_found_wherever_it_is() {
        assert_eq!(steepest_step(&[0, 1, 2, 3]), 1);
        assert_eq!(steepest_step(&[0, i16::MAX, i16::MIN]), u16::MAX);
        assert_eq!(steepest_step(&[5]), 0);
    }
}
