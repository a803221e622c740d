//! The way of an echo there and back, as a filter: what of the sound sent comes back, and how.
//!
//! The filter is learnt by normalised least mean squares on whitened sound, which it learns from
//! faster than from speech as it is. A new one goes over the last moments several times, so that it is whole
//! at once; later it learns from moments that hold hardly anything but echo. From others a copy learns,
//! for they may hold sounds that it has not met yet, or the caller's: the copy is taken over where it
//! foretells the next frame much better, which it does not do of the caller's sound.

use super::Frame;
use super::history::History;
use call_model::FRAME_SAMPLES;

/// The filter's length: 20 ms.
const TAPS: usize = 160;
/// It begins so many samples before the delay that was found.
const BEFORE: usize = 24;
/// Delays so far apart are the same.
const ALIKE: usize = 40;
/// How far a sample moves the filter towards what would have fitted.
const STEP: f32 = 0.4;
/// Sound that is fainter than this, in power a sample, teaches nothing.
const FAINT: f32 = 400.0;
/// How much of the sample before is taken away to whiten.
const WHITEN: f32 = 0.9;
/// Frames of the past that a new filter is made of, and how often it goes over them.
const FIRST: usize = 10;
const TIMES: usize = 16;
/// A frame is learnt from while at most so much of it remains, in power; more is the caller's.
const LEARNS: f32 = 0.5;
/// A copy is taken over where it leaves so much of what the filter leaves, in power.
const BETTER: f32 = 0.5;
/// A new filter that leaves more than so much is none: any filter fits any moment a little.
const FITS: f32 = 0.25;
/// After so many frames in a row that grew by the subtraction, the filter is wrong.
const LOST: u32 = 15;
/// After so many frames of which much remained it may be another path.
const POOR: u32 = 10;

/// Samples of sent sound under the filter while a frame passes.
const SPAN: usize = FRAME_SAMPLES + TAPS - 1;

/// How well the filter fits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Fit {
    /// It does.
    Good {
        /// The power of the echo by it.
        echo: f32,
        /// The power of what was left of the frame.
        left: f32,
    },
    /// It does not, and has not for some time.
    Lost,
}

#[derive(Clone, Debug)]
pub(crate) struct EchoPath {
    /// The filter's first tap, in samples of delay.
    first: usize,
    /// The longest delay first.
    taps: Box<[f32; TAPS]>,
    /// A copy that learns from frames of which much remained, since the first of them.
    trial: Box<[f32; TAPS]>,
    /// The copy has learnt from such a frame.
    is_on_trial: bool,
    /// Frames in a row that the subtraction made louder.
    worse: u32,
    /// Frames in a row of which much remained.
    poor: u32,
    /// What remained of the last frame, as a share.
    remained: f32,
}

impl EchoPath {
    /// The path of an echo that was found `lag` samples back, made of the last moments, of the
    /// last so many frames at most; none where it explains too little of them.
    pub(super) fn of(lag: usize, frames: usize, heard: &History, sent: &History) -> Option<Self> {
        let mut path = Self {
            first: lag.saturating_sub(BEFORE),
            taps: Box::new([0.0; TAPS]),
            trial: Box::new([0.0; TAPS]),
            is_on_trial: false,
            worse: 0,
            poor: 0,
            remained: 1.0,
        };
        let moments = |path: &Self| -> Vec<(Vec<f32>, Vec<f32>)> {
            let frames = (0..frames.min(FIRST)).rev().filter_map(|ago| {
                let back = ago * FRAME_SAMPLES;
                let own = heard.part(FRAME_SAMPLES + 1, back)?;
                Some((own.to_vec(), path.sound(sent, back)?.to_vec()))
            });
            frames.collect()
        };
        let moments = moments(&path);
        for _ in 0..TIMES {
            for (own, sent) in &moments {
                follow(&mut path.taps, own, sent);
            }
        }
        let (mut left, mut whole) = (0.0, 1.0);
        for (own, sent) in &moments {
            left += remainder(&path.taps, &own[1..], sent);
            whole += own[1..].iter().map(|own| own * own).sum::<f32>();
        }
        (left <= FITS * whole).then_some(path)
    }

    /// The path where the sound heard goes on so many samples later; none: it would come before
    /// what is sent.
    pub(super) fn moved(self, samples: i64) -> Option<Self> {
        let first = i64::try_from(self.first).ok()? - samples;
        let first = usize::try_from(first).ok()?;
        (first >= FRAME_SAMPLES).then_some(Self { first, ..self })
    }

    /// Whether a delay is this one.
    pub(super) const fn covers(&self, lag: usize) -> bool {
        lag.abs_diff(self.first + BEFORE) <= ALIKE
    }

    /// Takes the echo out of a frame.
    pub(super) fn clean(&mut self, frame: &Frame, sent: &History) -> (Frame, Fit) {
        let Some(sent) = self.sound(sent, 0) else {
            return (*frame, Fit::Lost);
        };
        self.take_over_better(frame, sent);
        let (mut echo, mut left, mut whole) = (0.0, 0.0, 1.0);
        let mut cleaned = *frame;
        for (at, sample) in cleaned.iter_mut().enumerate() {
            let back = dot(&self.taps, &sent[at + 1..]);
            let own = f32::from(*sample);
            let rest = own - back;
            echo += back * back;
            left += rest * rest;
            whole += own * own;
            *sample = rest as i16;
        }
        self.remained = left / whole;
        self.poor = match self.remained > LEARNS {
            true => self.poor + 1,
            false => 0,
        };
        self.worse = match left > whole {
            true => self.worse + 1,
            false => 0,
        };
        match (left > whole, self.worse >= LOST) {
            (_, true) => (*frame, Fit::Lost),
            (true, false) => (*frame, Fit::Good { echo, left: whole }),
            (false, false) => (cleaned, Fit::Good { echo, left }),
        }
    }

    /// Learns from the frame that was cleaned last; the copy does where more than echo was in it.
    pub(super) fn learn(&mut self, heard: &History, sent: &History) {
        let (Some(own), Some(sent)) = (heard.part(FRAME_SAMPLES + 1, 0), self.sound(sent, 0))
        else {
            return;
        };
        if self.is_good() {
            self.is_on_trial = false;
            follow(&mut self.taps, own, sent);
        } else {
            if !std::mem::replace(&mut self.is_on_trial, true) {
                *self.trial = *self.taps;
            }
            follow(&mut self.trial, own, sent);
        }
    }

    /// Takes the copy over if a frame that neither has learnt from speaks for it.
    fn take_over_better(&mut self, frame: &Frame, sent: &[f32]) {
        if !self.is_on_trial {
            return;
        }
        let own = frame.map(f32::from);
        if remainder(&self.trial, &own, sent) < BETTER * remainder(&self.taps, &own, sent) {
            *self.taps = *self.trial;
            self.is_on_trial = false;
        }
    }

    /// It explained most of the last frame.
    pub(super) fn is_good(&self) -> bool {
        self.remained <= LEARNS
    }

    /// It explains little of what has been heard for some time.
    pub(super) const fn is_poor(&self) -> bool {
        self.poor >= POOR
    }

    /// What was sent under the filter while a frame was heard that ended `back` samples ago, and
    /// one sample before: the window of its sample `n` begins at `n + 1`.
    fn sound<'h>(&self, sent: &'h History, back: usize) -> Option<&'h [f32]> {
        // The sent history ends where the newest frame heard begins.
        let after = (self.first + back).checked_sub(FRAME_SAMPLES)?;
        sent.part(SPAN + 1, after)
    }
}

/// The power of what a filter leaves of a frame; `sent` begins a sample before the filter's window.
fn remainder(taps: &[f32; TAPS], own: &[f32], sent: &[f32]) -> f32 {
    let rests = own
        .iter()
        .enumerate()
        .map(|(at, own)| own - dot(taps, &sent[at + 1..]));
    rests.map(|rest| rest * rest).sum()
}

/// Moves a filter towards what would have fitted a frame; both sounds begin a sample early.
fn follow(taps: &mut [f32; TAPS], own: &[f32], sent: &[f32]) {
    let mut white = [0.0_f32; SPAN];
    for (to, pair) in white.iter_mut().zip(sent.windows(2)) {
        *to = pair[1] - WHITEN * pair[0];
    }
    let mut power: f32 = white[..TAPS].iter().map(|it| it * it).sum();
    for (at, pair) in own.windows(2).enumerate() {
        let window = &white[at..at + TAPS];
        if at > 0 {
            let (comes, goes) = (white[at + TAPS - 1], white[at - 1]);
            power = (power + comes * comes - goes * goes).max(0.0);
        }
        let target = pair[1] - WHITEN * pair[0];
        let rest = target - dot(taps, window);
        let step = STEP * rest / (power + FAINT * TAPS as f32);
        for (tap, sound) in taps.iter_mut().zip(window) {
            *tap += step * sound;
        }
    }
}

fn dot(taps: &[f32; TAPS], window: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (taps, _) = taps.as_chunks::<8>();
    let (window, _) = window[..TAPS].as_chunks::<8>();
    for (tap, sound) in taps.iter().zip(window) {
        for at in 0..8 {
            sums[at] += tap[at] * sound[at];
        }
    }
    sums.iter().sum()
}
