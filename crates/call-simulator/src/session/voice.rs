//! A voice without a throat: pulses at a gliding pitch through the resonances of
//! four vowels, a syllable every 180 ms. Voice detectors take it for one.

use std::f32::consts::{PI, TAU};
use std::sync::Arc;

const RATE: f32 = 8_000.0;
const SYLLABLE_SECONDS: f32 = 0.18;
/// The first three resonances of a, i, o and e, in Hz.
const VOWELS: [[f32; 3]; 4] = [
    [730.0, 1_090.0, 2_440.0],
    [270.0, 2_290.0, 3_010.0],
    [570.0, 840.0, 2_410.0],
    [530.0, 1_840.0, 2_480.0],
];
const BANDWIDTHS: [f32; 3] = [80.0, 100.0, 140.0];
const LOUDEST: f32 = 9_000.0;

/// So many milliseconds of a voice of this pitch.
pub(crate) fn voice(pitch_hz: f32, millis: usize) -> Arc<[i16]> {
    let mut vowels = VOWELS.map(|vowel| {
        let mut bandwidths = BANDWIDTHS.into_iter();
        vowel.map(|hz| Resonance::new(hz, bandwidths.next().unwrap_or_default()))
    });
    let mut phase = 0.0_f32;
    let sound: Vec<f32> = (0..millis * 8)
        .map(|n| {
            let seconds = n as f32 / RATE;
            let syllables = seconds / SYLLABLE_SECONDS;
            phase += pitch_hz * (1.0 + 0.08 * (9.0 * seconds).sin()) / RATE;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase = phase.fract();
            let envelope = (PI * syllables.fract()).sin().sqrt();
            let vowel = &mut vowels[syllables as usize % VOWELS.len()];
            vowel.iter_mut().fold(pulse, |x, r| r.pass(x)) * envelope
        })
        .collect();
    let peak = sound
        .iter()
        .fold(f32::MIN_POSITIVE, |peak, x| peak.max(x.abs()));
    sound.iter().map(|x| (x * LOUDEST / peak) as i16).collect()
}

/// A two-pole resonator, one formant of a voice.
struct Resonance {
    gain: f32,
    first: f32,
    second: f32,
    before: [f32; 2],
}

impl Resonance {
    fn new(hz: f32, bandwidth: f32) -> Self {
        let radius = (-PI * bandwidth / RATE).exp();
        let first = 2.0 * radius * (TAU * hz / RATE).cos();
        let second = -radius * radius;
        Self {
            gain: 1.0 - first - second,
            first,
            second,
            before: [0.0; 2],
        }
    }

    fn pass(&mut self, input: f32) -> f32 {
        let [last, earlier] = self.before;
        let output = self.gain * input + self.first * last + self.second * earlier;
        self.before = [output, last];
        output
    }
}
