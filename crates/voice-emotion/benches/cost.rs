//! What a second of speech costs, scores and reasons and all: `cargo bench -p voice-emotion`.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement of time has to look at a clock"
)]

use call_model::{CallTime, FRAME_SAMPLES, FRAME_TIME, Language, PcmFrame};
use std::f32::consts::PI;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use voice_emotion::{EmotionScorer, SiteOffset, VoiceModel};

const ROUNDS: usize = 7;
const SECONDS: usize = 20;

fn main() {
    let text = include_str!("../models/anger-acted.json");
    let model = Arc::new(VoiceModel::read(text).expect("the shipped model"));
    let frames = speech();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut scorer =
            EmotionScorer::new(Arc::clone(&model), SiteOffset::default(), Language::En);
        let began = Instant::now();
        scorer.begin_utterance();
        for frame in &frames {
            black_box(scorer.push(frame));
        }
        black_box(scorer.end_utterance());
        rounds.push(began.elapsed().as_secs_f64() / SECONDS as f64);
    }
    rounds.sort_by(f64::total_cmp);
    println!(
        "{:.3} ms a second of voiced speech (median of {ROUNDS}; best {:.3})",
        1e3 * rounds[ROUNDS / 2],
        1e3 * rounds[0]
    );
    let scorer = EmotionScorer::new(model, SiteOffset::default(), Language::En);
    println!("{} bytes a call", scorer.bytes());
}

/// A voiced sound that swells as syllables do.
fn speech() -> Vec<PcmFrame> {
    let mut at = CallTime::ZERO;
    let mut frames = Vec::new();
    for n in 0..SECONDS * 50 {
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
