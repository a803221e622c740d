//! Answers that leave nothing behind: a stateless server's (RFC 3261 §8.2.7).

use super::head::Head;
use crate::text;
use std::collections::hash_map::RandomState;
use std::fmt::Write;
use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::time::Duration;

/// The methods we serve, as an Allow header lists them.
pub(crate) const ALLOWED_METHODS: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, NOTIFY, INFO";

/// An answer to a request that was given no state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    /// The status.
    pub status: u16,
    /// The phrase of the status line.
    pub phrase: &'static str,
    /// What is wrong and what would help, for a Warning header.
    pub warning: Option<String>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// The options of an Unsupported header.
    pub unsupported: Vec<String>,
    /// Whether Allow and Accept tell what we can.
    pub tells_abilities: bool,
}

impl Refusal {
    /// A bare status.
    pub fn new(status: u16, phrase: &'static str) -> Self {
        Self {
            status,
            phrase,
            warning: None,
            retry_after: None,
            unsupported: Vec::new(),
            tells_abilities: false,
        }
    }

    /// The same with an explanation.
    pub fn because(mut self, warning: impl Into<String>) -> Self {
        self.warning = Some(warning.into());
        self
    }

    /// The same with a time to try again.
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The same with a list of what we can.
    pub fn with_abilities(mut self) -> Self {
        self.tells_abilities = true;
        self
    }
}

/// The value of a Warning header for a person (RFC 3261 §20.43, code 399).
pub(crate) fn warning_value(text: &str) -> String {
    format!("399 bellhop {}", text::quoted(text))
}

/// Whole seconds for a Retry-After header, at least one.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// Writes refusals.
#[derive(Debug)]
pub(crate) struct Refuser {
    user_agent: String,
    secret: RandomState,
}

impl Refuser {
    /// With the name we go by.
    pub fn new(user_agent: &str) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            secret: RandomState::new(),
        }
    }

    /// The whole response to a request that came from `source`; the same request
    /// gets the same To tag each time.
    pub fn write(&self, refusal: &Refusal, head: &Head<'_>, source: SocketAddr) -> Vec<u8> {
        let mut out = format!("SIP/2.0 {} {}\r\n", refusal.status, refusal.phrase);
        write_vias(&mut out, head, source);
        for name in ["From", "To", "Call-ID", "CSeq"] {
            let value = head.value(name).unwrap_or_default();
            let _ = match name {
                "To" if head.to_tag().is_none() => {
                    write!(out, "To: {value};tag={}\r\n", self.to_tag(head))
                }
                _ => write!(out, "{name}: {value}\r\n"),
            };
        }
        self.write_explanation(&mut out, refusal);
        out.push_str("Content-Length: 0\r\n\r\n");
        out.into_bytes()
    }

    fn write_explanation(&self, out: &mut String, refusal: &Refusal) {
        let _ = write!(out, "Server: {}\r\n", self.user_agent);
        if let Some(warning) = &refusal.warning {
            let _ = write!(out, "Warning: {}\r\n", warning_value(warning));
        }
        if let Some(wait) = refusal.retry_after {
            let _ = write!(out, "Retry-After: {}\r\n", whole_seconds(wait));
        }
        if !refusal.unsupported.is_empty() {
            let _ = write!(out, "Unsupported: {}\r\n", refusal.unsupported.join(", "));
        }
        if refusal.tells_abilities {
            let _ = write!(
                out,
                "Allow: {ALLOWED_METHODS}\r\nAccept: application/sdp\r\nSupported:\r\n"
            );
        }
    }

    fn to_tag(&self, head: &Head<'_>) -> String {
        let branch = head.via().map(|via| via.branch.to_owned());
        let hash = self
            .secret
            .hash_one((head.value("Call-ID"), head.value("From"), branch));
        format!("{hash:016x}")
    }
}

/// Every Via as it came, the topmost with `received` and `rport` (RFC 3581 §4).
fn write_vias(out: &mut String, head: &Head<'_>, source: SocketAddr) {
    for (at, value) in head.values("Via").enumerate() {
        let value = match (at, head.via()) {
            (0, Some(top)) => {
                let rest = &value[value.find(top.value).map_or(0, |at| at + top.value.len())..];
                format!("{}{rest}", received_via(top.value, source))
            }
            _ => value.to_owned(),
        };
        let _ = write!(out, "Via: {value}\r\n");
    }
}

fn received_via(via: &str, source: SocketAddr) -> String {
    let mut out = String::with_capacity(via.len() + 48);
    for (at, piece) in text::split_outside(via, ';').into_iter().enumerate() {
        let name = piece.split('=').next().unwrap_or_default().trim();
        let _ = match at {
            0 => write!(out, "{piece};received={}", source.ip()),
            _ if name.eq_ignore_ascii_case("received") => Ok(()),
            _ if name.eq_ignore_ascii_case("rport") => write!(out, ";rport={}", source.port()),
            _ => write!(out, ";{piece}"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_mirrors_the_request_and_says_why() {
        let request = b"INVITE sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bK1, SIP/2.0/UDP b\r\nVia: SIP/2.0/UDP c\r\n\
            From: <sip:7@h>;tag=f\r\nTo: <sip:1@h>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n\r\n";
        let head = Head::read(request).expect("a request");
        let refuser = Refuser::new("Bellhop");
        let refusal = Refusal::new(503, "Service Unavailable")
            .because("all 5 lines are \"busy\"")
            .after(Duration::from_millis(1_500));
        let source = "192.0.2.1:4000".parse().expect("an address");
        let bytes = refuser.write(&refusal, &head, source);
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let to = text.lines().find(|line| line.starts_with("To:"));
        let tag = text::parameter(to.expect("a To header"), "tag");
        let expected = format!(
            "SIP/2.0 503 Service Unavailable\r\n\
             Via: SIP/2.0/UDP 10.0.0.1;received=192.0.2.1;rport=4000;branch=z9hG4bK1, SIP/2.0/UDP b\r\n\
             Via: SIP/2.0/UDP c\r\nFrom: <sip:7@h>;tag=f\r\nTo: <sip:1@h>;tag={}\r\n\
             Call-ID: c1\r\nCSeq: 1 INVITE\r\nServer: Bellhop\r\n\
             Warning: 399 bellhop \"all 5 lines are \\\"busy\\\"\"\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n",
            tag.expect("a tag")
        );
        assert_eq!(text, expected);
        assert_eq!(refuser.write(&refusal, &head, source), bytes);
    }
}
