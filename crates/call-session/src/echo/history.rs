//! The last moments of a sound.

use super::Frame;
use call_model::FRAME_SAMPLES;

/// Frames that are kept: 640 ms.
pub(super) const FRAMES: usize = 32;
/// Samples that are kept.
pub(super) const LENGTH: usize = FRAMES * FRAME_SAMPLES;

/// The last 640 ms, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct History {
    samples: Box<[f32; LENGTH]>,
    /// Frames since the last one that held a sound.
    silent: usize,
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            samples: Box::new([0.0; LENGTH]),
            silent: FRAMES,
        }
    }

    pub(super) fn push(&mut self, frame: &Frame) {
        let is_silent = frame.iter().all(|sample| *sample == 0);
        self.silent = if is_silent { self.silent + 1 } else { 0 };
        // A silent history stays one: nothing need be moved.
        if self.silent > FRAMES {
            self.silent = FRAMES + 1;
            return;
        }
        self.samples.copy_within(FRAME_SAMPLES.., 0);
        let newest = &mut self.samples[LENGTH - FRAME_SAMPLES..];
        for (to, from) in newest.iter_mut().zip(frame) {
            *to = f32::from(*from);
        }
    }

    /// Nothing sounded in all that is kept.
    pub(super) const fn is_silent(&self) -> bool {
        self.silent >= FRAMES
    }

    /// So many samples that end so many before the newest one's end; none where they lie too
    /// far back, or are not there yet.
    pub(super) fn part(&self, length: usize, back: usize) -> Option<&[f32]> {
        let end = LENGTH.checked_sub(back)?;
        self.samples.get(end.checked_sub(length)?..end)
    }
}
