//! Calls over TCP, and connections that do not behave.

use crate::garbage::Dice;
use crate::support::{
    Bench, Message, PATIENCE, Peer, Request, media, outgoing, settings, wait_until_empty,
};
use sip_trunk::{LegEnd, LegId, TcpSettings, Trunk, TrunkEvent, TrunkSettings};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

fn with_tcp(tcp: TcpSettings) -> TrunkSettings {
    let mut settings = settings();
    settings.tcp = Some(tcp);
    settings
}

/// One end of a connection that speaks text.
struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    async fn to(trunk: &Trunk) -> Self {
        let stream = TcpStream::connect(trunk.local_address()).await;
        Self::over(stream.expect("a connection"))
    }

    fn over(stream: TcpStream) -> Self {
        let read = Vec::new();
        Self { stream, read }
    }

    async fn send(&mut self, text: impl AsRef<[u8]>) {
        let sent = self.stream.write_all(text.as_ref()).await;
        sent.expect("bytes sent");
    }

    /// The next message that begins so; others are passed over.
    async fn expect(&mut self, start: &str) -> Message {
        loop {
            let message = timeout(PATIENCE, self.next()).await;
            let message = message.expect("a message in time").expect("a message");
            if message.0.starts_with(start) {
                return message;
            }
        }
    }

    async fn next(&mut self) -> Option<Message> {
        loop {
            let text = String::from_utf8(self.read.clone()).expect("UTF-8");
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = Message(format!("{head}\r\n\r\n"))
                    .header("Content-Length")
                    .parse::<usize>();
                let whole = head.len() + 4 + length.expect("a length");
                if whole <= head.len() + 4 + body.len() {
                    self.read.drain(..whole);
                    return Some(Message(text[..whole].to_owned()));
                }
            }
            if self.stream.read_buf(&mut self.read).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// Two line ends are answered with one.
    async fn expect_pong(&mut self) {
        let pong = timeout(PATIENCE, async {
            while self.read.len() < 2 {
                let read = self.stream.read_buf(&mut self.read).await;
                assert_ne!(read.expect("bytes"), 0, "closed");
            }
        });
        pong.await.expect("a pong in time");
        assert_eq!(self.read.drain(..).as_slice(), b"\r\n");
    }

    /// Whether the trunk closes it, whatever it says before.
    async fn is_drained(&mut self) -> bool {
        let mut bytes = [0; 4_096];
        let drained = timeout(PATIENCE, async {
            while self
                .stream
                .read(&mut bytes)
                .await
                .is_ok_and(|length| length > 0)
            {}
        });
        drained.await.is_ok()
    }

    /// Whether the trunk closes it, perhaps after some messages.
    async fn is_closed(&mut self) -> bool {
        let closed = timeout(PATIENCE, async { while self.next().await.is_some() {} });
        closed.await.is_ok()
    }
}

/// A request as it stands on a connection from `contact`.
fn over_tcp(request: &Request, contact: SocketAddr) -> String {
    let text = request.text().replace("SIP/2.0/UDP", "SIP/2.0/TCP");
    let (before, after) = text.split_once("Contact: ").expect("a Contact");
    let (_, rest) = after.split_once("\r\n").expect("a line end");
    format!("{before}Contact: <sip:caller@{contact};transport=tcp>\r\n{rest}")
}

/// A call that came over a connection, and stands.
async fn establish(bench: &mut Bench, line: &mut Line, contact: SocketAddr) -> (LegId, String) {
    let peer = Peer::new(bench).await;
    line.send(over_tcp(&peer.invite("c1"), contact)).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    let ok = line.expect("SIP/2.0 200").await;
    let own = bench.trunk.local_address();
    assert_eq!(
        ok.header("Contact"),
        format!("<sip:bellhop@{own};transport=tcp>")
    );
    let tag = ok.to_tag();
    let ack = peer.request("ACK", "c1", 1).tag(&tag);
    line.send(over_tcp(&ack, contact)).await;
    assert!(matches!(bench.event().await, TrunkEvent::Acked { .. }));
    (call.leg, tag)
}

#[tokio::test]
async fn a_call_over_tcp_is_answered_and_ended_on_its_connection() {
    let mut bench = Bench::start(with_tcp(TcpSettings::default())).await;
    let mut line = Line::to(&bench.trunk).await;
    // A contact that nobody listens at: only the connection leads there.
    let contact = line.stream.local_addr().expect("an address");
    let (leg, _) = establish(&mut bench, &mut line, contact).await;
    bench.trunk.hang_up(leg, "done").expect("a hang-up");
    let bye = line.expect("BYE ").await;
    let via = bye.header("Via");
    let own = bench.trunk.local_address();
    let expected = format!("SIP/2.0/TCP {own};branch=z9hG4bK");
    assert!(
        via.starts_with(&expected) && via.ends_with(";alias"),
        "{via}"
    );
    let peer = Peer::new(&bench).await;
    line.send(peer.in_dialog_response(&bye, "200 OK").body("").text())
        .await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn a_caller_over_tcp_may_hang_up_by_another_connection() {
    let mut bench = Bench::start(with_tcp(TcpSettings::default())).await;
    let mut line = Line::to(&bench.trunk).await;
    let contact = line.stream.local_addr().expect("an address");
    let (leg, tag) = establish(&mut bench, &mut line, contact).await;
    drop(line);
    let mut other = Line::to(&bench.trunk).await;
    let bye = Peer::new(&bench).await.request("BYE", "c1", 2).tag(&tag);
    // In two pieces, as a network may cut it.
    let bye = over_tcp(&bye, contact);
    let (first, second) = bye.split_at(40);
    other.send(first).await;
    other.send(second).await;
    other.expect("SIP/2.0 200").await;
    assert_eq!(bench.ended(leg).await, LegEnd::ByCaller);
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_connection_that_is_gone_is_opened_anew_where_the_peer_listens() {
    let mut bench = Bench::start(with_tcp(TcpSettings::default())).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let contact = listener.local_addr().expect("an address");
    let mut line = Line::to(&bench.trunk).await;
    let (leg, _) = establish(&mut bench, &mut line, contact).await;
    drop(line);
    until_counted(&bench, "connections_closed", 1).await;
    bench.trunk.hang_up(leg, "done").expect("a hang-up");
    let (stream, _) = listener.accept().await.expect("a connection");
    let bye = Line::over(stream).expect("BYE ").await;
    assert!(
        bye.0
            .starts_with(&format!("BYE sip:caller@{contact};transport=tcp "))
    );
}

async fn until_counted(bench: &Bench, name: &str, expected: u64) {
    let counted = || {
        let counts = bench.trunk.counts();
        counts
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, count)| *count)
    };
    let waited = timeout(PATIENCE, async {
        let mut tick = tokio::time::interval(Duration::from_millis(1));
        while counted() != Some(expected) {
            tick.tick().await;
        }
    });
    assert!(waited.await.is_ok(), "{name}: {:?}", counted());
}

#[tokio::test]
async fn a_phone_is_called_over_tcp_and_hangs_up_on_the_same_connection() {
    let mut elsewhere = with_tcp(TcpSettings::default());
    elsewhere.trunks[0].allow = vec!["192.0.2.1".parse().expect("a network")];
    let mut bench = Bench::start(elsewhere).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    let peer = Peer::new(&bench).await;
    let mut call = outgoing(&peer);
    call.target = format!("sip:agent@{address};transport=tcp");
    let leg = bench.trunk.call(call).expect("a call");
    let (stream, _) = listener.accept().await.expect("a connection");
    let mut line = Line::over(stream);
    let invite = line.expect("INVITE ").await;
    assert!(invite.header("Contact").ends_with(";transport=tcp>"));
    let ok = peer.response(&invite, "agent", "200 OK").text();
    let contact = format!("sip:agent@{}", peer.address);
    line.send(ok.replace(&contact, &format!("sip:agent@{address};transport=tcp")))
        .await;
    line.expect("ACK ").await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Established { .. }
    ));
    // A phone that we talk to may connect, although it is on no allow-list.
    let mut other = Line::to(&bench.trunk).await;
    other.send(over_tcp(&peer.invite("own"), address)).await;
    other.expect("SIP/2.0 403").await;
    let bye = peer.request_in(&invite, "agent", "BYE", 1);
    line.send(over_tcp(&bye, address)).await;
    line.expect("SIP/2.0 200").await;
    assert_eq!(bench.ended(leg).await, LegEnd::ByCaller);
    wait_until_empty(&bench.trunk).await;
    assert!(
        Line::to(&bench.trunk).await.is_closed().await,
        "a stranger again"
    );
}

#[tokio::test]
async fn a_phone_that_takes_no_connection_is_unavailable() {
    let mut bench = Bench::start(with_tcp(TcpSettings::default())).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let mut call = outgoing(&Peer::new(&bench).await);
    call.target = format!("sip:agent@{address};transport=tcp");
    let leg = bench.trunk.call(call).expect("a call");
    assert_eq!(bench.ended(leg).await, LegEnd::Refused { status: 503 });
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn what_needs_no_state_is_answered_on_the_connection() {
    let bench = Bench::start(with_tcp(TcpSettings::default())).await;
    let peer = Peer::new(&bench).await;
    let mut line = Line::to(&bench.trunk).await;
    let contact = line.stream.local_addr().expect("an address");
    let options = over_tcp(&peer.request("OPTIONS", "o1", 1), contact);
    let register = over_tcp(&peer.request("REGISTER", "r1", 1), contact);
    line.send(format!("{options}{register}\r\n\r\n")).await;
    line.expect("SIP/2.0 200").await;
    line.expect("SIP/2.0 405").await;
    line.expect_pong().await;
}

#[tokio::test]
async fn what_is_no_sip_closes_its_own_connection_only() {
    let bench = Bench::start(with_tcp(TcpSettings::default())).await;
    let peer = Peer::new(&bench).await;
    let mut good = Line::to(&bench.trunk).await;
    let contact = good.stream.local_addr().expect("an address");
    let huge = format!("OPTIONS sip:a@h SIP/2.0\r\nX: {}", "x".repeat(9_000));
    for garbage in [
        "\u{16}\u{3}\u{1}",
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "OPTIONS sip:a@h SIP/2.0\r\nContent-Length: 60000\r\n\r\n",
        &huge,
    ] {
        let mut bad = Line::to(&bench.trunk).await;
        // The trunk may close while this is still being sent.
        bad.stream.write_all(garbage.as_bytes()).await.ok();
        assert!(bad.is_closed().await, "{garbage:.20}");
    }
    until_counted(&bench, "connections_broken", 4).await;
    let options = peer.request("OPTIONS", "o1", 1);
    good.send(over_tcp(&options, contact)).await;
    good.expect("SIP/2.0 200").await;
}

#[tokio::test]
async fn twisted_streams_do_not_hurt_the_next_call() {
    let mut patient = with_tcp(TcpSettings::default());
    patient.requests_per_second = 1_000_000;
    patient.invites_per_second = 1_000_000;
    let mut bench = Bench::start(patient).await;
    let peer = Peer::new(&bench).await;
    let contact = peer.address;
    let plain = [
        peer.invite("twisted"),
        peer.request("ACK", "twisted", 1).tag("x"),
        peer.request("BYE", "twisted", 2).tag("x"),
        peer.request("OPTIONS", "o1", 1),
    ]
    .map(|request| over_tcp(&request, contact));
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    for _ in 0..300 {
        let mut line = Line::to(&bench.trunk).await;
        for _ in 0..5 {
            let message = &plain[dice.roll(plain.len())];
            // The trunk may have closed it after an earlier one.
            line.stream.write_all(&dice.twist(message)).await.ok();
        }
        line.stream.shutdown().await.ok();
        assert!(line.is_drained().await);
        while let Ok(event) = bench.events.try_recv() {
            assert!(!matches!(event, TrunkEvent::Failed { .. }), "{event:?}");
        }
    }
    let mut line = Line::to(&bench.trunk).await;
    line.send(over_tcp(&peer.invite("after"), contact)).await;
    loop {
        match bench.event().await {
            TrunkEvent::Incoming(call) if call.sip_call_id == "after" => break,
            TrunkEvent::Failed { what } => panic!("{what}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn half_a_message_is_waited_for_only_so_long() {
    let bench = Bench::start(with_tcp(TcpSettings {
        message_max: Duration::from_millis(200),
        ..TcpSettings::default()
    }))
    .await;
    let mut line = Line::to(&bench.trunk).await;
    line.send("OPTIONS sip:a@h SIP/2.0\r\n").await;
    // A byte now and then does not help.
    let dribble = timeout(PATIENCE, async {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        while line.stream.write_all(b"x").await.is_ok() {
            tick.tick().await;
        }
    });
    assert!(dribble.await.is_ok());
    until_counted(&bench, "connections_broken", 1).await;
}

#[tokio::test]
async fn a_connection_on_which_nothing_comes_is_closed() {
    let bench = Bench::start(with_tcp(TcpSettings {
        idle_max: Duration::from_millis(50),
        ..TcpSettings::default()
    }))
    .await;
    assert!(Line::to(&bench.trunk).await.is_closed().await);
    until_counted(&bench, "connections_closed", 1).await;
    until_counted(&bench, "connections_broken", 0).await;
}

#[tokio::test]
async fn connections_above_the_limits_and_of_strangers_are_closed_at_once() {
    let bench = Bench::start(with_tcp(TcpSettings {
        connections_of_one_address_max: 2,
        ..TcpSettings::default()
    }))
    .await;
    let first = Line::to(&bench.trunk).await;
    let _second = Line::to(&bench.trunk).await;
    assert!(Line::to(&bench.trunk).await.is_closed().await);
    drop(first);
    until_counted(&bench, "connections_closed", 1).await;
    let mut third = Line::to(&bench.trunk).await;
    third.send("\r\n\r\n").await;
    third.expect_pong().await;

    let mut closed = with_tcp(TcpSettings::default());
    closed.trunks.clear();
    let bench = Bench::start(closed).await;
    assert!(Line::to(&bench.trunk).await.is_closed().await);
    until_counted(&bench, "connections_refused", 1).await;
}

#[tokio::test]
async fn a_peer_that_never_reads_is_closed_and_hurts_nobody() {
    let mut patient = with_tcp(TcpSettings {
        message_max: Duration::from_millis(200),
        ..TcpSettings::default()
    });
    patient.requests_per_second = 1_000_000;
    let mut bench = Bench::start(patient).await;
    let peer = Peer::new(&bench).await;
    let mut deaf = Line::to(&bench.trunk).await;
    let contact = deaf.stream.local_addr().expect("an address");
    let options = over_tcp(&peer.request("OPTIONS", "o1", 1), contact).repeat(100);
    let flood = timeout(PATIENCE, async {
        while deaf.stream.write_all(options.as_bytes()).await.is_ok() {}
    });
    assert!(flood.await.is_ok());
    let (call, tag) = peer.establish(&mut bench, "c2").await;
    peer.send(peer.request("BYE", "c2", 2).tag(&tag).text())
        .await;
    assert_eq!(bench.ended(call.leg).await, LegEnd::ByCaller);
}
