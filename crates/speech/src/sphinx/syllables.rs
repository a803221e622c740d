//! How many syllables were said, told from the sound alone.
//!
//! A second opinion on what a search found: a syllable is loudest in its vowel, and between two vowels the voice dips.
//! So each voiced peak of loudness with a dip on both sides is one (de Jong and Wempe, 2009, "Praat script to detect
//! syllable nuclei and measure speech rate automatically").

use super::ffi::Cepstrum;
use call_model::SAMPLE_RATE;

/// A dip between two syllables is so deep, in decibels.
const DIP_DB: f32 = 4.0;
/// A syllable is at most so much quieter than the loudest, in decibels.
const BELOW_LOUDEST_DB: f32 = 20.0;
/// Loudness is levelled over so many windows on each side.
const LEVELLED: usize = 3;
/// A peak is a voice where a window at most so far away is voiced.
const NEAR: usize = 4;

/// Samples of a window's step, of the halved rate that voices are looked for at.
const STEP: usize = SAMPLE_RATE as usize / 200;
/// Samples over which a voice repeats itself: 40 ms.
const SPAN: usize = 4 * STEP;
/// The shortest and the longest period of a voice: 400 Hz and 60 Hz.
const PERIODS: (usize, usize) = (STEP / 4, STEP * 5 / 3);
/// So like itself a voice is one period later.
const LIKENESS_MIN: f32 = 0.4;

/// Which windows of a turn are voiced.
#[derive(Debug, Default)]
pub(super) struct Voicing {
    odd: Option<i16>,
    /// At half the rate, from the window that is next.
    sound: Vec<f32>,
    voiced: Vec<bool>,
}

impl Voicing {
    /// Takes the next samples at 8 kHz.
    pub(super) fn push(&mut self, samples: &[i16]) {
        for &sample in samples {
            match self.odd.take() {
                Some(before) => self
                    .sound
                    .push((f32::from(before) + f32::from(sample)) / 2.0),
                None => self.odd = Some(sample),
            }
        }
        let mut done = 0;
        while let Some(window) = self.sound[done..].first_chunk() {
            self.voiced.push(is_voiced(window));
            done += STEP;
        }
        self.sound.drain(..done);
    }

    /// From the first voiced window of this part of a turn to its last.
    pub(super) fn span(&self, from: usize, to: usize) -> usize {
        let to = to.min(self.voiced.len());
        let part = &self.voiced[from.min(to)..to];
        let first = part.iter().position(|voiced| *voiced);
        let last = part.iter().rposition(|voiced| *voiced);
        first.zip(last).map_or(0, |(first, last)| last + 1 - first)
    }

    fn is_near(&self, window: usize) -> bool {
        let to = (window + NEAR + 1).min(self.voiced.len());
        let from = window.saturating_sub(NEAR).min(to);
        self.voiced[from..to].iter().any(|voiced| *voiced)
    }
}

/// Whether the sound repeats itself as a voice does.
fn is_voiced(sound: &[f32; SPAN]) -> bool {
    let mean = sound.iter().sum::<f32>() / SPAN as f32;
    let sound = sound.map(|sample| sample - mean);
    // The power of the samples before each.
    let mut power = [0.0_f32; SPAN + 1];
    for (at, sample) in sound.iter().enumerate() {
        power[at + 1] = power[at] + sample * sample;
    }
    let like = |period: usize| {
        let (early, late) = (&sound[..SPAN - period], &sound[period..]);
        let both: f32 = early.iter().zip(late).map(|(one, other)| one * other).sum();
        let powers = power[SPAN - period] * (power[SPAN] - power[period]);
        both / powers.sqrt().max(1.0)
    };
    let mut before = (like(PERIODS.0 - 1), like(PERIODS.0));
    // A rumble is only like itself a moment later, ever less: no peak.
    (PERIODS.0 + 1..=PERIODS.1).any(|period| {
        let now = like(period);
        let is_peak = before.1 >= LIKENESS_MIN && before.1 > before.0 && before.1 >= now;
        before = (before.1, now);
        is_peak
    })
}

/// The windows at which the syllables of this part of a turn are loudest.
pub(super) fn kernels(heard: &[Cepstrum], voicing: &Voicing, from: usize, to: usize) -> Vec<usize> {
    let loudness = levelled(heard);
    let part = &loudness[from.min(loudness.len())..to.min(loudness.len())];
    let loudest = part.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut kernels = Vec::new();
    let mut low = f32::INFINITY;
    let mut peak: Option<(usize, f32)> = None;
    for (place, &now) in part.iter().enumerate() {
        match peak {
            None if now - low < DIP_DB => low = low.min(now),
            None => peak = Some((place, now)),
            Some((_, top)) if now > top => peak = Some((place, now)),
            Some((at, top)) if top - now > DIP_DB => {
                kernels.push((from + at, top));
                (peak, low) = (None, now);
            }
            Some(_) => {}
        }
    }
    kernels.extend(peak.map(|(at, top)| (from + at, top)));
    let is_kernel =
        |(at, top): &(usize, f32)| loudest - top <= BELOW_LOUDEST_DB && voicing.is_near(*at);
    kernels
        .into_iter()
        .filter(is_kernel)
        .map(|(at, _)| at)
        .collect()
}

/// The loudness of each window, and of those around it.
fn levelled(heard: &[Cepstrum]) -> Vec<f32> {
    (0..heard.len())
        .map(|at| {
            let around = &heard[at.saturating_sub(LEVELLED)..(at + LEVELLED + 1).min(heard.len())];
            around.iter().map(|it| it[0]).sum::<f32>() / around.len() as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognizer::CEPSTRUM;

    fn windows(parts: &[(f32, usize)]) -> Vec<Cepstrum> {
        let window = |loudness| {
            let mut window = [0.0; CEPSTRUM];
            window[0] = loudness;
            window
        };
        let parts = parts.iter();
        parts
            .flat_map(|&(loudness, count)| vec![window(loudness); count])
            .collect()
    }

    fn counted(parts: &[(f32, usize)], voiced: bool) -> usize {
        let heard = windows(parts);
        let voicing = Voicing {
            voiced: vec![voiced; heard.len()],
            ..Voicing::default()
        };
        kernels(&heard, &voicing, 0, heard.len()).len()
    }

    #[test]
    fn a_syllable_is_a_loud_moment_between_dips() {
        let two = [(30.0, 20), (65.0, 20), (45.0, 10), (70.0, 20), (30.0, 20)];
        assert_eq!(counted(&two, true), 2);
        assert_eq!(counted(&two, false), 0, "noise");
        let one = [(30.0, 20), (65.0, 20), (63.0, 10), (66.0, 20), (30.0, 20)];
        assert_eq!(counted(&one, true), 1, "no dip");
        let quiet = [(30.0, 20), (45.0, 20), (30.0, 10), (70.0, 20), (30.0, 20)];
        assert_eq!(counted(&quiet, true), 1, "an echo");
        assert_eq!(counted(&[(30.0, 50)], true), 0);
        assert_eq!(counted(&[], true), 0);
    }

    fn voiced_share(sound: &[i16]) -> f32 {
        let mut voicing = Voicing::default();
        // As frames come, and as they never do.
        for samples in sound.chunks(161) {
            voicing.push(samples);
        }
        let voiced = voicing.voiced.iter().filter(|voiced| **voiced).count();
        voiced as f32 / voicing.voiced.len() as f32
    }

    #[test]
    fn voices_repeat_themselves_and_rumbles_and_hisses_do_not() {
        for pitch in [75.0, 120.0, 220.0, 330.0] {
            let mut voice = vec![0_i16; 4_000];
            for harmonic in 1..6 {
                let part = dsp::tone(pitch * harmonic as f32, 8_000, 4_000, 2_000);
                voice
                    .iter_mut()
                    .zip(part)
                    .for_each(|(sum, part)| *sum += part);
            }
            assert!(voiced_share(&voice) > 0.95, "{pitch} Hz");
        }
        let mut noise = 1_u32;
        let mut hiss = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((noise >> 16) as i16) / 8
        };
        let white: Vec<i16> = (0..8_000).map(|_| hiss()).collect();
        assert!(voiced_share(&white) < 0.05);
        let mut level = 0.0_f32;
        let rumble: Vec<i16> = (0..8_000)
            .map(|_| {
                level = level * 0.97 + f32::from(hiss());
                level as i16
            })
            .collect();
        assert!(voiced_share(&rumble) < 0.35, "{}", voiced_share(&rumble));
    }
}
