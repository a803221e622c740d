//! Keys, dial tones and beeps are no speech.
//!
//! A voice spreads its energy over many harmonics and changes them; a tone or a
//! pair of tones holds it in one or two narrow peaks that stay where they are.
//! Measured through µ-law: tones leave less than −20 dB outside two peaks even at
//! 20 dB of noise; of 57,000 loud frames of real speech one in fifteen does, and one in
//! fifty goes on to.

use crate::spectrum::{self, BINS, WINDOW};
use call_model::FRAME_SAMPLES;
use std::ops::RangeInclusive;

/// Bins on each side that belong to a peak: the main lobe of Hann's window.
const PEAK_REACH: usize = 2;
/// Bins below this one hold the line's hum and offset, 0 to 62 Hz.
const FIRST_BIN: usize = 2;
/// Share of the energy that may lie outside two peaks: −20 dB.
const REST_MAX: f32 = 0.01;
/// Alike frames in a row that make a steady tone.
const STEADY_FRAMES: u8 = 3;

/// The bins in which a high voice has its pitch, 170 to 390 Hz: no tone of a telephone network is as low, and the
/// hum of the mains is lower.
const PITCH: RangeInclusive<usize> = 6..=12;
/// Nobody holds a vowel for longer: a second.
const HELD_FRAMES: u8 = 50;

/// The bins of 697 to 941 Hz and of 1,209 to 1,633 Hz.
const KEY_BANDS: [RangeInclusive<usize>; 2] = [22..=31, 38..=53];

/// How much of a tone a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tonality {
    /// More than two peaks, or none.
    None,
    /// One or two peaks: perhaps a tone, perhaps a hummed vowel.
    Peaks,
    /// A peak in each of the two bands of telephone keys (ITU-T Q.23).
    Key,
    /// The same one or two peaks for 60 ms.
    Steady,
}

/// Tells tones, single or double, frame by frame.
#[derive(Clone, Debug)]
pub(crate) struct ToneCheck {
    recent: [i16; WINDOW],
    peaks: [usize; 2],
    alike: u8,
}

impl ToneCheck {
    pub(crate) const fn new() -> Self {
        Self {
            recent: [0; WINDOW],
            peaks: [0; 2],
            alike: 0,
        }
    }

    /// Takes every frame, so that the spectrum of the next loud one is whole.
    pub(crate) fn hear(&mut self, samples: &[i16; FRAME_SAMPLES]) {
        self.recent.copy_within(FRAME_SAMPLES.., 0);
        self.recent[WINDOW - FRAME_SAMPLES..].copy_from_slice(samples);
    }

    /// Judges the frame heard last, which is a loud one.
    pub(crate) fn judge(&mut self) -> Tonality {
        let Some(peaks) = two_peaks(spectrum::power(&self.recent)) else {
            self.forget();
            return Tonality::None;
        };
        let is_same = peaks
            .iter()
            .zip(self.peaks)
            .all(|(&now, before)| now.abs_diff(before) <= 1);
        self.alike = if is_same {
            self.alike.saturating_add(1)
        } else {
            1
        };
        self.peaks = peaks;
        if KEY_BANDS[0].contains(&peaks[0]) && KEY_BANDS[1].contains(&peaks[1]) {
            Tonality::Key
        } else if self.alike >= STEADY_FRAMES && !self.is_vowel() {
            Tonality::Steady
        } else {
            Tonality::Peaks
        }
    }

    /// Whether the peaks may be a voice's pitch and the harmonic an octave above it, as in a vowel that is held, like 五's.
    fn is_vowel(&self) -> bool {
        let [low, high] = self.peaks;
        let is_octave = high == low || high.abs_diff(2 * low) <= 1;
        PITCH.contains(&low) && is_octave && self.alike <= HELD_FRAMES
    }

    /// The tone, if there was one, is over.
    pub(crate) fn forget(&mut self) {
        self.alike = 0;
    }
}

/// The places of the two highest peaks, lower first, if next to nothing lies outside
/// them. A single tone has its second place anywhere, so it counts twice.
fn two_peaks(mut power: [f32; BINS]) -> Option<[usize; 2]> {
    power[..FIRST_BIN].fill(0.0);
    let total: f32 = power.iter().sum();
    let first = take_peak(&mut power);
    let rest_of_one: f32 = power.iter().sum();
    if rest_of_one <= total * REST_MAX {
        return Some([first, first]);
    }
    let second = take_peak(&mut power);
    let rest: f32 = power.iter().sum();
    (rest <= total * REST_MAX).then(|| [first.min(second), first.max(second)])
}

fn take_peak(power: &mut [f32; BINS]) -> usize {
    let mut highest = 0;
    for bin in 1..BINS {
        if power[bin] > power[highest] {
            highest = bin;
        }
    }
    power[highest.saturating_sub(PEAK_REACH)..BINS.min(highest + PEAK_REACH + 1)].fill(0.0);
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(parts: impl Fn(usize) -> Vec<(f32, f32)>) -> Vec<Tonality> {
        judged_for(20, parts)
    }

    fn judged_for(frames: usize, parts: impl Fn(usize) -> Vec<(f32, f32)>) -> Vec<Tonality> {
        let mut check = ToneCheck::new();
        (0..frames)
            .map(|number| {
                let parts = parts(number);
                check.hear(&std::array::from_fn(|i| {
                    let at = (number * FRAME_SAMPLES + i) as f32 / 8_000.0;
                    let sum = parts
                        .iter()
                        .map(|&(hz, amplitude)| amplitude * (std::f32::consts::TAU * hz * at).sin())
                        .sum::<f32>();
                    sum as i16
                }));
                check.judge()
            })
            .collect()
    }

    #[test]
    fn single_and_double_tones_are_steady_after_80_ms() {
        for parts in [
            &[(440.0, 8_000.0)][..],
            &[(350.0, 4_000.0), (440.0, 4_000.0)],
            &[(2_000.0, 300.0)],
        ] {
            let judged = judged(|_| parts.to_vec());
            assert!(
                judged[4..].iter().all(|&t| t == Tonality::Steady),
                "{parts:?}"
            );
        }
    }

    #[test]
    fn a_key_is_known_from_its_first_whole_spectrum() {
        let judged = judged(|_| vec![(770.0, 6_000.0), (1_336.0, 3_000.0)]);
        assert_eq!(judged[1..], [Tonality::Key; 19]);
    }

    #[test]
    fn a_sound_of_many_harmonics_is_no_tone() {
        let harmonics = |_| (1..12).map(|k| (140.0 * k as f32, 1_500.0)).collect();
        assert_eq!(judged(harmonics), [Tonality::None; 20]);
    }

    #[test]
    fn a_vowel_held_on_its_pitch_is_no_steady_tone_but_a_hum_is_at_last() {
        for pitch in [220.0, 300.0, 350.0] {
            let parts = vec![(pitch, 8_000.0), (2.0 * pitch, 5_000.0)];
            let judged = judged_for(70, |_| parts.clone());
            let held = &judged[..usize::from(HELD_FRAMES)];
            assert!(!held.contains(&Tonality::Steady), "{pitch}: {judged:?}");
            assert_eq!(judged.last(), Some(&Tonality::Steady), "{pitch}");
        }
        // The mains of 60 Hz.
        let judged = judged(|_| vec![(120.0, 8_000.0), (240.0, 5_000.0)]);
        assert!(judged[4..].iter().all(|&t| t == Tonality::Steady));
    }

    #[test]
    fn a_gliding_whistle_is_never_steady() {
        let judged = judged(|number| vec![(800.0 + 60.0 * number as f32, 5_000.0)]);
        assert!(judged.iter().all(|&t| t != Tonality::Steady));
    }
}
