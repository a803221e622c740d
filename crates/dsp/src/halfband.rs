//! Between 8 and 16 kHz while the sound is running.
//!
//! Both directions use one half-band low-pass of 47 taps at the higher rate, a
//! sinc under a Kaiser window (β = 4.55): flat within 0.1 dB up to 3.4 kHz, at
//! least 48 dB down from 4.6 kHz on. It is linear in phase and delays the sound
//! by 23 samples of the higher rate, 1.44 ms at 16 kHz. Every second tap but the
//! middle one is zero, so a sample at the lower rate costs 24 multiplications.

use crate::to_sample;

/// Taps of the filter that are neither zero nor the middle one.
const SIDE_TAPS: usize = 24;
/// How far back, in samples of the lower rate, the middle tap looks.
const MIDDLE: usize = SIDE_TAPS / 2 - 1;
const KAISER_BETA: f64 = 4.55;

/// Doubles the sample rate of a stream, 8 to 16 kHz.
#[derive(Clone, Debug)]
pub struct Doubler {
    taps: [f32; SIDE_TAPS],
    past: Past,
}

impl Doubler {
    /// A stream that was silent until now.
    pub fn new() -> Self {
        Self {
            taps: side_taps(),
            past: Past::silent(),
        }
    }

    /// The two samples that follow from one; together they lag by 1.44 ms.
    pub fn push(&mut self, sample: i16) -> [i16; 2] {
        self.past.push(f32::from(sample));
        let between = 2.0 * self.past.weighed(&self.taps);
        let itself = self.past.ago(MIDDLE);
        [to_sample(between), to_sample(itself)]
    }

    /// Doubles a whole piece of the stream, appending to `doubled`.
    pub fn extend(&mut self, samples: &[i16], doubled: &mut Vec<i16>) {
        doubled.extend(samples.iter().flat_map(|&sample| self.push(sample)));
    }
}

impl Default for Doubler {
    fn default() -> Self {
        Self::new()
    }
}

/// Halves the sample rate of a stream, 16 to 8 kHz.
#[derive(Clone, Debug)]
pub struct Halver {
    taps: [f32; SIDE_TAPS],
    firsts: Past,
    seconds: Past,
}

impl Halver {
    /// A stream that was silent until now.
    pub fn new() -> Self {
        Self {
            taps: side_taps(),
            firsts: Past::silent(),
            seconds: Past::silent(),
        }
    }

    /// The one sample that follows from two; it lags by 1.44 ms.
    pub fn push(&mut self, [first, second]: [i16; 2]) -> i16 {
        self.firsts.push(f32::from(first));
        self.seconds.push(f32::from(second));
        let sides = self.seconds.weighed(&self.taps);
        to_sample(0.5 * self.firsts.ago(MIDDLE) + sides)
    }

    /// Halves a whole piece of the stream, appending to `halved`. A last odd
    /// sample is left out, so pieces should be of even length.
    pub fn extend(&mut self, samples: &[i16], halved: &mut Vec<i16>) {
        let (pairs, _) = samples.as_chunks::<2>();
        halved.extend(pairs.iter().map(|&pair| self.push(pair)));
    }
}

impl Default for Halver {
    fn default() -> Self {
        Self::new()
    }
}

/// The last [`SIDE_TAPS`] samples, kept twice so that they always lie in one piece.
#[derive(Clone, Debug)]
struct Past {
    samples: [f32; 2 * SIDE_TAPS],
    newest: usize,
}

impl Past {
    const fn silent() -> Self {
        Self {
            samples: [0.0; 2 * SIDE_TAPS],
            newest: 0,
        }
    }

    fn push(&mut self, sample: f32) {
        self.newest = (self.newest + SIDE_TAPS - 1) % SIDE_TAPS;
        self.samples[self.newest] = sample;
        self.samples[self.newest + SIDE_TAPS] = sample;
    }

    fn ago(&self, samples: usize) -> f32 {
        self.samples[self.newest + samples]
    }

    fn weighed(&self, taps: &[f32; SIDE_TAPS]) -> f32 {
        let newest_first = &self.samples[self.newest..self.newest + SIDE_TAPS];
        newest_first.iter().zip(taps).map(|(s, t)| s * t).sum()
    }
}

/// The taps at odd distances −23, −21 … 23 from the middle. Their sum is made
/// exactly one half, so that a constant comes through unchanged.
fn side_taps() -> [f32; SIDE_TAPS] {
    let reach = SIDE_TAPS as f64;
    let raw: [f64; SIDE_TAPS] = std::array::from_fn(|n| {
        let distance = 2.0 * n as f64 - (reach - 1.0);
        let sinc =
            (std::f64::consts::FRAC_PI_2 * distance).sin() / (std::f64::consts::PI * distance);
        sinc * kaiser(distance / reach)
    });
    let sum: f64 = raw.iter().sum();
    raw.map(|tap| (tap * 0.5 / sum) as f32)
}

/// Kaiser's window at `place`, −1 to 1.
fn kaiser(place: f64) -> f64 {
    bessel(KAISER_BETA * (1.0 - place * place).max(0.0).sqrt()) / bessel(KAISER_BETA)
}

/// The modified Bessel function of the first kind, order zero, by its series.
pub(crate) fn bessel(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    (1..=32)
        .scan(1.0, |term, n| {
            *term *= quarter / f64::from(n * n);
            Some(*term)
        })
        .fold(1.0, |sum, term| sum + term)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::{rms, to_db};
    use crate::{Goertzel, tone};

    fn doubled(samples: &[i16]) -> Vec<i16> {
        let mut out = Vec::new();
        Doubler::new().extend(samples, &mut out);
        out
    }

    fn halved(samples: &[i16]) -> Vec<i16> {
        let mut out = Vec::new();
        Halver::new().extend(samples, &mut out);
        out
    }

    #[test]
    fn speech_frequencies_are_doubled_unchanged_and_leave_no_image() {
        for freq in [200.0, 1_000.0, 2_500.0, 3_400.0] {
            let out = doubled(&tone(freq, 8_000, 1_700, 10_000))[200..3_400].to_vec();
            let level = to_db(rms(&out) / rms(&tone(freq, 16_000, 3_200, 10_000)));
            assert!(level.abs() < 0.1, "{freq} Hz changed by {level} dB");
            let image = Goertzel::new(8_000.0 - freq, 16_000).share(&out);
            assert!(image < 2e-5, "{freq} Hz has an image of {image}");
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_gone_after_halving() {
        for freq in [4_600.0, 5_500.0, 7_000.0] {
            let out = halved(&tone(freq, 16_000, 3_400, 10_000));
            let level = to_db(rms(&out[100..]) / 7_071.0);
            assert!(level < -48.0, "{freq} Hz is left at {level} dB");
        }
        let kept = halved(&tone(1_000.0, 16_000, 3_400, 10_000));
        assert!(to_db(rms(&kept[100..1_700]) / 7_071.0).abs() < 0.1);
    }

    #[test]
    fn each_way_lags_by_23_samples_of_the_higher_rate() {
        let mut click = [0; 64];
        click[0] = 10_000;
        let out = doubled(&click);
        assert_eq!(out.iter().position(|&s| s == 10_000), Some(23));
        let low = tone(700.0, 8_000, 400, 10_000);
        let halved = halved(&tone(700.0, 16_000, 800, 10_000));
        // 22 samples behind the first of a pair, 23 behind the second.
        assert!((100..389).all(|n| low[n].abs_diff(halved[n + 11]) < 30));
    }

    #[test]
    fn pieces_of_a_stream_join_without_a_seam() {
        let sound = tone(433.0, 8_000, 480, 20_000);
        let mut pieces = Vec::new();
        let mut doubler = Doubler::new();
        for piece in sound.chunks(160) {
            doubler.extend(piece, &mut pieces);
        }
        assert_eq!(pieces, doubled(&sound));
    }

    #[test]
    fn the_loudest_sounds_clip_and_do_not_wrap() {
        let square: Vec<i16> = (0..320)
            .map(|n| if n / 8 % 2 == 0 { i16::MAX } else { i16::MIN })
            .collect();
        let out = doubled(&square);
        let flat = 2 * 8 * 10 + 23 + 7;
        assert!(out[flat] > 25_000, "{}", out[flat]);
        assert_eq!(halved(&[i16::MAX; 200])[60], i16::MAX);
    }
}
