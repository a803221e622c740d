//! One look at an utterance, and what is seen in it.

use super::guards::LOG_LEAST;
use super::guide::Guide;
use crate::SpeechError;
use call_model::Language;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Samples of a second of the sound that is looked at.
pub(super) const WIDE_RATE: usize = 16_000;

/// What looks at whole utterances: the model, or a script in tests.
pub(super) trait Pass: Send {
    /// Hears the sound from its beginning to its end.
    fn look(&mut self, at: &Sound) -> Result<Look, SpeechError>;
}

/// An utterance to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Sound {
    /// 16,000 samples a second, from -1 to 1.
    pub(super) samples: Vec<f32>,
    /// The language that is spoken, or the likelier of two.
    pub(super) language: Language,
    /// The other language that may be spoken.
    pub(super) also: Option<Language>,
    /// Words that may be said, as a text that might have come before; empty: none are known. One for
    /// the language, one for the other.
    pub(super) hints: [String; 2],
    /// What may be said in each, if the sound is over and something is expected.
    pub(super) guides: [Option<Arc<Guide>>; 2],
    /// When to give up.
    pub(super) stop: Arc<Stop>,
}

/// Tells whoever looks that nobody waits any longer.
#[derive(Debug)]
pub(super) struct Stop {
    until: Instant,
    is_unwanted: AtomicBool,
}

/// What was seen.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Look {
    /// The language it was taken for.
    pub(super) language: Language,
    /// The text in its pieces, in order.
    pub(super) pieces: Vec<Piece>,
    /// How likely it is that nobody spoke, from 0 to 1.
    pub(super) no_speech: f32,
    /// What it is if it is something that was expected.
    pub(super) guided: Option<Guided>,
}

/// The likeliest text of a grammar.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Guided {
    pub(super) words: Vec<Arc<str>>,
    pub(super) pieces: usize,
    /// The mean of the logarithms (base e) of its pieces' probabilities.
    pub(super) mean_log: f32,
    /// By how much its pieces were less likely than the likeliest ones, in logarithms, all in all.
    pub(super) forced: f32,
}

/// A piece of text as the model writes it: a word, a part of one, in Mandarin at times a
/// part of a character.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) probability: f32,
    /// Milliseconds from the beginning of the sound.
    pub(super) from_ms: u64,
    pub(super) to_ms: u64,
}

/// The end of a text and one more piece of it are no evidence that a grammar was followed; each further piece is …
const PIECES_FREE: usize = 2;
/// … worth so much that it had to be forced.
const FORCED_A_PIECE: f32 = 1.5;
/// Nobody needs so many seconds for each word of a grammar.
const SLOWEST_S: f32 = 3.0;

impl Guided {
    /// What was written of itself, in the grammar's words.
    pub(super) fn as_written(words: Vec<Arc<str>>, look: &Look) -> Self {
        Self {
            words,
            pieces: look.pieces.len(),
            mean_log: look.mean_log(),
            forced: 0.0,
        }
    }

    /// Whether it was followed rather than forced, and says what so many seconds of a voice may say: a hum is not one word.
    pub(super) fn is_credible(&self, voiced_s: f32) -> bool {
        let worth = self.pieces.saturating_sub(PIECES_FREE) as f32;
        self.forced <= FORCED_A_PIECE * worth
            && self.mean_log >= LOG_LEAST
            && voiced_s <= SLOWEST_S * self.words.len() as f32
    }
}

impl Stop {
    pub(super) const fn at(until: Instant) -> Self {
        Self {
            until,
            is_unwanted: AtomicBool::new(false),
        }
    }

    /// Nobody wants the look any more.
    pub(super) fn forget(&self) {
        self.is_unwanted.store(true, Ordering::Relaxed);
    }

    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    pub(super) fn is_due(&self) -> bool {
        self.is_unwanted.load(Ordering::Relaxed) || Instant::now() >= self.until
    }
}

impl Look {
    /// The text as it was written; what is no text is left out.
    pub(super) fn text(&self) -> String {
        let bytes: Vec<u8> = self.bytes().collect();
        let chunks = bytes.utf8_chunks();
        chunks.map(|chunk| chunk.valid()).collect()
    }

    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> {
        self.pieces.iter().flat_map(|it| it.bytes.iter().copied())
    }

    /// The mean of the logarithms of the pieces' probabilities; without a piece nothing is likely.
    pub(super) fn mean_log(&self) -> f32 {
        const LEAST: f32 = 1e-6;
        let logs = self.pieces.iter();
        let sum: f32 = logs.map(|it| it.probability.max(LEAST).ln()).sum();
        match self.pieces.len() {
            0 => f32::NEG_INFINITY,
            count => sum / count as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_may_be_forced_more_than_a_short_one_and_no_sound_is_much_longer_than_its_text() {
        let table = [
            (2, 0.0, -0.5, 1.0, true),
            (2, 0.1, -0.5, 1.0, false),
            (3, 1.4, -0.5, 1.0, true),
            (3, 2.4, -0.5, 1.0, false),
            (15, 8.0, -0.5, 4.0, true),
            (15, 30.0, -0.5, 4.0, false),
            (15, 0.0, -1.3, 4.0, false),
            (15, 0.0, -0.5, 20.0, false),
        ];
        for (pieces, forced, mean_log, voiced_s, expected) in table {
            let guided = Guided {
                words: vec![Arc::from("yes"); 2],
                pieces,
                mean_log,
                forced,
            };
            assert_eq!(guided.is_credible(voiced_s), expected, "{guided:?}");
        }
    }
}
