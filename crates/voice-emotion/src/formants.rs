//! Formants from the peaks of a linear-prediction envelope.

use crate::pitch::summit;
use crate::spectrum::{WINDOW, dot};
use std::f32::consts::PI;
use std::sync::LazyLock;

/// Order of the prediction: four resonances and a tilt up to 4 kHz.
const ORDER: usize = 10;
/// Places at which the envelope is read, from 0 to 4 kHz.
const PLACES: usize = 80;
const PLACE_HZ: f32 = 4_000.0 / PLACES as f32;
/// Formants below this are the line's or the larynx's, not the mouth's.
const LOWEST_HZ: f32 = 200.0;
/// Pre-emphasis factor.
const EMPHASIS: f32 = 0.95;
/// White noise that keeps the recursion stable, as a share of the energy.
const WHITENING: f32 = 1e-4;

/// Cosine and sine of each coefficient's angle at one place.
type Waves = [(f32, f32); ORDER];

static WAVES: LazyLock<Box<[Waves]>> = LazyLock::new(|| {
    let at = |place: usize, k: usize| {
        let angle = PI * place as f32 / PLACES as f32 * (k + 1) as f32;
        (angle.cos(), angle.sin())
    };
    (0..=PLACES)
        .map(|place| std::array::from_fn(|k| at(place, k)))
        .collect()
});

static WINDOW_SHAPE: LazyLock<[f32; WINDOW]> = LazyLock::new(|| {
    std::array::from_fn(|n| 0.5 - 0.5 * (2.0 * PI * (n as f32 + 0.5) / WINDOW as f32).cos())
});

/// A resonance of the mouth.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Formant {
    /// Its frequency.
    pub hz: f32,
    /// Its width 3 dB below the peak, read from the peak's bend; 20 to 800 Hz.
    pub width_hz: f32,
    /// Its height in the envelope, relative to the envelope's mean, in dB.
    pub height_db: f32,
}

/// The first three formants of a frame of 200 samples, where there are three peaks
/// (autocorrelation method, Levinson-Durbin recursion).
pub fn formants(samples: &[f32; WINDOW]) -> Option<[Formant; 3]> {
    let envelope = envelope_db(&predictor(samples)?);
    let mean = envelope.iter().sum::<f32>() / envelope.len() as f32;
    let first = (LOWEST_HZ / PLACE_HZ) as usize;
    let mut found = [Formant::default(); 3];
    let mut count = 0;
    for at in first..PLACES {
        let (before, here, after) = (envelope[at - 1], envelope[at], envelope[at + 1]);
        if here <= before || here < after {
            continue;
        }
        let (offset, height) = summit(before, here, after);
        // A parabola of bend b falls by 3 dB at √(3 · 2 / |b|) places from its summit.
        let bend = (2.0 * here - before - after).max(1e-3);
        let width = 2.0 * (6.0 / bend).sqrt() * PLACE_HZ;
        found[count] = Formant {
            hz: (at as f32 + offset) * PLACE_HZ,
            width_hz: width.clamp(20.0, 800.0),
            height_db: height - mean,
        };
        count += 1;
        if count == found.len() {
            return Some(found);
        }
    }
    None
}

/// Prediction coefficients 1 to 10 of the emphasised, windowed frame; nothing of silence.
fn predictor(samples: &[f32; WINDOW]) -> Option<[f32; ORDER]> {
    let shape = &*WINDOW_SHAPE;
    let mut sound = [0.0; WINDOW];
    for n in 1..WINDOW {
        sound[n] = (samples[n] - EMPHASIS * samples[n - 1]) * shape[n];
    }
    let mut correlation = [0.0; ORDER + 1];
    for (lag, sum) in correlation.iter_mut().enumerate() {
        *sum = dot(&sound[lag..], &sound[..WINDOW - lag]);
    }
    if correlation[0] < 1.0 {
        return None;
    }
    correlation[0] *= 1.0 + WHITENING;
    let mut error = correlation[0];
    let mut coefficients = [0.0; ORDER];
    for i in 0..ORDER {
        let known: f32 = (0..i).map(|j| coefficients[j] * correlation[i - j]).sum();
        let reflection = (correlation[i + 1] - known) / error;
        let earlier = coefficients;
        coefficients[i] = reflection;
        for j in 0..i {
            coefficients[j] = earlier[j] - reflection * earlier[i - 1 - j];
        }
        error *= 1.0 - reflection * reflection;
        if error <= 0.0 {
            return None;
        }
    }
    Some(coefficients)
}

/// The envelope 1/|A|² in dB at each place.
fn envelope_db(coefficients: &[f32; ORDER]) -> [f32; PLACES + 1] {
    let mut envelope = [0.0; PLACES + 1];
    for (level, waves) in envelope.iter_mut().zip(WAVES.iter()) {
        let (mut real, mut imaginary) = (1.0, 0.0);
        for (coefficient, (cosine, sine)) in coefficients.iter().zip(waves) {
            real -= coefficient * cosine;
            imaginary += coefficient * sine;
        }
        *level = -10.0 * (real * real + imaginary * imaginary + 1e-9).log10();
    }
    envelope
}
