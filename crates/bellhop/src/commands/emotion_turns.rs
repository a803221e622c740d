//! The live scorer on recordings: short turns, cost, and one call's curve.

use super::emotion_set::Recordings;
use call_model::{Codec, EmotionScore, FRAME_TIME, Language, PcmFrame, PerMille};
use std::collections::BTreeMap;
use std::sync::Arc;
use voice_emotion::evaluate::Panel;
use voice_emotion::train::conditions::Condition;
use voice_emotion::train::set::ClipInfo;
use voice_emotion::{Dice, EmotionScorer, SiteOffset, VoiceModel};

/// Short turns of a call, and calls a speaker.
const TURNS: usize = 5;
const CALLS: usize = 10;
/// A score of less confidence is of too little speech.
const USABLE_FROM: PerMille = PerMille::new(375);
/// Recordings over which the cost is measured.
const COST_CLIPS: usize = 300;

/// One call: recordings as turns, a second of silence between them, over a plain line.
pub fn play<'a>(
    scorer: &mut EmotionScorer,
    turns: impl IntoIterator<Item = &'a [i16]>,
    cut_s: Option<f32>,
    dice: &mut Dice,
) -> Vec<EmotionScore> {
    let line = Condition {
        cut_s,
        ..Condition::clean(Codec::Pcmu)
    };
    let mut at = call_model::CallTime::ZERO;
    let mut scores = Vec::new();
    for turn in turns {
        scorer.begin_utterance();
        for frame in line.apply(turn, &[], dice) {
            scores.extend(scorer.push(&PcmFrame { at, ..frame }));
            at = at + FRAME_TIME;
        }
        scores.extend(scorer.end_utterance());
        at = at + 50 * FRAME_TIME;
    }
    scores
}

/// Recordings of each speaker.
pub fn by_speaker(clips: &[ClipInfo]) -> BTreeMap<&str, Vec<usize>> {
    let mut speakers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, clip) in clips.iter().enumerate() {
        speakers.entry(&clip.speaker).or_default().push(at);
    }
    speakers
}

/// The share of calls of five turns of a second each in which a usable score is told.
pub fn five_short_turns(recordings: &Recordings, panel: &Panel) -> Option<f64> {
    let mut dice = Dice::new(5);
    let (mut calls, mut usable) = (0.0, 0.0);
    for (speaker, own) in by_speaker(&recordings.clips) {
        let model = Arc::new(panel.judge(speaker).clone());
        for _ in 0..CALLS {
            let mut scorer =
                EmotionScorer::new(Arc::clone(&model), SiteOffset::default(), Language::En);
            let turns: Vec<&[i16]> = (0..TURNS)
                .filter_map(|_| Some(recordings.sounds[*dice.pick(&own)?].as_slice()))
                .collect();
            let scores = play(&mut scorer, turns, Some(1.0), &mut dice);
            calls += 1.0;
            let is_usable = scores.iter().any(|score| score.confidence >= USABLE_FROM);
            usable += f64::from(u8::from(is_usable));
        }
    }
    (calls > 0.0).then(|| usable / calls)
}

/// CPU seconds a second of speech, scores with their reasons and all, and the bytes of a scorer.
pub fn cost(recordings: &Recordings, model: &VoiceModel) -> (f64, usize) {
    let model = Arc::new(model.clone());
    let mut dice = Dice::new(6);
    let line = Condition::clean(Codec::Pcmu);
    let mut turns = Vec::new();
    for sound in recordings.sounds.iter().take(COST_CLIPS) {
        turns.push(line.apply(sound, &[], &mut dice));
    }
    let mut scorer = EmotionScorer::new(Arc::clone(&model), SiteOffset::default(), Language::En);
    let cpu = cpu_seconds();
    let mut speech_s = 0.0;
    for turn in &turns {
        scorer.begin_utterance();
        for frame in turn {
            scorer.push(frame);
        }
        if let Some(score) = scorer.end_utterance() {
            speech_s += score.speech().as_secs_f64();
        }
    }
    let spent = cpu_seconds() - cpu;
    (spent / f64::max(speech_s, 1e-9), scorer.bytes())
}

/// CPU time of this thread so far; zero where the system does not tell.
fn cpu_seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told
        .split_whitespace()
        .next()
        .and_then(|it| it.parse::<f64>().ok());
    nanoseconds.unwrap_or(0.0) / 1e9
}
