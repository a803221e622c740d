//! Recordings that are learnt from or measured on.

use super::conditions::{Condition, babble};
use crate::dice::Dice;
use crate::features::Features;
use crate::utterance::UtteranceEar;
use call_model::PcmFrame;
use std::collections::BTreeMap;

/// What is known of a recording.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClipInfo {
    /// Its file, for messages.
    pub path: String,
    /// The collection it belongs to.
    pub corpus: String,
    /// Who speaks; unique over all collections.
    pub speaker: String,
    /// `f`, `m`, or something else where nobody knows.
    pub gender: String,
    /// The language's code.
    pub language: String,
    /// The collection's own label.
    pub emotion: String,
    /// Its licence.
    pub licence: String,
}

impl ClipInfo {
    /// Whether the label says anger.
    pub fn is_angry(&self) -> bool {
        matches!(self.emotion.as_str(), "anger" | "angry" | "ang")
    }

    /// Whether the label says that nothing moves the speaker.
    pub fn is_calm(&self) -> bool {
        matches!(self.emotion.as_str(), "neutral" | "calm" | "neu")
    }

    /// Whether the label says that the speaker is merry, which may be as loud as anger.
    pub fn is_merry(&self) -> bool {
        matches!(self.emotion.as_str(), "happy" | "playfulness")
    }

    /// Whether the label says that the speaker is agitated; nothing where it says neither.
    pub fn is_aroused(&self) -> Option<bool> {
        match self.emotion.as_str() {
            "anger" | "angry" | "ang" | "fear" | "happy" | "surprise" | "playfulness" => Some(true),
            "neutral" | "calm" | "neu" | "sad" | "boredom" => Some(false),
            _ => None,
        }
    }
}

/// One stretch of speech.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// The clip it comes from.
    pub clip: usize,
    /// The line it came over: samples of one number came over the same.
    pub line: usize,
    /// Its features.
    pub features: Features,
    /// Seconds of speech in it.
    pub speech_s: f32,
}

/// Recordings and what was measured of them.
#[derive(Clone, Debug, Default)]
pub struct Set {
    /// The recordings.
    pub clips: Vec<ClipInfo>,
    /// What was measured.
    pub samples: Vec<Sample>,
}

/// The features at the end of one utterance, and the seconds of speech in it.
pub fn hear(frames: &[PcmFrame]) -> Option<(Features, f32)> {
    let mut ear = UtteranceEar::new();
    ear.begin();
    for frame in frames {
        ear.push(frame);
    }
    ear.end();
    Some((Features::of(&ear.window())?, ear.speech_s()))
}

/// Every clip over a line, the same for all clips of a speaker, as in one call.
pub fn over_line(
    clips: &[ClipInfo],
    sounds: &[Vec<i16>],
    line: &dyn Fn(&mut Dice) -> Condition,
    number: usize,
    seed: u64,
) -> Vec<Sample> {
    let mut dice = Dice::new(seed);
    let all: Vec<&[i16]> = sounds.iter().map(Vec::as_slice).collect();
    let people = babble(&all, &mut dice);
    let mut lines: BTreeMap<&str, Condition> = BTreeMap::new();
    let mut samples = Vec::with_capacity(clips.len());
    for (clip, sound) in sounds.iter().enumerate() {
        let speaker = clips[clip].speaker.as_str();
        let line = *lines.entry(speaker).or_insert_with(|| line(&mut dice));
        let frames = line.apply(sound, &people, &mut dice);
        if let Some((features, speech_s)) = hear(&frames) {
            samples.push(Sample {
                clip,
                line: number,
                features,
                speech_s,
            });
        }
    }
    samples
}

/// Speakers dealt into so many folds, each collection by itself.
pub fn folds(clips: &[ClipInfo], count: usize) -> BTreeMap<String, usize> {
    let mut of_corpus: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for clip in clips {
        let speakers = of_corpus.entry(&clip.corpus).or_default();
        if !speakers.contains(&clip.speaker.as_str()) {
            speakers.push(&clip.speaker);
        }
    }
    let mut folds = BTreeMap::new();
    for speakers in of_corpus.values_mut() {
        speakers.sort_unstable();
        for (place, speaker) in speakers.iter().enumerate() {
            folds.insert((*speaker).to_owned(), place % count);
        }
    }
    folds
}
