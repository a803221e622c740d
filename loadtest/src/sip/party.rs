//! Who calls whom, and the requests that begin a call.

use super::dialog::Names;
use super::message::{Message, StartLine};
use super::sdp::{self, Codec};
use std::net::SocketAddr;

/// Who calls, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user part of the caller's address.
    pub user: String,
    /// The signalling socket's own address.
    pub sip: SocketAddr,
    /// The media socket's own address.
    pub media: SocketAddr,
    /// The one codec that is offered.
    pub codec: Codec,
}

/// Who is called.
#[derive(Clone, Debug)]
pub struct Callee {
    /// The user part: a number or a name.
    pub user: String,
    /// Where the INVITE goes.
    pub address: SocketAddr,
}

impl Caller {
    /// The INVITE that begins a call to `callee`.
    pub fn invite(&self, callee: &Callee, names: &mut Names) -> Message {
        let uri = format!("sip:{}@{}", callee.user, callee.address);
        let branch = names.branch();
        Message::request("INVITE", &uri)
            .with("Via", self.via(&branch))
            .with("Max-Forwards", "70")
            .with(
                "From",
                format!("<sip:{}@{}>;tag={}", self.user, self.sip, names.tag),
            )
            .with("To", format!("<{uri}>"))
            .with("Call-ID", names.call_id.as_str())
            .with("CSeq", "1 INVITE")
            .with("Contact", self.contact())
            .with("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS")
            .with("User-Agent", "bellhop-loadtest")
            .with_sdp(sdp::offer(self.media, self.codec, 1))
    }

    /// The Via of a request of ours.
    pub fn via(&self, branch: &str) -> String {
        format!("SIP/2.0/UDP {};rport;branch={branch}", self.sip)
    }

    /// Where requests to us go.
    pub fn contact(&self) -> String {
        format!("<sip:{}@{}>", self.user, self.sip)
    }
}

/// A CANCEL, or the ACK of a refusal: the INVITE's own URI, Via and number.
pub fn same_transaction(invite: &Message, method: &str, to: Option<&str>) -> Message {
    let StartLine::Request { uri, .. } = &invite.start else {
        return invite.clone();
    };
    let header = |name| invite.header(name).unwrap_or_default();
    Message::request(method, uri)
        .with("Via", header("Via"))
        .with("Max-Forwards", "70")
        .with("From", header("From"))
        .with("To", to.unwrap_or_default())
        .with("Call-ID", header("Call-ID"))
        .with("CSeq", format!("1 {method}"))
}
