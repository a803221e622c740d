//! A SIP peer made of plain text over UDP, so that it can do what no stack would.

use call_model::Private;
use sip_trunk::{
    IncomingCall, LegEnd, LegId, OutgoingCall, SipTiming, Trunk, TrunkEntry, TrunkEvent, TrunkLoad,
    TrunkSettings,
};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A trunk that takes calls from loopback, with quick timers: 64 × T1 = 1.28 s.
pub fn settings() -> TrunkSettings {
    let mut settings = TrunkSettings::new(([127, 0, 0, 1], 0).into());
    settings.trunks = vec![TrunkEntry {
        name: "carrier".to_owned(),
        allow: vec!["127.0.0.0/8".parse().expect("a network")],
        max_calls: 100,
        max_calls_per_second: None,
    }];
    settings.timing = SipTiming {
        t1: Duration::from_millis(20),
        t2: Duration::from_millis(160),
        t4: Duration::from_millis(100),
    };
    settings
}

/// The address our media is said to be at.
pub fn media() -> SocketAddr {
    "127.0.0.1:16384".parse().expect("an address")
}

/// An ordinary offer: PCMA, PCMU and telephone events on 97.
pub const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 8 0 97\r\na=rtpmap:97 telephone-event/8000\r\n";

/// A trunk under test and its events.
pub struct Bench {
    pub trunk: Trunk,
    pub events: Receiver<TrunkEvent>,
}

impl Bench {
    pub async fn start(settings: TrunkSettings) -> Self {
        let (trunk, events) = Trunk::start(settings).await.expect("a trunk");
        Self { trunk, events }
    }

    pub async fn event(&mut self) -> TrunkEvent {
        let event = timeout(PATIENCE, self.events.recv()).await;
        event.expect("an event in time").expect("an event")
    }

    pub async fn incoming(&mut self) -> IncomingCall {
        match self.event().await {
            TrunkEvent::Incoming(call) => *call,
            other => panic!("an incoming call was expected: {other:?}"),
        }
    }
}

impl Bench {
    /// Places a call to a peer.
    pub fn call(&self, peer: &Peer) -> LegId {
        self.trunk.call(outgoing(peer)).expect("a call")
    }

    /// How the leg ended, when it is that one and nothing else is told.
    pub async fn ended(&mut self, leg: LegId) -> LegEnd {
        match self.event().await {
            TrunkEvent::Ended { leg: ended, by } if ended == leg => by,
            other => panic!("the end of {leg} was expected: {other:?}"),
        }
    }

    /// Nothing is told now.
    pub fn assert_quiet(&mut self) {
        let told = self.events.try_recv();
        assert!(told.is_err(), "{told:?}");
    }
}

/// A call to a peer as an agent's phone gets it.
pub fn outgoing(peer: &Peer) -> OutgoingCall {
    outgoing_to(peer.address)
}

/// The same, to any address.
pub fn outgoing_to(phone: SocketAddr) -> OutgoingCall {
    OutgoingCall {
        target: format!("sip:agent@{phone}"),
        caller: Private::new("+4930123".to_owned()),
        display: Private::new("愤怒87·挂失".to_owned()),
        headers: vec![("X-Bellhop-Reason".to_owned(), "anger".to_owned())],
        local_media: media(),
        credentials: None,
        proxy: None,
        ring_max: PATIENCE,
    }
}

/// Waits until nothing of any call is left, in our tables and the library's.
pub async fn wait_until_empty(trunk: &Trunk) {
    let emptied = timeout(PATIENCE, async {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        while trunk.load() != TrunkLoad::default() {
            tick.tick().await;
        }
    });
    if emptied.await.is_err() {
        panic!("something is left: {:?}", trunk.load());
    }
}

/// One end of a call that speaks text.
pub struct Peer {
    socket: UdpSocket,
    trunk: SocketAddr,
    pub address: SocketAddr,
}

impl Peer {
    pub async fn new(bench: &Bench) -> Self {
        Self::to(bench.trunk.local_address()).await
    }

    pub async fn to(trunk: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let address = socket.local_addr().expect("an address");
        Self {
            socket,
            trunk,
            address,
        }
    }

    pub async fn send(&self, message: impl AsRef<[u8]>) {
        let sent = self.socket.send_to(message.as_ref(), self.trunk).await;
        sent.expect("a datagram sent");
    }

    /// The next message, whatever it is.
    pub async fn next(&self) -> Message {
        let mut buffer = vec![0; 65_536];
        let received = timeout(PATIENCE, self.socket.recv_from(&mut buffer)).await;
        let (length, _) = received.expect("a message in time").expect("a message");
        Message(String::from_utf8(buffer[..length].to_vec()).expect("UTF-8"))
    }

    /// The next message whose start line begins so; others are passed over.
    pub async fn expect(&self, start: &str) -> Message {
        loop {
            let message = self.next().await;
            if message.0.starts_with(start) {
                return message;
            }
        }
    }

    /// Whether nothing comes for so long.
    pub async fn is_silent_for(&self, wait: Duration) -> bool {
        let mut buffer = [0; 1];
        timeout(wait, self.socket.recv_from(&mut buffer))
            .await
            .is_err()
    }

    /// A request outside or inside a dialog.
    pub fn request(&self, method: &str, call: &str, cseq: u32) -> Request {
        Request {
            method: method.to_owned(),
            call: call.to_owned(),
            cseq,
            branch: format!("z9hG4bK-{call}-{method}-{cseq}"),
            to_tag: String::new(),
            parties: String::new(),
            address: self.address,
            headers: String::new(),
            body: String::new(),
        }
    }

    pub fn invite(&self, call: &str) -> Request {
        self.request("INVITE", call, 1).body(OFFER)
    }

    /// Answers a request of the trunk's with 200.
    pub async fn accept(&self, request: &Message) {
        self.respond(request, "200 OK").await;
    }

    pub async fn respond(&self, request: &Message, status: &str) {
        let mut response = format!("SIP/2.0 {status}\r\n");
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            response.push_str(&format!("{name}: {}\r\n", request.header(name)));
        }
        self.send(response + "Content-Length: 0\r\n\r\n").await;
    }

    /// Answers an INVITE of the trunk's under a tag of ours; with a session where
    /// the status is a 2xx.
    pub async fn answer(&self, invite: &Message, tag: &str, status: &str) {
        self.send(self.response(invite, tag, status).text()).await;
    }

    /// The same, not sent yet.
    pub fn response(&self, invite: &Message, tag: &str, status: &str) -> Response {
        let to = format!("{};tag={tag}", invite.header("To"));
        self.response_with(invite, &to, status)
    }

    /// A response to a request inside a call, which has its tag.
    pub fn in_dialog_response(&self, request: &Message, status: &str) -> Response {
        self.response_with(request, request.header("To"), status)
    }

    fn response_with(&self, request: &Message, to: &str, status: &str) -> Response {
        let mut headers = String::new();
        for name in ["Via", "From", "Call-ID", "CSeq"] {
            headers.push_str(&format!("{name}: {}\r\n", request.header(name)));
        }
        headers.push_str(&format!(
            "To: {to}\r\nContact: <sip:agent@{}>\r\n",
            self.address
        ));
        let body = if status.starts_with('2') { OFFER } else { "" };
        Response {
            status: status.to_owned(),
            headers,
            body: body.to_owned(),
        }
    }

    /// A request of the side that was called, in the call its INVITE began.
    pub fn request_in(&self, invite: &Message, tag: &str, method: &str, cseq: u32) -> Request {
        let mut request = self.request(method, invite.header("Call-ID"), cseq);
        request.parties = format!(
            "From: {};tag={tag}\r\nTo: {}\r\n",
            invite.header("To"),
            invite.header("From")
        );
        request
    }

    /// Is called and answers; the INVITE, and the ACK.
    pub async fn pick_up(&self, tag: &str) -> (Message, Message) {
        let invite = self.expect("INVITE ").await;
        self.answer(&invite, tag, "200 OK").await;
        let ack = self.expect("ACK ").await;
        (invite, ack)
    }

    /// Places a call and has it answered and acknowledged; the 200's To tag.
    pub async fn establish(&self, bench: &mut Bench, call: &str) -> (IncomingCall, String) {
        self.send(self.invite(call).text()).await;
        let incoming = bench.incoming().await;
        bench
            .trunk
            .answer(incoming.leg, media())
            .expect("an answer");
        let ok = self.expect("SIP/2.0 200").await;
        self.send(self.request("ACK", call, 1).tag(&ok.to_tag()).text())
            .await;
        assert!(matches!(bench.event().await, TrunkEvent::Acked { .. }));
        (incoming, ok.to_tag())
    }
}

/// A request under construction.
#[derive(Clone)]
pub struct Request {
    method: String,
    call: String,
    cseq: u32,
    branch: String,
    to_tag: String,
    /// From and To of a request of the called side; else empty.
    parties: String,
    address: SocketAddr,
    headers: String,
    body: String,
}

/// A response under construction.
pub struct Response {
    status: String,
    headers: String,
    body: String,
}

impl Response {
    pub fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }

    pub fn body(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    pub fn text(&self) -> String {
        let Self {
            status,
            headers,
            body,
        } = self;
        let length = body.len();
        format!("SIP/2.0 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
    }
}

impl Request {
    pub fn tag(mut self, tag: &str) -> Self {
        self.to_tag = format!(";tag={tag}");
        self
    }

    pub fn branch_of(mut self, other: &Self) -> Self {
        self.branch.clone_from(&other.branch);
        self
    }

    pub fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }

    pub fn body(self, body: &str) -> Self {
        self.content("application/sdp", body)
    }

    pub fn content(mut self, kind: &str, body: &str) -> Self {
        self.body = body.to_owned();
        self.header(&format!("Content-Type: {kind}"))
    }

    pub fn text(&self) -> String {
        let Self {
            method,
            call,
            cseq,
            branch,
            to_tag,
            parties,
            address,
            headers,
            body,
        } = self;
        let parties = if parties.is_empty() {
            format!(
                "From: \"Caller\" <sip:+4930123@peer.example>;tag=from-{call}\r\n\
                 To: <sip:100@bellhop.example>{to_tag}\r\n"
            )
        } else {
            parties.clone()
        };
        format!(
            "{method} sip:100@{} SIP/2.0\r\nVia: SIP/2.0/UDP {address};rport;branch={branch}\r\n\
             {parties}Call-ID: {call}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:caller@{address}>\r\nMax-Forwards: 70\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            "bellhop.example",
            body.len()
        )
    }
}

/// A message of the trunk's.
#[derive(Debug)]
pub struct Message(pub String);

impl Message {
    /// The first value of a header; empty without one.
    pub fn header(&self, name: &str) -> &str {
        let head = self.0.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.split("\r\n").skip(1);
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }

    pub fn to_tag(&self) -> String {
        let tag = self.header("To").split(";tag=").nth(1);
        tag.expect("a To tag").to_owned()
    }

    pub fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}
