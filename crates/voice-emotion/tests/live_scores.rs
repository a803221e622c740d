//! The scorer as a call uses it, with the shipped weights.

use call_model::{CallTime, EmotionScore, FRAME_SAMPLES, FRAME_TIME, Language, PcmFrame, PerMille};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::f32::consts::PI;
use std::sync::Arc;
use voice_emotion::{EmotionScorer, SiteOffset, VoiceModel, VoiceModelError};

/// Counts what this thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[expect(
    unsafe_code,
    reason = "an allocator that counts is the only witness of allocations"
)]
// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn model() -> Arc<VoiceModel> {
    let text = include_str!("../models/anger-acted.json");
    Arc::new(VoiceModel::read(text).expect("the shipped model"))
}

fn scorer() -> EmotionScorer {
    EmotionScorer::new(model(), SiteOffset::default(), Language::En)
}

/// Frames of silence before the speech: voice detection reaches back.
const LEAD: u64 = 15;

/// A hum that swells and fades four times a second, as syllables do.
fn speech(seconds: f32, from: CallTime) -> Vec<PcmFrame> {
    let lead = (0..LEAD).map(|n| PcmFrame::silent(from + FRAME_TIME * n as u32));
    let mut frames: Vec<PcmFrame> = lead.collect();
    let mut at = from + FRAME_TIME * LEAD as u32;
    for n in 0..(seconds * 50.0) as usize {
        let mut frame = PcmFrame::silent(at);
        for (k, sample) in frame.samples.iter_mut().enumerate() {
            let time = (n * FRAME_SAMPLES + k) as f32 / 8_000.0;
            let swell = 0.6 + 0.4 * (2.0 * PI * 4.0 * time).sin();
            let hum: f32 = (1..12)
                .map(|h| (2.0 * PI * 140.0 * h as f32 * time).sin() / h as f32)
                .sum();
            *sample = (3_000.0 * swell * hum) as i16;
        }
        frames.push(frame);
        at = at + FRAME_TIME;
    }
    frames
}

fn utterance(scorer: &mut EmotionScorer, seconds: f32, from: CallTime) -> Vec<EmotionScore> {
    scorer.begin_utterance();
    let mut scores = Vec::new();
    for frame in speech(seconds, from) {
        scores.extend(scorer.push(&frame));
    }
    scores.extend(scorer.end_utterance());
    scores
}

#[test]
fn a_score_comes_every_half_second_of_speech_from_one_second_on() {
    let scores = utterance(&mut scorer(), 4.0, CallTime::ZERO);
    let speech: Vec<u64> = scores.iter().map(|s| s.speech_micros / 10_000).collect();
    assert!(
        speech.iter().all(|hundredths| *hundredths >= 100),
        "{speech:?}"
    );
    let steps = speech.windows(2).take(speech.len().saturating_sub(2));
    assert!(steps.clone().count() >= 4, "{speech:?}");
    assert!(
        steps
            .clone()
            .all(|pair| (49..=51).contains(&(pair[1] - pair[0]))),
        "{speech:?}"
    );
    assert!(scores.iter().all(|score| score.utterance == 1));
}

#[test]
fn less_than_a_second_tells_nothing_and_little_more_tells_it_with_low_confidence() {
    assert!(utterance(&mut scorer(), 0.8, CallTime::ZERO).is_empty());
    let scores = utterance(&mut scorer(), 1.4, CallTime::ZERO);
    assert!(!scores.is_empty());
    assert!(scores.iter().all(|s| s.confidence < PerMille::new(375)));
}

#[test]
fn short_utterances_are_taken_together_under_one_number() {
    let mut scorer = scorer();
    assert!(utterance(&mut scorer, 0.9, CallTime::ZERO).is_empty());
    let second = utterance(&mut scorer, 0.9, CallTime::from_millis(3_000));
    let last = second.last().expect("a score of both");
    assert_eq!(last.utterance, 1);
    assert!(last.speech_micros > 1_500_000, "{}", last.speech_micros);
    let third = utterance(&mut scorer, 2.0, CallTime::from_millis(6_000));
    assert_eq!(third.last().expect("a score").utterance, 2);
}

#[test]
fn outside_an_utterance_nothing_is_computed() {
    let mut scorer = scorer();
    for frame in speech(3.0, CallTime::ZERO) {
        assert_eq!(scorer.push(&frame), None);
    }
    assert_eq!(scorer.end_utterance(), None);
}

#[test]
fn frames_that_concealment_made_up_are_no_speech() {
    let mut scorer = scorer();
    scorer.begin_utterance();
    for mut frame in speech(3.0, CallTime::ZERO) {
        frame.concealed = true;
        assert_eq!(scorer.push(&frame), None);
    }
    assert_eq!(scorer.end_utterance(), None);
}

#[test]
fn twelve_decibels_of_line_gain_change_little() {
    let louder = |frames: Vec<PcmFrame>| -> Vec<PcmFrame> {
        let mut frames = frames;
        for frame in &mut frames {
            frame.samples = frame.samples.map(|s| s.saturating_mul(2));
        }
        frames
    };
    let score = |frames: Vec<PcmFrame>| {
        let mut scorer = scorer();
        scorer.begin_utterance();
        frames.iter().for_each(|frame| {
            scorer.push(frame);
        });
        scorer.end_utterance().expect("a score").log_odds_milli
    };
    let plain = speech(3.0, CallTime::ZERO);
    let apart = score(plain.clone()) - score(louder(plain));
    assert!(apart.abs() < 200, "{apart} thousandths of log-odds apart");
}

#[test]
fn the_same_sound_gives_the_same_scores() {
    let one = utterance(&mut scorer(), 4.0, CallTime::ZERO);
    assert_eq!(one, utterance(&mut scorer(), 4.0, CallTime::ZERO));
}

#[test]
fn frames_between_scores_allocate_nothing() {
    let frames = speech(5.0, CallTime::ZERO);
    let mut scorer = scorer();
    scorer.begin_utterance();
    for frame in &frames {
        let before = ALLOCATIONS.with(Cell::get);
        let told = scorer.push(frame);
        let allocated = ALLOCATIONS.with(Cell::get) - before;
        // A score carries its reasons, which are text; the tables are made once a process.
        assert!(
            told.is_some() || allocated == 0 || frame.at.as_millis() < 500,
            "at {:?}",
            frame.at
        );
    }
    assert!(scorer.bytes() <= 24 * 1_024, "{} bytes", scorer.bytes());
}

#[test]
fn a_model_of_other_features_is_refused_by_name() {
    let text = include_str!("../models/anger-acted.json");
    let other = text.replacen("\"pitch_mean\"", "\"pitch_average\"", 1);
    let told = VoiceModel::read(&other).expect_err("refused").to_string();
    assert!(
        told.contains("feature 1") && told.contains("pitch_average"),
        "{told}"
    );
    let newer = text.replacen("\"version\": 3", "\"version\": 9", 1);
    assert!(matches!(
        VoiceModel::read(&newer),
        Err(VoiceModelError::Version { found: 9, .. })
    ));
    let model = VoiceModel::read(text).expect("the shipped model");
    assert_eq!(
        VoiceModel::read(&model.write().expect("written")).expect("read again"),
        model
    );
}
