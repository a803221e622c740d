//! The jitter buffer: sound waits here until its moment.
//!
//! Sound is kept by timestamp, sample for sample, and read 20 ms at each tick.
//! For every packet its *slack* is known: how many samples lay between its first
//! one and the reading place when it came. The delay follows from the slack:
//!
//! - A packet that comes too late, when nothing after it was played yet, moves the
//!   reading place back to itself: the delay grows by just what was missing and
//!   nothing said is lost. One that comes out of order, when what follows was
//!   already played, is late for good; a frame is stretched for those to come.
//! - When for two seconds no packet came with less slack than the margin, the
//!   surplus is cut out, at most 20 ms at a time, where the sound is quiet; where
//!   it is never quiet, after two more seconds, anywhere. Cuts are cross-faded.
//! - More than the longest delay never waits: the oldest goes, cross-faded too.
//!
//! So a burst after a stall costs what exceeds the bound, and what it leaves of
//! delay is gone within seconds. A sender whose timestamps leap is followed after
//! two packets that agree, in two different ticks.

mod settings;
mod timeline;

pub use settings::JitterSettings;

use crate::ring::{CAPACITY, Holed, SampleRing, Samples};
use crate::slack::SlackWatch;
use call_model::{FRAME_SAMPLES, SAMPLE_RATE};
use settings::Bounds;
use std::time::Duration;
use timeline::Timeline;

/// Samples of one tick.
const FRAME: Samples = FRAME_SAMPLES as Samples;
/// The longest packet that is taken: 200 ms.
pub(crate) const PACKET_MAX: usize = 1_600;
/// Shorter cuts are not worth a cross-fade: 10 ms.
const CUT_MIN: Samples = 80;
/// Below this RMS (−40 dBFS) a frame counts as quiet.
const QUIET_RMS: f32 = 328.0;

/// What became of a packet of sound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arrival {
    /// It will be heard, all or in part.
    InTime,
    /// Its moment has passed.
    Late,
    /// Its timestamp fits nowhere near; a second one like it will be followed.
    Stray,
}

/// Sound on its way from packets to ticks; see the module's page.
#[derive(Clone, Debug)]
pub(crate) struct JitterBuffer {
    bounds: Bounds,
    ring: SampleRing,
    timeline: Option<Timeline>,
    slack: SlackWatch,
    /// The sender said that it has nothing to say.
    is_resting: bool,
    /// How far a packet was late for good, until a stretched frame makes up for it.
    stretch_owed: Samples,
    /// The last frame, if nothing was missing in it.
    last_frame: Option<[i16; FRAME_SAMPLES]>,
    /// Where the next frame begins if nothing moves the reading place; none before the first.
    expected: Option<Samples>,
    tick: u64,
}

/// A frame on its way out of the buffer.
#[derive(Clone, Debug)]
pub(crate) struct Pulled {
    /// The samples; `None` where nothing came.
    pub samples: Holed,
    /// Is something missing that should have been there?
    pub is_lossy: bool,
    /// So many samples later than after the last frame the sound goes on, since some were cut
    /// out; so many earlier where it is negative, since a frame was stretched or waited for.
    pub moved: Samples,
}

impl JitterBuffer {
    pub fn new(settings: JitterSettings) -> Self {
        let bounds = Bounds::from(settings);
        Self {
            bounds,
            ring: SampleRing::new(),
            timeline: None,
            slack: SlackWatch::new(bounds.margin),
            is_resting: false,
            stretch_owed: 0,
            last_frame: None,
            expected: None,
            tick: 0,
        }
    }

    /// Puts a packet's sound, [`PACKET_MAX`] samples at most, at its place.
    pub fn insert(&mut self, timestamp: u32, samples: &[i16]) -> Arrival {
        let length = samples.len() as Samples;
        let start = self.bounds.start;
        let timeline = self
            .timeline
            .get_or_insert_with(|| Timeline::beginning_at(timestamp, start));
        let at = timeline.place(timestamp);
        let slack = at - timeline.reading;
        if slack < -self.bounds.max || slack + length > CAPACITY {
            return self.insert_misfit(timestamp, slack, samples);
        }
        timeline.fit_in(at, length);
        let back = timeline.go_back_to(at);
        self.slack.shift(back);
        self.slack.note(slack + back);
        if slack + back + length <= 0 {
            self.stretch_owed = self.stretch_owed.max(-slack);
            return Arrival::Late;
        }
        if std::mem::take(&mut self.is_resting) {
            timeline.begin_again(at);
        }
        let reading = timeline.reading;
        self.put(at, reading, samples);
        Arrival::InTime
    }

    /// The sender has nothing to say: what is missing now is no loss.
    pub fn rest(&mut self) {
        self.is_resting = true;
    }

    /// Another sender takes over: what waits of the old one is dropped.
    pub fn restart(&mut self) {
        self.ring.clear();
        self.timeline = None;
        self.expected = None;
        self.slack = SlackWatch::new(self.bounds.margin);
        self.stretch_owed = 0;
    }

    /// Takes the next 20 ms.
    pub fn pull(&mut self) -> Pulled {
        self.tick += 1;
        self.slack.tick();
        let (samples, has_begun) = match &self.timeline {
            None => ([None; FRAME_SAMPLES], false),
            Some(timeline) => {
                let (reading, depth) = (timeline.reading, timeline.depth());
                let has_begun = timeline.has_begun();
                (self.next_frame(reading, depth), has_begun)
            }
        };
        self.last_frame = whole(&samples);
        let next = self.timeline.as_ref().map(|timeline| timeline.reading);
        let moved = match (next, self.expected) {
            (Some(next), Some(expected)) => next - FRAME - expected,
            (Some(_), None) | (None, _) => 0,
        };
        self.expected = next;
        Pulled {
            moved,
            samples,
            is_lossy: self.last_frame.is_none() && has_begun && !self.is_resting,
        }
    }

    /// Sound that came in and was not heard yet.
    pub fn buffered(&self) -> Duration {
        let depth = self.timeline.as_ref().map_or(0, Timeline::depth).max(0);
        Duration::from_micros(depth.unsigned_abs() * 1_000_000 / u64::from(SAMPLE_RATE))
    }

    fn put(&mut self, at: Samples, reading: Samples, samples: &[i16]) {
        for (place, &sample) in (at..).zip(samples) {
            if place >= reading {
                self.ring.put(place, sample);
            }
        }
    }

    fn insert_misfit(&mut self, timestamp: u32, slack: Samples, samples: &[i16]) -> Arrival {
        let tick = self.tick;
        let has_leapt = |timeline: &mut Timeline| timeline.has_leapt(slack, tick);
        if self.timeline.as_mut().is_some_and(has_leapt) {
            self.restart();
            return self.insert(timestamp, samples);
        }
        if slack < 0 {
            Arrival::Late
        } else {
            Arrival::Stray
        }
    }

    fn next_frame(&mut self, reading: Samples, depth: Samples) -> Holed {
        if let Some(stretched) = self.stretched(reading, depth) {
            return stretched;
        }
        let cut = self.cut(reading, depth);
        let blended = match cut {
            0 => None,
            _ => self.blend_over(reading, cut),
        };
        self.ring.discard(reading, reading + cut);
        let taken = self.ring.take_frame(reading + cut);
        self.move_on(reading + cut, &taken);
        self.slack.shift(-cut);
        blended.map_or(taken, |frame| frame.map(Some))
    }

    /// For a packet that was late for good: a frame for which the reading place
    /// stays where it is. Where sound is missing that is one more hole, which what
    /// is on its way may yet fill; else the next frame blended into the last one,
    /// so that it can come again.
    fn stretched(&mut self, reading: Samples, depth: Samples) -> Option<Holed> {
        if self.stretch_owed == 0 {
            return None;
        }
        if depth + FRAME > self.bounds.max {
            self.stretch_owed = 0;
            return None;
        }
        let stretched = match (self.ring.whole_frame(reading), self.last_frame) {
            (Some(next), Some(last)) => cross_faded(&next, &last).map(Some),
            (Some(_), None) => return None,
            (None, _) => [None; FRAME_SAMPLES],
        };
        self.stretch_owed = (self.stretch_owed - FRAME).max(0);
        self.slack.shift(FRAME);
        Some(stretched)
    }

    /// How many samples to leave out before the next frame.
    fn cut(&self, reading: Samples, depth: Samples) -> Samples {
        let packet = self.timeline.as_ref().map_or(0, |timeline| timeline.packet);
        if depth > self.bounds.max + packet {
            return depth - self.bounds.max;
        }
        let cut = self.slack.surplus().min(FRAME);
        if cut < CUT_MIN || !(self.slack.is_impatient() || self.is_quiet(reading, cut)) {
            return 0;
        }
        match self.blend_over(reading, cut) {
            Some(_) => cut,
            None => 0,
        }
    }

    fn is_quiet(&self, reading: Samples, cut: Samples) -> bool {
        [reading, reading + cut].into_iter().all(|place| {
            self.ring
                .whole_frame(place)
                .is_some_and(|frame| dsp::level::rms(&frame) < QUIET_RMS)
        })
    }

    /// A frame that begins at the reading place and ends `cut` samples later than
    /// it would; none if sound is missing on the way.
    fn blend_over(&self, reading: Samples, cut: Samples) -> Option<[i16; FRAME_SAMPLES]> {
        let from = self.ring.whole_frame(reading)?;
        let to = self.ring.whole_frame(reading + cut)?;
        Some(cross_faded(&from, &to))
    }

    fn move_on(&mut self, from: Samples, taken: &Holed) {
        if let Some(timeline) = &mut self.timeline {
            let last = taken.iter().rposition(Option::is_some);
            timeline.move_on(from, FRAME, last);
        }
    }
}

fn whole(samples: &Holed) -> Option<[i16; FRAME_SAMPLES]> {
    let mut frame = [0; FRAME_SAMPLES];
    for (sample, held) in frame.iter_mut().zip(samples) {
        *sample = (*held)?;
    }
    Some(frame)
}

/// Begins like one frame and ends like the other.
fn cross_faded(from: &[i16; FRAME_SAMPLES], to: &[i16; FRAME_SAMPLES]) -> [i16; FRAME_SAMPLES] {
    std::array::from_fn(|n| {
        let share = n as i32 + 1;
        let whole = FRAME_SAMPLES as i32;
        let mixed = i32::from(from[n]) * (whole - share) + i32::from(to[n]) * share;
        (mixed / whole) as i16
    })
}

#[cfg(test)]
mod tests;
