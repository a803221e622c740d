//! Keys we press: RFC 4733 events, a packet a tick.
//!
//! A key sounds for 100 ms: five packets that say how long it has lasted, the
//! fifth with the end bit, and that one twice more (RFC 4733 §2.5.1.4). Between two
//! keys lie 100 ms, counted from the end of the first.

use crate::TelephoneEvent;
use call_model::{FRAME_SAMPLES, Key};
use std::collections::VecDeque;

/// Keys that may wait.
const WAITING_MAX: usize = 32;
/// Packets until the key is let go.
const LASTING: u8 = 5;
/// Packets of one key, the repeated last one included.
const PACKETS: u8 = LASTING + 2;
/// Ticks from a key's first packet to the next key's.
const TICKS: u8 = 2 * LASTING;
/// −10 dBm0, as a telephone sends its tones.
const VOLUME: u8 = 10;

/// Why a key was not sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyRefused {
    /// The other side takes no telephone events.
    #[error("telephone events were not agreed")]
    NotAgreed,
    /// Too many keys wait already.
    #[error("{WAITING_MAX} keys wait to be sent already")]
    TooMany,
}

/// The keys that are being sent.
#[derive(Clone, Debug)]
pub(crate) struct KeySender {
    waiting: VecDeque<Key>,
    pressed: Option<Pressed>,
}

#[derive(Clone, Copy, Debug)]
struct Pressed {
    key: Key,
    timestamp: u32,
    ticks: u8,
}

/// What stands in one packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct KeyPacket {
    /// When the key was pressed.
    pub timestamp: u32,
    /// Is this the first packet of the key?
    pub is_first: bool,
    pub event: TelephoneEvent,
}

impl KeySender {
    pub fn new() -> Self {
        Self {
            waiting: VecDeque::with_capacity(WAITING_MAX),
            pressed: None,
        }
    }

    /// Puts a key behind those that wait.
    pub fn press(&mut self, key: Key) -> Result<(), KeyRefused> {
        if self.waiting.len() == WAITING_MAX {
            return Err(KeyRefused::TooMany);
        }
        self.waiting.push_back(key);
        Ok(())
    }

    /// Lets go of everything: the other side takes no more events.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.pressed = None;
    }

    /// What this tick sends, `now` being its timestamp; nothing between keys.
    pub fn tick(&mut self, now: u32) -> Option<KeyPacket> {
        let pressed = match self.pressed {
            Some(pressed) => pressed,
            None => Pressed {
                key: self.waiting.pop_front()?,
                timestamp: now,
                ticks: 0,
            },
        };
        let ticks = pressed.ticks + 1;
        self.pressed = (ticks < TICKS).then_some(Pressed { ticks, ..pressed });
        (ticks <= PACKETS).then(|| pressed.packet(ticks))
    }
}

impl Pressed {
    fn packet(self, ticks: u8) -> KeyPacket {
        let lasted = ticks.min(LASTING);
        KeyPacket {
            timestamp: self.timestamp,
            is_first: ticks == 1,
            event: TelephoneEvent {
                event: self.key.event(),
                end: ticks >= LASTING,
                volume: VOLUME,
                duration: u16::from(lasted) * FRAME_SAMPLES as u16,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(face: char) -> Key {
        Key::try_from(face).expect("a key")
    }

    /// A line a tick: what is sent while two keys wait.
    #[test]
    fn two_keys_as_they_stand_on_the_wire() {
        let mut sender = KeySender::new();
        sender.press(key('4')).expect("room");
        sender.press(key('#')).expect("room");
        let shown: Vec<String> = (0..20)
            .map(|tick| match sender.tick(1_000 + tick * 160) {
                None => "-".to_owned(),
                Some(packet) => format!(
                    "{}{} at {} for {}{}",
                    if packet.is_first { "M " } else { "" },
                    packet.event.event,
                    packet.timestamp,
                    packet.event.duration,
                    if packet.event.end { " end" } else { "" },
                ),
            })
            .collect();
        let golden = "M 4 at 1000 for 160/4 at 1000 for 320/4 at 1000 for 480/4 at 1000 for 640/\
             4 at 1000 for 800 end/4 at 1000 for 800 end/4 at 1000 for 800 end/-/-/-/\
             M 11 at 2600 for 160/11 at 2600 for 320/11 at 2600 for 480/11 at 2600 for 640/\
             11 at 2600 for 800 end/11 at 2600 for 800 end/11 at 2600 for 800 end/-/-/-";
        assert_eq!(shown.join("/"), golden);
        assert_eq!(sender.tick(9_999), None);
    }

    #[test]
    fn no_more_keys_wait_than_there_is_room_for() {
        let mut sender = KeySender::new();
        for _ in 0..WAITING_MAX {
            assert_eq!(sender.press(Key::ZERO), Ok(()));
        }
        assert_eq!(sender.press(Key::ZERO), Err(KeyRefused::TooMany));
        sender.clear();
        assert_eq!(sender.tick(0), None);
    }
}
