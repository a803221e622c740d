//! What lies on a line: where speech is in a recording, and sounds that are none.

use crate::dice::Dice;
use call_model::SAMPLE_RATE;
use std::f32::consts::TAU;
use std::ops::Range;
use std::time::Duration;

/// How loud the hiss of every line is.
pub const LINE_NOISE_DBFS: f32 = -66.0;

/// Samples of 10 ms.
const PART: usize = SAMPLE_RATE as usize / 100;
/// Speech stands within so many decibels of its loudest 10 ms, as a factor of power: 25 dB.
const AUDIBLE: f32 = 316.0;

/// Where a recording's speech first and last stands within 25 dB of its loudest 10 ms, in samples;
/// none: it holds no sound.
pub fn audible(clip: &[i16]) -> Option<Range<usize>> {
    let power: Vec<f32> = clip.chunks(PART).map(power).collect();
    let loudest = power.iter().copied().fold(0.0, f32::max);
    let is_loud = |power: &f32| *power > 0.0 && *power >= loudest / AUDIBLE;
    let first = power.iter().position(is_loud)?;
    let last = power.iter().rposition(is_loud)?;
    Some(first * PART..((last + 1) * PART).min(clip.len()))
}

/// How loud the speech of a recording is where it can be heard, in dBFS.
pub fn speech_dbfs(clip: &[i16]) -> f32 {
    let parts: Vec<&[i16]> = clip.chunks(PART).collect();
    let loudest = parts.iter().map(|part| power(part)).fold(0.0, f32::max);
    let heard: Vec<i16> = parts
        .into_iter()
        .filter(|part| power(part) >= loudest / AUDIBLE)
        .flatten()
        .copied()
        .collect();
    dsp::level::dbfs(&heard)
}

fn power(part: &[i16]) -> f32 {
    dsp::level::rms(part).powi(2)
}

/// Recordings spoken at once, each brought to one level and begun anew as it ends.
pub fn mixed(clips: &[Vec<i16>], length: Duration) -> Vec<i16> {
    const EACH_DBFS: f32 = -30.0;
    let mut sum = vec![0_i32; samples(length)];
    for clip in clips.iter().filter(|clip| audible(clip).is_some()) {
        let factor = dsp::level::from_db(EACH_DBFS - speech_dbfs(clip));
        for (to, &from) in sum.iter_mut().zip(clip.iter().cycle()) {
            *to += (f32::from(from) * factor) as i32;
        }
    }
    let clamp = |sample: i32| sample.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
    sum.into_iter().map(clamp).collect()
}

/// The hiss of a line, without end.
pub(crate) fn line_noise(seed: u64) -> impl Iterator<Item = i16> {
    let peak = 32_768.0 * dsp::level::from_db(LINE_NOISE_DBFS) * 3.0_f32.sqrt();
    let mut dice = Dice::new(seed);
    std::iter::repeat_with(move || (dice.swing() * peak) as i16)
}

/// A sound that is no speech.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoSpeech {
    /// What it is.
    pub name: String,
    /// Its sound.
    pub sound: Vec<i16>,
}

/// Silence, hiss, tones, keys and breath: what a line holds that no file is needed for.
pub fn made_sounds(length: Duration) -> Vec<NoSpeech> {
    let length = samples(length);
    let sound = |name: &str, sound: Vec<i16>| NoSpeech {
        name: name.to_owned(),
        sound,
    };
    vec![
        sound("silence", vec![0; length]),
        sound("hiss", hiss(length)),
        sound("tones", progress_tones(length)),
        sound("keys", keys(length)),
        sound("breath", breath(length)),
    ]
}

pub(crate) fn samples(length: Duration) -> usize {
    usize::try_from(length.as_millis()).unwrap_or(0) * SAMPLE_RATE as usize / 1_000
}

/// White noise that comes and goes at four levels, five seconds each.
fn hiss(length: usize) -> Vec<i16> {
    let mut dice = Dice::new(3);
    (0..length)
        .map(|at| {
            let peak = [60.0, 600.0, 3_000.0, 0.0][at / (5 * SAMPLE_RATE as usize) % 4];
            (dice.swing() * peak) as i16
        })
        .collect()
}

/// Dial tone, ringing, busy, special information and fax tones of several countries, one after the other.
fn progress_tones(length: usize) -> Vec<i16> {
    /// The tones at once, in Hz, and how long each sounds and pauses, in milliseconds.
    const CADENCES: [(&[f32], usize, usize); 9] = [
        (&[350.0, 440.0], 3_000, 200),
        (&[440.0, 480.0], 2_000, 1_000),
        (&[480.0, 620.0], 500, 500),
        (&[425.0], 1_000, 1_000),
        (&[450.0], 350, 350),
        (&[950.0], 330, 30),
        (&[1_100.0], 500, 1_500),
        (&[2_100.0], 2_600, 400),
        (&[1_000.0], 250, 250),
    ];
    let mut sound = Vec::with_capacity(length);
    for (hz, on, off) in CADENCES.iter().cycle() {
        if sound.len() >= length {
            break;
        }
        for _ in 0..3 {
            sound.extend((0..on * 8).map(|at| tones(hz, at)));
            sound.extend(std::iter::repeat_n(0, off * 8));
        }
    }
    sound.truncate(length);
    sound
}

fn tones(hz: &[f32], at: usize) -> i16 {
    let turn = TAU * at as f32 / SAMPLE_RATE as f32;
    let sum: f32 = hz.iter().map(|hz| (turn * hz).sin()).sum();
    (4_000.0 * sum) as i16
}

/// All sixteen keys as tones in the sound (ITU-T Q.23), some long, some short.
fn keys(length: usize) -> Vec<i16> {
    const LOW: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
    const HIGH: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
    let mut sound = Vec::with_capacity(length);
    for key in 0.. {
        if sound.len() >= length {
            break;
        }
        let hz = [LOW[key % 4], HIGH[key / 4 % 4]];
        let on = [60, 120, 300][key % 3] * 8;
        sound.extend((0..on).map(|at| tones(&hz, at)));
        sound.extend(std::iter::repeat_n(0, 800));
    }
    sound.truncate(length);
    sound
}

/// Breath into a mouthpiece: noise of the lower half band that swells and sinks, in and out.
fn breath(length: usize) -> Vec<i16> {
    const CYCLE: usize = 4 * SAMPLE_RATE as usize;
    let mut dice = Dice::new(5);
    let mut smooth = 0.0_f32;
    (0..length)
        .map(|at| {
            let within = (at % CYCLE) as f32 / CYCLE as f32;
            // In for a third, out for a third, then rest.
            let swell = match within {
                it if it < 0.33 => (it / 0.33 * TAU / 2.0).sin() * 0.6,
                it if it < 0.7 => ((it - 0.33) / 0.37 * TAU / 2.0).sin(),
                _ => 0.0,
            };
            smooth += 0.5 * (dice.swing() - smooth);
            (smooth * swell * 2_500.0) as i16
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_begins_and_ends_where_it_can_be_heard() {
        let mut clip = vec![0; 1_600];
        clip.extend(dsp::tone(300.0, 8_000, 4_000, 8_000));
        clip.extend(vec![10; 1_600]);
        assert_eq!(audible(&clip), Some(1_600..5_600));
        assert!(
            (speech_dbfs(&clip) + 15.3).abs() < 0.5,
            "{}",
            speech_dbfs(&clip)
        );
        assert_eq!(audible(&[0; 800]), None);
        assert_eq!(audible(&[]), None);
    }

    #[test]
    fn made_sounds_are_as_long_as_asked_and_the_same_each_time() {
        let made = made_sounds(Duration::from_secs(12));
        assert!(made.iter().all(|it| it.sound.len() == 96_000));
        assert_eq!(made, made_sounds(Duration::from_secs(12)));
    }

    #[test]
    fn a_line_hisses_at_its_level() {
        let noise: Vec<i16> = line_noise(4).take(8_000).collect();
        let level = dsp::level::dbfs(&noise);
        assert!((level - LINE_NOISE_DBFS).abs() < 1.0, "{level}");
    }

    #[test]
    fn a_mix_of_speakers_is_as_long_as_asked() {
        let clips = [dsp::tone(300.0, 8_000, 4_000, 8_000), vec![0; 100]];
        let babble = mixed(&clips, Duration::from_secs(2));
        assert_eq!(babble.len(), 16_000);
        assert!((dsp::level::dbfs(&babble) + 30.0).abs() < 0.5);
    }
}
