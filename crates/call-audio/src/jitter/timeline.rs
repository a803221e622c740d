//! Where a stream stands: what its timestamps mean and how far it was heard.

use crate::ring::Samples;

/// Two packets that fit nowhere agree if they are this near to each other: 100 ms.
const AGREEMENT: Samples = 800;

/// Where a stream stands.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    /// The timestamp of place 0.
    origin: u32,
    /// The first sample of the next frame.
    pub reading: Samples,
    /// The end of what was really heard.
    heard_until: Samples,
    /// The end of what came in.
    newest_end: Samples,
    /// The length of the last packet.
    pub packet: Samples,
    /// Where sound began, or began again after a rest: no hole before it is a loss.
    sound_from: Samples,
    misfit: Option<Misfit>,
}

/// A packet that fits nowhere: so far from its moment it was, in this tick.
#[derive(Clone, Copy, Debug)]
struct Misfit {
    slack: Samples,
    tick: u64,
}

impl Timeline {
    /// A stream whose first packet has this timestamp and waits for `delay`.
    pub const fn beginning_at(timestamp: u32, delay: Samples) -> Self {
        Self {
            origin: timestamp,
            reading: -delay,
            heard_until: -delay,
            newest_end: 0,
            packet: 0,
            sound_from: 0,
            misfit: None,
        }
    }

    /// The place of a timestamp: of all that it could mean, the one nearest to the
    /// reading place.
    pub const fn place(&self, timestamp: u32) -> Samples {
        let expected = self.origin.wrapping_add(self.reading as u32);
        self.reading + timestamp.wrapping_sub(expected) as i32 as Samples
    }

    /// How much sound lies ahead; negative when it ran dry.
    pub const fn depth(&self) -> Samples {
        self.newest_end - self.reading
    }

    /// Is a hole in the next frame a loss?
    pub const fn has_begun(&self) -> bool {
        self.reading >= self.sound_from
    }

    /// Sound that came after a rest begins here.
    pub const fn begin_again(&mut self, at: Samples) {
        self.sound_from = at;
    }

    /// A packet of sound fits in: it reaches from here on so far.
    pub const fn fit_in(&mut self, at: Samples, length: Samples) {
        self.misfit = None;
        self.packet = length;
        if at + length > self.newest_end {
            self.newest_end = at + length;
        }
    }

    /// Goes back to a packet that came late, if nothing after it was heard; tells
    /// how far.
    pub const fn go_back_to(&mut self, at: Samples) -> Samples {
        if at >= self.reading || at < self.heard_until {
            return 0;
        }
        let back = self.reading - at;
        self.reading = at;
        back
    }

    /// A frame was taken from here, whose last real sample stood there.
    pub const fn move_on(&mut self, from: Samples, frame: Samples, last: Option<usize>) {
        self.reading = from + frame;
        if let Some(last) = last {
            self.heard_until = from + last as Samples + 1;
        }
    }

    /// A packet fits nowhere, so far is it from its moment. Does it agree with one
    /// of an earlier tick? Then the sender's clock has leapt.
    pub fn has_leapt(&mut self, slack: Samples, tick: u64) -> bool {
        let first = *self.misfit.get_or_insert(Misfit { slack, tick });
        let agrees = (first.slack - slack).abs() <= AGREEMENT;
        if !agrees {
            self.misfit = Some(Misfit { slack, tick });
        }
        agrees && first.tick < tick
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_means_the_nearest_place_also_where_it_wraps() {
        let mut timeline = Timeline::beginning_at(u32::MAX - 100, 480);
        assert_eq!(timeline.place(u32::MAX - 100), 0);
        assert_eq!(timeline.place(59), 160);
        assert_eq!(timeline.place(u32::MAX - 260), -160);
        // Fifteen days later the timestamps have wrapped once.
        timeline.move_on(1 << 33, 160, None);
        assert_eq!(timeline.place(u32::MAX - 100), 1 << 33);
    }

    #[test]
    fn a_late_packet_is_gone_back_to_unless_what_follows_was_heard() {
        let mut timeline = Timeline::beginning_at(0, 0);
        timeline.move_on(0, 160, Some(159));
        timeline.move_on(160, 160, None);
        assert_eq!(timeline.go_back_to(320), 0);
        assert_eq!(timeline.go_back_to(80), 0);
        assert_eq!(timeline.go_back_to(160), 160);
        assert_eq!(timeline.reading, 160);
    }

    #[test]
    fn only_misfits_of_two_ticks_that_agree_are_a_leap() {
        let mut timeline = Timeline::beginning_at(0, 480);
        assert!(!timeline.has_leapt(90_000, 1));
        assert!(!timeline.has_leapt(90_000, 1));
        assert!(!timeline.has_leapt(-50_000, 2));
        assert!(timeline.has_leapt(-50_160, 3));
        timeline.fit_in(0, 160);
        assert!(!timeline.has_leapt(-50_160, 4));
    }
}
