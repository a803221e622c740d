//! Many calls: none fails, and none leaves anything behind.

use crate::support::{Bench, Peer, media, settings, wait_until_empty};
use sip_trunk::{Trunk, TrunkEvent};
use tokio::sync::mpsc::Receiver;

/// Answers every call until the trunk stops; how many there were.
pub async fn answer_all(trunk: Trunk, mut events: Receiver<TrunkEvent>) -> usize {
    let mut calls = 0;
    while let Some(event) = events.recv().await {
        if let TrunkEvent::Incoming(call) = event {
            calls += 1;
            // A caller may have given up before we got here.
            trunk.ringing(call.leg).ok();
            trunk.answer(call.leg, media()).ok();
        }
    }
    calls
}

#[tokio::test]
async fn thousands_of_calls_leave_nothing_behind() {
    const CALLS: usize = 3_000;
    let mut roomy = settings();
    roomy.max_calls = 50;
    roomy.requests_per_second = 1_000_000;
    roomy.invites_per_second = 1_000_000;
    let bench = Bench::start(roomy).await;
    let peer = Peer::new(&bench).await;
    let trunk = bench.trunk.clone();
    let answering = tokio::spawn(answer_all(trunk.clone(), bench.events));
    for number in 0..CALLS {
        let call = format!("c{number}");
        let invite = peer.invite(&call);
        peer.send(invite.text()).await;
        if number % 3 == 0 {
            peer.send(peer.request("CANCEL", &call, 1).branch_of(&invite).text())
                .await;
        }
        finish(&peer, &call).await;
    }
    wait_until_empty(&trunk).await;
    trunk.stop().await;
    let answered = answering.await.expect("a quiet end");
    assert_eq!(answered, CALLS);
}

/// Acknowledges whatever the call came to, and hangs up if it was answered.
async fn finish(peer: &Peer, call: &str) {
    loop {
        let response = peer.next().await;
        let (is_ok, is_final) = (
            response.0.starts_with("SIP/2.0 200"),
            !response.0.starts_with("SIP/2.0 1"),
        );
        if !is_final || response.header("Call-ID") != call {
            continue;
        }
        if response.header("CSeq") != "1 INVITE" {
            continue;
        }
        let ack = peer.request("ACK", call, 1).tag(&response.to_tag());
        if !is_ok {
            return peer.send(ack.branch_of(&peer.invite(call)).text()).await;
        }
        peer.send(ack.text()).await;
        peer.send(peer.request("BYE", call, 2).tag(&response.to_tag()).text())
            .await;
        while peer.next().await.header("CSeq") != "2 BYE" {}
        return;
    }
}

#[tokio::test]
async fn a_flood_of_calls_is_refused_without_a_trace() {
    const FLOOD: usize = 2_000;
    let mut small = settings();
    small.max_calls = 5;
    small.requests_per_second = 1_000_000;
    small.invites_per_second = 1_000_000;
    let mut bench = Bench::start(small).await;
    let peer = Peer::new(&bench).await;
    for number in 0..5 {
        peer.send(peer.invite(&format!("kept{number}")).text())
            .await;
        bench.incoming().await;
    }
    for number in 0..FLOOD {
        peer.send(peer.invite(&format!("flood{number}")).text())
            .await;
        let refusal = peer.expect("SIP/2.0 503").await;
        assert_eq!(refusal.header("Retry-After"), "5");
    }
    let load = bench.trunk.load();
    assert_eq!(
        (load.calls, load.legs, load.transactions, load.remembered),
        (5, 5, 5, 0)
    );
    assert!(bench.events.try_recv().is_err());
}
