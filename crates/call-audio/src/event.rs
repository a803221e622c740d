//! The telephone event as it stands in a payload (RFC 4733 §2.3).

use crate::PacketError;

/// One report on an event: a key is down, or was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TelephoneEvent {
    /// What: 0 to 15 are keys (RFC 4733 §3.2).
    pub event: u8,
    /// Is it over?
    pub end: bool,
    /// How loud the tone would be, in dB below 1 mW, 0 to 63.
    pub volume: u8,
    /// How long it has lasted, in timestamp units.
    pub duration: u16,
}

impl TelephoneEvent {
    /// Reads the first event of a payload.
    pub fn parse(payload: &[u8]) -> Result<Self, PacketError> {
        let Some(&[event, flags, high, low]) = payload.first_chunk() else {
            return Err(PacketError::Event {
                bytes: payload.len(),
            });
        };
        Ok(Self {
            event,
            end: flags & 0x80 != 0,
            volume: flags & 0x3f,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// The event as a payload.
    pub fn to_bytes(self) -> [u8; 4] {
        let flags = u8::from(self.end) << 7 | self.volume & 0x3f;
        let [high, low] = self.duration.to_be_bytes();
        [self.event, flags, high, low]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_written() {
        let pound = TelephoneEvent {
            event: 11,
            end: true,
            volume: 10,
            duration: 800,
        };
        assert_eq!(pound.to_bytes(), [11, 0x8a, 0x03, 0x20]);
        assert_eq!(TelephoneEvent::parse(&pound.to_bytes()), Ok(pound));
        assert_eq!(
            TelephoneEvent::parse(&[11, 0x8a, 0x03]),
            Err(PacketError::Event { bytes: 3 })
        );
    }
}
