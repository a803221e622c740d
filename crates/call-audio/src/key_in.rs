//! Keys the other side presses: RFC 4733 events, each press told once.
//!
//! A press is known by the RTP timestamp of its beginning, which all its packets
//! share (RFC 4733 §2.2.2); marker and end bit, which loss and reordering may take
//! or bring twice, decide nothing. A key held for more than 8.19 s goes on in a
//! segment whose timestamp follows the one before it without a gap
//! (§2.5.1.3): that is the same press.

use crate::TelephoneEvent;
use call_model::Key;

/// Presses remembered, so that a late packet of one is not taken for another.
const REMEMBERED: usize = 16;
/// The longest segment of one press, in timestamp units.
const SEGMENT: u32 = 0xffff;

/// The presses heard of lately.
#[derive(Clone, Debug)]
pub(crate) struct KeyReceiver {
    presses: [Option<Press>; REMEMBERED],
    oldest: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Press {
    ssrc: u32,
    key: Key,
    timestamp: u32,
}

impl KeyReceiver {
    pub const fn new() -> Self {
        Self {
            presses: [None; REMEMBERED],
            oldest: 0,
        }
    }

    /// The key, if this event is the first word of its press; events that are no
    /// keys (flash, fax tones) are none.
    pub fn hear(&mut self, ssrc: u32, timestamp: u32, event: TelephoneEvent) -> Option<Key> {
        let key = Key::from_event(event.event).ok()?;
        let press = Press {
            ssrc,
            key,
            timestamp,
        };
        if self.knows(timestamp, ssrc) {
            return None;
        }
        let is_continued = self
            .presses
            .iter()
            .flatten()
            .any(|known| known.leads_to(press));
        self.presses[self.oldest] = Some(press);
        self.oldest = (self.oldest + 1) % REMEMBERED;
        (!is_continued).then_some(key)
    }

    fn knows(&self, timestamp: u32, ssrc: u32) -> bool {
        self.presses
            .iter()
            .flatten()
            .any(|known| (known.timestamp, known.ssrc) == (timestamp, ssrc))
    }
}

impl Press {
    /// Is `next` a further segment of this press, or the segment before it that
    /// was overtaken?
    fn leads_to(self, next: Self) -> bool {
        let forward = self.timestamp.wrapping_add(SEGMENT) == next.timestamp;
        let backward = next.timestamp.wrapping_add(SEGMENT) == self.timestamp;
        (self.ssrc, self.key) == (next.ssrc, next.key) && (forward || backward)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(key: char, end: bool, duration: u16) -> TelephoneEvent {
        TelephoneEvent {
            event: Key::try_from(key).expect("a key").event(),
            end,
            volume: 10,
            duration,
        }
    }

    /// What is heard of packets given as key and timestamp.
    fn heard(packets: impl IntoIterator<Item = (char, u32)>) -> String {
        let mut receiver = KeyReceiver::new();
        packets
            .into_iter()
            .filter_map(|(key, at)| receiver.hear(7, at, event(key, false, 160)))
            .map(Key::face)
            .collect()
    }

    #[test]
    fn one_press_is_one_key_whatever_its_packets_say() {
        let mut receiver = KeyReceiver::new();
        let only_an_end = receiver.hear(7, 100, event('5', true, 800));
        assert_eq!(only_an_end.map(Key::face), Some('5'));
        for end in [false, true, true] {
            assert_eq!(receiver.hear(7, 100, event('5', end, 800)), None);
        }
    }

    #[test]
    fn the_same_key_twice_is_two_presses() {
        assert_eq!(
            heard([('0', 0), ('0', 0), ('0', 1_600), ('0', 3_200), ('0', 1_600)]),
            "000"
        );
    }

    #[test]
    fn a_key_held_beyond_one_segment_is_one_press() {
        assert_eq!(
            heard([('7', 10), ('7', 10 + 0xffff), ('7', 10 + 2 * 0xffff)]),
            "7"
        );
        assert_eq!(heard([('7', 10 + 0xffff), ('7', 10)]), "7", "overtaken");
        assert_eq!(heard([('7', 10), ('8', 10 + 0xffff)]), "78", "another key");
        let wrapped = u32::MAX - 5;
        assert_eq!(
            heard([('7', wrapped), ('7', wrapped.wrapping_add(0xffff))]),
            "7"
        );
    }

    #[test]
    fn events_that_are_no_keys_are_passed_over() {
        let flash = TelephoneEvent {
            event: 16,
            ..event('0', false, 160)
        };
        assert_eq!(KeyReceiver::new().hear(7, 0, flash), None);
    }

    proptest! {
        #[test]
        fn every_press_of_which_one_packet_arrives_is_told_once(
            faces in prop::collection::vec(0_u8..16, 1..8),
            order in prop::collection::vec((0_usize..8, 0_u8..8), 1..80),
            start: u32,
        ) {
            let mut receiver = KeyReceiver::new();
            let mut told = vec![0; faces.len()];
            let mut arrived = vec![0; faces.len()];
            for (press, packet) in order {
                let press = press % faces.len();
                let at = start.wrapping_add(1_600 * press as u32);
                let report = TelephoneEvent {
                    event: faces[press],
                    end: packet >= 5,
                    volume: 10,
                    duration: 160 * u16::from(packet.min(5)),
                };
                arrived[press] = 1;
                if let Some(key) = receiver.hear(7, at, report) {
                    prop_assert_eq!(key.event(), faces[press]);
                    told[press] += 1;
                }
            }
            prop_assert_eq!(told, arrived);
        }
    }
}
