//! No caller's number reaches a log, and no password.

use crate::support::{Bench, Peer, outgoing, settings};
use call_model::Private;
use sip_trunk::{Credentials, RejectStatus, Rejection, TrunkEvent};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;

/// A log that can be read afterwards.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("a log").clone()).expect("UTF-8")
    }
}

/// The whole log of calls that are answered, rejected and refused, under a filter.
async fn log_of_calls(filter: &str) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(move || writer.clone())
        .finish();
    // The test's runtime has one thread, so this sees every task.
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut bench = Bench::start(settings()).await;
    let peer = Peer::new(&bench).await;
    let (call, _) = peer.establish(&mut bench, "c1").await;
    bench.trunk.hang_up(call.leg, "done").expect("a hang-up");
    let bye = peer.expect("BYE ").await;
    peer.accept(&bye).await;
    peer.send(peer.invite("c2").text()).await;
    let call = bench.incoming().await;
    let rejection = Rejection::new(RejectStatus::NotFound, "Nobody answers under this number");
    bench
        .trunk
        .reject(call.leg, &rejection)
        .expect("a rejection");
    peer.expect("SIP/2.0 404").await;
    call_with_a_password(&mut bench).await;
    bench.trunk.set_accepting(false);
    peer.send(peer.invite("c3").text()).await;
    peer.expect("SIP/2.0 503").await;
    log.text()
}

/// A call of ours that is asked for its credentials, and refused.
async fn call_with_a_password(bench: &mut Bench) {
    let peer = Peer::new(bench).await;
    let mut call = outgoing(&peer);
    call.credentials = Some(Credentials {
        user: "bellhop".to_owned(),
        password: Private::new("s3cret".to_owned()),
    });
    bench.trunk.call(call).expect("a call");
    for _ in 0..2 {
        let invite = peer.expect("INVITE ").await;
        let asks = peer.response(&invite, "agent", "401 Unauthorized");
        let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"";
        peer.send(asks.header(challenge).text()).await;
    }
    assert!(matches!(bench.event().await, TrunkEvent::Ended { .. }));
}

#[tokio::test]
async fn no_number_is_logged_while_the_library_is_kept_at_warn() {
    let log = log_of_calls("trace,rsipstack=warn").await;
    assert!(log.contains("a call was refused at the gate"), "{log}");
    for private in ["4930123", "愤怒", "s3cret"] {
        assert!(!log.contains(private), "{log}");
    }
    // Without the filter it would be: this log does show what is logged.
    let all = log_of_calls("info").await;
    assert!(all.contains("4930123") && !all.contains("s3cret"));
}
