//! Our own sound coming back: taken out of what the caller sends, before anything listens to it.
//!
//! What is sent is known, so its echo can be found. While something sounds that may be one, its
//! delay is searched for (`search`); once found, the way there and back is estimated
//! (`path`) and what comes back by it is subtracted. What little remains lies below a bar that follows the echo and counts
//! as silence: a prompt neither interrupts itself nor is recognised. A line without
//! echo is passed on as it came, and costs a look now and then. The recording keeps the caller's
//! sound as it came.

mod history;
mod path;
mod search;
#[cfg(test)]
mod tests;

use call_model::{FRAME_SAMPLES, PcmFrame};
use dsp::level::dbfs;
use history::History;
use path::{EchoPath, Fit};
use search::{DelaySearch, Found};

/// What is quieter is no echo that anybody could take for speech.
const FAINT_DBFS: f32 = -58.0;
/// What remains of an echo is no louder than this much of it, in power: −10 dB.
const REMAINS: f32 = 0.1;
/// A delay that was tried in vain is not tried again before so many looks.
const TRIED_EVERY: u32 = 3;
/// An echo's remains are lowered to this: silence on any line.
const HUSHED_DBFS: f32 = -62.0;

/// 20 ms of sound.
pub(crate) type Frame = [i16; FRAME_SAMPLES];

/// What the caller sends without our own sound in it.
#[derive(Debug)]
pub(crate) struct EchoGuard {
    sent: History,
    heard: History,
    search: DelaySearch,
    path: Option<EchoPath>,
    /// Looks until another delay is tried.
    rests: u32,
    /// Frames heard since the jitter buffer moved last.
    steady: usize,
    /// What was heard in the last moments turned out to be an echo.
    has_found: bool,
}

impl EchoGuard {
    pub(crate) fn new() -> Self {
        Self {
            sent: History::new(),
            heard: History::new(),
            search: DelaySearch::new(),
            path: None,
            rests: 0,
            steady: 0,
            has_found: false,
        }
    }

    /// What goes out in this tick; each tick has one.
    pub(crate) fn sent(&mut self, frame: &Frame) {
        self.sent.push(frame);
        self.search.sent(frame);
    }

    /// The next frame goes on so many samples later than where the last one ended, for they were cut
    /// out of what waited; earlier where it is negative. The echo in it is as much younger.
    pub(crate) fn moved(&mut self, samples: i64) {
        self.search.rest();
        self.steady = 0;
        self.path = self.path.take().and_then(|path| path.moved(samples));
    }

    /// The caller's frame of a tick, which comes before what is sent in it; cleaned where it holds an echo.
    pub(crate) fn clean(&mut self, frame: &PcmFrame) -> PcmFrame {
        self.heard.push(&frame.samples);
        // The frame at a move is blended of two moments.
        let is_one = self.steady > 0;
        self.steady += 1;
        if self.sent.is_silent() {
            self.search.rest();
            return frame.clone();
        }
        let tells = dbfs(&frame.samples) >= FAINT_DBFS && !frame.concealed;
        if tells {
            self.look_for_echo(&frame.samples);
        }
        let Some(path) = &mut self.path else {
            return frame.clone();
        };
        let (samples, fit) = path.clean(&frame.samples, &self.sent);
        if tells && is_one {
            path.learn(&self.heard, &self.sent);
        }
        let samples = match fit {
            Fit::Lost => {
                self.path = None;
                frame.samples
            }
            Fit::Good { echo, left } if left <= echo * REMAINS => hushed(&samples),
            Fit::Good { .. } => samples,
        };
        PcmFrame {
            samples,
            ..frame.clone()
        }
    }

    /// Whether the last frame showed that what was heard just now is our own sound, and next to nothing else.
    pub(crate) const fn take_found(&mut self) -> bool {
        std::mem::replace(&mut self.has_found, false)
    }

    /// Where a delay is sure that is not the known one, or no longer explains what is heard, the
    /// path is another.
    fn look_for_echo(&mut self, heard: &Frame) {
        if self.path.as_ref().is_some_and(EchoPath::is_good) {
            return self.search.rest();
        }
        let found = self.search.look(heard);
        self.rests = self.rests.saturating_sub(1);
        let Some(Found {
            lag,
            is_likely: true,
        }) = found.filter(|_| self.rests == 0)
        else {
            return;
        };
        let is_known = |path: &EchoPath| path.covers(lag) && !path.is_poor();
        if !self.path.as_ref().is_some_and(is_known) {
            self.rests = TRIED_EVERY;
            if let Some(path) = EchoPath::of(lag, self.steady, &self.heard, &self.sent) {
                self.path = Some(path);
                self.has_found = true;
            }
        }
    }
}

fn hushed(samples: &Frame) -> Frame {
    let level = dbfs(samples);
    if level <= HUSHED_DBFS {
        return *samples;
    }
    let factor = dsp::level::from_db(HUSHED_DBFS - level);
    samples.map(|sample| (f32::from(sample) * factor) as i16)
}
