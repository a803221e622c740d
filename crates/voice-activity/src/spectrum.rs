//! The spectrum of 32 ms of sound, as far as a tone check needs it.

use std::f32::consts::TAU;
use std::sync::LazyLock;

/// Samples of one spectrum: 32 ms at 8 kHz.
pub(crate) const WINDOW: usize = 256;
/// Its bins from 0 Hz on, 31.25 Hz apart.
pub(crate) const BINS: usize = WINDOW / 2;

struct Tables {
    /// Hann's window.
    window: [f32; WINDOW],
    /// Cosine and sine of `k` parts of a whole turn, for `k` below half a turn.
    turns: [(f32, f32); WINDOW / 2],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let turn = |k: usize| TAU * k as f32 / WINDOW as f32;
    Tables {
        window: std::array::from_fn(|i| 0.5 - 0.5 * turn(i).cos()),
        turns: std::array::from_fn(|k| (turn(k).cos(), turn(k).sin())),
    }
});

/// The power in each bin, after Hann's window; the unit is arbitrary.
pub(crate) fn power(samples: &[i16; WINDOW]) -> [f32; BINS] {
    let mut re = [0.0_f32; WINDOW];
    let mut im = [0.0_f32; WINDOW];
    for (i, (&sample, weight)) in samples.iter().zip(TABLES.window).enumerate() {
        let place = (i as u8).reverse_bits();
        re[usize::from(place)] = f32::from(sample) * weight;
    }
    transform(&mut re, &mut im);
    std::array::from_fn(|bin| re[bin] * re[bin] + im[bin] * im[bin])
}

/// Decimation in time over samples that stand in bit-reversed order.
fn transform(re: &mut [f32; WINDOW], im: &mut [f32; WINDOW]) {
    let mut half = 1;
    while half < WINDOW {
        let stride = WINDOW / (2 * half);
        for start in (0..WINDOW).step_by(2 * half) {
            for k in 0..half {
                let (cos, sin) = TABLES.turns[k * stride];
                let (low, high) = (start + k, start + k + half);
                let turned_re = re[high] * cos + im[high] * sin;
                let turned_im = im[high] * cos - re[high] * sin;
                (re[high], im[high]) = (re[low] - turned_re, im[low] - turned_im);
                (re[low], im[low]) = (re[low] + turned_re, im[low] + turned_im);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_stands_in_its_own_bin() {
        for bin in [3, 32, 100, 120] {
            let samples = std::array::from_fn(|i| {
                (8_000.0 * (TAU * (bin * i) as f32 / WINDOW as f32).sin()) as i16
            });
            let power = power(&samples);
            let around: f32 = power[bin - 1..=bin + 1].iter().sum();
            let total: f32 = power.iter().sum();
            assert!(around / total > 0.999, "bin {bin}: {}", around / total);
        }
    }
}
