//! From 20 ms frames of a call to traits of a voice, every 10 ms.

use crate::formants::{Formant, formants};
use crate::movement::{GROUPS, group_levels};
use crate::pitch::{LAG, Pitch, PitchTracker, REACH};
use crate::spectrum::{BANDS, CEPSTRA, Spectrum, WINDOW};
use crate::tilt::Tilt;
use call_model::{FRAME_SAMPLES, PcmFrame};

/// Samples between two analysis frames: 10 ms.
pub const HOP: usize = 80;
/// Past samples that are kept: what a pitch needs, and a frame of the call.
const KEPT: usize = REACH + FRAME_SAMPLES - HOP;

/// How fast the offset is followed, a sample: a high pass at 30 Hz.
const MEAN_RATE: f32 = 0.023;

/// What one analysis frame of 25 ms sounds like.
#[derive(Clone, Debug, Default)]
pub struct FrameTraits {
    /// Level in dB over one quantisation step: 10·log₁₀ of the mean square.
    pub level_db: f32,
    /// Its pitch.
    pub pitch: Pitch,
    /// Its spectral balance.
    pub tilt: Tilt,
    /// Cepstra 1 to 12.
    pub cepstra: [f32; CEPSTRA],
    /// How much its shape differs from the frame before: root mean square over the bands
    /// of the change of level, the mean change taken off, in dB; 0 after a gap.
    pub flux_db: f32,
    /// The first three formants; only of voiced frames.
    pub formants: Option<[Formant; 3]>,
    /// The level of each group of mel bands, in dB.
    pub group_levels_db: [f32; GROUPS],
}

/// Analyses one caller's sound, frame after frame, without allocating.
///
/// A frame that concealment made up is left out, and so is every analysis frame that
/// would reach into it. Traits come [`LAG`] analysis frames late, when their pitch is settled.
#[derive(Debug)]
pub struct FrameAnalyzer {
    past: [f32; KEPT],
    /// The line's own offset (A-law has no zero), followed slowly.
    mean: f32,
    /// Samples at the end of `past` that a packet brought, one after another.
    heard: usize,
    spectrum: Spectrum,
    pitch: PitchTracker,
    /// The bands of the analysis frame before, if it was 10 ms ago.
    bands_before: Option<[f32; BANDS]>,
    /// Traits whose pitch is not settled yet, as a ring; `next` is the place for the next.
    waiting: [FrameTraits; LAG + 1],
    next: usize,
    count: usize,
}

impl FrameAnalyzer {
    /// An analyser that has heard nothing.
    pub fn new() -> Self {
        Self {
            past: [0.0; KEPT],
            mean: 0.0,
            heard: 0,
            spectrum: Spectrum::new(),
            pitch: PitchTracker::new(),
            bands_before: None,
            waiting: std::array::from_fn(|_| FrameTraits::default()),
            next: 0,
            count: 0,
        }
    }

    /// Bytes that it holds beside itself.
    pub fn heap_bytes(&self) -> usize {
        self.spectrum.heap_bytes()
    }

    /// Takes the next frame and hands on the traits of analysis frames, in order.
    pub fn push(&mut self, frame: &PcmFrame, mut hand_on: impl FnMut(&FrameTraits)) {
        if frame.concealed {
            return self.flush(hand_on);
        }
        self.past.copy_within(FRAME_SAMPLES.., 0);
        let newest = &mut self.past[KEPT - FRAME_SAMPLES..];
        for (place, sample) in newest.iter_mut().zip(&frame.samples) {
            let sample = f32::from(*sample);
            self.mean += MEAN_RATE * (sample - self.mean);
            *place = sample - self.mean;
        }
        self.heard = (self.heard + FRAME_SAMPLES).min(KEPT);
        for end in [KEPT - HOP, KEPT] {
            let heard = self.heard.saturating_sub(KEPT - end);
            if heard >= REACH {
                self.analyse(end, &mut hand_on);
            }
        }
    }

    /// Hands on what waits; the next frame does not follow on the last.
    pub fn flush(&mut self, mut hand_on: impl FnMut(&FrameTraits)) {
        for back in (0..self.count).rev() {
            let place = (self.next + self.waiting.len() - 1 - back) % self.waiting.len();
            self.waiting[place].pitch = self.pitch.settle(back);
            hand_on(&self.waiting[place]);
        }
        self.count = 0;
        self.heard = 0;
        self.bands_before = None;
        self.pitch.forget();
    }

    fn analyse(&mut self, end: usize, hand_on: &mut impl FnMut(&FrameTraits)) {
        let Some(reach) = self.past[..end].last_chunk::<REACH>() else {
            return;
        };
        let Some(window) = reach.last_chunk::<WINDOW>() else {
            return;
        };
        let energy = window.iter().map(|s| s * s).sum::<f32>() / WINDOW as f32;
        self.spectrum.take(window);
        let settled = self.pitch.push(reach);
        let bands = &self.spectrum.log_bands;
        let flux_db = self.bands_before.map_or(0.0, |before| flux(&before, bands));
        self.bands_before = Some(*bands);
        let group_levels_db = group_levels(bands);
        let may_be_voiced = self.pitch.may_be_voiced();
        self.waiting[self.next] = FrameTraits {
            level_db: 10.0 * (energy + 1.0).log10(),
            pitch: Pitch::default(),
            tilt: Tilt::of(&self.spectrum),
            cepstra: self.spectrum.cepstra,
            flux_db,
            formants: may_be_voiced.then(|| formants(window)).flatten(),
            group_levels_db,
        };
        self.next = (self.next + 1) % self.waiting.len();
        self.count += 1;
        if let Some(pitch) = settled {
            // The oldest stands where the next will be put.
            let oldest = &mut self.waiting[self.next];
            oldest.pitch = pitch;
            hand_on(oldest);
            self.count -= 1;
        }
    }
}

fn flux(before: &[f32; BANDS], now: &[f32; BANDS]) -> f32 {
    const DB: f32 = 4.342_945;
    let mean = before.iter().zip(now).map(|(b, n)| n - b).sum::<f32>() / BANDS as f32;
    let squares = before.iter().zip(now).map(|(b, n)| (n - b - mean).powi(2));
    DB * (squares.sum::<f32>() / BANDS as f32).sqrt()
}
