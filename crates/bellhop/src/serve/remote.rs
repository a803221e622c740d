//! Where a call's RTP comes from and goes to.

use std::net::SocketAddr;

/// So many packets in a row from one address, of one stream, make it the caller's.
const PROOF: u16 = 3;

/// The caller's media address: as SDP says or, behind NAT and where that is allowed,
/// as the first steady stream shows. Once shown it is kept until SDP names another.
#[derive(Debug)]
pub struct RemoteAddress {
    agreed: Option<SocketAddr>,
    learnt: Option<SocketAddr>,
    is_nat: bool,
    candidate: Option<Candidate>,
}

#[derive(Debug)]
struct Candidate {
    from: SocketAddr,
    ssrc: [u8; 4],
    sequence: u16,
    packets: u16,
}

impl RemoteAddress {
    /// The address SDP named, if it did yet; `is_nat` allows another to be learnt.
    pub fn new(agreed: Option<SocketAddr>, is_nat: bool) -> Self {
        Self {
            agreed,
            learnt: None,
            is_nat,
            candidate: None,
        }
    }

    /// SDP names an address, again or anew. What was learnt goes only with a new one.
    pub fn agree(&mut self, address: SocketAddr) {
        if self.agreed.replace(address) != Some(address) {
            (self.learnt, self.candidate) = (None, None);
        }
    }

    /// Where to send; nothing while nobody is known or the caller's address is none.
    pub fn target(&self) -> Option<SocketAddr> {
        self.learnt
            .or(self.agreed)
            .filter(|address| !address.ip().is_unspecified())
    }

    /// Whether a packet is the caller's. RTP alone teaches an address: RTCP, keep-alives
    /// and single packets do not.
    pub fn is_caller(&mut self, from: SocketAddr, packet: &[u8]) -> bool {
        if self.target() == Some(from) {
            // The address that SDP named, or the one that was learnt, is in use: no other counts.
            self.learnt = Some(from);
            return true;
        }
        if self.is_nat && self.learnt.is_none() && self.is_proven(from, packet) {
            self.learnt = Some(from);
            return true;
        }
        false
    }

    fn is_proven(&mut self, from: SocketAddr, packet: &[u8]) -> bool {
        let Some((ssrc, sequence)) = rtp(packet) else {
            return false;
        };
        let packets = match &self.candidate {
            Some(last)
                if last.from == from
                    && last.ssrc == ssrc
                    && last.sequence.wrapping_add(1) == sequence =>
            {
                last.packets + 1
            }
            Some(_) | None => 1,
        };
        self.candidate = Some(Candidate {
            from,
            ssrc,
            sequence,
            packets,
        });
        packets >= PROOF
    }
}

/// SSRC and sequence number of an RTP packet that carries sound (RFC 3550 §5.1); none for
/// RTCP, whose packet types show as 64 to 95 here (RFC 5761 §4).
fn rtp(packet: &[u8]) -> Option<([u8; 4], u16)> {
    let [first, second, high, low, _, _, _, _, ssrc @ ..] = packet else {
        return None;
    };
    let [a, b, c, d, _, ..] = ssrc else {
        return None;
    };
    let is_rtp = first >> 6 == 2 && !(64..96).contains(&(second & 0x7f));
    is_rtp.then_some(([*a, *b, *c, *d], u16::from_be_bytes([*high, *low])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u8) -> [u8; 13] {
        [0x80, 0, 0, sequence, 0, 0, 0, 0, 1, 2, 3, 4, 0xff]
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_the_address_that_sdp_named_is_heard() {
        let (named, other) = (address("10.0.0.1:4000"), address("192.0.2.1:4000"));
        let mut remote = RemoteAddress::new(Some(named), false);
        assert!((1..9).all(|number| !remote.is_caller(other, &packet(number))));
        assert!(remote.is_caller(named, &packet(1)));
        assert_eq!(remote.target(), Some(named));
    }

    #[test]
    fn behind_nat_a_steady_stream_is_learnt_and_then_kept() {
        let (named, real) = (address("10.0.0.1:4000"), address("192.0.2.1:61234"));
        let stranger = address("192.0.2.99:4000");
        let mut remote = RemoteAddress::new(Some(named), true);
        assert!(
            !remote.is_caller(stranger, &packet(1)),
            "one packet proves nothing"
        );
        assert!(!remote.is_caller(real, &packet(1)) && !remote.is_caller(real, &packet(2)));
        assert!(remote.is_caller(real, &packet(3)));
        assert!((1..9).all(|number| !remote.is_caller(stranger, &packet(number))));
        remote.agree(named);
        assert_eq!(remote.target(), Some(real), "the same SDP changes nothing");
        remote.agree(stranger);
        assert_eq!(remote.target(), Some(stranger), "SDP named another");
    }

    #[test]
    fn the_named_address_wins_when_it_speaks_first() {
        let (named, other) = (address("10.0.0.1:4000"), address("192.0.2.1:4000"));
        let mut remote = RemoteAddress::new(Some(named), true);
        assert!(remote.is_caller(named, &packet(1)));
        assert!((1..9).all(|number| !remote.is_caller(other, &packet(number))));
    }

    #[test]
    fn nothing_is_sent_to_an_address_that_is_none() {
        let remote = RemoteAddress::new(Some(address("0.0.0.0:4000")), false);
        assert_eq!(remote.target(), None);
    }

    #[test]
    fn rtcp_and_short_packets_teach_nothing() {
        assert!(rtp(&[0x80, 200, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5]).is_none());
        assert!(rtp(&packet(1)[..12]).is_none() && rtp(&packet(1)).is_some());
    }
}
