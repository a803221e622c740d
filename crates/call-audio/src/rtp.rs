//! The RTP packet: its fixed header (RFC 3550 §5.1) and the packets we send.

use crate::TelephoneEvent;
use crate::codec;
use call_model::{Codec, FRAME_SAMPLES};

/// Bytes of the header without contributing sources and extension.
const HEADER_BYTES: usize = 12;
const VERSION: u8 = 2;

/// Why a packet was not taken. All of it is the peer's doing; the leg goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PacketError {
    /// The packet ends before its header, list of sources or extension does.
    #[error("packet of {bytes} bytes ends inside its RTP header")]
    Truncated {
        /// The length of the whole packet.
        bytes: usize,
    },
    /// Not RTP as RFC 3550 knows it.
    #[error("RTP version {0} instead of 2")]
    Version(u8),
    /// The padding is said to be longer than what follows the header, or empty.
    #[error("{padding} bytes of padding in {available} bytes of payload")]
    Padding {
        /// What the last byte says.
        padding: u8,
        /// What there is.
        available: usize,
    },
    /// A payload type that was not agreed.
    #[error("payload type {0} was not agreed")]
    PayloadType(u8),
    /// More sound in one packet than the jitter buffer takes.
    #[error("{bytes} bytes of sound in one packet, more than {limit}")]
    TooLong {
        /// The payload's length.
        bytes: usize,
        /// The longest payload that is taken.
        limit: usize,
    },
    /// A telephone event of less than four bytes.
    #[error("telephone event of {bytes} bytes instead of 4")]
    Event {
        /// The payload's length.
        bytes: usize,
    },
}

/// What every RTP packet says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RtpHeader {
    /// The marker bit: in audio, the first packet of a talkspurt.
    pub marker: bool,
    /// The payload type, 0 to 127.
    pub payload_type: u8,
    /// The sequence number; one more with each packet.
    pub sequence: u16,
    /// The time of the first sample, in samples, from a random start.
    pub timestamp: u32,
    /// The synchronisation source: who sends.
    pub ssrc: u32,
}

impl RtpHeader {
    /// Reads a packet: its header and its payload, which is free of
    /// contributing sources, extension and padding, and may be empty.
    pub fn parse(packet: &[u8]) -> Result<(Self, &[u8]), PacketError> {
        let truncated = PacketError::Truncated {
            bytes: packet.len(),
        };
        let (fixed, rest) = packet
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or(truncated)?;
        let [flags, kind, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *fixed;
        if flags >> 6 != VERSION {
            return Err(PacketError::Version(flags >> 6));
        }
        let sources = 4 * usize::from(flags & 0x0f);
        let rest = rest.get(sources..).ok_or(truncated)?;
        let rest = match flags & 0x10 {
            0 => rest,
            _ => after_extension(rest).ok_or(truncated)?,
        };
        let payload = match flags & 0x20 {
            0 => rest,
            _ => without_padding(rest)?,
        };
        let header = Self {
            marker: kind & 0x80 != 0,
            payload_type: kind & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
        };
        Ok((header, payload))
    }

    /// The header as it stands on the wire, without sources, extension or padding.
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let kind = u8::from(self.marker) << 7 | self.payload_type & 0x7f;
        let mut bytes = [VERSION << 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

/// RFC 3550 §5.3.1: two bytes of the profile's, a count of words, the words.
fn after_extension(rest: &[u8]) -> Option<&[u8]> {
    let (&[_, _, high, low], rest) = rest.split_first_chunk()?;
    rest.get(4 * usize::from(u16::from_be_bytes([high, low]))..)
}

/// RFC 3550 §5.1: the last byte counts the padding, itself included.
fn without_padding(rest: &[u8]) -> Result<&[u8], PacketError> {
    let padding = rest.last().copied().unwrap_or(0);
    let available = rest.len();
    match available.checked_sub(usize::from(padding)) {
        Some(kept) if padding > 0 => Ok(&rest[..kept]),
        _ => Err(PacketError::Padding { padding, available }),
    }
}

/// A packet to send, in a buffer of its own: 20 ms of sound or a telephone event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RtpPacket {
    bytes: [u8; HEADER_BYTES + FRAME_SAMPLES],
    length: usize,
}

impl RtpPacket {
    /// 20 ms of sound.
    pub fn audio(header: RtpHeader, codec: Codec, samples: &[i16; FRAME_SAMPLES]) -> Self {
        let mut packet = Self::headed(header);
        codec::encode(codec, samples, &mut packet.bytes[HEADER_BYTES..]);
        packet.length = HEADER_BYTES + FRAME_SAMPLES;
        packet
    }

    /// A telephone event.
    pub fn event(header: RtpHeader, event: TelephoneEvent) -> Self {
        let mut packet = Self::headed(header);
        let payload = event.to_bytes();
        packet.length = HEADER_BYTES + payload.len();
        packet.bytes[HEADER_BYTES..packet.length].copy_from_slice(&payload);
        packet
    }

    /// The packet as it goes on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn headed(header: RtpHeader) -> Self {
        let mut bytes = [0; HEADER_BYTES + FRAME_SAMPLES];
        bytes[..HEADER_BYTES].copy_from_slice(&header.to_bytes());
        Self {
            bytes,
            length: HEADER_BYTES,
        }
    }
}

impl AsRef<[u8]> for RtpPacket {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: RtpHeader = RtpHeader {
        marker: true,
        payload_type: 101,
        sequence: 0xfffe,
        timestamp: 0x0102_0304,
        ssrc: 0xa0b0_c0d0,
    };

    /// A packet with the given first byte and the given bytes after the fixed header.
    fn packet(flags: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes[0] = flags;
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn what_was_written_is_read_again() {
        let sound = [1_000; FRAME_SAMPLES];
        let sent = RtpPacket::audio(HEADER, Codec::Pcma, &sound);
        let (header, payload) = RtpHeader::parse(sent.as_bytes()).expect("a packet");
        assert_eq!(header, HEADER);
        assert_eq!(
            payload,
            [codec::encode_sample(Codec::Pcma, 1_000); FRAME_SAMPLES]
        );
    }

    #[test]
    fn sources_extension_and_padding_are_no_payload() {
        let sources = [9; 8];
        let extension = [0xbe, 0xde, 0, 1, 7, 7, 7, 7];
        let rest = [&sources[..], &extension, b"sound", &[0, 0, 3]].concat();
        let bytes = packet(0xb2, &rest);
        let (_, payload) = RtpHeader::parse(&bytes).expect("a packet");
        assert_eq!(payload, b"sound");
    }

    #[test]
    fn a_packet_that_lies_about_its_length_is_refused() {
        let truncated = |bytes| Err(PacketError::Truncated { bytes });
        assert_eq!(RtpHeader::parse(&[]), truncated(0));
        assert_eq!(RtpHeader::parse(&[0x80; 11]), truncated(11));
        assert_eq!(RtpHeader::parse(&packet(0x82, &[0; 7])), truncated(19));
        assert_eq!(RtpHeader::parse(&packet(0x90, &[0, 0, 0])), truncated(15));
        let claim = packet(0x90, &[0, 0, 0xff, 0xff, 0]);
        assert_eq!(RtpHeader::parse(&claim), truncated(17));
        for (rest, padding) in [(&[1, 1, 4][..], 4), (&[1, 1, 0], 0), (&[], 0)] {
            let available = rest.len();
            let refused = Err(PacketError::Padding { padding, available });
            assert_eq!(RtpHeader::parse(&packet(0xa0, rest)), refused);
        }
    }

    #[test]
    fn another_version_is_refused_and_a_payload_of_padding_alone_is_empty() {
        assert_eq!(
            RtpHeader::parse(&packet(0x40, &[])),
            Err(PacketError::Version(1))
        );
        let keepalive = packet(0xa0, &[0, 2]);
        assert_eq!(RtpHeader::parse(&keepalive), Ok((HEADER, &[][..])));
    }
}
