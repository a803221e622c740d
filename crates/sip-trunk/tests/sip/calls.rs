//! Calls as a peer lives them, in text over real sockets.

use crate::support::{Bench, OFFER, Peer, media, settings, wait_until_empty};
use call_model::{Codec, PayloadMap};
use sip_trunk::{
    AgreedMedia, Answered, LegEnd, LegError, MediaDirection, RejectStatus, Rejection, TrunkEvent,
};
use std::time::Duration;

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

#[tokio::test]
async fn a_call_rings_is_answered_and_ends_with_the_callers_bye() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer
        .invite("c1")
        .header("Record-Route: <sip:127.0.0.1:1;lr>, <sip:b;lr>");
    peer.send(invite.text()).await;
    assert!(peer.next().await.0.starts_with("SIP/2.0 100"));

    let call = bench.incoming().await;
    assert_eq!(
        (call.trunk.as_str(), call.called.as_str()),
        ("carrier", "100")
    );
    assert_eq!(call.from.reveal(), "+4930123");
    assert_eq!(call.from_display.reveal(), "Caller");
    assert_eq!(call.remote, peer.address);
    bench.trunk.ringing(call.leg).expect("ringing");
    let ringing = peer.expect("SIP/2.0 180").await;

    let answered = bench.trunk.answer(call.leg, media());
    assert_eq!(answered, Ok(Answered::Agreed(agreed())));
    let ok = peer.expect("SIP/2.0 200").await;
    assert_eq!(ok.to_tag(), ringing.to_tag());
    assert_eq!(
        ok.header("Record-Route"),
        "<sip:127.0.0.1:1;lr>, <sip:b;lr>"
    );
    let own = bench.trunk.local_address();
    assert_eq!(ok.header("Contact"), format!("<sip:bellhop@{own}>"));
    assert!(
        ok.header("Via")
            .contains(&format!("rport={}", peer.address.port()))
    );
    assert!(
        ok.body().contains("m=audio 16384 RTP/AVP 8 97\r\n"),
        "{}",
        ok.0
    );

    peer.send(peer.request("ACK", "c1", 1).tag(&ok.to_tag()).text())
        .await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Acked { late: None, .. }
    ));
    let bye = peer.request("BYE", "c1", 2).tag(&ok.to_tag()).text();
    for _ in 0..2 {
        peer.send(&bye).await;
        peer.expect("SIP/2.0 200").await;
    }
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Ended {
            by: LegEnd::ByCaller,
            ..
        }
    ));
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn our_bye_says_why_and_follows_the_callers_contact() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    bench
        .trunk
        .hang_up(call.leg, "The plan ended")
        .expect("a hang-up");
    let bye = peer.expect("BYE ").await;
    assert!(
        bye.0
            .starts_with(&format!("BYE sip:caller@{} SIP/2.0\r\n", peer.address))
    );
    assert!(bye.header("From").ends_with(&format!(";tag={tag}")));
    assert!(bye.header("Reason").contains("text=\"The plan ended\""));
    peer.accept(&bye).await;
    assert_eq!(
        bench.trunk.hang_up(call.leg, "again"),
        Err(LegError::Gone(call.leg))
    );
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_hang_up_before_the_ack_waits_for_it() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    peer.send(peer.invite("c1").text()).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    bench
        .trunk
        .hang_up(call.leg, "Changed our mind")
        .expect("a hang-up");
    let ok = peer.expect("SIP/2.0 200").await;
    // The 200 comes again, and no BYE before the ACK.
    assert!(peer.next().await.0.starts_with("SIP/2.0 200"));
    peer.send(peer.request("ACK", "c1", 1).tag(&ok.to_tag()).text())
        .await;
    let bye = peer.expect("BYE ").await;
    peer.accept(&bye).await;
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_cancel_before_the_answer_ends_the_call_with_487() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1");
    peer.send(invite.text()).await;
    let call = bench.incoming().await;
    peer.send(peer.request("CANCEL", "c1", 1).branch_of(&invite).text())
        .await;
    let ok = peer.expect("SIP/2.0 200").await;
    assert!(ok.header("CSeq").ends_with("CANCEL"));
    let terminated = peer.expect("SIP/2.0 487").await;
    assert!(matches!(bench.event().await, TrunkEvent::Cancelled { leg } if leg == call.leg));
    assert_eq!(
        bench.trunk.answer(call.leg, media()),
        Err(LegError::Gone(call.leg))
    );
    let ack = peer
        .request("ACK", "c1", 1)
        .branch_of(&invite)
        .tag(&terminated.to_tag());
    peer.send(ack.text()).await;
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_cancel_after_the_answer_changes_nothing() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1");
    peer.send(invite.text()).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    let answer = peer.expect("SIP/2.0 200").await;
    peer.send(peer.request("CANCEL", "c1", 1).branch_of(&invite).text())
        .await;
    loop {
        let response = peer.expect("SIP/2.0 200").await;
        if response.header("CSeq").ends_with("CANCEL") {
            break;
        }
    }
    peer.send(peer.request("ACK", "c1", 1).tag(&answer.to_tag()).text())
        .await;
    assert!(matches!(bench.event().await, TrunkEvent::Acked { .. }));
    peer.send(peer.request("BYE", "c1", 2).tag(&answer.to_tag()).text())
        .await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Ended {
            by: LegEnd::ByCaller,
            ..
        }
    ));
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_cancel_of_no_call_is_told_so() {
    let bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    peer.send(peer.request("CANCEL", "c1", 1).text()).await;
    peer.expect("SIP/2.0 481").await;
    peer.send(peer.request("BYE", "c1", 1).tag("none").text())
        .await;
    peer.expect("SIP/2.0 481").await;
}

#[tokio::test]
async fn an_answer_without_ack_is_repeated_and_then_ends_the_call() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    peer.send(peer.invite("c1").text()).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    let mut answers = 0;
    let bye = loop {
        let message = peer.next().await;
        if message.0.starts_with("BYE ") {
            break message;
        }
        answers += u32::from(message.0.starts_with("SIP/2.0 200"));
    };
    assert!(answers >= 5, "the answer came only {answers} times");
    peer.accept(&bye).await;
    let ended = bench.event().await;
    assert!(
        matches!(
            ended,
            TrunkEvent::Ended {
                by: LegEnd::NoAck,
                ..
            }
        ),
        "{ended:?}"
    );
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_repeated_invite_is_one_call() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let invite = peer.invite("c1").text();
    for _ in 0..5 {
        peer.send(&invite).await;
    }
    let call = bench.incoming().await;
    assert_eq!(bench.trunk.load().calls, 1);
    let text = "No person is free; call again after 8";
    let rejection = Rejection::new(RejectStatus::BusyHere, text);
    bench
        .trunk
        .reject(call.leg, &rejection)
        .expect("a rejection");
    let busy = peer.expect("SIP/2.0 486").await;
    assert_eq!(busy.header("Warning"), format!("399 bellhop \"{text}\""));
    peer.send(&invite).await;
    assert_eq!(peer.expect("SIP/2.0 486").await.to_tag(), busy.to_tag());
    wait_until_empty(&bench.trunk).await;
    assert!(bench.events.try_recv().is_err());
}

#[tokio::test]
async fn an_invite_without_an_offer_gets_ours_and_agrees_in_its_ack() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    peer.send(peer.request("INVITE", "c1", 1).text()).await;
    let call = bench.incoming().await;
    assert_eq!(call.offer, None);
    assert_eq!(bench.trunk.answer(call.leg, media()), Ok(Answered::Offered));
    let ok = peer.expect("SIP/2.0 200").await;
    assert!(ok.body().contains("m=audio 16384 RTP/AVP 0 8 101\r\n"));
    let ack = peer.request("ACK", "c1", 1).tag(&ok.to_tag()).body(OFFER);
    peer.send(ack.text()).await;
    match bench.event().await {
        TrunkEvent::Acked { late, .. } => assert_eq!(late, Some(agreed())),
        other => panic!("an ACK was expected: {other:?}"),
    }
}

#[tokio::test]
async fn an_ack_without_the_answer_it_owes_ends_the_call() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    peer.send(peer.request("INVITE", "c1", 1).text()).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    let ok = peer.expect("SIP/2.0 200").await;
    peer.send(peer.request("ACK", "c1", 1).tag(&ok.to_tag()).text())
        .await;
    let bye = peer.expect("BYE ").await;
    peer.accept(&bye).await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Ended {
            by: LegEnd::NoCommonMedia,
            ..
        }
    ));
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn media_nobody_can_play_is_refused_with_a_reason() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let opus = OFFER.replace(
        "RTP/AVP 8 0 97",
        "RTP/AVP 96 97\r\na=rtpmap:96 opus/48000/2",
    );
    peer.send(peer.request("INVITE", "c1", 1).body(&opus).text())
        .await;
    let refusal = peer.expect("SIP/2.0 488").await;
    assert!(
        refusal.header("Warning").contains("opus/48000/2"),
        "{}",
        refusal.0
    );
    assert!(refusal.header("Warning").contains("offer PCMU or PCMA"));
    let ack = peer
        .request("ACK", "c1", 1)
        .branch_of(&peer.invite("c1"))
        .tag(&refusal.to_tag());
    peer.send(ack.text()).await;
    wait_until_empty(&bench.trunk).await;
    assert!(bench.events.try_recv().is_err());
}

#[tokio::test]
async fn hold_is_answered_and_told_and_a_refresh_is_not() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (_, tag) = peer.establish(&mut bench, "c1").await;

    let refresh = peer.request("INVITE", "c1", 2).tag(&tag).body(OFFER);
    peer.send(refresh.text()).await;
    let ok = peer.expect("SIP/2.0 200").await;
    assert!(ok.body().contains("a=sendrecv"));
    peer.send(peer.request("ACK", "c1", 2).tag(&tag).text())
        .await;
    peer.send(peer.request("UPDATE", "c1", 3).tag(&tag).text())
        .await;
    peer.expect("SIP/2.0 200").await;

    let held = peer
        .request("INVITE", "c1", 4)
        .tag(&tag)
        .body(&format!("{OFFER}a=sendonly\r\n"));
    peer.send(held.text()).await;
    let ok = peer.expect("SIP/2.0 200").await;
    assert!(ok.body().contains("a=recvonly"), "{}", ok.0);
    peer.send(peer.request("ACK", "c1", 4).tag(&tag).text())
        .await;
    match bench.event().await {
        TrunkEvent::Reoffered { media, .. } => {
            assert!(media.direction.is_hold());
            assert_eq!(media.payloads, agreed().payloads);
        }
        other => panic!("a hold was expected: {other:?}"),
    }
    peer.send(peer.request("BYE", "c1", 3).tag(&tag).text())
        .await;
    peer.expect("SIP/2.0 500").await;
    peer.send(peer.request("BYE", "c1", 5).tag(&tag).text())
        .await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Ended {
            by: LegEnd::ByCaller,
            ..
        }
    ));
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_call_nobody_decides_about_is_given_up() {
    let mut quick = settings();
    quick.answer_wait = Duration::from_millis(50);
    let mut bench = Bench::start(quick).await;
    let peer = Peer::new(&bench).await;
    peer.send(peer.invite("c1").text()).await;
    bench.incoming().await;
    peer.expect("SIP/2.0 480").await;
    assert!(matches!(
        bench.event().await,
        TrunkEvent::Ended {
            by: LegEnd::Unanswered,
            ..
        }
    ));
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_display_name_in_gbk_loses_nothing_else() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let text = peer.invite("c1").text();
    let (before, after) = text.split_once("Caller").expect("a name");
    let without_length = after.replace("Content-Length", "X-Length");
    let datagram = [
        before.as_bytes(),
        b"\xd5\xc5\xc8\xfd",
        without_length.as_bytes(),
    ]
    .concat();
    peer.send(datagram).await;
    let call = bench.incoming().await;
    assert_eq!(call.from_display.reveal(), "????");
    assert_eq!(call.from.reveal(), "+4930123");
    assert_eq!(call.sip_call_id, "c1");
    assert!(call.offer.is_some());
}

#[tokio::test]
async fn stopping_says_goodbye_to_everyone() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    peer.establish(&mut bench, "c1").await;
    let waiting = Peer::new(&bench).await;
    waiting.send(waiting.invite("c2").text()).await;
    bench.incoming().await;
    let trunk = bench.trunk.clone();
    let stopped = tokio::spawn(async move { trunk.stop().await });
    let bye = peer.expect("BYE ").await;
    peer.accept(&bye).await;
    let refusal = waiting.expect("SIP/2.0 503").await;
    assert_eq!(refusal.header("Retry-After"), "5");
    stopped.await.expect("a quiet end");
    assert!(bench.events.recv().await.is_none());
    peer.send(peer.invite("c3").text()).await;
    assert!(peer.is_silent_for(Duration::from_millis(100)).await);
}
