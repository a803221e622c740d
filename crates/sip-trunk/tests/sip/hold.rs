//! Holding, from either side, on either kind of leg.

use crate::support::{Bench, Message, OFFER, Peer, outgoing, settings, wait_until_empty};
use call_model::Private;
use sip_trunk::{Credentials, LegEnd, LegError, LegId, MediaDirection, TrunkEvent};
use std::time::{Duration, Instant};

async fn assert_direction(bench: &mut Bench, leg: LegId, direction: MediaDirection) {
    match bench.event().await {
        TrunkEvent::Reoffered { leg: of, media } => {
            assert_eq!((of, media.direction), (leg, direction));
        }
        other => panic!("a change was expected: {other:?}"),
    }
}

/// A call of ours that stands: its leg and its INVITE.
async fn called(bench: &mut Bench, peer: &Peer) -> (LegId, Message) {
    let leg = bench.call(peer);
    let (invite, _) = peer.pick_up("agent").await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Established { .. }
    ));
    (leg, invite)
}

/// Takes our offer, which must be of this direction, and answers it with that.
async fn agree(peer: &Peer, offered: &str, answered: &str) -> Message {
    let offer = peer.expect("INVITE ").await;
    let line = format!("a={offered}\r\n");
    assert!(offer.body().contains(&line), "{}", offer.0);
    let answer = peer
        .in_dialog_response(&offer, "200 OK")
        .body(&format!("{OFFER}a={answered}\r\n"));
    peer.send(answer.text()).await;
    let ack = peer.expect("ACK ").await;
    let number = offer.header("CSeq").split(' ').next().expect("a number");
    assert_eq!(ack.header("CSeq"), format!("{number} ACK"));
    offer
}

/// Holds and resumes a leg whose peer agrees.
async fn hold_and_resume(bench: &mut Bench, peer: &Peer, leg: LegId) {
    bench.trunk.hold(leg).expect("a hold");
    let held = agree(peer, "sendonly", "recvonly").await;
    assert_direction(bench, leg, MediaDirection::ReceiveOnly).await;
    bench.trunk.hold(leg).expect("no second hold");
    bench.trunk.resume(leg).expect("a resumption");
    let resumed = agree(peer, "sendrecv", "sendrecv").await;
    assert_direction(bench, leg, MediaDirection::SendReceive).await;
    let version = |offer: &Message| {
        let line = offer.body().lines().find(|line| line.starts_with("o="));
        let words: Vec<_> = line
            .expect("an origin")
            .split(' ')
            .map(str::to_owned)
            .collect();
        (
            words[1].clone(),
            words[2].parse::<u64>().expect("a version"),
        )
    };
    let ((session, first), (same, second)) = (version(&held), version(&resumed));
    assert_eq!((session, first + 1), (same, second));
}

#[tokio::test]
async fn a_caller_is_held_and_taken_back() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, _) = peer.establish(&mut bench, "c1").await;
    hold_and_resume(&mut bench, &peer, call.leg).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn somebody_we_called_is_held_and_taken_back() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (leg, _) = called(&mut bench, &peer).await;
    hold_and_resume(&mut bench, &peer, leg).await;
    bench.trunk.hang_up(leg, "done").expect("a hang-up");
    let bye = peer.expect("BYE ").await;
    assert_eq!(bye.header("CSeq"), "4 BYE");
    peer.accept(&bye).await;
    wait_until_empty(&bench.trunk).await;
    assert_eq!(bench.trunk.hold(leg), Err(LegError::Gone(leg)));
}

#[tokio::test]
async fn a_call_that_does_not_stand_yet_cannot_be_held() {
    let bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let refused = bench.trunk.hold(leg);
    assert!(
        matches!(refused, Err(LegError::OutOfTurn { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn somebody_we_called_may_hold_us_in_every_way() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (leg, invite) = called(&mut bench, &peer).await;
    let old_way = OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
    for (cseq, offer, direction, answer) in [
        (
            1,
            format!("{OFFER}a=sendonly\r\n"),
            MediaDirection::SendOnly,
            "recvonly",
        ),
        (
            2,
            format!("{OFFER}a=inactive\r\n"),
            MediaDirection::Inactive,
            "inactive",
        ),
        (3, OFFER.to_owned(), MediaDirection::SendReceive, "sendrecv"),
        (4, old_way, MediaDirection::SendOnly, "recvonly"),
    ] {
        let offer = peer
            .request_in(&invite, "agent", "INVITE", cseq)
            .body(&offer);
        peer.send(offer.text()).await;
        let ok = peer.expect("SIP/2.0 200").await;
        assert!(ok.body().contains(&format!("a={answer}\r\n")), "{}", ok.0);
        peer.send(peer.request_in(&invite, "agent", "ACK", cseq).text())
            .await;
        assert_direction(&mut bench, leg, direction).await;
    }
}

#[tokio::test]
async fn a_refresh_does_not_end_our_hold() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    bench.trunk.hold(call.leg).expect("a hold");
    agree(&peer, "sendonly", "recvonly").await;
    assert_direction(&mut bench, call.leg, MediaDirection::ReceiveOnly).await;
    for (cseq, offered, answered) in [(2, "sendrecv", "sendonly"), (3, "sendonly", "inactive")] {
        let offer = format!("{OFFER}a={offered}\r\n");
        peer.send(
            peer.request("UPDATE", "c1", cseq)
                .tag(&tag)
                .body(&offer)
                .text(),
        )
        .await;
        let ok = peer.expect("SIP/2.0 200").await;
        assert!(ok.body().contains(&format!("a={answered}\r\n")), "{}", ok.0);
    }
}

#[tokio::test]
async fn a_peer_that_asks_for_something_itself_is_asked_again_later() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (leg, invite) = called(&mut bench, &peer).await;
    bench.trunk.hold(leg).expect("a hold");
    let ours = peer.expect("INVITE ").await;
    // Both ask at once: each refuses the other (RFC 3261 §14.1).
    let theirs = peer.request_in(&invite, "agent", "INVITE", 1).body(OFFER);
    peer.send(theirs.text()).await;
    let refused = peer.expect("SIP/2.0 491").await;
    let ack = peer
        .request_in(&invite, "agent", "ACK", 1)
        .branch_of(&theirs);
    assert_eq!(refused.header("CSeq"), "1 INVITE");
    peer.send(ack.text()).await;
    let asked = Instant::now();
    let pending = peer.in_dialog_response(&ours, "491 Request Pending");
    peer.send(pending.text()).await;
    peer.expect("ACK ").await;
    agree(&peer, "sendonly", "recvonly").await;
    // We began the call: 2.1 s, which are 4.2 of T1.
    let least = settings().timing.t1 * 42 / 10;
    assert!(asked.elapsed() >= least, "{:?}", asked.elapsed());
    assert_direction(&mut bench, leg, MediaDirection::ReceiveOnly).await;
}

#[tokio::test]
async fn our_hold_waits_while_the_peers_offer_is_open() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    let theirs = peer.request("INVITE", "c1", 2).tag(&tag).body(OFFER);
    peer.send(theirs.text()).await;
    peer.expect("SIP/2.0 200").await;
    bench.trunk.hold(call.leg).expect("a hold");
    assert!(
        peer.next().await.0.starts_with("SIP/2.0 200"),
        "no offer yet"
    );
    peer.send(peer.request("ACK", "c1", 2).tag(&tag).text())
        .await;
    agree(&peer, "sendonly", "recvonly").await;
    assert_direction(&mut bench, call.leg, MediaDirection::ReceiveOnly).await;
}

#[tokio::test]
async fn a_hold_that_is_refused_leaves_the_call_as_it_was() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    bench.trunk.hold(call.leg).expect("a hold");
    let offer = peer.expect("INVITE ").await;
    let refusal = peer.in_dialog_response(&offer, "488 Not Acceptable Here");
    peer.send(refusal.text()).await;
    peer.expect("ACK ").await;
    peer.send(peer.request("UPDATE", "c1", 2).tag(&tag).body(OFFER).text())
        .await;
    let ok = peer.expect("SIP/2.0 200").await;
    assert!(ok.body().contains("a=sendrecv\r\n"), "{}", ok.0);
    assert!(peer.is_silent_for(Duration::from_millis(200)).await);
    bench.assert_quiet();
}

#[tokio::test]
async fn a_peer_that_lost_the_call_or_says_nothing_ends_it() {
    for status in [Some("481 Call/Transaction Does Not Exist"), None] {
        let mut bench = Bench::start(settings()).await;
        let peer = Peer::new(&bench).await;
        let (call, _) = peer.establish(&mut bench, "c1").await;
        bench.trunk.hold(call.leg).expect("a hold");
        let offer = peer.expect("INVITE ").await;
        if let Some(status) = status {
            peer.send(peer.in_dialog_response(&offer, status).text())
                .await;
        }
        let bye = peer.expect("BYE ").await;
        peer.accept(&bye).await;
        assert_eq!(bench.ended(call.leg).await, LegEnd::ByCaller);
        wait_until_empty(&bench.trunk).await;
    }
}

#[tokio::test]
async fn a_side_that_asks_who_we_are_within_the_call_is_answered_too() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let mut asked = outgoing(&peer);
    asked.credentials = Some(Credentials {
        user: "bellhop".to_owned(),
        password: Private::new("s3cret".to_owned()),
    });
    let leg = bench.trunk.call(asked).expect("a call");
    peer.pick_up("agent").await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Established { .. }
    ));
    let challenge = "Proxy-Authenticate: Digest realm=\"way\", nonce=\"n\"";
    bench.trunk.hold(leg).expect("a hold");
    let offer = peer.expect("INVITE ").await;
    let asks = peer.in_dialog_response(&offer, "407 Proxy Authentication Required");
    peer.send(asks.header(challenge).text()).await;
    let offer = agree(&peer, "sendonly", "recvonly").await;
    assert!(
        offer
            .header("Proxy-Authorization")
            .contains("realm=\"way\"")
    );
    assert_direction(&mut bench, leg, MediaDirection::ReceiveOnly).await;

    bench.trunk.hang_up(leg, "done").expect("a hang-up");
    let bye = peer.expect("BYE ").await;
    let asks = peer.in_dialog_response(&bye, "407 Proxy Authentication Required");
    peer.send(asks.header(challenge).text()).await;
    let again = peer.expect("BYE ").await;
    assert!(
        again
            .header("Proxy-Authorization")
            .contains("realm=\"way\"")
    );
    assert_eq!(
        (bye.header("CSeq"), again.header("CSeq")),
        ("4 BYE", "5 BYE")
    );
    peer.accept(&again).await;
    wait_until_empty(&bench.trunk).await;
}
