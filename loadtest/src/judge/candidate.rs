//! A prompt that may be the one that sounds, followed while it sounds.

use super::library::Reference;
use super::match_audio::{align, correlation};
use super::playback::Playback;
use super::track::Track;
use crate::rtp::{Ear, FRAME};
use std::ops::Range;

/// Below this a stretch counts as silent.
pub const PAUSE_DBFS: f32 = -48.0;
/// From this correlation on a stretch may be this prompt's.
pub const LIKELY: f32 = 0.8;
/// How far back a stop is looked for: 1 s.
const RECENT_FRAMES: usize = 50;
/// A prompt that is gone is given up after so long: 320 ms; a sender that stood still goes on
/// before that.
const GIVE_UP_FRAMES: usize = 16;
/// What sounds after a slip is looked for with so much of it: 120 ms.
const SLIP_FRAMES: usize = 6;
/// A slip is no longer than this: 400 ms.
const LONGEST_SLIP: usize = 3_200;
/// In a vowel the next period of the voice correlates well too; the same sound correlates better.
const SAME_SOUND: f32 = 0.97;

/// How a prompt ended: the frame of the timeline at which it was over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It was played to its end.
    Finished(usize),
    /// It was stopped before.
    Stopped(usize),
}

impl End {
    /// The frame at which it was over.
    pub const fn frame(self) -> usize {
        match self {
            Self::Finished(frame) | Self::Stopped(frame) => frame,
        }
    }
}

/// One prompt of the library, laid over what is heard.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its place in the library.
    pub prompt: usize,
    /// Where it stands.
    pub track: Track,
    /// How well its beginning fitted.
    pub correlation: f32,
    /// How it ended; none while it sounds.
    pub end: Option<End>,
    /// Up to this frame it is known to have sounded, after a slip.
    sounded_until: usize,
}

impl Candidate {
    /// Tries whether a prompt begins to sound within `slack` samples of a heard sample.
    pub fn beginning(
        prompt: usize,
        reference: &Reference,
        ear: &Ear,
        from: usize,
        slack: usize,
        probe: usize,
    ) -> Option<Self> {
        let end = reference.samples.len().min(reference.onset + probe);
        let probe = &reference.samples[reference.onset..end];
        let place = align(
            ear.samples(),
            probe,
            from.saturating_sub(slack)..from + slack,
        )?;
        (place.correlation >= LIKELY).then(|| Self {
            prompt,
            track: Track::new(place.offset - reference.onset as isize),
            correlation: place.correlation,
            end: None,
            sounded_until: 0,
        })
    }

    /// Whether a window of heard samples speaks for this prompt.
    pub fn fits(&self, reference: &Reference, ear: &Ear, window: Range<usize>) -> bool {
        let heard = &ear.samples()[window.clone()];
        let offset = self.track.offset_at(window.start);
        let from = usize::try_from(window.start as isize - offset).unwrap_or(usize::MAX);
        let until = from
            .saturating_add(window.len())
            .min(reference.samples.len());
        let expected = reference.samples.get(from..until).unwrap_or_default();
        let silent = |samples: &[i16]| dsp::level::dbfs(samples) < PAUSE_DBFS;
        match (silent(heard), silent(expected)) {
            (true, true) => true,
            (false, false) => correlation(heard, expected) >= LIKELY,
            (true, false) | (false, true) => false,
        }
    }

    /// Follows the prompt to the newest frame: whether it has ended, and where it stands if it
    /// slipped.
    pub fn follow(&mut self, reference: &Reference, ear: &Ear) {
        if self.end.is_some() {
            return;
        }
        let newest = ear.frames();
        let playback = Playback {
            heard: &ear.samples()[..newest * FRAME],
            reference: &reference.samples,
            track: &self.track,
        };
        let last = playback.end() / FRAME;
        let from = self.sounded_until.max(newest.saturating_sub(RECENT_FRAMES));
        let Some(gone) = playback.stops(from..newest) else {
            self.end = (newest >= last).then_some(End::Finished(last));
            return;
        };
        if let Some(offset) = self.slipped(reference, ear, gone) {
            self.track.slip(gone * FRAME, offset);
            self.sounded_until = newest;
        } else if newest >= gone + GIVE_UP_FRAMES {
            self.end = Some(End::Stopped(gone));
        }
    }

    /// Where the prompt stands now, if what sounds since it was gone is this prompt after all.
    fn slipped(&self, reference: &Reference, ear: &Ear, gone: usize) -> Option<isize> {
        let from = ear
            .frames()
            .checked_sub(SLIP_FRAMES)
            .filter(|&from| from >= gone)?
            * FRAME;
        let heard = &ear.samples()[from..from + SLIP_FRAMES * FRAME];
        if dsp::level::dbfs(heard) < PAUSE_DBFS {
            return None;
        }
        let expected = usize::try_from(from as isize - self.track.last_offset()).ok()?;
        let starts = expected.saturating_sub(LONGEST_SLIP)..expected + LONGEST_SLIP;
        let place = align(&reference.samples, heard, starts)?;
        (place.correlation >= SAME_SOUND).then_some(from as isize - place.offset)
    }
}
