//! A look that follows a script, for tests.

use super::look::{Look, Pass, Piece, Sound, Stop, WIDE_RATE};
use crate::SpeechError;
use call_model::Language;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Sees what it was told to see, one after the other, and the last again and again.
pub(super) struct Scripted {
    looks: VecDeque<Look>,
    heard: Arc<Mutex<Vec<Sound>>>,
    gate: Option<(Sender<()>, Receiver<()>)>,
}

/// The other end of a script.
pub(super) struct Told {
    heard: Arc<Mutex<Vec<Sound>>>,
    begun: Receiver<()>,
    go: Sender<()>,
}

impl Scripted {
    pub(super) fn seeing(looks: impl IntoIterator<Item = Look>) -> (Self, Arc<Mutex<Vec<Sound>>>) {
        let heard = Arc::default();
        let script = Self {
            looks: looks.into_iter().collect(),
            heard: Arc::clone(&heard),
            gate: None,
        };
        (script, heard)
    }

    /// One that sees nothing, and waits at its first sound until it may go on. It panics at an empty sound.
    pub(super) fn gated() -> (Self, Told) {
        let (mut script, heard) = Self::seeing([]);
        let (begin, begun) = channel();
        let (go, gone) = channel();
        script.gate = Some((begin, gone));
        (script, Told { heard, begun, go })
    }
}

impl Told {
    /// Waits until the first look has begun.
    pub(super) fn begun(&self) {
        self.begun.recv().expect("a look");
    }

    pub(super) fn go_on(&self) {
        // A pool whose looks were all called off has nobody at the gate.
        let _ = self.go.send(());
    }

    /// How long the sounds were, in the order in which they were looked at.
    pub(super) fn seconds(&self) -> Vec<usize> {
        let heard = self.heard.lock().expect("no panic");
        let samples = heard.iter().map(|sound| sound.samples.len());
        samples.map(|count| count / WIDE_RATE).collect()
    }
}

impl Pass for Scripted {
    fn look(&mut self, at: &Sound) -> Result<Look, SpeechError> {
        if let Some((begin, gone)) = self.gate.take() {
            // Whoever has gone does not hold the gate.
            let _ = begin.send(());
            let _ = gone.recv();
        }
        assert!(!at.samples.is_empty(), "an empty sound");
        self.heard.lock().expect("no panic").push(at.clone());
        let next = match self.looks.len() {
            0 | 1 => self.looks.front().cloned(),
            _ => self.looks.pop_front(),
        };
        Ok(next.unwrap_or_else(|| seen(at.language, "")))
    }
}

/// A look at this text, word by word, each 200 ms long and 90 % sure.
pub(super) fn seen(language: Language, text: &str) -> Look {
    let words = text.split_inclusive(' ').zip(0_u64..);
    let pieces = words.map(|(word, place)| Piece {
        bytes: word.as_bytes().to_vec(),
        probability: 0.9,
        from_ms: 200 * place,
        to_ms: 200 * place + 200,
    });
    Look {
        language,
        pieces: pieces.collect(),
        no_speech: 0.01,
        guided: None,
    }
}

pub(super) fn sound_until(stop: Arc<Stop>, seconds: usize) -> Sound {
    Sound {
        samples: vec![0.0; seconds * WIDE_RATE],
        language: Language::En,
        also: None,
        hints: Default::default(),
        guides: Default::default(),
        stop,
    }
}
