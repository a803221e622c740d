//! What came and what did not (RFC 3550 appendix A).

use std::time::Duration;

/// The reception of one stream.
#[derive(Clone, Debug, Default)]
pub struct RtpStats {
    /// Packets that came.
    pub received: u64,
    /// Sequence numbers that never came.
    pub lost: u64,
    /// The longest pause between two packets.
    pub longest_gap: Duration,
    last: Option<Last>,
    jitter: f64,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    arrived: Duration,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
}

impl RtpStats {
    /// Counts a packet that came at `now`.
    pub fn count(&mut self, now: Duration, header: &super::Header) {
        self.received += 1;
        let this = Last {
            arrived: now,
            sequence: header.sequence,
            timestamp: header.timestamp,
            ssrc: header.ssrc,
        };
        let Some(last) = self.last.filter(|last| last.ssrc == this.ssrc) else {
            self.last = Some(this);
            return;
        };
        self.longest_gap = self.longest_gap.max(now.saturating_sub(last.arrived));
        let step = this.sequence.wrapping_sub(last.sequence);
        if step == 0 || step > 0x8000 {
            self.lost = self.lost.saturating_sub(u64::from(step != 0));
            return;
        }
        self.lost += u64::from(step - 1);
        let media = this.timestamp.wrapping_sub(last.timestamp) as i32;
        let transit = (now.as_secs_f64() - last.arrived.as_secs_f64()) * 8_000.0 - f64::from(media);
        self.jitter += (transit.abs() - self.jitter) / 16.0;
        self.last = Some(this);
    }

    /// Interarrival jitter (RFC 3550 §6.4.1).
    pub fn jitter(&self) -> Duration {
        Duration::from_secs_f64(self.jitter.max(0.0) / 8_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Header;
    use super::*;

    fn count(stats: &mut RtpStats, millis: u64, sequence: u16) {
        let header = Header {
            marker: false,
            payload_type: 0,
            sequence,
            timestamp: u32::from(sequence.wrapping_sub(65_530)) * 160,
            ssrc: 1,
        };
        stats.count(Duration::from_millis(millis), &header);
    }

    #[test]
    fn loss_is_counted_over_the_wrap_and_a_late_packet_is_no_loss() {
        let mut stats = RtpStats::default();
        for (millis, sequence) in [(0, 65_534), (20, 65_535), (60, 1), (61, 0), (120, 4)] {
            count(&mut stats, millis, sequence);
        }
        assert_eq!((stats.received, stats.lost), (5, 2));
        assert_eq!(stats.longest_gap, Duration::from_millis(60));
    }

    #[test]
    fn a_steady_stream_has_no_jitter_and_an_unsteady_one_has() {
        let (mut steady, mut shaken) = (RtpStats::default(), RtpStats::default());
        for tick in 0..200u16 {
            count(&mut steady, u64::from(tick) * 20, tick);
            count(
                &mut shaken,
                u64::from(tick) * 20 + u64::from(tick % 2) * 10,
                tick,
            );
        }
        assert!(steady.jitter() < Duration::from_micros(100));
        let shaken = shaken.jitter().as_millis();
        assert!((9..=11).contains(&shaken), "{shaken} ms");
    }
}
