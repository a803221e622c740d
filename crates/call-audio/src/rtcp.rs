//! RTCP beside RTP on one port.

/// Is this packet RTCP? Told by its second byte, as RFC 5761 §4 lays down: RTCP
/// packet types 192 to 223 (sender report 200, receiver report 201, source
/// description 202, goodbye 203, application 204 among them) stand where RTP
/// would have payload types 64 to 95, which nobody may use for RTP.
///
/// A leg passes RTCP over: it needs no reports, and the end of a call is told by
/// signalling and by silence on the line, not by a goodbye that anybody can forge.
pub fn is_rtcp(packet: &[u8]) -> bool {
    matches!(packet, [first, 192..=223, ..] if first >> 6 == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_told_from_sound() {
        for kind in 200..=204 {
            assert!(is_rtcp(&[0x80, kind, 0, 6]), "type {kind}");
        }
        for kind in [0, 8, 13, 101, 0x80, 0x80 | 8, 0x80 | 101] {
            assert!(!is_rtcp(&[0x80, kind, 0, 0]), "type {kind}");
        }
        assert!(!is_rtcp(&[0x00, 200]) && !is_rtcp(&[0x80]) && !is_rtcp(&[]));
    }
}
