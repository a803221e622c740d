//! What both sides of an answered call remember (RFC 3261 §12).

use super::message::{Message, uri_of};
use std::net::{IpAddr, SocketAddr};

/// The names by which one call is known; drawn once from a seed.
#[derive(Clone, Debug)]
pub struct Names {
    /// The Call-ID.
    pub call_id: String,
    /// Our tag.
    pub tag: String,
    seed: u64,
    branches: u32,
}

impl Names {
    /// Names of their own for every seed.
    pub fn from_seed(seed: u64) -> Self {
        let (one, two) = (scramble(seed), scramble(!seed));
        Self {
            call_id: format!("{one:016x}{two:016x}"),
            tag: format!("{:08x}", two >> 32),
            seed: one,
            branches: 0,
        }
    }

    /// A branch that no other transaction of ours has (RFC 3261 §8.1.1.7).
    pub fn branch(&mut self) -> String {
        self.branches += 1;
        format!("z9hG4bK{:012x}{}", self.seed >> 16, self.branches)
    }
}

/// SplitMix64: neighbouring seeds give unlike names.
fn scramble(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// An answered call as its caller sees it.
#[derive(Clone, Debug)]
pub struct Dialog {
    local: String,
    remote: String,
    call_id: String,
    target: String,
    routes: Vec<String>,
    cseq: u32,
    /// Where requests of this dialog are sent.
    pub next_hop: SocketAddr,
}

impl Dialog {
    /// The dialog that a 2xx to our INVITE makes. `asked` is where the INVITE went: where the
    /// answer names a host that is no address, or leaves loopback, requests keep going there.
    pub fn from_answer(answer: &Message, asked: SocketAddr) -> Option<Self> {
        let target = uri_of(answer.header("Contact")?).to_owned();
        let mut routes: Vec<String> = answer
            .all("Record-Route")
            .flat_map(|value| value.split(','))
            .map(|route| route.trim().to_owned())
            .collect();
        routes.reverse();
        let hop = routes
            .first()
            .map_or(target.as_str(), |route| uri_of(route));
        let next_hop = address_of(hop)
            .filter(|hop| hop.ip().is_loopback() || !asked.ip().is_loopback())
            .unwrap_or(asked);
        Some(Self {
            local: answer.header("From")?.to_owned(),
            remote: answer.header("To")?.to_owned(),
            call_id: answer.header("Call-ID")?.to_owned(),
            cseq: answer.cseq()?.0,
            target,
            routes,
            next_hop,
        })
    }

    /// The dialog of an INVITE we answer under `tag` (RFC 3261 §12.1.1). `from` is where it came
    /// from, and where requests go that name no address of ours to reach.
    pub fn from_invite(invite: &Message, tag: &str, from: SocketAddr) -> Option<Self> {
        let target = uri_of(invite.header("Contact")?).to_owned();
        let routes: Vec<String> = invite
            .all("Record-Route")
            .flat_map(|value| value.split(','))
            .map(|route| route.trim().to_owned())
            .collect();
        let hop = routes
            .first()
            .map_or(target.as_str(), |route| uri_of(route));
        let next_hop = address_of(hop)
            .filter(|hop| hop.ip().is_loopback() || !from.ip().is_loopback())
            .unwrap_or(from);
        Some(Self {
            local: format!("{};tag={tag}", invite.header("To")?),
            remote: invite.header("From")?.to_owned(),
            call_id: invite.header("Call-ID")?.to_owned(),
            cseq: 0,
            target,
            routes,
            next_hop,
        })
    }

    /// The ACK of the 2xx that made this dialog (RFC 3261 §13.2.2.4).
    pub fn ack(&self, via: String) -> Message {
        self.request("ACK", self.cseq, via)
    }

    /// The next request of ours.
    pub fn next_request(&mut self, method: &str, via: String) -> Message {
        self.cseq += 1;
        self.request(method, self.cseq, via)
    }

    fn request(&self, method: &str, cseq: u32, via: String) -> Message {
        let mut request = Message::request(method, &self.target)
            .with("Via", via)
            .with("Max-Forwards", "70");
        for route in &self.routes {
            request.push("Route", route.as_str());
        }
        request
            .with("From", self.local.as_str())
            .with("To", self.remote.as_str())
            .with("Call-ID", self.call_id.as_str())
            .with("CSeq", format!("{cseq} {method}"))
    }
}

/// The address a `sip:` URI names literally, port 5060 where it names none.
fn address_of(uri: &str) -> Option<SocketAddr> {
    let rest = uri.strip_prefix("sip:")?;
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    let host = host.split([';', '?']).next()?;
    host.parse().ok().or_else(|| {
        let ip: IpAddr = host.parse().ok()?;
        Some(SocketAddr::new(ip, 5060))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(contact: &str, routes: &[&str]) -> Message {
        let mut answer = Message::response(200, "OK")
            .with("From", "<sip:a@x>;tag=1")
            .with("To", "<sip:b@y>;tag=2")
            .with("Call-ID", "id")
            .with("CSeq", "1 INVITE")
            .with("Contact", contact);
        for route in routes {
            answer.push("Record-Route", *route);
        }
        answer
    }

    #[test]
    fn requests_follow_the_route_set_backwards() {
        let asked = "127.0.0.1:5060".parse().unwrap();
        let answer = answer(
            "<sip:b@127.0.0.1:7000>",
            &["<sip:127.0.0.1:1;lr>, <sip:p2;lr>", "<sip:127.0.0.3;lr>"],
        );
        let mut dialog = Dialog::from_answer(&answer, asked).unwrap();
        assert_eq!(dialog.next_hop, "127.0.0.3:5060".parse().unwrap());
        let bye = dialog.next_request("BYE", "v".into());
        let routes: Vec<&str> = bye.all("Route").collect();
        assert_eq!(
            routes,
            ["<sip:127.0.0.3;lr>", "<sip:p2;lr>", "<sip:127.0.0.1:1;lr>"]
        );
        assert_eq!(bye.cseq(), Some((2, "BYE")));
    }

    #[test]
    fn a_contact_cannot_lead_a_loopback_caller_out_of_the_machine() {
        let asked = "127.0.0.1:5060".parse().unwrap();
        for (contact, hop) in [
            ("<sip:b@127.0.0.1:7000;transport=udp>", "127.0.0.1:7000"),
            ("<sip:b@192.0.2.1:5060>", "127.0.0.1:5060"),
            ("<sip:b@host.example>", "127.0.0.1:5060"),
        ] {
            let dialog = Dialog::from_answer(&answer(contact, &[]), asked).unwrap();
            assert_eq!(dialog.next_hop, hop.parse().unwrap(), "{contact}");
        }
    }

    #[test]
    fn branches_and_names_never_repeat() {
        let (mut one, mut two) = (Names::from_seed(1), Names::from_seed(2));
        assert_ne!(one.call_id, two.call_id);
        let branches = [one.branch(), one.branch(), two.branch()];
        assert!(branches[0] != branches[1] && branches[0] != branches[2]);
    }
}
