//! How long the echo takes, if there is one: by the correlation of what comes with what went out.
//!
//! Both are halved in rate and whitened a little, since two voices of one pitch are alike at
//! low frequencies. The correlation of every delay is summed over some tenths of a second. An echo is
//! smeared over some milliseconds by hybrids and rooms, so neighbouring delays count together.

use super::Frame;
use call_model::FRAME_SAMPLES;

/// Samples of a frame at half the rate.
const HALF: usize = FRAME_SAMPLES / 2;
/// Delays up to so many samples at half the rate: 500 ms.
const LAGS: usize = 2_000;
/// What is kept of the sound sent.
const KEPT: usize = LAGS + HALF;
/// What one frame later is left of what was summed: some 200 ms count.
const FADES: f32 = 0.9;
/// How much of the sample before is taken away to whiten.
const WHITEN: f32 = 0.9;

/// Delays that count together, at half the rate: 6 ms.
const TOGETHER: usize = 24;
/// After so many frames a delay may be one that explains so much of the power heard.
const LIKELY: [(u32, f32); 2] = [(4, 0.5), (8, 0.3)];

/// The delay that fits best.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// In samples of 8 kHz, from the beginning of the frame sent to that of the frame heard.
    pub(super) lag: usize,
    /// Whether it fits well enough to be worth a try.
    pub(super) is_likely: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct DelaySearch {
    sent: Box<[f32; KEPT]>,
    /// Sums of products, for each delay.
    products: Box<[f32; LAGS]>,
    /// Sums of the sent sound's power, for each delay.
    powers: Box<[f32; LAGS]>,
    heard_power: f32,
    frames: u32,
    last_sent: f32,
    last_heard: f32,
}

impl DelaySearch {
    pub(super) fn new() -> Self {
        Self {
            sent: Box::new([0.0; KEPT]),
            products: Box::new([0.0; LAGS]),
            powers: Box::new([0.0; LAGS]),
            heard_power: 0.0,
            frames: 0,
            last_sent: 0.0,
            last_heard: 0.0,
        }
    }

    pub(super) fn sent(&mut self, frame: &Frame) {
        let half = halved(frame, &mut self.last_sent);
        self.sent.copy_within(HALF.., 0);
        self.sent[KEPT - HALF..].copy_from_slice(&half);
    }

    /// Nothing was sent for long: what was summed means nothing any more.
    pub(super) fn rest(&mut self) {
        if self.frames > 0 {
            self.products.fill(0.0);
            self.powers.fill(0.0);
            self.heard_power = 0.0;
            self.frames = 0;
        }
    }

    /// Adds a frame that may hold an echo; the best delay so far, if any fits at all.
    pub(super) fn look(&mut self, frame: &Frame) -> Option<Found> {
        let heard = halved(frame, &mut self.last_heard);
        let power: f32 = heard.iter().map(|it| it * it).sum();
        self.heard_power = FADES * self.heard_power + power;
        self.frames += 1;
        let mut sent_power: f32 = self.sent[KEPT - HALF..].iter().map(|it| it * it).sum();
        let mut fits = [0.0_f32; LAGS];
        // The frame sent `lag` samples ago began at `from`.
        for lag in HALF..KEPT {
            let from = KEPT - lag;
            if lag > HALF {
                let (comes, goes) = (self.sent[from], self.sent[from + HALF]);
                sent_power = (sent_power + comes * comes - goes * goes).max(0.0);
            }
            let product = product(&heard, &self.sent[from..]);
            let place = lag - HALF;
            self.products[place] = FADES * self.products[place] + product;
            self.powers[place] = FADES * self.powers[place] + sent_power;
            fits[place] = self.products[place] * self.products[place] / (self.powers[place] + 1.0);
        }
        let (place, fit) = best(&fits)?;
        let explained = fit / (self.heard_power + 1.0);
        let is_enough =
            |(frames, least): &(u32, f32)| self.frames >= *frames && explained >= *least;
        Some(Found {
            lag: 2 * (place + HALF),
            is_likely: LIKELY.iter().any(is_enough),
        })
    }
}

/// The delay that fits best among those that fit best together, and how well these do.
fn best(fits: &[f32; LAGS]) -> Option<(usize, f32)> {
    let mut together: f32 = fits[..TOGETHER].iter().sum();
    let mut best = (0, together);
    for begin in 1..=LAGS - TOGETHER {
        together += fits[begin + TOGETHER - 1] - fits[begin - 1];
        if together > best.1 {
            best = (begin, together);
        }
    }
    let window = best.0..best.0 + TOGETHER;
    let peak = window.max_by(|one, other| fits[*one].total_cmp(&fits[*other]))?;
    (best.1 > 0.0).then_some((peak, best.1))
}

fn product(one: &[f32; HALF], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (ones, _) = one.as_chunks::<8>();
    let (others, _) = other[..HALF].as_chunks::<8>();
    for (one, other) in ones.iter().zip(others) {
        for at in 0..8 {
            sums[at] += one[at] * other[at];
        }
    }
    sums.iter().sum()
}

fn halved(frame: &Frame, last: &mut f32) -> [f32; HALF] {
    let (pairs, _) = frame.as_chunks::<2>();
    std::array::from_fn(|at| {
        let mean = (f32::from(pairs[at][0]) + f32::from(pairs[at][1])) / 2.0;
        let white = mean - WHITEN * *last;
        *last = mean;
        white
    })
}
