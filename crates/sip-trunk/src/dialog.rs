//! A dialog as we keep it (RFC 3261 §12), begun by the peer or by us, and the
//! messages made from it. It holds the caller's number, so it cannot be formatted.

use crate::gate::ALLOWED_METHODS;
use crate::path::{self, NextHop, Path};
use crate::text::{self, NameAddr};
use rsipstack::sip::{
    Domain, Header, Headers, HeadersExt, HostWithPort, Method, Param, Request, Response,
    StatusCode, Uri, Version,
};
use rsipstack::transaction::{endpoint::EndpointInner, random_text};
use std::net::SocketAddr;

/// What makes a dialog one dialog, seen from our side.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct DialogKey {
    call_id: String,
    local_tag: String,
    remote_tag: String,
}

impl DialogKey {
    /// The dialog a request belongs to; none for one that stands outside.
    pub fn of(request: &Request) -> Option<Self> {
        Self::read(
            request.call_id_header().ok()?.value(),
            request.from_header().ok()?.value(),
            request.to_header().ok()?.value(),
        )
    }

    /// The dialog that these header values of a request name.
    pub fn read(call_id: &str, from: &str, to: &str) -> Option<Self> {
        Some(Self {
            call_id: call_id.trim().to_owned(),
            local_tag: text::tag(to)?.to_owned(),
            remote_tag: text::tag(from)?.to_owned(),
        })
    }
}

/// Everything that requests and responses inside a dialog are made of.
#[derive(Clone)]
pub(crate) struct Dialog {
    key: DialogKey,
    /// Our From in requests, with our tag.
    local: String,
    /// Our To in requests; without a tag until the called side answered.
    remote: String,
    /// The way to the peer, nearest first: the recorded routes as the side that
    /// we are must follow them.
    routes: Vec<String>,
    /// Where the peer wants requests (its Contact; before its answer, the address
    /// that was called).
    target: String,
    path: Path,
    /// We began it: its Call-ID is ours.
    is_ours: bool,
    local_cseq: u32,
    remote_cseq: u32,
}

impl Dialog {
    /// The dialog an INVITE begins; none when a header it needs is missing.
    pub fn begin(invite: &Request, path: Path) -> Option<Self> {
        let tag = random_text(16);
        let from = invite.from_header().ok()?.value().to_owned();
        let to = invite.to_header().ok()?.value();
        Some(Self {
            key: DialogKey {
                call_id: invite.call_id_header().ok()?.value().trim().to_owned(),
                local_tag: tag.clone(),
                remote_tag: text::tag(&from)?.to_owned(),
            },
            local: format!("{to};tag={tag}"),
            remote: from,
            routes: record_routes(&invite.headers),
            target: contact_uri(&invite.headers)?,
            path,
            is_ours: false,
            local_cseq: 0,
            remote_cseq: invite.cseq_header().ok()?.seq().ok()?,
        })
    }

    /// A dialog that an INVITE of ours will begin: `from` is our From without a
    /// tag, `target` the URI to call.
    pub fn call(from: &str, target: &str, path: Path) -> Self {
        let tag = random_text(16);
        Self {
            local: format!("{from};tag={tag}"),
            key: DialogKey {
                call_id: random_text(24),
                local_tag: tag,
                remote_tag: String::new(),
            },
            remote: format!("<{target}>"),
            routes: Vec::new(),
            target: target.to_owned(),
            path,
            is_ours: true,
            local_cseq: 0,
            remote_cseq: 0,
        }
    }

    /// The dialog that this 2xx to our INVITE makes (RFC 3261 §12.1.2); none when
    /// it names no tag. A call that forks makes one for each side that answers.
    pub fn answered_by(&self, response: &Response) -> Option<Self> {
        let remote = response.to_header().ok()?.value().to_owned();
        let mut routes = record_routes(&response.headers);
        routes.reverse();
        let mut answered = self.clone();
        answered.key.remote_tag = text::tag(&remote)?.to_owned();
        answered.remote = remote;
        answered.routes = routes;
        if let Some(target) = contact_uri(&response.headers) {
            answered.target = target;
        }
        Some(answered)
    }

    /// What names it.
    pub fn key(&self) -> &DialogKey {
        &self.key
    }

    /// The peer's tag; empty before it answered.
    pub fn remote_tag(&self) -> &str {
        &self.key.remote_tag
    }

    /// Whether we began it.
    pub fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// The Request-URI of our next request.
    pub fn next_uri(&self) -> String {
        self.way().uri
    }

    /// How its messages travel.
    pub fn path(&self) -> Path {
        self.path
    }

    /// Our own address as this peer must see it.
    pub fn own_address(&self) -> SocketAddr {
        self.path.own
    }

    /// The number of our last request; 0 before the first.
    pub fn last_number(&self) -> u32 {
        self.local_cseq
    }

    /// Takes note of a request's number; false when it is out of order (RFC 3261
    /// §12.2.2).
    pub fn takes(&mut self, request: &Request) -> bool {
        let Some(number) = request.cseq_header().ok().and_then(|cseq| cseq.seq().ok()) else {
            return false;
        };
        if number < self.remote_cseq {
            return false;
        }
        self.remote_cseq = number;
        true
    }

    /// A target refresh: the peer may have moved (RFC 3261 §12.2.1.2, §12.2.2).
    pub fn refresh_target(&mut self, headers: &Headers) {
        if let Some(target) = contact_uri(headers) {
            self.target = target;
        }
    }

    /// A response to a request of this dialog. Contact and Record-Route stand
    /// where a dialog is made or refreshed (RFC 3261 §12.1.1).
    pub fn response(&self, endpoint: &EndpointInner, request: &Request, reply: Reply) -> Response {
        let status = StatusCode::from(reply.status);
        let mut response = endpoint.make_response(request, status, Some(reply.body));
        for header in response.headers.iter_mut() {
            if let Header::To(to) = header
                && text::tag(to.value()).is_none()
            {
                *header = Header::To(self.local.as_str().into());
            }
        }
        if matches!(request.method, Method::Invite | Method::Update) && reply.status < 300 {
            let routes = request
                .headers
                .iter()
                .filter(|h| matches!(h, Header::RecordRoute(_)));
            response.headers.extend(routes.cloned().collect());
            response
                .headers
                .push(Header::Contact(self.contact().into()));
            response.headers.push(Header::Allow(ALLOWED_METHODS.into()));
        }
        response.headers.extend(reply.headers);
        response
    }

    /// A new request inside this dialog, and where it goes (RFC 3261 §12.2.1.1).
    pub fn request(
        &mut self,
        method: Method,
        user_agent: &str,
        headers: Vec<Header>,
    ) -> Option<(Request, NextHop)> {
        self.local_cseq += 1;
        self.numbered(self.local_cseq, method, user_agent, headers)
    }

    /// The ACK of the 2xx to our INVITE of this number, and where it goes: a
    /// request of the dialog with the INVITE's credentials (RFC 3261 §13.2.2.4).
    pub fn ack(&self, invite: &Request, user_agent: &str) -> Option<(Request, NextHop)> {
        let number = invite.cseq_header().ok()?.seq().ok()?;
        let credentials = invite.headers.iter().filter(|header| {
            matches!(
                header,
                Header::Authorization(_) | Header::ProxyAuthorization(_)
            )
        });
        let credentials = credentials.cloned().collect();
        self.numbered(number, Method::Ack, user_agent, credentials)
    }

    fn numbered(
        &self,
        number: u32,
        method: Method,
        user_agent: &str,
        headers: Vec<Header>,
    ) -> Option<(Request, NextHop)> {
        let Way { uri, routes, next } = self.way();
        let next = path::next_hop(&next, &self.path)?;
        let mut all = vec![
            Header::Via(path::via(&next, self.path.own).into()),
            Header::MaxForwards(70.into()),
            Header::From(self.local.as_str().into()),
            Header::To(self.remote.as_str().into()),
            Header::CallId(self.key.call_id.as_str().into()),
            Header::CSeq(format!("{number} {method}").into()),
            Header::UserAgent(user_agent.into()),
        ];
        if method != Method::Ack && method != Method::Bye {
            all.push(Header::Contact(self.contact().into()));
        }
        all.extend(
            routes
                .iter()
                .map(|uri| Header::Route(format!("<{uri}>").into())),
        );
        all.extend(headers);
        let request = Request {
            method,
            uri: verbatim(&uri),
            version: Version::V2,
            headers: Headers(all),
            body: Vec::new(),
        };
        Some((request, next))
    }

    fn contact(&self) -> String {
        let transport = if self.path.flow.is_some() {
            ";transport=tcp"
        } else {
            ""
        };
        format!("<sip:bellhop@{}{transport}>", self.path.own)
    }

    /// The way to the peer; a first route that is a strict router takes the
    /// Request-URI's place.
    fn way(&self) -> Way {
        let mut routes: Vec<String> = self
            .routes
            .iter()
            .map(|route| NameAddr::read(route).uri.to_owned())
            .collect();
        match routes.first() {
            Some(first) if is_loose(first) => Way {
                uri: self.target.clone(),
                next: first.clone(),
                routes,
            },
            Some(_) => {
                let strict = routes.remove(0);
                routes.push(self.target.clone());
                Way {
                    uri: strict.clone(),
                    next: strict,
                    routes,
                }
            }
            None => Way {
                uri: self.target.clone(),
                next: self.target.clone(),
                routes,
            },
        }
    }
}

/// How a request gets to the peer: Request-URI, Route headers and the next hop.
struct Way {
    uri: String,
    routes: Vec<String>,
    next: String,
}

/// What a response says beyond what it mirrors.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The status.
    pub status: u16,
    /// Its own headers.
    pub headers: Vec<Header>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A bare status.
    pub fn bare(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A 200 with a session description.
    pub fn with_sdp(sdp: String) -> Self {
        Self {
            status: 200,
            headers: vec![Header::ContentType("application/sdp".into())],
            body: sdp.into_bytes(),
        }
    }

    /// The same with one more header.
    pub fn and(mut self, header: Header) -> Self {
        self.headers.push(header);
        self
    }
}

fn record_routes(headers: &Headers) -> Vec<String> {
    let values = headers.iter().filter_map(|header| match header {
        Header::RecordRoute(route) => Some(route.value()),
        _ => None,
    });
    values
        .flat_map(|value| text::split_outside(value, ','))
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect()
}

fn contact_uri(headers: &Headers) -> Option<String> {
    let value = headers.iter().find_map(|header| match header {
        Header::Contact(contact) => Some(contact.value()),
        _ => None,
    })?;
    let first = text::split_outside(value, ',')[0];
    let uri = NameAddr::read(first).uri;
    text::host_of(uri).map(|_| uri.to_owned())
}

fn is_loose(uri: &str) -> bool {
    uri.split(';').skip(1).any(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("lr")
    })
}

/// A URI that is written as it was read: the library's own form would encode its
/// percent signs once more and cannot hold parameters of the user part.
fn verbatim(uri: &str) -> Uri {
    Uri {
        scheme: None,
        auth: None,
        host_with_port: HostWithPort::from(Domain(uri.to_owned())),
        params: Vec::<Param>::new(),
        headers: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsipstack::sip::SipMessage;

    fn invite(extra: &str) -> Request {
        let text = format!(
            "INVITE sip:100@bellhop SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\n\
             From: <sip:200@peer>;tag=f\r\nTo: \"B; tag=no\" <sip:100@bellhop>\r\nCall-ID: c1\r\n\
             CSeq: 8 INVITE\r\nContact: <sip:%2B49;x=1@10.0.0.9:5071>\r\n{extra}Content-Length: 0\r\n\r\n"
        );
        match SipMessage::try_from(text.as_bytes()) {
            Ok(SipMessage::Request(request)) => request,
            other => panic!("an INVITE was expected: {other:?}"),
        }
    }

    fn bye(dialog: &mut Dialog) -> (String, String) {
        let (request, destination) = dialog
            .request(Method::Bye, "Bellhop", Vec::new())
            .expect("a request");
        (request.to_string(), destination.to.to_string())
    }

    fn begin(extra: &str) -> Dialog {
        begin_by(extra, None)
    }

    fn begin_by(extra: &str, flow: Option<SocketAddr>) -> Dialog {
        let path = Path {
            own: "203.0.113.5:5060".parse().expect("an address"),
            flow,
            has_tcp: true,
        };
        Dialog::begin(&invite(extra), path).expect("a dialog")
    }

    #[test]
    fn a_request_goes_to_the_contact_as_it_was_written() {
        let mut dialog = begin("");
        let (text, destination) = bye(&mut dialog);
        assert!(
            text.starts_with("BYE sip:%2B49;x=1@10.0.0.9:5071 SIP/2.0\r\n"),
            "{text}"
        );
        assert_eq!(destination, "UDP 10.0.0.9:5071");
        assert!(text.contains("To: <sip:200@peer>;tag=f\r\n"));
        assert!(text.contains("CSeq: 1 BYE\r\n"));
        assert!(bye(&mut dialog).0.contains("CSeq: 2 BYE\r\n"));
    }

    #[test]
    fn recorded_routes_are_followed_in_order() {
        let mut dialog = begin("Record-Route: <sip:a.example;lr>, <sip:10.0.0.2:5062;lr>\r\n");
        let (text, destination) = bye(&mut dialog);
        let a = text
            .find("Route: <sip:a.example;lr>\r\n")
            .expect("the first route");
        let b = text
            .find("Route: <sip:10.0.0.2:5062;lr>\r\n")
            .expect("the second route");
        assert!(a < b && text.starts_with("BYE sip:%2B49"));
        assert_eq!(destination, "UDP a.example:5060");
    }

    #[test]
    fn a_strict_router_is_given_the_request_line() {
        let mut dialog = begin("Record-Route: <sip:10.0.0.2>\r\n");
        let (text, destination) = bye(&mut dialog);
        assert!(text.starts_with("BYE sip:10.0.0.2 SIP/2.0\r\n"), "{text}");
        assert!(text.contains("Route: <sip:%2B49;x=1@10.0.0.9:5071>\r\n"));
        assert_eq!(destination, "UDP 10.0.0.2:5060");
    }

    #[test]
    fn a_request_goes_the_way_the_dialog_came_unless_the_peer_says_otherwise() {
        let flow = "10.0.0.9:40000".parse().ok();
        let (text, destination) = bye(&mut begin_by("", flow));
        assert_eq!(destination, "TCP 10.0.0.9:5071");
        assert!(text.contains("Via: SIP/2.0/TCP 203.0.113.5:5060;branch=z9hG4bK"));
        assert!(text.contains(";alias\r\n"), "{text}");
        let by_udp = "Record-Route: <sip:10.0.0.2;transport=UDP;lr>\r\n";
        assert_eq!(bye(&mut begin_by(by_udp, flow)).1, "UDP 10.0.0.2:5060");
        let by_tcp = "Record-Route: <sip:10.0.0.2;transport=tcp;lr>\r\n";
        let mut dialog = begin_by(by_tcp, None);
        assert_eq!(bye(&mut dialog).1, "TCP 10.0.0.2:5060");
        dialog.path.has_tcp = false;
        assert_eq!(bye(&mut dialog).1, "UDP 10.0.0.2:5060");
    }

    #[test]
    fn an_old_request_is_not_taken() {
        let mut dialog = begin("");
        let mut request = invite("");
        request.headers.unique_push(Header::CSeq("7 BYE".into()));
        assert!(!dialog.takes(&request));
        request.headers.unique_push(Header::CSeq("9 BYE".into()));
        assert!(dialog.takes(&request) && dialog.takes(&request));
    }
}
