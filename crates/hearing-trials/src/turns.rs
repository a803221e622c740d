//! When a turn is taken to be over, held against when it was.

use crate::TrialError;
use crate::call::{Deed, Frame, TrialCall};
use crate::dice::Dice;
use crate::line::Line;
use crate::scene::Scene;
use crate::sounds::{audible, samples, speech_dbfs};
use call_model::{CallTime, FRAME_SAMPLES, FRAME_TIME, SAMPLE_RATE};
use std::sync::Arc;
use std::time::Duration;

/// The caller is quiet for so long before they speak.
const BEFORE: Duration = Duration::from_millis(1_200);
/// No end of a turn is waited for longer.
const AFTER: Duration = Duration::from_secs(4);
/// A turn may end so long before the last audible sound is over: that is its last breath.
const BREATH: Duration = Duration::from_millis(60);
/// Words are cut out with so much before and after: 20 ms.
const AROUND: usize = 160;
/// And faded: 5 ms.
const FADE: usize = 40;

/// How the turn of a caller ended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TurnCame {
    /// It was taken to be over before the caller was done.
    pub is_cut_off: bool,
    /// From the last audible sound to the end of the turn; none where it was cut off, or never ended.
    pub added_ms: Option<i64>,
    /// Why it was taken to be over; empty where it never was.
    pub why: String,
    /// What was understood; empty where nothing was.
    pub text: String,
}

/// Words with pauses between them, as one caller says them.
///
/// Each word is cut out of its silence. The pauses come before the words, the first one too.
pub fn utterance(words: &[(Duration, &[i16])]) -> Vec<i16> {
    let mut sound = Vec::new();
    for (pause, word) in words {
        sound.extend(std::iter::repeat_n(0, samples(*pause)));
        let Some(heard) = audible(word) else { continue };
        let from = heard.start.saturating_sub(AROUND);
        let to = (heard.end + AROUND).min(word.len());
        let begin = sound.len();
        sound.extend(&word[from..to]);
        fade(&mut sound[begin..]);
    }
    sound
}

fn fade(word: &mut [i16]) {
    let count = FADE.min(word.len() / 2);
    let end = word.len();
    for at in 0..count {
        for place in [at, end - 1 - at] {
            word[place] = (i32::from(word[place]) * at as i32 / count as i32) as i16;
        }
    }
}

impl Scene<'_> {
    /// A caller answers, after the question was asked; none where the sound holds nothing.
    ///
    /// # Errors
    /// The ear's.
    pub fn answer(&self, sound: &[i16], seed: u64) -> Result<Option<TurnCame>, TrialError> {
        let Some(speech) = audible(sound) else {
            return Ok(None);
        };
        let mut dice = Dice::new(seed);
        let line = Line {
            seed: dice.throw(),
            ..self.line.clone()
        };
        let prompt: Arc<[i16]> = Arc::from([0; FRAME_SAMPLES]);
        let mut call = TrialCall::new(&self.plan, self.language, &line, prompt, self.recognizer)?;
        let before = samples(BEFORE) + samples(Duration::from_millis(dice.between(0, 400)));
        let mut whole = vec![0; before + sound.len() + samples(AFTER)];
        whole[before..][..sound.len()].copy_from_slice(sound);
        line.soil(&mut whole, speech_dbfs(sound));
        let came = call.next_arrival().back(FRAME_TIME);
        let began = came + time(before + speech.start);
        let ended = came + time(before + speech.end);
        let mut over = None;
        for samples in whole.chunks(FRAME_SAMPLES) {
            let mut frame: Frame = [0; FRAME_SAMPLES];
            frame[..samples.len()].copy_from_slice(samples);
            call.tick(&frame)?;
            over = call.first(began, |deed| deed == Deed::TurnEnded);
            if over.is_some_and(|over| call.now > over + FRAME_TIME) {
                break;
            }
        }
        let is_cut_off = over.is_some_and(|over| over + BREATH < ended);
        Ok(Some(TurnCame {
            is_cut_off,
            added_ms: over
                .filter(|_| !is_cut_off)
                .map(|over| millis(over) - millis(ended)),
            why: call.whys.pop().unwrap_or_default(),
            text: call.texts.pop().unwrap_or_default(),
        }))
    }
}

fn time(samples: usize) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(SAMPLE_RATE))
}

fn millis(at: CallTime) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_utterance_keeps_its_pauses_and_none_of_the_words_silence() {
        let mut word = vec![0; 4_000];
        word.extend(dsp::tone(300.0, 8_000, 1_600, 8_000));
        word.extend(vec![0; 4_000]);
        let pause = Duration::from_millis(500);
        let sound = utterance(&[(Duration::ZERO, &word), (pause, &word)]);
        assert_eq!(sound.len(), 2 * (1_600 + 2 * AROUND) + 4_000);
        assert_eq!(utterance(&[(Duration::ZERO, &[0; 800])]), Vec::<i16>::new());
    }
}
