//! The same definitions once more, offline, in double precision and without any cleverness: what
//! the streaming extractor is held against.

use crate::analysis::{FrameAnalyzer, FrameTraits};
use crate::spectrum::{BANDS, CEPSTRA, WINDOW};
use crate::tilt::Tilt;
use call_model::{CallTime, FRAME_SAMPLES, FRAME_TIME, PcmFrame};
use proptest::prelude::*;
use std::f64::consts::PI;

/// One analysis frame's traits that need no path through time.
struct Plain {
    level_db: f64,
    cepstra: Vec<f64>,
    alpha_db: f64,
    centroid_khz: f64,
    slope_high: f64,
}

/// The traits of the 25 ms that end at sample `end`.
fn plain(samples: &[f64], end: usize) -> Plain {
    let frame = &samples[end - WINDOW..end];
    let energy = frame.iter().map(|s| s * s).sum::<f64>() / WINDOW as f64;
    let windowed: Vec<f64> = frame
        .iter()
        .enumerate()
        .map(|(n, s)| s * (0.54 - 0.46 * (2.0 * PI * n as f64 / (WINDOW - 1) as f64).cos()))
        .collect();
    let power: Vec<f64> = (0..129).map(|bin| power_of(&windowed, bin)).collect();
    let bands: Vec<f64> = (0..BANDS).map(|band| band_of(&power, band)).collect();
    let cepstra = (1..=CEPSTRA).map(|c| {
        let sum: f64 = bands
            .iter()
            .enumerate()
            .map(|(b, log)| log * (PI * c as f64 * (b as f64 + 0.5) / BANDS as f64).cos())
            .sum();
        (2.0 / BANDS as f64).sqrt() * sum
    });
    let between = |from: usize, to: usize| power[from..to].iter().sum::<f64>();
    // 150 Hz, 1 kHz and 3.7 kHz, in bins of 31.25 Hz.
    let (low, high) = (between(5, 32), between(32, 118));
    let weighed: f64 = (4..129).map(|bin| bin as f64 * power[bin]).sum();
    Plain {
        level_db: 10.0 * (energy + 1.0).log10(),
        cepstra: cepstra.collect(),
        alpha_db: 10.0 * (high / low).log10(),
        centroid_khz: weighed * 0.031_25 / (low + high),
        slope_high: slope(&bands, 1_000.0, 3_600.0),
    }
}

fn power_of(windowed: &[f64], bin: usize) -> f64 {
    let angle = |n: usize| 2.0 * PI * bin as f64 * n as f64 / 256.0;
    let each = || windowed.iter().enumerate();
    let real: f64 = each().map(|(n, s)| s * angle(n).cos()).sum();
    let imaginary: f64 = each().map(|(n, s)| s * angle(n).sin()).sum();
    real * real + imaginary * imaginary
}

fn mel(hz: f64) -> f64 {
    1_127.0 * (1.0 + hz / 700.0).ln()
}

fn band_of(power: &[f64], band: usize) -> f64 {
    let step = (mel(3_700.0) - mel(150.0)) / 25.0;
    let middle = mel(150.0) + step * (band + 1) as f64;
    let weight = |bin: usize| (1.0 - (mel(bin as f64 * 31.25) - middle).abs() / step).max(0.0);
    let energy: f64 = power
        .iter()
        .enumerate()
        .map(|(bin, p)| p * weight(bin))
        .sum();
    (energy + 1e-3).ln()
}

/// Decibels a kHz of a straight line through the bands between two frequencies.
fn slope(bands: &[f64], from_hz: f64, to_hz: f64) -> f64 {
    let step = (mel(3_700.0) - mel(150.0)) / 25.0;
    let hz =
        |band: usize| 700.0 * (((mel(150.0) + step * (band + 1) as f64) / 1_127.0).exp() - 1.0);
    let points: Vec<(f64, f64)> = (0..BANDS)
        .filter(|band| (from_hz..to_hz).contains(&hz(*band)))
        .map(|band| (hz(band) / 1_000.0, 4.342_945 * bands[band]))
        .collect();
    let count = points.len() as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    let (x, y) = (x / count, y / count);
    let both: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    both / spread
}

/// A voice with a pitch and noise in it, loud enough for the line.
fn voice(pitch_hz: f64, seed: u64, seconds: f64) -> Vec<i16> {
    let mut dice = crate::dice::Dice::new(seed);
    (0..(seconds * 8_000.0) as usize)
        .map(|n| {
            let time = n as f64 / 8_000.0;
            let harmonic = |k: usize| (2.0 * PI * pitch_hz * k as f64 * time).sin() / k as f64;
            let tone: f64 = (1..=8).map(harmonic).sum();
            (2_500.0 * tone + 400.0 * (f64::from(dice.share()) - 0.5)) as i16
        })
        .collect()
}

fn frames(samples: &[i16]) -> Vec<PcmFrame> {
    let mut at = CallTime::ZERO;
    let mut frames = Vec::new();
    for chunk in samples.as_chunks::<FRAME_SAMPLES>().0 {
        frames.push(PcmFrame {
            at,
            samples: *chunk,
            concealed: false,
        });
        at = at + FRAME_TIME;
    }
    frames
}

fn streamed(samples: &[i16]) -> Vec<FrameTraits> {
    let mut analyzer = FrameAnalyzer::new();
    let mut found = Vec::new();
    for frame in frames(samples) {
        analyzer.push(&frame, |traits| found.push(traits.clone()));
    }
    analyzer.flush(|traits| found.push(traits.clone()));
    found
}

fn is_near(one: f32, other: f64, within: f64) -> bool {
    (f64::from(one) - other).abs() < within
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_stream_measures_what_the_plain_definitions_say(pitch in 80.0..400.0_f64, seed in 0..1_000_u64) {
        let samples = voice(pitch, seed, 0.4);
        let streamed = streamed(&samples);
        // The extractor's own high pass, plainly.
        let mut mean = 0.0;
        let passed: Vec<f64> = samples.iter().map(|s| {
            mean += 0.023 * (f64::from(*s) - mean);
            f64::from(*s) - mean
        }).collect();
        // The first analysis frame ends with the first hop that has all a pitch needs behind it.
        let first = 289_usize.next_multiple_of(80);
        prop_assert_eq!(streamed.len(), (passed.len() - first) / 80 + 1);
        for (place, traits) in streamed.iter().enumerate() {
            let plain = plain(&passed, first + 80 * place);
            prop_assert!(is_near(traits.level_db, plain.level_db, 0.01));
            let Tilt { alpha_db, centroid_khz, slope_high, .. } = traits.tilt;
            prop_assert!(is_near(alpha_db, plain.alpha_db, 0.02));
            prop_assert!(is_near(centroid_khz, plain.centroid_khz, 0.002));
            prop_assert!(is_near(slope_high, plain.slope_high, 0.05));
            for (own, plain) in traits.cepstra.iter().zip(&plain.cepstra) {
                prop_assert!(is_near(*own, *plain, 0.01), "{} {}", own, plain);
            }
        }
    }

    #[test]
    fn a_steady_voice_has_its_pitch(pitch in 80.0..260.0_f64, seed in 0..1_000_u64) {
        let streamed = streamed(&voice(pitch, seed, 0.5));
        for traits in &streamed {
            prop_assert!(traits.pitch.is_voiced());
            prop_assert!(is_near(traits.pitch.hz, pitch, 0.02 * pitch), "{} for {}", traits.pitch.hz, pitch);
        }
    }
}

#[test]
fn nothing_is_heard_of_concealed_frames() {
    let clean = voice(150.0, 1, 1.0);
    let mut frames = frames(&clean);
    for frame in &mut frames[20..23] {
        frame.concealed = true;
        frame.samples = [20_000; FRAME_SAMPLES];
    }
    let mut analyzer = FrameAnalyzer::new();
    let mut loudest: f32 = 0.0;
    let mut count = 0;
    for frame in &frames {
        analyzer.push(frame, |traits| {
            loudest = loudest.max(traits.level_db);
            count += 1;
        });
    }
    assert!(loudest < 75.0, "{loudest} dB");
    // Three frames of 20 ms, and 36 ms until all of a pitch's reach is heard again.
    assert!((80..=90).contains(&count), "{count} analysis frames");
}

#[test]
fn the_lines_own_silence_has_no_pitch() {
    let silence = vec![8; 8_000];
    assert!(
        streamed(&silence)
            .iter()
            .all(|traits| !traits.pitch.is_voiced())
    );
}
