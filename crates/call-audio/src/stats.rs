//! What a leg counts.

use std::time::Duration;

/// Counts of one leg since it began; over all sources it heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LegStats {
    /// Packets taken: sound, comfort noise and events, each sequence number once.
    pub received: u64,
    /// Packets that never came, as far as sequence numbers tell (RFC 3550 §6.4.1).
    pub lost: u64,
    /// Packets of sound that came too late to be played.
    pub late: u64,
    /// Packets that came again.
    pub duplicates: u64,
    /// Packets out of step with the source heard: a stray sequence number or
    /// timestamp, or another source that was not yet believed.
    pub strays: u64,
    /// Packets whose payload type was not agreed.
    pub wrong_payload_type: u64,
    /// Packets that are no RTP, or whose payload cannot be right.
    pub malformed: u64,
    /// RTCP packets, passed over.
    pub rtcp: u64,
    /// Interarrival jitter in timestamp units of 125 µs (RFC 3550 §6.4.1).
    pub jitter: u32,
    /// Frames with at least one sample that no packet brought.
    pub concealed_frames: u64,
    /// Sound that waits in the jitter buffer now.
    pub buffered: Duration,
    /// Packets sent.
    pub sent: u64,
}
