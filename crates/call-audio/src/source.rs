//! Whose packets are heard when the synchronisation source changes.

use crate::reception::{Novelty, Reception};
use call_model::CallTime;

/// What a packet is to the leg.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// New, from the source that is heard.
    New,
    /// The first of a source that is heard from now on.
    NewSource,
    /// It came before.
    Duplicate,
    /// It belongs to nothing that is heard.
    Stray,
}

/// The source that is heard, and the one that asks to be. The first source is
/// believed at once; another takes over with its second packet in sequence, so
/// that one stray packet cuts nobody off (after RFC 3550 A.1).
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    heard: Option<Source>,
    /// Source and sequence number that would bring another source in.
    asking: Option<(u32, u16)>,
    lost_before: u64,
}

#[derive(Clone, Debug)]
struct Source {
    ssrc: u32,
    reception: Reception,
}

impl Sources {
    pub const fn new() -> Self {
        Self {
            heard: None,
            asking: None,
            lost_before: 0,
        }
    }

    /// Is this the source that is heard, or would any be?
    pub fn is_heard(&self, ssrc: u32) -> bool {
        self.heard.as_ref().is_none_or(|source| source.ssrc == ssrc)
    }

    /// Takes note of a packet.
    pub fn note(&mut self, ssrc: u32, sequence: u16) -> Standing {
        match &mut self.heard {
            Some(source) if source.ssrc == ssrc => {
                self.asking = None;
                match source.reception.note(sequence) {
                    Novelty::New => Standing::New,
                    Novelty::Duplicate => Standing::Duplicate,
                    Novelty::Stray => Standing::Stray,
                }
            }
            Some(_) if self.asking != Some((ssrc, sequence)) => {
                self.asking = Some((ssrc, sequence.wrapping_add(1)));
                Standing::Stray
            }
            Some(_) | None => self.take_over(ssrc, sequence),
        }
    }

    /// Takes note of when a packet of the heard source came.
    pub fn note_transit(&mut self, now: CallTime, timestamp: u32) {
        if let Some(source) = &mut self.heard {
            source.reception.note_transit(now, timestamp);
        }
    }

    /// Packets that never came, of all sources.
    pub fn lost(&self) -> u64 {
        self.lost_before
            + self
                .heard
                .as_ref()
                .map_or(0, |source| source.reception.lost())
    }

    /// The jitter of the heard source, in timestamp units.
    pub fn jitter(&self) -> u32 {
        self.heard
            .as_ref()
            .map_or(0, |source| source.reception.jitter())
    }

    fn take_over(&mut self, ssrc: u32, sequence: u16) -> Standing {
        self.lost_before = self.lost();
        self.asking = None;
        let mut reception = Reception::starting_at(sequence);
        reception.note(sequence);
        self.heard = Some(Source { ssrc, reception });
        Standing::NewSource
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{Duplicate, New, NewSource, Stray};

    #[test]
    fn another_source_is_heard_from_its_second_packet_on() {
        let mut sources = Sources::new();
        let packets = [
            (1, 10),
            (1, 12),
            (2, 500),
            (2, 501),
            (2, 503),
            (1, 13),
            (2, 503),
        ];
        let standings = packets.map(|(ssrc, sequence)| sources.note(ssrc, sequence));
        assert_eq!(
            standings,
            [NewSource, New, Stray, NewSource, New, Stray, Duplicate]
        );
        assert_eq!(sources.lost(), 2);
    }

    #[test]
    fn a_stray_source_does_not_cut_the_heard_one_off() {
        let mut sources = Sources::new();
        sources.note(1, 10);
        for n in 0..50 {
            assert_eq!(sources.note(99, n), Stray);
            assert_eq!(sources.note(1, 11 + n), New);
        }
        assert!(sources.is_heard(1) && !sources.is_heard(99));
    }
}
