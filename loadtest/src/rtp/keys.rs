//! Key presses as telephone events (RFC 4733 §2.5.1).

use std::fmt;

/// Packets while the key is held: 100 ms, the least many gateways take for a press.
const HELD: u16 = 5;
/// The last packet is sent three times (RFC 4733 §2.5.1.4).
const ENDS: u16 = 3;
/// The level of the tone, in -dBm0.
const VOLUME: u8 = 10;
const FACES: &str = "0123456789*#ABCD";

/// A telephone key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key(u8);

/// A character that stands on no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0:?} stands on no telephone key")]
pub struct KeyError(char);

impl TryFrom<char> for Key {
    type Error = KeyError;
    fn try_from(face: char) -> Result<Self, KeyError> {
        let event = FACES.find(face.to_ascii_uppercase());
        event.map_or(Err(KeyError(face)), |event| Ok(Self(event as u8)))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&FACES[usize::from(self.0)..=usize::from(self.0)])
    }
}

/// A key on its way down and up: one packet every 20 ms.
#[derive(Clone, Copy, Debug)]
pub struct KeyPress {
    key: Key,
    timestamp: u32,
    sent: u16,
}

/// One packet of a key press.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventPacket {
    /// Set on the first packet alone.
    pub marker: bool,
    /// The press's beginning, the same in all its packets.
    pub timestamp: u32,
    /// Event, end bit and volume, duration.
    pub payload: [u8; 4],
}

impl KeyPress {
    /// A press that begins at `timestamp`.
    pub const fn new(key: Key, timestamp: u32) -> Self {
        Self {
            key,
            timestamp,
            sent: 0,
        }
    }
}

impl Iterator for KeyPress {
    type Item = EventPacket;

    fn next(&mut self) -> Option<EventPacket> {
        if self.sent == HELD - 1 + ENDS {
            return None;
        }
        self.sent += 1;
        let end = self.sent >= HELD;
        let [high, low] = (self.sent.min(HELD) * 160).to_be_bytes();
        Some(EventPacket {
            marker: self.sent == 1,
            timestamp: self.timestamp,
            payload: [self.key.0, u8::from(end) << 7 | VOLUME, high, low],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_grows_to_100_ms_and_ends_three_times() {
        let packets: Vec<EventPacket> = KeyPress::new(Key::try_from('#').unwrap(), 800).collect();
        let durations: Vec<u16> = packets
            .iter()
            .map(|packet| u16::from_be_bytes([packet.payload[2], packet.payload[3]]))
            .collect();
        assert_eq!(durations, [160, 320, 480, 640, 800, 800, 800]);
        let ends: Vec<bool> = packets
            .iter()
            .map(|packet| packet.payload[1] & 0x80 != 0)
            .collect();
        assert_eq!(ends, [false, false, false, false, true, true, true]);
        assert!(
            packets
                .iter()
                .all(|packet| packet.payload[0] == 11 && packet.timestamp == 800)
        );
        assert_eq!(packets.iter().filter(|packet| packet.marker).count(), 1);
    }

    #[test]
    fn only_what_stands_on_a_key_is_one() {
        assert_eq!(Key::try_from('d').unwrap().to_string(), "D");
        assert_eq!(Key::try_from('x'), Err(KeyError('x')));
    }
}
