//! RTP packets (RFC 3550 §5.1).

/// What stands before the payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The first packet after silence, or of a key press.
    pub marker: bool,
    /// The payload type, 0 to 127.
    pub payload_type: u8,
    /// The sequence number.
    pub sequence: u16,
    /// The sampling instant, in 1/8000 s.
    pub timestamp: u32,
    /// The stream's source.
    pub ssrc: u32,
}

/// Why a datagram is no RTP packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PacketError {
    /// Fewer bytes than its own header says.
    #[error("the packet is cut short")]
    Short,
    /// Another version than 2.
    #[error("RTP version {0}, not 2")]
    Version(u8),
}

impl Header {
    /// Writes header and payload into `datagram`, replacing what it held.
    pub fn write(&self, payload: &[u8], datagram: &mut Vec<u8>) {
        datagram.clear();
        datagram.push(0x80);
        datagram.push(u8::from(self.marker) << 7 | self.payload_type & 0x7f);
        datagram.extend_from_slice(&self.sequence.to_be_bytes());
        datagram.extend_from_slice(&self.timestamp.to_be_bytes());
        datagram.extend_from_slice(&self.ssrc.to_be_bytes());
        datagram.extend_from_slice(payload);
    }

    /// Reads one datagram: its header, and its payload without contributing sources,
    /// extension and padding.
    pub fn parse(datagram: &[u8]) -> Result<(Self, &[u8]), PacketError> {
        let Some((fixed, mut rest)) = datagram.split_first_chunk::<12>() else {
            return Err(PacketError::Short);
        };
        let version = fixed[0] >> 6;
        if version != 2 {
            return Err(PacketError::Version(version));
        }
        rest = skip(rest, 4 * usize::from(fixed[0] & 0x0f))?;
        if fixed[0] & 0x10 != 0 {
            let (head, _) = rest.split_first_chunk::<4>().ok_or(PacketError::Short)?;
            let words = usize::from(u16::from_be_bytes([head[2], head[3]]));
            rest = skip(rest, 4 + 4 * words)?;
        }
        if fixed[0] & 0x20 != 0 {
            let padding = usize::from(*rest.last().ok_or(PacketError::Short)?);
            let kept = rest.len().checked_sub(padding).ok_or(PacketError::Short)?;
            rest = &rest[..kept];
        }
        let word = |at: usize| {
            u32::from_be_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]])
        };
        let header = Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: word(4),
            ssrc: word(8),
        };
        Ok((header, rest))
    }
}

fn skip(bytes: &[u8], count: usize) -> Result<&[u8], PacketError> {
    bytes.get(count..).ok_or(PacketError::Short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn extension_sources_and_padding_are_no_payload() {
        let mut datagram = vec![0xb1, 0x80, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        datagram.extend([9; 4]);
        datagram.extend([0, 0, 0, 1, 7, 7, 7, 7]);
        datagram.extend([1, 2, 0, 2]);
        let (header, payload) = Header::parse(&datagram).unwrap();
        assert_eq!(payload, [1, 2]);
        assert!(header.marker);
        assert_eq!((header.sequence, header.timestamp, header.ssrc), (1, 2, 3));
        assert_eq!(Header::parse(&datagram[..20]), Err(PacketError::Short));
        assert_eq!(Header::parse(&[0; 12]), Err(PacketError::Version(0)));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32, marker: bool,
                                      payload in proptest::collection::vec(any::<u8>(), 0..200)) {
            let header = Header { marker, payload_type, sequence, timestamp, ssrc };
            let mut datagram = Vec::new();
            header.write(&payload, &mut datagram);
            prop_assert_eq!(Header::parse(&datagram), Ok((header, &payload[..])));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Header::parse(&bytes);
        }
    }
}
