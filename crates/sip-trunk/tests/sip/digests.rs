//! Sides that ask who we are before they take a call of ours.

use crate::outgoing::{assert_established, branch};
use crate::support::{Bench, Peer, outgoing, settings, wait_until_empty};
use call_model::Private;
use sip_trunk::{Credentials, LegEnd};
use std::time::Duration;

fn credentials() -> Option<Credentials> {
    Some(Credentials {
        user: "bellhop".to_owned(),
        password: Private::new("s3cret".to_owned()),
    })
}

#[tokio::test]
async fn a_side_that_asks_who_we_are_is_answered_with_the_next_number() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let mut asked = outgoing(&peer);
    asked.credentials = credentials();
    let leg = bench.trunk.call(asked).expect("a call");
    let first = peer.expect("INVITE ").await;
    assert_eq!(first.header("Proxy-Authorization"), "");
    let challenge =
        "Proxy-Authenticate: Digest realm=\"way\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth\"";
    let asks = peer.response(&first, "proxy", "407 Proxy Authentication Required");
    peer.send(asks.header(challenge).text()).await;
    peer.expect("ACK ").await;

    let second = peer.expect("INVITE ").await;
    assert_eq!(second.header("CSeq"), "2 INVITE");
    for name in ["Call-ID", "From", "To"] {
        assert_eq!(second.header(name), first.header(name));
    }
    assert_ne!(branch(&second), branch(&first));
    let answer = second.header("Proxy-Authorization");
    assert!(answer.starts_with("Digest username=\"bellhop\", realm=\"way\", nonce=\"n1\""));
    assert!(answer.contains("nc=00000001") && !answer.contains("s3cret"));

    peer.answer(&second, "agent", "200 OK").await;
    let ack = peer.expect("ACK ").await;
    assert_eq!(ack.header("CSeq"), "2 ACK");
    assert_eq!(ack.header("Proxy-Authorization"), answer);
    assert_established(&mut bench, leg).await;
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again_and_a_stale_nonce_is() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let mut asked = outgoing(&peer);
    asked.credentials = credentials();
    let leg = bench.trunk.call(asked).expect("a call");
    for (nonce, more) in [("n1", ""), ("n2", ", stale=true"), ("n3", "")] {
        let invite = peer.expect("INVITE ").await;
        let challenge = format!("WWW-Authenticate: Digest realm=\"end\", nonce=\"{nonce}\"{more}");
        let asks = peer.response(&invite, "agent", "401 Unauthorized");
        peer.send(asks.header(&challenge).text()).await;
        peer.expect("ACK ").await;
    }
    assert_eq!(bench.ended(leg).await, LegEnd::Refused { status: 401 });
    wait_until_empty(&bench.trunk).await;
    assert!(peer.is_silent_for(Duration::from_millis(50)).await);
}

#[tokio::test]
async fn without_credentials_a_question_who_we_are_is_a_refusal() {
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let leg = bench.call(&peer);
    let invite = peer.expect("INVITE ").await;
    let asks = peer.response(&invite, "agent", "401 Unauthorized");
    let challenge = "WWW-Authenticate: Digest realm=\"end\", nonce=\"n\"";
    peer.send(asks.header(challenge).text()).await;
    assert_eq!(bench.ended(leg).await, LegEnd::Refused { status: 401 });
}
