//! One look at an utterance, and what is seen in it.

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
