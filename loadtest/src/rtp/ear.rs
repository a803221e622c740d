//! What the caller hears, on one timeline.

use super::packet::Header;
use super::stats::RtpStats;
use crate::sip::RemoteMedia;
use std::time::Duration;

/// Samples of one 20 ms frame, the grid on which sound is judged.
pub const FRAME: usize = 160;
/// A frame at least this loud begins a burst of sound.
pub const LOUD_DBFS: f32 = -42.0;
/// A frame below this is quiet.
const QUIET_DBFS: f32 = -48.0;
/// So many quiet frames end a burst: 160 ms, more than the stop inside a word.
const ENDING_FRAMES: usize = 8;
/// A frame is waited for until this many later ones have come.
const REORDERED_FRAMES: usize = 3;
/// A jump of the timestamp beyond this is a new beginning, not a gap.
const LONGEST_JUMP: i64 = 16_000;
/// No call is kept beyond this: 30 minutes.
const MOST_SAMPLES: usize = 30 * 60 * 8_000;
/// After so long without a packet the timeline goes on without one.
const PATIENCE: Duration = Duration::from_millis(100);

/// A stretch of sound between two silences, in frames of the timeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Burst {
    /// Its first loud frame.
    pub from: usize,
    /// The first quiet frame after it; none while it lasts.
    pub to: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    sample: usize,
}

/// The receiving half of one call's media: samples placed by RTP timestamp, with the arrival of
/// each frame beside them.
#[derive(Debug)]
pub struct Ear {
    remote: RemoteMedia,
    anchor: Option<Anchor>,
    first_arrival: Option<Duration>,
    last_arrival: Duration,
    samples: Vec<i16>,
    arrivals: Vec<Option<Duration>>,
    levels: Vec<f32>,
    bursts: Vec<Burst>,
    quiet_frames: usize,
    /// Up to this sample silence stands in for packets that stayed away.
    padded_to: usize,
    stats: RtpStats,
    keeps: bool,
}

impl Ear {
    /// An ear for this stream; one that does not `keep` counts packets and hears nothing.
    pub fn new(remote: RemoteMedia, keeps: bool) -> Self {
        Self {
            remote,
            anchor: None,
            first_arrival: None,
            last_arrival: Duration::ZERO,
            samples: Vec::new(),
            arrivals: Vec::new(),
            levels: Vec::new(),
            bursts: Vec::new(),
            quiet_frames: 0,
            padded_to: 0,
            stats: RtpStats::default(),
            keeps,
        }
    }

    /// The other side's types, where they changed.
    pub const fn move_to(&mut self, remote: RemoteMedia) {
        self.remote = remote;
    }

    /// Takes a datagram from the media socket; what is no audio of this stream is not heard.
    pub fn handle_packet(&mut self, now: Duration, datagram: &[u8]) {
        let Ok((header, payload)) = Header::parse(datagram) else {
            return;
        };
        self.stats.count(now, &header);
        self.first_arrival.get_or_insert(now);
        self.last_arrival = now;
        if !self.keeps || header.payload_type != self.remote.audio {
            return;
        }
        if let Some(at) = self.place(now, &header) {
            self.write(now, at, payload);
            self.finish_frames();
        }
    }

    /// Lets time pass: where packets stay away, silence is heard.
    pub fn tick(&mut self, now: Duration) {
        if self.keeps && self.first_arrival.is_some() && now > self.last_arrival + PATIENCE {
            let until = self.elapsed_samples(now - PATIENCE).min(MOST_SAMPLES);
            let frames = until / FRAME;
            if frames * FRAME > self.samples.len() {
                self.samples.resize(frames * FRAME, 0);
                self.padded_to = self.samples.len();
                self.arrivals.resize(frames, Some(now));
                self.finish_frames();
            }
        }
    }

    /// Where a packet's first sample belongs.
    fn place(&mut self, now: Duration, header: &Header) -> Option<usize> {
        let end = self.samples.len();
        let finished = self.levels.len() * FRAME;
        if let Some(anchor) = self.anchor.filter(|anchor| anchor.ssrc == header.ssrc) {
            let ahead = i64::from(header.timestamp.wrapping_sub(anchor.timestamp) as i32);
            let at = anchor.sample as i64 + ahead;
            if at >= finished as i64 && at <= end as i64 + LONGEST_JUMP {
                return usize::try_from(at).ok();
            }
            let too_late = at < finished as i64 && at > finished as i64 - LONGEST_JUMP;
            if too_late && at >= self.padded_to as i64 {
                return None;
            }
        }
        let sample = end.max(self.elapsed_samples(now)).next_multiple_of(FRAME);
        self.anchor = Some(Anchor {
            ssrc: header.ssrc,
            timestamp: header.timestamp,
            sample,
        });
        Some(sample)
    }

    fn elapsed_samples(&self, now: Duration) -> usize {
        let since = now.saturating_sub(self.first_arrival.unwrap_or(now));
        (since.as_micros() / 125) as usize
    }

    fn write(&mut self, now: Duration, at: usize, payload: &[u8]) {
        let end = (at + payload.len()).min(MOST_SAMPLES);
        if at >= end {
            return;
        }
        if self.samples.len() < end {
            self.samples.resize(end, 0);
            self.arrivals.resize(end.div_ceil(FRAME), None);
        }
        for (slot, &byte) in self.samples[at..end].iter_mut().zip(payload) {
            *slot = self.remote.codec.decode(byte);
        }
        for arrival in &mut self.arrivals[at / FRAME..end.div_ceil(FRAME)] {
            *arrival = Some(now);
        }
    }

    fn finish_frames(&mut self) {
        let whole = self.samples.len() / FRAME;
        while self.levels.len() < whole {
            let frame = self.levels.len();
            if self.arrivals[frame].is_none() && whole < frame + REORDERED_FRAMES {
                return;
            }
            let level = dsp::level::dbfs(&self.samples[frame * FRAME..(frame + 1) * FRAME]);
            self.levels.push(level);
            self.follow_burst(frame, level);
        }
    }

    fn follow_burst(&mut self, frame: usize, level: f32) {
        let open = self.bursts.last_mut().filter(|burst| burst.to.is_none());
        self.quiet_frames = if level < QUIET_DBFS {
            self.quiet_frames + 1
        } else {
            0
        };
        match open {
            None if level >= LOUD_DBFS => self.bursts.push(Burst {
                from: frame,
                to: None,
            }),
            Some(burst) if self.quiet_frames >= ENDING_FRAMES => {
                burst.to = Some(frame + 1 - ENDING_FRAMES);
            }
            None | Some(_) => {}
        }
    }

    /// Every sample so far; those of finished frames do not change any more.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How many frames are finished.
    pub const fn frames(&self) -> usize {
        self.levels.len()
    }

    /// The level of a finished frame, in dBFS.
    pub fn level(&self, frame: usize) -> Option<f32> {
        self.levels.get(frame).copied()
    }

    /// When the packet with this frame came; for a lost frame, when it would have.
    pub fn arrival(&self, frame: usize) -> Duration {
        let known = self.arrivals.get(frame).copied().flatten();
        known.unwrap_or_else(|| {
            self.first_arrival.unwrap_or_default()
                + super::TICK * u32::try_from(frame).unwrap_or(u32::MAX)
        })
    }

    /// The first frame that came at `moment` or later; the next one where none has yet.
    pub fn frame_at(&self, moment: Duration) -> usize {
        let mut frame = self.frames();
        while frame > 0 && self.arrival(frame - 1) >= moment {
            frame -= 1;
        }
        frame
    }

    /// Every stretch of sound so far.
    pub fn bursts(&self) -> &[Burst] {
        &self.bursts
    }

    /// How long it has been quiet by now; zero while a burst lasts that may go on.
    pub fn quiet_for(&self) -> Duration {
        super::TICK * u32::try_from(self.quiet_frames).unwrap_or(u32::MAX)
    }

    /// When the first packet came.
    pub const fn first_arrival(&self) -> Option<Duration> {
        self.first_arrival
    }

    /// What came and what did not.
    pub const fn stats(&self) -> &RtpStats {
        &self.stats
    }
}

#[cfg(test)]
#[path = "ear_tests.rs"]
mod tests;
