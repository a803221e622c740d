//! Transfers as a peer lives them: one, a refused one, and one after another.

use crate::support::{Bench, Message, Peer, settings, wait_until_empty};
use sip_trunk::{LegId, TransferId, TransferNews, TrunkEvent};
use std::time::Duration;

async fn assert_news(bench: &mut Bench, expected: TransferId, expected_news: TransferNews) {
    match bench.event().await {
        TrunkEvent::Transfer { transfer, news, .. } => {
            assert_eq!((transfer, news), (expected, expected_news));
        }
        other => panic!("news of the transfer were expected: {other:?}"),
    }
}

/// Asks for a transfer, and the REFER of it as the peer sees it.
async fn refer(bench: &Bench, peer: &Peer, leg: LegId, target: &str) -> (TransferId, Message) {
    let transfer = bench.trunk.refer(leg, target, &[]).expect("a transfer");
    let expected = format!("<{target}>");
    loop {
        // An earlier REFER without response comes again and again.
        let message = peer.expect("REFER ").await;
        if message.header("Refer-To") == expected {
            let cseq = format!("{} REFER", transfer.number());
            assert_eq!(message.header("CSeq"), cseq);
            return (transfer, message);
        }
    }
}

/// The same, taken with 202.
async fn refer_taken(bench: &mut Bench, peer: &Peer, leg: LegId, target: &str) -> TransferId {
    let (transfer, message) = refer(bench, peer, leg, target).await;
    peer.respond(&message, "202 Accepted").await;
    assert_news(bench, transfer, TransferNews::Accepted).await;
    transfer
}

/// One report of the peer's: its CSeq, Event, Subscription-State and status line.
type Report<'a> = (u32, &'a str, &'a str, &'a str);

/// Sends a report and waits for the response that begins so.
async fn notify(peer: &Peer, tag: &str, report: Report<'_>, response: &str) {
    let (cseq, event, state, status) = report;
    let request = peer
        .request("NOTIFY", "c1", cseq)
        .tag(tag)
        .header(&format!("Event: {event}"))
        .header(&format!("Subscription-State: {state}"))
        .body(&format!("SIP/2.0 {status}\r\n"));
    peer.send(request.text()).await;
    let expected = format!("{cseq} NOTIFY");
    loop {
        let message = peer.expect("SIP/2.0 ").await;
        if message.header("CSeq") == expected {
            return assert!(message.0.starts_with(response), "{}", message.0);
        }
    }
}

fn id(transfer: TransferId) -> String {
    format!("refer;id={}", transfer.number())
}

#[tokio::test]
async fn a_transfer_is_followed_to_its_end() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    let headers = [("X-Escalation".to_owned(), "anger".to_owned())];
    let transfer = bench
        .trunk
        .refer(call.leg, "sip:agent@desk;x=1", &headers)
        .expect("a transfer");
    let refer = peer.expect("REFER ").await;
    assert_eq!(refer.header("Refer-To"), "<sip:agent@desk;x=1>");
    assert_eq!(refer.header("X-Escalation"), "anger");
    peer.respond(&refer, "202 Accepted").await;
    assert_news(&mut bench, transfer, TransferNews::Accepted).await;
    for (cseq, status, state, news) in [
        (
            2,
            "180 Ringing",
            "active",
            TransferNews::Progress { status: 180 },
        ),
        (
            3,
            "200 OK",
            "terminated;reason=noresource",
            TransferNews::Completed,
        ),
    ] {
        let notify = peer
            .request("NOTIFY", "c1", cseq)
            .tag(&tag)
            .header("Event: refer")
            .header(&format!("Subscription-State: {state}"))
            .body(&format!("SIP/2.0 {status}\r\n"));
        peer.send(notify.text()).await;
        peer.expect("SIP/2.0 200").await;
        assert_news(&mut bench, transfer, news).await;
    }
    bench
        .trunk
        .hang_up(call.leg, "Transferred")
        .expect("a hang-up");
    let bye = peer.expect("BYE ").await;
    peer.accept(&bye).await;
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn a_transfer_that_is_refused_or_forgotten_leaves_the_caller_with_us() {
    let mut quick = settings();
    quick.transfer_wait = Duration::from_millis(100);
    let mut bench = Bench::start(quick).await;
    let peer = Peer::new(&bench).await;
    let (call, _) = peer.establish(&mut bench, "c1").await;
    for (status, expected) in [("603 Decline", 603), ("202 Accepted", 408)] {
        bench
            .trunk
            .refer(call.leg, "tel:+4930", &[])
            .expect("a transfer");
        let refer = peer.expect("REFER ").await;
        peer.respond(&refer, status).await;
        loop {
            match bench.event().await {
                TrunkEvent::Transfer {
                    news: TransferNews::Failed { status, .. },
                    ..
                } => {
                    assert_eq!(status, expected);
                    break;
                }
                TrunkEvent::Transfer {
                    news: TransferNews::Accepted,
                    ..
                } => {}
                other => panic!("news of the transfer were expected: {other:?}"),
            }
        }
    }
    assert_eq!(bench.trunk.load().legs, 1);
}

#[tokio::test]
async fn a_new_transfer_supersedes_the_old_one_and_its_late_reports_are_dropped() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    let first = refer_taken(&mut bench, &peer, call.leg, "sip:desk@a").await;
    let ringing = (2, &*id(first), "active", "180 Ringing");
    notify(&peer, &tag, ringing, "SIP/2.0 200").await;
    assert_news(&mut bench, first, TransferNews::Progress { status: 180 }).await;

    let second = refer_taken(&mut bench, &peer, call.leg, "sip:oncall@b").await;
    assert_ne!(first, second);
    let late = (3, &*id(first), "terminated", "200 OK");
    notify(&peer, &tag, late, "SIP/2.0 200").await;
    let taken = (4, &*id(second), "terminated", "200 OK");
    notify(&peer, &tag, taken, "SIP/2.0 200").await;
    assert_news(&mut bench, second, TransferNews::Completed).await;
    assert!(bench.events.try_recv().is_err());
}

#[tokio::test]
async fn a_late_response_to_an_old_transfer_does_not_fail_the_new_one() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    let (_, unanswered) = refer(&bench, &peer, call.leg, "sip:desk@a").await;
    let (second, message) = refer(&bench, &peer, call.leg, "sip:oncall@b").await;
    peer.respond(&unanswered, "603 Decline").await;
    // Once the trunk answers this, it has read the response before it.
    let ringing = (2, &*id(second), "active", "180 Ringing");
    notify(&peer, &tag, ringing, "SIP/2.0 200").await;
    assert_news(&mut bench, second, TransferNews::Progress { status: 180 }).await;
    peer.respond(&message, "202 Accepted").await;
    assert_news(&mut bench, second, TransferNews::Accepted).await;
}

#[tokio::test]
async fn a_silent_old_transfer_does_not_time_the_new_one_out() {
    let mut quick = settings();
    quick.transfer_wait = Duration::from_millis(100);
    let mut bench = Bench::start(quick).await;
    let peer = Peer::new(&bench).await;
    let (call, _) = peer.establish(&mut bench, "c1").await;
    refer_taken(&mut bench, &peer, call.leg, "sip:desk@a").await;
    let second = refer_taken(&mut bench, &peer, call.leg, "sip:oncall@b").await;
    match bench.event().await {
        TrunkEvent::Transfer {
            transfer,
            news: TransferNews::Failed { status: 408, .. },
            ..
        } => assert_eq!(transfer, second),
        other => panic!("a transfer forgotten was expected: {other:?}"),
    }
    assert!(bench.events.try_recv().is_err());
}

#[tokio::test]
async fn a_report_without_id_counts_only_while_one_transfer_can_be_meant() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    let first = refer_taken(&mut bench, &peer, call.leg, "sip:desk@a").await;
    let second = refer_taken(&mut bench, &peer, call.leg, "sip:oncall@b").await;
    let unclear = (2, "refer", "active", "200 OK");
    notify(&peer, &tag, unclear, "SIP/2.0 200").await;
    let over = (3, &*id(first), "terminated", "487 Request Terminated");
    notify(&peer, &tag, over, "SIP/2.0 200").await;
    let clear = (4, "refer", "active", "180 Ringing");
    notify(&peer, &tag, clear, "SIP/2.0 200").await;
    assert_news(&mut bench, second, TransferNews::Progress { status: 180 }).await;
}

#[tokio::test]
async fn a_report_of_a_transfer_nobody_asked_for_is_refused() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, tag) = peer.establish(&mut bench, "c1").await;
    let early = (2, "refer", "active", "200 OK");
    notify(&peer, &tag, early, "SIP/2.0 481").await;
    refer_taken(&mut bench, &peer, call.leg, "sip:desk@a").await;
    let foreign = (3, "refer;id=4711", "active", "200 OK");
    notify(&peer, &tag, foreign, "SIP/2.0 481").await;
    assert!(bench.events.try_recv().is_err());
}
