//! The sound of an utterance: spoken by a program, read, or put together from words.

use super::sentences::{Sound, Utterance};
use crate::eval::sound;
use crate::scratch::Scratch;
use crate::{SpeechError, program, voices};
use call_model::SAMPLE_RATE;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long a voice may take for one sentence.
const SPEAK_LIMIT: Duration = Duration::from_secs(30);
/// Samples of a window in which loudness is measured: 10 ms, also the length of a fade.
const WINDOW: usize = SAMPLE_RATE as usize / 100;
/// Windows this much weaker than a word's loudest, in power, are not of the word: -36 dB.
const FLOOR: f64 = 2.5e-4;
/// Windows kept before and after a word.
const AROUND: usize = 3;
/// Pauses between words of a sentence, in milliseconds, in turn: people pause unevenly.
const PAUSES_MS: [usize; 7] = [40, 20, 90, 0, 60, 120, 30];
/// The peak that a made-up voice is brought to: -6 dBFS.
const PEAK: f64 = 16_384.0;

/// Makes sounds, and remembers the words of real speakers.
#[derive(Default)]
pub(super) struct Sounds {
    words: BTreeMap<PathBuf, Vec<i16>>,
}

impl Sounds {
    pub(super) fn of(&mut self, utterance: &Utterance) -> Result<Vec<i16>, SpeechError> {
        match &utterance.sound {
            Sound::MadeUp => speak(&utterance.voice, &utterance.text),
            Sound::Recorded(path) => sound::read(path),
            Sound::Spliced(words) => self.spliced(words),
        }
    }

    /// Words one after the other, each faded in and out, with uneven pauses between.
    fn spliced(&mut self, words: &[PathBuf]) -> Result<Vec<i16>, SpeechError> {
        let mut sentence: Vec<i16> = Vec::new();
        for (place, path) in words.iter().enumerate() {
            let word = self.word(path)?;
            let pause = match place {
                0 => 0,
                _ => PAUSES_MS[(place + words.len()) % PAUSES_MS.len()],
            };
            join(&mut sentence, word, pause * SAMPLE_RATE as usize / 1000);
        }
        Ok(sentence)
    }

    fn word(&mut self, path: &Path) -> Result<&[i16], SpeechError> {
        if !self.words.contains_key(path) {
            let word = faded(trimmed(&sound::read(path)?));
            self.words.insert(path.to_owned(), word);
        }
        Ok(self.words.get(path).map_or(&[], Vec::as_slice))
    }
}

/// Adds a word after a pause; without one it overlaps the end by a fade.
fn join(sentence: &mut Vec<i16>, word: &[i16], pause: usize) {
    if pause > 0 || sentence.len() < WINDOW || word.len() < WINDOW {
        sentence.extend(std::iter::repeat_n(0, pause));
        sentence.extend(word);
        return;
    }
    let from = sentence.len() - WINDOW;
    for (sample, more) in sentence[from..].iter_mut().zip(word) {
        *sample = sample.saturating_add(*more);
    }
    sentence.extend(&word[WINDOW..]);
}

/// A recording from the first to the last window that is as loud as speech.
fn trimmed(samples: &[i16]) -> &[i16] {
    let power =
        |window: &[i16]| -> f64 { window.iter().map(|&sample| f64::from(sample).powi(2)).sum() };
    let powers: Vec<f64> = samples.chunks(WINDOW).map(power).collect();
    let floor = FLOOR * powers.iter().copied().fold(0.0, f64::max);
    let is_loud = |power: &f64| *power > floor;
    let (Some(first), Some(last)) = (
        powers.iter().position(is_loud),
        powers.iter().rposition(is_loud),
    ) else {
        return samples;
    };
    let from = first.saturating_sub(AROUND) * WINDOW;
    let to = ((last + 1 + AROUND) * WINDOW).min(samples.len());
    &samples[from..to]
}

fn faded(samples: &[i16]) -> Vec<i16> {
    let mut faded = samples.to_vec();
    let count = WINDOW.min(samples.len() / 2);
    let end = samples.len();
    for at in 0..count {
        let share = |sample: i16| (i32::from(sample) * at as i32 / count as i32) as i16;
        faded[at] = share(samples[at]);
        faded[end - 1 - at] = share(samples[end - 1 - at]);
    }
    faded
}

/// A text in a made-up voice, `flite VOICE` or `espeak VOICE`, at one level.
///
/// # Errors
/// The program's.
pub fn speak(voice: &str, text: &str) -> Result<Vec<i16>, SpeechError> {
    let samples = match voice.split_once(' ') {
        Some(("flite", name)) => {
            let scratch = Scratch::new("wav")?;
            let mut command = Command::new("flite");
            // A little slower than by itself, as people speak on the telephone.
            command.args(["-voice", name, "--setf", "duration_stretch=1.15", "-"]);
            command.arg(&scratch.path);
            program::run(command, text, SPEAK_LIMIT)?;
            let sound = std::fs::read(&scratch.path).map_err(|source| scratch.error(source))?;
            voices::decoded("flite", &sound)?
        }
        Some((_, name)) => {
            let mut command = Command::new("espeak-ng");
            command.args(["-v", name, "-s", "150", "-b", "1", "--stdin", "--stdout"]);
            voices::decoded("espeak-ng", &program::run(command, text, SPEAK_LIMIT)?)?
        }
        None => Vec::new(),
    };
    Ok(levelled(&samples))
}

fn levelled(samples: &[i16]) -> Vec<i16> {
    let peak = samples
        .iter()
        .map(|sample| f64::from(*sample).abs())
        .fold(1.0, f64::max);
    samples
        .iter()
        .map(|sample| (f64::from(*sample) * PEAK / peak) as i16)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_cut_out_of_its_silence_and_joined_without_a_click() {
        let mut recording = vec![0_i16; 4_000];
        recording.extend((0..4_000).map(|at| if at % 8 < 4 { 8_000 } else { -8_000 }));
        recording.extend(vec![0; 4_000]);
        let word = faded(trimmed(&recording));
        assert_eq!(word.len(), 4_000 + 2 * AROUND * WINDOW);
        assert_eq!((word[0], word[word.len() - 1]), (0, 0));
        let mut sentence = Vec::new();
        join(&mut sentence, &word, 0);
        join(&mut sentence, &word, 0);
        join(&mut sentence, &word, 160);
        assert_eq!(sentence.len(), 3 * word.len() - WINDOW + 160);
    }
}
