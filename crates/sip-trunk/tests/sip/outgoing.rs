//! Calls of our own as the called side lives them.

use crate::support::{Bench, Message, OFFER, PATIENCE, Peer, outgoing, settings, wait_until_empty};
use call_model::{Codec, PayloadMap};
use sip_trunk::{
    AgreedMedia, LegEnd, LegError, LegId, MediaDirection, TransferNews, TrunkEntry, TrunkEvent,
};
use std::time::Duration;

/// What the peer's answer, which is [`OFFER`], agrees to.
fn agreed() -> AgreedMedia {
    AgreedMedia {
        remote: "127.0.0.1:4000".parse().expect("an address"),
        payloads: PayloadMap {
            codec: Codec::Pcma,
            audio: 8,
            telephone_event: Some(97),
        },
        direction: MediaDirection::SendReceive,
    }
}

pub async fn assert_established(bench: &mut Bench, leg: LegId) {
    match bench.event().await {
        TrunkEvent::Established { leg: stands, media } => {
            assert_eq!((stands, media), (leg, agreed()));
        }
        other => panic!("an answer was expected: {other:?}"),
    }
}

/// A call that stands: its leg, its INVITE.
async fn establish(bench: &mut Bench, peer: &Peer) -> (LegId, Message) {
    let leg = bench.call(peer);
    let (invite, _) = peer.pick_up("agent").await;
    assert_established(bench, leg).await;
    (leg, invite)
}

pub fn branch(message: &Message) -> &str {
    let via = message.header("Via").split("branch=").nth(1);
    via.expect("a branch").split(';').next().expect("a branch")
}

#[tokio::test]
async fn a_call_rings_is_answered_and_is_hung_up_by_us() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let invite = peer.expect("INVITE ").await;
    let own = bench.trunk.local_address();
    let start = format!("INVITE sip:agent@{} SIP/2.0\r\n", peer.address);
    assert!(invite.0.starts_with(&start), "{}", invite.0);
    let from = invite.header("From");
    let expected = format!("\"愤怒87·挂失\" <sip:+4930123@{own}>;tag=");
    assert!(from.starts_with(&expected), "{from}");
    assert_eq!(invite.header("X-Bellhop-Reason"), "anger");
    assert_eq!(invite.header("Contact"), format!("<sip:bellhop@{own}>"));
    assert!(invite.body().contains("m=audio 16384 RTP/AVP 0 8 101\r\n"));

    for status in [
        "100 Trying",
        "180 Ringing",
        "183 Session Progress",
        "180 Ringing",
    ] {
        peer.answer(&invite, "agent", status).await;
    }
    for expected in [180, 183] {
        let told = bench.event().await;
        assert!(
            matches!(told, TrunkEvent::Progress { leg: of, status } if of == leg && status == expected),
            "{told:?}"
        );
    }
    peer.answer(&invite, "agent", "200 OK").await;
    let ack = peer.expect("ACK ").await;
    assert!(
        ack.0
            .starts_with(&format!("ACK sip:agent@{} ", peer.address))
    );
    assert_eq!(ack.header("CSeq"), "1 ACK");
    assert_eq!(ack.to_tag(), "agent");
    assert_ne!(branch(&ack), branch(&invite));
    assert_established(&mut bench, leg).await;
    // Our ACK was lost: the answer comes again, and so does the same ACK.
    peer.answer(&invite, "agent", "200 OK").await;
    assert_eq!(peer.expect("ACK ").await.0, ack.0);

    bench
        .trunk
        .hang_up(leg, "The caller left")
        .expect("a hang-up");
    let bye = peer.expect("BYE ").await;
    assert_eq!(bye.header("CSeq"), "2 BYE");
    assert_eq!(bye.header("From"), from);
    assert!(bye.header("Reason").contains("text=\"The caller left\""));
    peer.accept(&bye).await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn a_phone_on_no_allow_list_may_speak_in_the_call_and_hang_up() {
    let mut elsewhere = settings();
    elsewhere.trunks = vec![TrunkEntry {
        name: "carrier".to_owned(),
        allow: vec!["192.0.2.1".parse().expect("a network")],
        max_calls: 1,
        max_calls_per_second: None,
    }];
    let mut bench = Bench::start(elsewhere).await;
    let peer = Peer::new(&bench).await;
    let (leg, invite) = establish(&mut bench, &peer).await;
    let within = |method, cseq| peer.request_in(&invite, "agent", method, cseq);

    peer.send(within("OPTIONS", 1).text()).await;
    peer.expect("SIP/2.0 200").await;
    peer.send(within("UPDATE", 2).text()).await;
    peer.expect("SIP/2.0 200").await;
    let held = within("INVITE", 3).body(&format!("{OFFER}a=sendonly\r\n"));
    peer.send(held.text()).await;
    let ok = peer.expect("SIP/2.0 200").await;
    assert!(ok.body().contains("a=recvonly"), "{}", ok.0);
    peer.send(within("ACK", 3).text()).await;
    match bench.event().await {
        TrunkEvent::Reoffered { leg: held, media } => {
            assert_eq!(held, leg);
            assert!(media.direction.is_hold());
        }
        other => panic!("a hold was expected: {other:?}"),
    }
    peer.send(within("BYE", 4).text()).await;
    peer.expect("SIP/2.0 200").await;
    assert_eq!(bench.ended(leg).await, LegEnd::ByCaller);
    // A stranger it is all the same, for everything but that call.
    peer.send(peer.invite("own").text()).await;
    peer.expect("SIP/2.0 403").await;
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_refusal_is_acknowledged_as_often_as_it_comes_and_told_once() {
    for (status, code) in [
        ("486 Busy Here", 486),
        ("603 Decline", 603),
        ("404 Not Found", 404),
        ("302 Moved Temporarily", 302),
    ] {
        let mut bench = Bench::start(settings()).await;
        let peer = Peer::new(&bench).await;
        let leg = bench.call(&peer);
        let invite = peer.expect("INVITE ").await;
        for _ in 0..2 {
            peer.answer(&invite, "agent", status).await;
            let ack = peer.expect("ACK ").await;
            assert_eq!(branch(&ack), branch(&invite));
            assert_eq!(ack.to_tag(), "agent");
        }
        assert_eq!(bench.ended(leg).await, LegEnd::Refused { status: code });
        wait_until_empty(&bench.trunk).await;
        bench.assert_quiet();
    }
}

#[tokio::test]
async fn a_phone_nobody_picks_up_is_cancelled() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let mut short = outgoing(&peer);
    short.ring_max = Duration::from_millis(100);
    let leg = bench.trunk.call(short).expect("a call");
    let invite = peer.expect("INVITE ").await;
    peer.answer(&invite, "agent", "180 Ringing").await;
    assert!(matches!(bench.event().await, TrunkEvent::Progress { .. }));
    assert_eq!(bench.ended(leg).await, LegEnd::NoAnswer);
    let cancel = peer.expect("CANCEL ").await;
    assert_eq!(branch(&cancel), branch(&invite));
    assert_eq!(cancel.header("CSeq"), "1 CANCEL");
    assert_eq!(cancel.header("To"), invite.header("To"));
    peer.accept(&cancel).await;
    peer.answer(&invite, "agent", "487 Request Terminated")
        .await;
    peer.expect("ACK ").await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn an_address_that_says_nothing_is_called_seven_times_and_given_up() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let first = peer.expect("INVITE ").await;
    for _ in 1..7 {
        assert_eq!(peer.expect("INVITE ").await.0, first.0);
    }
    assert_eq!(bench.ended(leg).await, LegEnd::NoAnswer);
    wait_until_empty(&bench.trunk).await;
    assert!(peer.is_silent_for(Duration::from_millis(50)).await);
}

#[tokio::test]
async fn a_name_nobody_knows_is_unavailable() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let mut lost = outgoing(&peer);
    lost.target = "sip:agent@no-such-host.invalid".to_owned();
    let leg = bench.trunk.call(lost).expect("a call");
    assert_eq!(bench.ended(leg).await, LegEnd::Refused { status: 503 });
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_cancel_waits_until_the_call_is_known_to_have_arrived() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let invite = peer.expect("INVITE ").await;
    bench
        .trunk
        .hang_up(leg, "The caller left")
        .expect("a hang-up");
    assert_eq!(bench.trunk.hang_up(leg, "again"), Err(LegError::Gone(leg)));
    // Only the INVITE comes again, for it may have been lost.
    assert!(peer.next().await.0.starts_with("INVITE "));
    peer.answer(&invite, "agent", "180 Ringing").await;
    let cancel = peer.expect("CANCEL ").await;
    peer.accept(&cancel).await;
    peer.answer(&invite, "agent", "487 Request Terminated")
        .await;
    peer.expect("ACK ").await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn an_answer_that_crosses_the_cancel_is_acknowledged_and_told_goodbye() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let invite = peer.expect("INVITE ").await;
    peer.answer(&invite, "agent", "180 Ringing").await;
    assert!(matches!(bench.event().await, TrunkEvent::Progress { .. }));
    bench
        .trunk
        .hang_up(leg, "The caller left")
        .expect("a hang-up");
    let cancel = peer.expect("CANCEL ").await;
    peer.answer(&invite, "agent", "200 OK").await;
    peer.accept(&cancel).await;
    let ack = peer.expect("ACK ").await;
    let bye = peer.expect("BYE ").await;
    assert_eq!(
        (ack.to_tag(), bye.to_tag()),
        ("agent".into(), "agent".into())
    );
    peer.accept(&bye).await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn an_answer_to_a_call_already_given_up_is_told_goodbye_without_any_cancel() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let invite = peer.expect("INVITE ").await;
    bench
        .trunk
        .hang_up(leg, "The caller left")
        .expect("a hang-up");
    peer.answer(&invite, "agent", "200 OK").await;
    peer.expect("ACK ").await;
    let bye = peer.expect("BYE ").await;
    peer.accept(&bye).await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn a_peer_that_never_answers_the_cancel_is_forgotten() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let invite = peer.expect("INVITE ").await;
    peer.answer(&invite, "agent", "180 Ringing").await;
    assert!(matches!(bench.event().await, TrunkEvent::Progress { .. }));
    bench
        .trunk
        .hang_up(leg, "The caller left")
        .expect("a hang-up");
    peer.expect("CANCEL ").await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
    // Too late: nobody knows of it any more.
    peer.answer(&invite, "agent", "200 OK").await;
    wait_for_strays(&bench, 1).await;
    bench.assert_quiet();
}

/// Waits until so many responses belonged to nobody.
async fn wait_for_strays(bench: &Bench, expected: u64) {
    let strays = || {
        let counts = bench.trunk.counts();
        let found = counts
            .iter()
            .find(|(name, _)| *name == "dropped_stray_response");
        found.map_or(0, |(_, count)| *count)
    };
    let waited = tokio::time::timeout(PATIENCE, async {
        while strays() != expected {
            tokio::task::yield_now().await;
        }
    });
    assert!(waited.await.is_ok(), "{} strays", strays());
}

#[tokio::test]
async fn of_two_sides_that_answer_the_second_is_told_goodbye() {
    let mut bench = Bench::start(settings()).await;
    let (peer, other) = (Peer::new(&bench).await, Peer::new(&bench).await);
    let leg = bench.call(&peer);
    let (invite, _) = peer.pick_up("first").await;
    assert_established(&mut bench, leg).await;
    for _ in 0..2 {
        other.answer(&invite, "second", "200 OK").await;
        let ack = other.expect("ACK ").await;
        assert!(
            ack.0
                .starts_with(&format!("ACK sip:agent@{} ", other.address))
        );
        assert_eq!(ack.to_tag(), "second");
    }
    let bye = other.expect("BYE ").await;
    assert_eq!(bye.to_tag(), "second");
    other.accept(&bye).await;
    bench.trunk.hang_up(leg, "done").expect("a hang-up");
    let bye = peer.expect("BYE ").await;
    assert_eq!(bye.to_tag(), "first");
    peer.accept(&bye).await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn the_ack_and_the_bye_take_the_way_the_answer_recorded() {
    let mut bench = Bench::start(settings()).await;
    let (peer, proxy) = (Peer::new(&bench).await, Peer::new(&bench).await);
    let mut by_proxy = outgoing(&peer);
    by_proxy.proxy = Some(proxy.address);
    let leg = bench.trunk.call(by_proxy).expect("a call");
    let invite = proxy.expect("INVITE ").await;
    assert!(
        invite
            .0
            .starts_with(&format!("INVITE sip:agent@{} ", peer.address))
    );
    let near = format!("<sip:{};lr>", proxy.address);
    let answer = peer
        .response(&invite, "agent", "200 OK")
        .header(&format!("Record-Route: <sip:192.0.2.7;lr>, {near}"));
    proxy.send(answer.text()).await;
    let ack = proxy.expect("ACK ").await;
    assert!(
        ack.0
            .starts_with(&format!("ACK sip:agent@{} ", peer.address))
    );
    let routes: Vec<_> = ack
        .0
        .lines()
        .filter(|line| line.starts_with("Route: "))
        .collect();
    assert_eq!(
        routes,
        [
            format!("Route: {near}"),
            "Route: <sip:192.0.2.7;lr>".to_owned()
        ]
    );
    assert_established(&mut bench, leg).await;
    bench.trunk.hang_up(leg, "done").expect("a hang-up");
    let bye = proxy.expect("BYE ").await;
    assert_eq!(bye.header("Route"), near);
    proxy.accept(&bye).await;
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn an_answer_nobody_can_play_ends_the_call() {
    for body in [
        "",
        "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 18\r\n",
    ] {
        let mut bench = Bench::start(settings()).await;
        let peer = Peer::new(&bench).await;
        let leg = bench.call(&peer);
        let invite = peer.expect("INVITE ").await;
        let answer = peer.response(&invite, "agent", "200 OK").body(body);
        peer.send(answer.text()).await;
        peer.expect("ACK ").await;
        let bye = peer.expect("BYE ").await;
        peer.accept(&bye).await;
        assert_eq!(bench.ended(leg).await, LegEnd::NoCommonMedia);
        wait_until_empty(&bench.trunk).await;
    }
}

#[tokio::test]
async fn answers_with_a_foreign_branch_or_a_second_via_are_not_ours() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let invite = peer.expect("INVITE ").await;
    let honest = peer.response(&invite, "agent", "486 Busy Here").text();
    peer.send(honest.replace(branch(&invite), "z9hG4bKguessed"))
        .await;
    peer.send(honest.replacen(
        "\r\nFrom:",
        "\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK2\r\nFrom:",
        1,
    ))
    .await;
    wait_for_strays(&bench, 2).await;
    bench.assert_quiet();
    peer.answer(&invite, "agent", "200 OK").await;
    assert_established(&mut bench, leg).await;
}

#[tokio::test]
async fn somebody_we_called_may_be_transferred() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (leg, invite) = establish(&mut bench, &peer).await;
    let transfer = bench.trunk.refer(leg, "sip:other@desk", &[]);
    let transfer = transfer.expect("a transfer");
    let refer = peer.expect("REFER ").await;
    assert_eq!(refer.to_tag(), "agent");
    assert_eq!(refer.header("From"), invite.header("From"));
    peer.respond(&refer, "202 Accepted").await;
    let told = bench.event().await;
    assert!(
        matches!(&told, TrunkEvent::Transfer { transfer: of, .. } if *of == transfer),
        "{told:?}"
    );
    let report = peer
        .request_in(&invite, "agent", "NOTIFY", 1)
        .header("Event: refer")
        .header("Subscription-State: terminated")
        .content("message/sipfrag", "SIP/2.0 200 OK\r\n");
    peer.send(report.text()).await;
    let told = bench.event().await;
    let news = TransferNews::Completed;
    assert!(
        matches!(&told, TrunkEvent::Transfer { news: of, .. } if *of == news),
        "{told:?}"
    );
}

#[tokio::test]
async fn no_more_calls_are_placed_than_max_calls_allows() {
    let mut small = settings();
    small.max_calls = 1;
    let mut bench = Bench::start(small).await;
    let peer = Peer::new(&bench).await;
    let (leg, _) = establish(&mut bench, &peer).await;
    assert_eq!(bench.trunk.call(outgoing(&peer)), Err(LegError::Full(1)));
    bench.trunk.hang_up(leg, "done").expect("a hang-up");
    establish(&mut bench, &peer).await;
}

#[tokio::test]
async fn stopping_takes_back_what_rings_and_ends_what_stands() {
    let mut bench = Bench::start(settings()).await;
    let (talking, ringing) = (Peer::new(&bench).await, Peer::new(&bench).await);
    establish(&mut bench, &talking).await;
    bench.call(&ringing);
    let invite = ringing.expect("INVITE ").await;
    ringing.answer(&invite, "agent", "180 Ringing").await;
    assert!(matches!(bench.event().await, TrunkEvent::Progress { .. }));
    let trunk = bench.trunk.clone();
    let stopped = tokio::spawn(async move { trunk.stop().await });
    let bye = talking.expect("BYE ").await;
    talking.accept(&bye).await;
    let cancel = ringing.expect("CANCEL ").await;
    ringing.accept(&cancel).await;
    ringing
        .answer(&invite, "agent", "487 Request Terminated")
        .await;
    ringing.expect("ACK ").await;
    stopped.await.expect("a quiet end");
    assert!(bench.events.recv().await.is_none());
}
