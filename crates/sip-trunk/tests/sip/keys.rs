//! Keys that signalling tells, on either kind of leg.

use crate::support::{Bench, Peer, Request, settings};
use sip_trunk::{LegId, TrunkEvent};

const RELAY: &str = "application/dtmf-relay";

async fn assert_key(bench: &mut Bench, leg: LegId, face: char) {
    match bench.event().await {
        TrunkEvent::Info {
            leg: pressed_on,
            key,
        } => {
            assert_eq!((pressed_on, key.face()), (leg, face));
        }
        other => panic!("a key was expected: {other:?}"),
    }
}

/// Presses 5, #, and sends what is no key.
async fn press_keys(bench: &mut Bench, peer: &Peer, leg: LegId, info: impl Fn(u32) -> Request) {
    peer.send(
        info(10)
            .content(RELAY, "Signal=5\r\nDuration=160\r\n")
            .text(),
    )
    .await;
    peer.expect("SIP/2.0 200").await;
    assert_key(bench, leg, '5').await;
    let hash = info(11).content("application/dtmf", "#").text();
    for _ in 0..2 {
        peer.send(&hash).await;
        peer.expect("SIP/2.0 200").await;
    }
    assert_key(bench, leg, '#').await;
    peer.send(info(12).text()).await;
    peer.expect("SIP/2.0 200").await;
    peer.send(info(13).content(RELAY, "Signal=x\r\n").text())
        .await;
    peer.expect("SIP/2.0 400").await;
    peer.send(info(14).content("text/plain", "5").text()).await;
    let refused = peer.expect("SIP/2.0 415").await;
    assert_eq!(
        refused.header("Accept"),
        "application/dtmf-relay, application/dtmf"
    );
    // A repeated request is one key, and nothing else was one.
    bench.assert_quiet();
}

#[tokio::test]
async fn keys_of_a_caller_are_told_once_each() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    let info = |cseq| peer.request("INFO", "c1", cseq).tag(&tag);
    press_keys(&mut bench, &peer, call.leg, info).await;
}

#[tokio::test]
async fn keys_of_somebody_we_called_are_told_once_each() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let (invite, _) = peer.pick_up("agent").await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Established { .. }
    ));
    let info = |cseq| peer.request_in(&invite, "agent", "INFO", cseq);
    press_keys(&mut bench, &peer, leg, info).await;
}

#[tokio::test]
async fn a_key_before_the_answer_answers_nothing() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    peer.send(peer.invite("c1").text()).await;
    let call = bench.incoming().await;
    bench.trunk.ringing(call.leg).expect("ringing");
    let tag = peer.expect("SIP/2.0 180").await.to_tag();
    let info = peer.request("INFO", "c1", 2).tag(&tag);
    peer.send(info.content(RELAY, "Signal=5\r\n").text()).await;
    peer.expect("SIP/2.0 200").await;
    bench.assert_quiet();
}
