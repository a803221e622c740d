//! Keys, tones, noise and clicks on the caller's line.

use call_model::{CallTime, FRAME_SAMPLES, PcmFrame};
use proptest::prelude::*;
use std::f32::consts::TAU;
use voice_activity::{VoiceDetector, VoiceNews, VoiceSettings};

const RATE: usize = 8_000;

fn starts(samples: &[i16]) -> usize {
    let mut detector = VoiceDetector::new(VoiceSettings::default());
    let (frames, _) = samples.as_chunks::<FRAME_SAMPLES>();
    frames
        .iter()
        .zip(0..)
        .filter_map(|(samples, number)| {
            detector.push(&PcmFrame {
                at: CallTime::from_millis(20 * number),
                samples: *samples,
                concealed: false,
            })
        })
        .filter(|news| matches!(news, VoiceNews::SpeechStarted { .. }))
        .count()
}

fn tones(parts: &[f32], amplitude: f32, samples: usize) -> Vec<i16> {
    (0..samples)
        .map(|i| {
            let turn = TAU * i as f32 / RATE as f32;
            let sum: f32 = parts.iter().map(|hz| (turn * hz).sin()).sum();
            (amplitude * sum) as i16
        })
        .collect()
}

fn noise(seed: u64, amplitude: i16, samples: usize) -> Vec<i16> {
    let mut state = seed | 1;
    (0..samples)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state % (2 * amplitude as u64 + 1)) as i32 - i32::from(amplitude)) as i16
        })
        .collect()
}

fn after_a_pause(sound: Vec<i16>) -> Vec<i16> {
    let mut line = noise(7, 20, RATE);
    line.extend(sound);
    line.extend(noise(8, 20, RATE));
    line
}

const DTMF_LOW: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const DTMF_HIGH: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];

#[test]
fn keys_sent_in_band_are_no_speech() {
    for low in DTMF_LOW {
        for high in DTMF_HIGH {
            for (amplitude, millis) in [(6_000.0, 50), (3_000.0, 100), (9_000.0, 400)] {
                let key = tones(&[low, high], amplitude, RATE * millis / 1_000);
                let keys: Vec<i16> = (0..5)
                    .flat_map(|_| [key.clone(), vec![0; 400]].concat())
                    .collect();
                assert_eq!(starts(&after_a_pause(keys)), 0, "{low}+{high} {millis} ms");
            }
        }
    }
}

#[test]
fn call_progress_tones_are_no_speech() {
    for parts in [
        &[350.0, 440.0][..],
        &[440.0, 480.0],
        &[480.0, 620.0],
        &[425.0],
        &[400.0],
        &[450.0],
        &[1_000.0],
        &[1_100.0],
        &[2_100.0],
    ] {
        let cadence: Vec<i16> = (0..6)
            .flat_map(|_| [tones(parts, 4_000.0, RATE / 2), vec![0; RATE / 4]].concat())
            .collect();
        assert_eq!(starts(&after_a_pause(cadence)), 0, "{parts:?} Hz");
    }
}

#[test]
fn steady_noise_is_no_speech_however_loud() {
    for amplitude in [30, 300, 3_000, 12_000] {
        let hiss = noise(3, amplitude, 20 * RATE);
        assert_eq!(starts(&hiss), 0, "from the first frame, {amplitude}");
        assert_eq!(starts(&after_a_pause(hiss)), 0, "breaking in, {amplitude}");
    }
}

#[test]
fn a_steady_rumble_is_no_speech_however_loud() {
    for amplitude in [30, 300, 3_000, 12_000] {
        for smoothing in [0.5, 0.8, 0.95] {
            let mut last = 0.0;
            let rumble: Vec<i16> = noise(5, amplitude, 20 * RATE)
                .into_iter()
                .map(|sample| {
                    last = last * smoothing + f32::from(sample) * (1.0_f32 - smoothing).sqrt();
                    last as i16
                })
                .collect();
            assert_eq!(
                starts(&rumble),
                0,
                "from the first frame, {amplitude} {smoothing}"
            );
            assert_eq!(
                starts(&after_a_pause(rumble)),
                0,
                "breaking in, {amplitude} {smoothing}"
            );
        }
    }
}

#[test]
fn a_click_is_no_speech() {
    for millis in [1, 5, 20, 40] {
        let click = noise(11, 20_000, RATE * millis / 1_000);
        assert_eq!(starts(&after_a_pause(click)), 0, "{millis} ms");
    }
}

#[test]
fn a_detector_is_small() {
    let inline = size_of::<VoiceDetector>();
    let net = size_of::<earshot::Detector>();
    println!("{inline} + {net} bytes");
    assert!(inline + net <= 12 * 1024);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes: starts and ends take turns, and no moment lies in the future
    /// or before the one told last.
    #[test]
    fn starts_and_ends_take_turns(
        parts in prop::collection::vec((0..4_u8, 1..40_usize, any::<u64>(), any::<bool>()), 1..30),
    ) {
        let mut detector = VoiceDetector::new(VoiceSettings::default());
        let mut speaking = false;
        let mut told = CallTime::ZERO;
        let mut number = 0;
        for (kind, frames, seed, concealed) in parts {
            let length = frames * FRAME_SAMPLES;
            let sound = match kind {
                0 => vec![0; length],
                1 => noise(seed, 8_000, length),
                2 => tones(&[100.0 + (seed % 3_000) as f32], 8_000.0, length),
                _ => tones(&[130.0, 260.0, 390.0, 520.0, 650.0, 1_300.0, 2_600.0], 2_000.0, length),
            };
            for samples in sound.as_chunks::<FRAME_SAMPLES>().0 {
                let at = CallTime::from_millis(20 * number);
                number += 1;
                let news = detector.push(&PcmFrame { at, samples: *samples, concealed });
                let (now_speaking, since) = match news {
                    Some(VoiceNews::SpeechStarted { since }) => (true, since),
                    Some(VoiceNews::SpeechEnded { since }) => (false, since),
                    None => continue,
                };
                prop_assert!(now_speaking != speaking);
                prop_assert!(since <= CallTime::from_millis(20 * number));
                prop_assert!(since >= told);
                (speaking, told) = (now_speaking, since);
            }
        }
        prop_assert_eq!(detector.is_speaking(), speaking);
    }
}
