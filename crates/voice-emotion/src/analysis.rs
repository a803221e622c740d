//! From 20 ms frames of a call to traits of a voice, every 10 ms.

use crate::formants::{Formant, formants};
use crate::pitch::{Pitch, PitchTracker, REACH};
use crate::spectrum::{BANDS, CEPSTRA, Spectrum, WINDOW};
use crate::tilt::Tilt;
use call_model::{FRAME_SAMPLES, PcmFrame};

/// Samples between two analysis frames: 10 ms.
pub const HOP: usize = 80;
/// Past samples that are kept: what a pitch needs, and a frame of the call.
const KEPT: usize = REACH + FRAME_SAMPLES - HOP;

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
}

/// Analyses one caller's sound, frame after frame, without allocating.
///
/// A frame that concealment made up is left out, and so is every analysis frame that
/// would reach into it.
#[derive(Debug)]
pub struct FrameAnalyzer {
    past: [f32; KEPT],
    /// Samples at the end of `past` that a packet brought, one after another.
    heard: usize,
    spectrum: Spectrum,
    pitch: PitchTracker,
    /// The bands of the analysis frame before, if it was 10 ms ago.
    bands_before: Option<[f32; BANDS]>,
}

impl FrameAnalyzer {
    /// An analyser that has heard nothing.
    pub fn new() -> Self {
        Self {
            past: [0.0; KEPT],
            heard: 0,
            spectrum: Spectrum::new(),
            pitch: PitchTracker::default(),
            bands_before: None,
        }
    }

    /// Forgets what was heard: the next frame does not follow on it.
    pub fn forget(&mut self) {
        self.heard = 0;
        self.bands_before = None;
        self.pitch.forget();
    }

    /// Takes the next frame and hands on the traits of the analysis frames that end in it.
    pub fn push(&mut self, frame: &PcmFrame, mut hand_on: impl FnMut(&FrameTraits)) {
        if frame.concealed {
            return self.forget();
        }
        self.past.copy_within(FRAME_SAMPLES.., 0);
        let newest = &mut self.past[KEPT - FRAME_SAMPLES..];
        for (place, sample) in newest.iter_mut().zip(&frame.samples) {
            *place = f32::from(*sample);
        }
        self.heard = (self.heard + FRAME_SAMPLES).min(KEPT);
        for end in [KEPT - HOP, KEPT] {
            let heard = self.heard.saturating_sub(KEPT - end);
            if heard >= REACH {
                hand_on(&self.analyse(end));
            }
        }
    }

    fn analyse(&mut self, end: usize) -> FrameTraits {
        let reach = &self.past[end - REACH..end];
        let Some(window) = reach.last_chunk::<WINDOW>() else {
            return FrameTraits::default();
        };
        let energy = window.iter().map(|s| s * s).sum::<f32>() / WINDOW as f32;
        self.spectrum.take(window);
        let pitch = self.pitch.find(reach);
        let flux_db = self
            .bands_before
            .map_or(0.0, |before| flux(&before, &self.spectrum.log_bands));
        self.bands_before = Some(self.spectrum.log_bands);
        FrameTraits {
            level_db: 10.0 * (energy + 1.0).log10(),
            pitch,
            tilt: Tilt::of(&self.spectrum),
            cepstra: self.spectrum.cepstra,
            flux_db,
            formants: pitch.is_voiced().then(|| formants(window)).flatten(),
        }
    }
}

fn flux(before: &[f32; BANDS], now: &[f32; BANDS]) -> f32 {
    const DB: f32 = 4.342_945;
    let mean = before.iter().zip(now).map(|(b, n)| n - b).sum::<f32>() / BANDS as f32;
    let squares = before.iter().zip(now).map(|(b, n)| (n - b - mean).powi(2));
    DB * (squares.sum::<f32>() / BANDS as f32).sqrt()
}
