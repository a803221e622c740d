//! How hard or soft a spectrum is, whatever its level.

use crate::spectrum::{BANDS, BIN_HZ, BINS, Spectrum, band_hz};
use std::sync::LazyLock;

/// Natural logarithms of power in dB.
const DB: f32 = 4.342_945;

static LINES: LazyLock<(Line, Line)> = LazyLock::new(|| {
    (
        Line::between(200.0, 1_000.0),
        Line::between(1_000.0, 3_600.0),
    )
});

/// Measures of one frame's spectral balance.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Tilt {
    /// Power above 1 kHz over power below, in dB (alpha ratio, turned so that hard voices are high).
    pub alpha_db: f32,
    /// The strongest bin above 2 kHz over the strongest below, in dB (Hammarberg 1980, turned likewise).
    pub hammarberg_db: f32,
    /// The rise of the mel bands' levels from 200 to 1,000 Hz, dB a kHz.
    pub slope_low: f32,
    /// The rise of the mel bands' levels from 1 to 3.6 kHz, dB a kHz.
    pub slope_high: f32,
    /// The power's centre of gravity, kHz.
    pub centroid_khz: f32,
    /// Flatness of the bands' powers: geometric over arithmetic mean, in dB, 0 or below.
    pub flatness_db: f32,
    /// Power from 500 Hz to 1,500 Hz over all, in dB: where a raised first formant shows.
    pub middle_db: f32,
}

impl Tilt {
    /// Of a frame's spectrum.
    pub fn of(spectrum: &Spectrum) -> Self {
        let low = spectrum.power_between(150.0, 1_000.0);
        let high = spectrum.power_between(1_000.0, 3_700.0);
        let middle = spectrum.power_between(500.0, 1_500.0);
        let all = low + high;
        let weighed: f32 = (4..BINS).map(|bin| bin as f32 * spectrum.power[bin]).sum();
        let bands = &spectrum.log_bands;
        let geometric = bands.iter().sum::<f32>() / BANDS as f32;
        let arithmetic = bands.iter().map(|log| log.exp()).sum::<f32>() / BANDS as f32;
        Self {
            alpha_db: 10.0 * (high / low).log10(),
            hammarberg_db: 10.0
                * (spectrum.peak_between(2_000.0, 3_700.0) / spectrum.peak_between(150.0, 2_000.0))
                    .log10(),
            slope_low: LINES.0.slope(bands),
            slope_high: LINES.1.slope(bands),
            centroid_khz: weighed * BIN_HZ / 1_000.0 / all,
            flatness_db: DB * (geometric - arithmetic.ln()),
            middle_db: 10.0 * (middle / all).log10(),
        }
    }
}

/// Weights that give the slope of a straight line through some bands, by least squares.
struct Line {
    weights: [f32; BANDS],
}

impl Line {
    fn between(from_hz: f32, to_hz: f32) -> Self {
        let is_in = |band: &usize| (from_hz..to_hz).contains(&band_hz(*band));
        let khz = |band: usize| band_hz(band) / 1_000.0;
        let count = (0..BANDS).filter(is_in).count() as f32;
        let mean = (0..BANDS).filter(is_in).map(khz).sum::<f32>() / count;
        let spread: f32 = (0..BANDS)
            .filter(is_in)
            .map(|b| (khz(b) - mean).powi(2))
            .sum();
        let mut weights = [0.0; BANDS];
        for band in (0..BANDS).filter(is_in) {
            weights[band] = DB * (khz(band) - mean) / spread;
        }
        Self { weights }
    }

    fn slope(&self, log_bands: &[f32; BANDS]) -> f32 {
        self.weights.iter().zip(log_bands).map(|(w, b)| w * b).sum()
    }
}
