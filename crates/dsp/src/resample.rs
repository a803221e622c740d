//! From any sample rate to any other, for sound that is at hand in one piece.

use crate::halfband::bessel;
use crate::to_sample;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Zero crossings of the sinc on each side of its middle.
const CROSSINGS: usize = 24;
/// Points of the stored kernel between two crossings; what lies between two
/// points is read on a straight line, with an error below −100 dB.
const POINTS: usize = 512;
const KAISER_BETA: f64 = 7.0;
/// Where the filter is 6 dB down, as a share of the lower rate's half.
const CUTOFF: f64 = 0.94;

static KERNEL: LazyLock<Vec<f32>> = LazyLock::new(kernel);

/// The same sound at another rate: `samples` at `from_hz` a second become
/// ⌈length · to / from⌉ at `to_hz`, not delayed and with the same beginning.
///
/// A sinc under a Kaiser window, for prompt files and synthesis (22.05, 16,
/// 11.025, 44.1, 48 kHz to 8 kHz). Coming down to 8 kHz it is flat within 0.1 dB
/// up to 3.4 kHz; what stood above 4.15 kHz is at least 60 dB down. A rate of zero holds no sound:
/// the answer is empty.
pub fn resample(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    if from_hz == 0 || to_hz == 0 {
        return Vec::new();
    }
    if from_hz == to_hz {
        return samples.to_vec();
    }
    let (from, to) = (u64::from(from_hz), u64::from(to_hz));
    let scale = CUTOFF * (to as f64 / from as f64).min(1.0);
    let length = (samples.len() as u64 * to).div_ceil(from);
    (0..length)
        .map(|n| {
            let place = n * from;
            let between = (place % to) as f64 / to as f64;
            to_sample(sound_at(samples, (place / to) as usize, between, scale))
        })
        .collect()
}

/// The sound at `whole + between` samples, low-passed to `scale` of half the rate.
fn sound_at(samples: &[i16], whole: usize, between: f64, scale: f64) -> f32 {
    let reach = CROSSINGS as f64 / scale;
    let first = (whole + 1).saturating_sub(reach as usize);
    let last = (whole + 1 + reach as usize).min(samples.len());
    let middle = whole as f64 + between;
    let sum: f32 = samples[first..last]
        .iter()
        .zip(first..)
        .map(|(&sample, n)| f32::from(sample) * weight((n as f64 - middle).abs() * scale))
        .sum();
    sum * scale as f32
}

/// The kernel at `crossings` from its middle; zero beyond its end.
fn weight(crossings: f64) -> f32 {
    let place = crossings * POINTS as f64;
    let point = place as usize;
    match KERNEL.get(point..point + 2) {
        Some(&[near, far]) => near + (far - near) * (place - point as f64) as f32,
        _ => 0.0,
    }
}

fn kernel() -> Vec<f32> {
    (0..=CROSSINGS * POINTS).map(kernel_point).collect()
}

fn kernel_point(point: usize) -> f32 {
    let crossings = point as f64 / POINTS as f64;
    let sinc = match point {
        0 => 1.0,
        _ => (PI * crossings).sin() / (PI * crossings),
    };
    let place = crossings / CROSSINGS as f64;
    let window = bessel(KAISER_BETA * (1.0 - place * place).max(0.0).sqrt()) / bessel(KAISER_BETA);
    (sinc * window) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::{rms, to_db};
    use crate::tone;

    const RATES: [u32; 7] = [11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

    #[test]
    fn a_tone_is_the_same_tone_at_every_rate() {
        for rate in RATES {
            let seconds = tone(1_000.0, rate, rate as usize / 2, 12_000);
            let sound = resample(&seconds, rate, 8_000);
            let wanted = tone(1_000.0, 8_000, sound.len(), 12_000);
            assert_eq!(
                sound.len(),
                (rate as usize / 2 * 8_000).div_ceil(rate as usize)
            );
            for n in 100..sound.len() - 100 {
                let error = sound[n].abs_diff(wanted[n]);
                assert!(error < 12, "{rate} Hz, sample {n}: off by {error}");
            }
        }
    }

    #[test]
    fn speech_is_kept_and_aliases_are_not_heard() {
        for rate in RATES {
            let level = |freq| {
                let sound = resample(&tone(freq, rate, rate as usize / 2, 12_000), rate, 8_000);
                to_db(rms(&sound[400..3_600]) / 8_485.0)
            };
            assert!(level(3_400.0).abs() < 0.1, "{rate} Hz: {}", level(3_400.0));
            if rate > 11_025 {
                assert!(level(4_150.0) < -60.0, "{rate} Hz: {}", level(4_150.0));
                assert!(level(6_000.0) < -60.0, "{rate} Hz: {}", level(6_000.0));
            }
        }
    }

    #[test]
    fn going_up_keeps_the_sound_too() {
        let sound = resample(&tone(800.0, 8_000, 4_000, 12_000), 8_000, 16_000);
        let wanted = tone(800.0, 16_000, 8_000, 12_000);
        assert!((100..7_900).all(|n| sound[n].abs_diff(wanted[n]) < 12));
    }

    #[test]
    fn odd_questions_have_plain_answers() {
        assert_eq!(resample(&[1, 2, 3], 8_000, 8_000), [1, 2, 3]);
        assert!(resample(&[], 44_100, 8_000).is_empty());
        assert!(resample(&[1; 100], 0, 8_000).is_empty());
        assert!(resample(&[1; 100], 8_000, 0).is_empty());
        assert_eq!(resample(&[1_000; 5], 48_000, 8_000).len(), 1);
    }
}
