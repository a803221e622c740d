//! The head of a message, as far as the gate must understand it.

use crate::text::{self, NameAddr};
use std::borrow::Cow;
use std::net::SocketAddr;

/// The most header lines a message may have.
const MAX_LINES: usize = 256;

/// Start line and headers of a message, in order, long names and folded lines
/// undone; borrowed from a cleaned datagram.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    /// The method as it stands; of a response the version.
    pub method: &'a str,
    headers: Vec<(&'a str, Cow<'a, str>)>,
    body_length: usize,
}

impl<'a> Head<'a> {
    /// Reads a cleaned request; none when it is no request at all.
    pub fn read(message: &'a [u8]) -> Option<Self> {
        let (start, head) = Self::split(message)?;
        let mut parts = start.split_ascii_whitespace();
        let (_method, _uri, version) = (parts.next()?, parts.next()?, parts.next()?);
        let is_request = version.eq_ignore_ascii_case("SIP/2.0") && parts.next().is_none();
        is_request.then_some(head)
    }

    /// Reads a cleaned response; none when it is no response at all.
    pub fn read_response(message: &'a [u8]) -> Option<Self> {
        let (start, head) = Self::split(message)?;
        let status = start.split_ascii_whitespace().nth(1)?;
        status.parse::<u16>().is_ok().then_some(head)
    }

    /// The start line, and what follows it.
    fn split(message: &'a [u8]) -> Option<(&'a str, Self)> {
        let end = message.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&message[..end]).ok()?;
        let mut lines = head.split('\n').map(|line| line.trim_end_matches('\r'));
        let start = lines.next()?;
        let head = Self {
            method: start.split_ascii_whitespace().next()?,
            headers: read_headers(lines)?,
            body_length: message.len() - end - 4,
        };
        Some((start, head))
    }

    /// The first value of a header, by its long name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_ref())
    }

    /// Every value of a header, in order, by its long name; a list in one line
    /// counts as one.
    pub fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref())
    }

    /// The topmost Via.
    pub fn via(&self) -> Option<Via<'_>> {
        let first = text::split_outside(self.value("Via")?, ',')[0];
        Via::read(first)
    }

    /// Whether it went through one hand only: a response that is ours has our Via
    /// and no other (RFC 3261 §8.1.3.3).
    pub fn has_one_via(&self) -> bool {
        let mut values = self.values("Via");
        let is_single = values
            .next()
            .is_some_and(|first| text::split_outside(first, ',').len() == 1);
        is_single && values.next().is_none()
    }

    /// The To tag: the request belongs to a dialog.
    pub fn to_tag(&self) -> Option<&str> {
        text::tag(self.value("To")?)
    }

    /// The number and the method of CSeq.
    pub fn cseq(&self) -> Option<(u32, &str)> {
        let mut parts = self.value("CSeq")?.split_ascii_whitespace();
        Some((parts.next()?.parse().ok()?, parts.next()?))
    }

    /// What makes the call this request belongs to one call.
    pub fn call_key(&self) -> Option<CallKey> {
        CallKey::read(self.value("Call-ID")?, self.value("From")?, self.cseq()?.0)
    }

    /// Whether the body is shorter than Content-Length promises.
    pub fn is_body_cut(&self) -> bool {
        self.value("Content-Length")
            .and_then(|value| value.trim().parse::<usize>().ok())
            .is_some_and(|promised| promised > self.body_length)
    }

    /// The extensions that Require names (RFC 3261 §20.32).
    pub fn required(&self) -> Vec<&str> {
        self.values("Require")
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|option| !option.is_empty())
            .collect()
    }

    /// Contact stands, and is an address that requests can be sent to.
    pub fn has_sip_contact(&self) -> bool {
        self.value("Contact").is_some_and(|value| {
            let first = text::split_outside(value, ',')[0];
            text::host_of(NameAddr::read(first).uri).is_some()
        })
    }

    /// Max-Forwards has run out.
    pub fn has_no_hops_left(&self) -> bool {
        self.value("Max-Forwards").map(str::trim) == Some("0")
    }
}

fn read_headers<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Vec<(&'a str, Cow<'a, str>)>> {
    let mut headers: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(16);
    for line in lines {
        if headers.len() >= MAX_LINES {
            return None;
        }
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                let value = value.to_mut();
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((long_name(name.trim()), Cow::Borrowed(value.trim())));
        }
    }
    Some(headers)
}

/// The long form of a compact header name (RFC 3261 §7.3.3) as far as we read it.
fn long_name(name: &str) -> &str {
    match name {
        "v" | "V" => "Via",
        "f" | "F" => "From",
        "t" | "T" => "To",
        "i" | "I" => "Call-ID",
        "m" | "M" => "Contact",
        "l" | "L" => "Content-Length",
        "c" | "C" => "Content-Type",
        other => other,
    }
}

/// One Via value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Via<'a> {
    /// The whole value.
    pub value: &'a str,
    /// The host of `sent-by`.
    pub host: &'a str,
    /// The port of `sent-by`.
    pub port: Option<u16>,
    /// The branch; empty without one.
    pub branch: &'a str,
    /// Whether the peer asks for the source port (RFC 3581).
    pub wants_rport: bool,
}

impl<'a> Via<'a> {
    fn read(value: &'a str) -> Option<Self> {
        let before_parameters = value.split(';').next()?;
        // "SIP / 2.0 / UDP host:port": spaces are allowed around the slashes.
        let (_, transport_and_host) = before_parameters.rsplit_once('/')?;
        let (_, sent_by) = transport_and_host.trim().split_once([' ', '\t'])?;
        let (host, port) = text::host_and_port(sent_by)?;
        Some(Self {
            value,
            host,
            port,
            branch: text::parameter(value, "branch").unwrap_or_default(),
            wants_rport: text::parameter(value, "rport").is_some(),
        })
    }

    /// Where a response goes: the source address, at the source port if the peer
    /// asked for that (RFC 3581 §4), else at the port of `sent-by` (RFC 3261
    /// §18.2.2).
    pub fn reply_address(&self, source: SocketAddr) -> SocketAddr {
        if self.wants_rport {
            source
        } else {
            SocketAddr::new(source.ip(), self.port.unwrap_or(5_060))
        }
    }
}

/// What makes a new INVITE one call, however often and by whatever ways it
/// arrives (RFC 3261 §8.2.2.2).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct CallKey {
    call_id: String,
    from_tag: String,
    cseq: u32,
}

impl CallKey {
    /// Reads it from header values; none without a From tag.
    pub fn read(call_id: &str, from: &str, cseq: u32) -> Option<Self> {
        Some(Self {
            call_id: call_id.trim().to_owned(),
            from_tag: text::tag(from)?.to_owned(),
            cseq,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const INVITE: &[u8] = b"INVITE sip:1@h SIP/2.0\r\nv: SIP / 2.0 / UDP [::1]:5070 ;branch=z9hG4bK7;rport, SIP/2.0/UDP b\r\n\
        f: \"A\" <sip:7@h>\r\n ;tag=ft\r\nt: <sip:1@h>\r\ni: c1\r\nCSeq: 5 INVITE\r\nRequire: 100rel, timer\r\nMax-Forwards: 0\r\nl: 9\r\n\r\nv=0";

    #[test]
    fn compact_names_and_folded_lines_are_understood() {
        let head = Head::read(INVITE).expect("a request");
        assert_eq!(head.method, "INVITE");
        assert_eq!(head.call_key(), CallKey::read("c1", "x;tag=ft", 5));
        assert_eq!(head.to_tag(), None);
        assert_eq!(head.required(), ["100rel", "timer"]);
        assert!(head.has_no_hops_left() && head.is_body_cut());
        let via = head.via().expect("a Via");
        assert_eq!(
            (via.host, via.port, via.branch),
            ("::1", Some(5070), "z9hG4bK7")
        );
    }

    #[test]
    fn a_reply_goes_to_the_source_port_only_when_asked_to() {
        let source: SocketAddr = "192.0.2.1:1234".parse().expect("an address");
        let asked = Via::read("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z").expect("a Via");
        assert_eq!(asked.reply_address(source), source);
        let not_asked = Via::read("SIP/2.0/UDP 10.0.0.1:5070;branch=z").expect("a Via");
        assert_eq!(
            not_asked.reply_address(source).to_string(),
            "192.0.2.1:5070"
        );
        let no_port = Via::read("SIP/2.0/UDP h").expect("a Via");
        assert_eq!(no_port.reply_address(source).to_string(), "192.0.2.1:5060");
    }

    proptest! {
        #[test]
        fn no_head_makes_the_reader_panic(head in "[A-Za-z0-9:;,=<>\"/ \\\\\r\n\t.@?\\[\\]-]{0,200}") {
            let message = format!("INVITE sip:1@h SIP/2.0\r\nVia: {head}\r\nFrom: {head}\r\nTo: {head}\r\nCSeq: {head}\r\n\r\n");
            if let Some(head) = Head::read(message.as_bytes()) {
                let _ = (head.via(), head.call_key(), head.to_tag(), head.required(), head.is_body_cut());
            }
        }
    }
}
