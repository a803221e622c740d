//! Packets of one leg, each by the one before it.

use call_audio::{RtpHeader, RtpPacket, TelephoneEvent};
use call_model::{FRAME_SAMPLES, Key, PayloadMap};

/// Where a leg's numbers stand.
#[derive(Default)]
pub(crate) struct PacketOrder {
    last: Option<Numbers>,
    /// The keys that were sent, in order.
    pub(crate) keys: Vec<Key>,
}

#[derive(Clone, Copy)]
struct Numbers {
    header: RtpHeader,
    /// The media clock, which goes on while a key's packets repeat their own.
    clock: u32,
}

impl PacketOrder {
    /// What is wrong with the next packet, if anything is.
    pub(crate) fn broken_by(&mut self, packet: &RtpPacket, payloads: PayloadMap) -> Option<String> {
        let Ok((header, payload)) = RtpHeader::parse(packet.as_bytes()) else {
            return Some("no packet".to_owned());
        };
        let is_key = Some(header.payload_type) == payloads.telephone_event;
        let expected = self
            .last
            .map(|last| last.clock.wrapping_add(FRAME_SAMPLES as u32));
        let clock = expected.unwrap_or(header.timestamp);
        let last = self.last.replace(Numbers { header, clock });
        if is_key && header.marker {
            self.keys.extend(key(payload));
        }
        let follows = last.is_none_or(|last| {
            header.ssrc == last.header.ssrc
                && header.sequence == last.header.sequence.wrapping_add(1)
                && (is_key && !header.marker || header.timestamp == clock)
        });
        let is_known = is_key || header.payload_type == payloads.audio;
        let is_fine = follows && is_known;
        (!is_fine).then(|| format!("{header:?} after {:?}", last.map(|last| last.header)))
    }
}

fn key(payload: &[u8]) -> Option<Key> {
    let event = TelephoneEvent::parse(payload).ok()?;
    Key::from_event(event.event).ok()
}
