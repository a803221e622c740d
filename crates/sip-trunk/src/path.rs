//! How messages travel: by UDP or TCP, over which connection, to which address.

use crate::text;
use rsipstack::sip::{HostWithPort, Transport};
use rsipstack::transaction::random_text;
use rsipstack::transport::SipAddr;
use std::net::SocketAddr;

/// How the messages of a dialog travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Path {
    /// Our own address as this peer must see it.
    pub own: SocketAddr,
    /// The far end of the TCP connection that the dialog began on. What names no
    /// transport of its own goes there too, as long as it is open.
    pub flow: Option<SocketAddr>,
    /// Whether we speak TCP at all.
    pub has_tcp: bool,
}

/// Where a request goes next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NextHop {
    /// The address, perhaps with a name for host.
    pub to: SipAddr,
    /// The far end of the connection to use while that is open.
    pub flow: Option<SocketAddr>,
}

/// Where a request to this URI goes. One that names no transport goes the way the
/// dialog came (RFC 3261 §18.1.1), else over UDP.
pub(crate) fn next_hop(uri: &str, path: &Path) -> Option<NextHop> {
    let (host, port) = text::host_of(uri)?;
    let host = host.parse().ok()?;
    let stated = text::uri_parameter(uri, "transport");
    let is_tcp = match stated {
        Some(name) => name.eq_ignore_ascii_case("tcp"),
        None => path.flow.is_some(),
    };
    let is_tcp = is_tcp && path.has_tcp;
    let to = SipAddr {
        r#type: Some(if is_tcp {
            Transport::Tcp
        } else {
            Transport::Udp
        }),
        addr: HostWithPort {
            host,
            port: Some(port.unwrap_or(5_060).into()),
        },
    };
    let flow = path.flow.filter(|_| is_tcp);
    Some(NextHop { to, flow })
}

/// A Via of our own.
pub(crate) fn via(next: &NextHop, own: SocketAddr) -> String {
    let transport = next.to.r#type.unwrap_or(Transport::Udp);
    branched_anew(&format!("SIP/2.0/{transport} {own}"))
}

/// A Via of our own, for one more request on the same way. Over TCP the answers,
/// and requests too, may come back on the connection (RFC 5923 §5).
pub(crate) fn branched_anew(via: &str) -> String {
    let way = via.split(';').next().unwrap_or_default();
    let alias = if way.contains("/TCP ") { ";alias" } else { "" };
    format!("{way};branch=z9hG4bK{};rport{alias}", random_text(20))
}
