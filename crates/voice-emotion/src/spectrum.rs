//! The spectrum of one 25 ms frame, its mel bands and its cepstrum.

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::f32::consts::PI;
use std::sync::{Arc, LazyLock};

/// Samples of an analysis frame: 25 ms at 8 kHz.
pub const WINDOW: usize = 200;
/// Points of the transform; the frame is padded with zeros.
pub const POINTS: usize = 256;
/// Power bins from 0 to 4 kHz, 31.25 Hz apart.
pub const BINS: usize = POINTS / 2 + 1;
/// Mel bands.
pub const BANDS: usize = 24;
/// Cepstra that are kept, without the zeroth.
pub const CEPSTRA: usize = 12;
/// Width of a bin.
pub const BIN_HZ: f32 = 8_000.0 / POINTS as f32;

/// Band edges: what a telephone line carries.
const LOWEST_HZ: f32 = 150.0;
const HIGHEST_HZ: f32 = 3_700.0;
/// Keeps logarithms finite; far below the quantisation noise of G.711.
const FLOOR: f32 = 1e-3;

static SHARED: LazyLock<Shared> = LazyLock::new(Shared::new);

/// What every analyser of the process reads.
struct Shared {
    transform: Arc<dyn RealToComplex<f32>>,
    /// Hamming window.
    window: [f32; WINDOW],
    /// Per band its first bin and its triangle's weights.
    bands: Vec<(usize, Vec<f32>)>,
    /// `cosines[c][b]`: the weight of band `b` in cepstrum `c + 1` (DCT-II, orthonormal).
    cosines: [[f32; BANDS]; CEPSTRA],
}

/// Room for one frame's transform, and its results.
#[derive(Debug)]
pub struct Spectrum {
    input: Vec<f32>,
    output: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// Power per bin, 0 to 4 kHz.
    pub power: [f32; BINS],
    /// Natural logarithm of the power in each mel band.
    pub log_bands: [f32; BANDS],
    /// Cepstra 1 to 12 of the log bands: the spectrum's shape without its level.
    pub cepstra: [f32; CEPSTRA],
}

impl Spectrum {
    /// Room for a spectrum; all zero until the first frame.
    pub fn new() -> Self {
        let transform = &SHARED.transform;
        Self {
            input: transform.make_input_vec(),
            output: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            power: [0.0; BINS],
            log_bands: [0.0; BANDS],
            cepstra: [0.0; CEPSTRA],
        }
    }

    /// Bytes that it holds beside itself.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.input) + size_of_val(&*self.output) + size_of_val(&*self.scratch)
    }

    /// Analyses one frame of 200 samples.
    pub fn take(&mut self, samples: &[f32; WINDOW]) {
        let shared = &*SHARED;
        for (place, (sample, weight)) in self
            .input
            .iter_mut()
            .zip(samples.iter().zip(&shared.window))
        {
            *place = sample * weight;
        }
        self.input[WINDOW..].fill(0.0);
        // The lengths are the plan's own, so this cannot fail.
        let done = shared.transform.process_with_scratch(
            &mut self.input,
            &mut self.output,
            &mut self.scratch,
        );
        debug_assert!(done.is_ok());
        for (power, bin) in self.power.iter_mut().zip(&self.output) {
            *power = bin.norm_sqr();
        }
        for (log, (first, weights)) in self.log_bands.iter_mut().zip(&shared.bands) {
            let bins = &self.power[*first..*first + weights.len()];
            let energy: f32 = bins.iter().zip(weights).map(|(p, w)| p * w).sum();
            *log = (energy + FLOOR).ln();
        }
        for (cepstrum, cosines) in self.cepstra.iter_mut().zip(&shared.cosines) {
            *cepstrum = dot(cosines, &self.log_bands);
        }
    }

    /// Power between two frequencies, the upper one excluded.
    pub fn power_between(&self, from_hz: f32, to_hz: f32) -> f32 {
        let bin = |hz: f32| ((hz / BIN_HZ).round() as usize).min(BINS);
        self.power[bin(from_hz)..bin(to_hz)].iter().sum::<f32>() + FLOOR
    }

    /// The strongest bin's power between two frequencies.
    pub fn peak_between(&self, from_hz: f32, to_hz: f32) -> f32 {
        let bin = |hz: f32| ((hz / BIN_HZ).round() as usize).min(BINS);
        let peak = self.power[bin(from_hz)..bin(to_hz)].iter().copied();
        peak.fold(0.0, f32::max) + FLOOR
    }
}

/// The scalar product, in eight lanes so that the compiler can keep them in one register.
pub fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (ones, ones_left) = one.as_chunks::<8>();
    let (others, others_left) = other.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (a, b) in ones.iter().zip(others) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = ones_left.iter().zip(others_left).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Mel of a frequency (O'Shaughnessy 1987).
fn mel(hz: f32) -> f32 {
    1_127.0 * (1.0 + hz / 700.0).ln()
}

/// The middle frequency of a mel band.
pub fn band_hz(band: usize) -> f32 {
    let step = (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) / (BANDS + 1) as f32;
    let at = mel(LOWEST_HZ) + step * (band + 1) as f32;
    700.0 * ((at / 1_127.0).exp() - 1.0)
}

impl Shared {
    fn new() -> Self {
        let transform = RealFftPlanner::<f32>::new().plan_fft_forward(POINTS);
        let window = std::array::from_fn(|n| {
            0.54 - 0.46 * (2.0 * PI * n as f32 / (WINDOW - 1) as f32).cos()
        });
        let scale = (2.0 / BANDS as f32).sqrt();
        let cosines = std::array::from_fn(|c| {
            std::array::from_fn(|b| {
                scale * (PI * (c + 1) as f32 * (b as f32 + 0.5) / BANDS as f32).cos()
            })
        });
        Self {
            transform,
            window,
            bands: (0..BANDS).map(triangle).collect(),
            cosines,
        }
    }
}

/// The first bin of a band, and the weights from there on.
fn triangle(band: usize) -> (usize, Vec<f32>) {
    let step = (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) / (BANDS + 1) as f32;
    let middle = mel(LOWEST_HZ) + step * (band + 1) as f32;
    let weights: Vec<f32> = (0..BINS)
        .map(|bin| 1.0 - (mel(bin as f32 * BIN_HZ) - middle).abs() / step)
        .map(|weight| weight.max(0.0))
        .collect();
    let first = weights.iter().position(|w| *w > 0.0).unwrap_or(0);
    let last = weights.iter().rposition(|w| *w > 0.0).unwrap_or(first);
    (first, weights[first..=last].to_vec())
}
