//! Where messages go, and which addresses stand in them.

use crate::support::{Bench, Peer, media, settings};
use sip_trunk::TrunkEvent;

#[tokio::test]
async fn answers_go_to_the_port_of_via_when_rport_is_not_asked_for() {
    let mut bench = Bench::start(settings()).await;
    let (sender, listener) = (Peer::new(&bench).await, Peer::new(&bench).await);
    // Signed by the listener, sent from another port, as some gateways do.
    let plain = |text: String| text.replace(";rport", "");
    sender.send(plain(listener.invite("c1").text())).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    let ok = listener.expect("SIP/2.0 200").await;
    let ack = listener.request("ACK", "c1", 1).tag(&ok.to_tag());
    sender.send(plain(ack.text())).await;
    assert!(matches!(bench.event().await, TrunkEvent::Acked { .. }));
}

#[tokio::test]
async fn our_bye_takes_the_way_the_invite_recorded() {
    let mut bench = Bench::start(settings()).await;
    let (peer, proxy) = (Peer::new(&bench).await, Peer::new(&bench).await);
    let route = format!("<sip:{};lr>", proxy.address);
    let invite = peer.invite("c1").header(&format!("Record-Route: {route}"));
    peer.send(invite.text()).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    let ok = peer.expect("SIP/2.0 200").await;
    peer.send(peer.request("ACK", "c1", 1).tag(&ok.to_tag()).text())
        .await;
    assert!(matches!(bench.event().await, TrunkEvent::Acked { .. }));
    bench.trunk.hang_up(call.leg, "done").expect("a hang-up");
    let bye = proxy.expect("BYE ").await;
    assert_eq!(bye.header("Route"), route);
    assert!(
        bye.0
            .starts_with(&format!("BYE sip:caller@{} ", peer.address))
    );
}

#[tokio::test]
async fn the_public_address_stands_in_contact_via_and_sdp() {
    let mut public = settings();
    public.public_address = Some("203.0.113.5".parse().expect("an address"));
    let mut bench = Bench::start(public).await;
    let peer = Peer::new(&bench).await;
    let port = bench.trunk.local_address().port();
    peer.send(peer.invite("c1").text()).await;
    let call = bench.incoming().await;
    bench.trunk.answer(call.leg, media()).expect("an answer");
    let ok = peer.expect("SIP/2.0 200").await;
    assert_eq!(
        ok.header("Contact"),
        format!("<sip:bellhop@203.0.113.5:{port}>")
    );
    assert!(ok.body().contains("c=IN IP4 203.0.113.5\r\n"), "{}", ok.0);
    peer.send(peer.request("ACK", "c1", 1).tag(&ok.to_tag()).text())
        .await;
    bench.event().await;
    bench.trunk.hang_up(call.leg, "done").expect("a hang-up");
    let via = peer.expect("BYE ").await.header("Via").to_owned();
    assert!(
        via.starts_with(&format!("SIP/2.0/UDP 203.0.113.5:{port};branch=z9hG4bK")),
        "{via}"
    );
}

#[tokio::test]
async fn listening_everywhere_names_the_address_the_caller_reaches() {
    let mut everywhere = settings();
    everywhere.listen = ([0, 0, 0, 0], 0).into();
    let mut bench = Bench::start(everywhere).await;
    let port = bench.trunk.local_address().port();
    let peer = Peer::to(([127, 0, 0, 1], port).into()).await;
    peer.send(peer.invite("c1").text()).await;
    let call = bench.incoming().await;
    let anywhere = ([0, 0, 0, 0], 16_384).into();
    bench.trunk.answer(call.leg, anywhere).expect("an answer");
    let ok = peer.expect("SIP/2.0 200").await;
    assert_eq!(
        ok.header("Contact"),
        format!("<sip:bellhop@127.0.0.1:{port}>")
    );
    assert!(ok.body().contains("c=IN IP4 127.0.0.1\r\n"), "{}", ok.0);
}
