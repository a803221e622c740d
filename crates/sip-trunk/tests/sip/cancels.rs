//! CANCELs that come twice, late, for another call, or across our answer.

use crate::support::{Bench, Message, OFFER, PATIENCE, Peer, media, settings, wait_until_empty};
use sip_trunk::{LegEnd, LegError, RejectStatus, Rejection, TrunkEvent};
use tokio::time::timeout;

/// The next response to a CANCEL.
async fn response_to_cancel(peer: &Peer) -> Message {
    loop {
        let response = peer.expect("SIP/2.0 ").await;
        if response.header("CSeq").ends_with("CANCEL") {
            return response;
        }
    }
}

/// Waits until the call is only remembered.
async fn until_remembered(bench: &Bench) {
    let waited = timeout(PATIENCE, async {
        while bench.trunk.load().transactions > 0 {
            tokio::task::yield_now().await;
        }
    });
    waited.await.expect("the end of the transaction in time");
}

#[tokio::test]
async fn a_cancel_that_comes_again_is_told_once_and_answered_each_time() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1");
    peer.send(invite.text()).await;
    let call = bench.incoming().await;
    let cancel = peer.request("CANCEL", "c1", 1).branch_of(&invite).text();
    peer.send(&cancel).await;
    let terminated = peer.expect("SIP/2.0 487").await;
    peer.send(&cancel).await;
    assert!(response_to_cancel(&peer).await.0.starts_with("SIP/2.0 200"));
    let ack = peer.request("ACK", "c1", 1).branch_of(&invite);
    peer.send(ack.tag(&terminated.to_tag()).text()).await;
    // After the ACK too, as long as the call is remembered.
    until_remembered(&bench).await;
    peer.send(&cancel).await;
    assert!(response_to_cancel(&peer).await.0.starts_with("SIP/2.0 200"));
    assert!(matches!(bench.event().await, TrunkEvent::Cancelled { leg } if leg == call.leg));
    let late = bench.trunk.hang_up(call.leg, "late");
    assert_eq!(late, Err(LegError::Gone(call.leg)));
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn a_cancel_of_another_branch_or_number_leaves_the_call_alone() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1");
    peer.send(invite.text()).await;
    let call = bench.incoming().await;
    for cancel in [
        peer.request("CANCEL", "c1", 1),
        peer.request("CANCEL", "c1", 2).branch_of(&invite),
        peer.request("CANCEL", "c2", 1).branch_of(&invite),
    ] {
        peer.send(cancel.text()).await;
        assert!(response_to_cancel(&peer).await.0.starts_with("SIP/2.0 481"));
    }
    bench.assert_quiet();
    bench.trunk.answer(call.leg, media()).expect("an answer");
    peer.expect("SIP/2.0 200").await;
}

#[tokio::test]
async fn a_cancel_that_crosses_our_answer_is_answered_and_changes_nothing() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1");
    peer.send(invite.text()).await;
    let call = bench.incoming().await;
    bench.trunk.ringing(call.leg).expect("ringing");
    // The peer has not read our answer when it sends this.
    bench.trunk.answer(call.leg, media()).expect("an answer");
    peer.send(peer.request("CANCEL", "c1", 1).branch_of(&invite).text())
        .await;
    let (mut answer, mut is_cancel_answered) = (None, false);
    while answer.is_none() || !is_cancel_answered {
        let response = peer.expect("SIP/2.0 200").await;
        if response.header("CSeq").ends_with("CANCEL") {
            is_cancel_answered = true;
        } else {
            answer = Some(response);
        }
    }
    let tag = answer.expect("an answer").to_tag();
    peer.send(peer.request("ACK", "c1", 1).tag(&tag).text())
        .await;
    assert!(matches!(bench.event().await, TrunkEvent::Acked { .. }));
    peer.send(peer.request("BYE", "c1", 2).tag(&tag).text())
        .await;
    assert_eq!(bench.ended(call.leg).await, LegEnd::ByCaller);
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_caller_that_cancels_and_never_acknowledges_our_answer_is_told_goodbye() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1");
    peer.send(invite.text()).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    peer.send(peer.request("CANCEL", "c1", 1).branch_of(&invite).text())
        .await;
    assert!(response_to_cancel(&peer).await.0.starts_with("SIP/2.0 200"));
    let bye = peer.expect("BYE ").await;
    peer.accept(&bye).await;
    assert_eq!(bench.ended(call.leg).await, LegEnd::NoAck);
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_cancel_that_crosses_our_refusal_changes_nothing() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1");
    peer.send(invite.text()).await;
    let call = bench.incoming().await;
    let busy = Rejection::new(RejectStatus::BusyHere, "Nobody is free");
    bench.trunk.reject(call.leg, &busy).expect("a rejection");
    let refusal = peer.expect("SIP/2.0 486").await;
    peer.send(peer.request("CANCEL", "c1", 1).branch_of(&invite).text())
        .await;
    assert!(response_to_cancel(&peer).await.0.starts_with("SIP/2.0 200"));
    let ack = peer.request("ACK", "c1", 1).branch_of(&invite);
    peer.send(ack.tag(&refusal.to_tag()).text()).await;
    wait_until_empty(&bench.trunk).await;
    bench.assert_quiet();
}

#[tokio::test]
async fn an_invite_and_its_cancel_in_one_breath_are_a_call_and_its_end() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1");
    peer.send(invite.text()).await;
    peer.send(peer.request("CANCEL", "c1", 1).branch_of(&invite).text())
        .await;
    let call = bench.incoming().await;
    assert!(matches!(bench.event().await, TrunkEvent::Cancelled { leg } if leg == call.leg));
    peer.expect("SIP/2.0 487").await;
}

#[tokio::test]
async fn a_cancel_of_an_offer_inside_the_call_does_not_end_it() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    let offer = peer.request("INVITE", "c1", 2).tag(&tag).body(OFFER);
    peer.send(offer.text()).await;
    peer.expect("SIP/2.0 200").await;
    let cancel = peer.request("CANCEL", "c1", 2).tag(&tag).branch_of(&offer);
    peer.send(cancel.text()).await;
    assert!(response_to_cancel(&peer).await.0.starts_with("SIP/2.0 200"));
    peer.send(peer.request("ACK", "c1", 2).tag(&tag).text())
        .await;
    peer.send(peer.request("BYE", "c1", 3).tag(&tag).text())
        .await;
    assert_eq!(bench.ended(call.leg).await, LegEnd::ByCaller);
    wait_until_empty(&bench.trunk).await;
}
