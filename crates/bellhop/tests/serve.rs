//! The whole program over real sockets.

mod support;

use std::time::Duration;
use support::{Caller, Server, bellhop};

#[test]
fn a_call_is_answered_recorded_and_replayed_and_its_number_stays_out_of_log_and_metrics() {
    let number = "4915550123987";
    let server = Server::start();
    let mut caller = Caller::call(&server, number);
    let heard = caller.stay(Duration::from_secs(3));
    assert!(heard > 100, "{heard} packets in 3 s");
    caller.hang_up();
    let metrics = || server.get("/metrics");
    server.wait_until("over", || metrics().contains("how=\"ByCaller\"} 1"));
    let log = server.log();
    assert!(log.contains("answering"), "{log}");
    assert!(
        !log.contains(number) && !metrics().contains(number),
        "a number leaked:\n{log}"
    );
    let folder = server.folder.path();
    server.wait_until("sealed", || {
        bellhop(&["recordings", "--archive", "archive", "list"], folder)
            .0
            .contains("by_caller")
    });
    let (said, is_good) = bellhop(&["recordings", "--archive", "archive", "verify"], folder);
    assert!(
        is_good && said.contains("1 calls as they were sealed"),
        "{said}"
    );
    let (said, is_same) = bellhop(&["replay", "--archive", "archive", "archive/calls"], folder);
    assert!(is_same && said.contains("1 journals"), "{said}");
}

#[test]
fn sigterm_refuses_new_calls_tells_running_ones_goodbye_and_ends_well() {
    let mut server = Server::start();
    let mut caller = Caller::call(&server, "100");
    caller.stay(Duration::from_millis(500));
    server.terminate();
    server.wait_until("draining", || server.get("/readyz").contains("draining"));
    std::thread::scope(|scope| {
        let goodbye = scope.spawn(|| caller.expect_bye());
        goodbye.join().expect("told goodbye");
    });
    assert!(server.wait().success());
    let folder = server.folder.path();
    let (said, _) = bellhop(&["recordings", "--archive", "archive", "list"], folder);
    assert!(said.contains("drained"), "{said}");
}

#[test]
fn metrics_and_health_tell_of_a_server_at_rest() {
    let server = Server::start();
    assert!(server.get("/healthz").ends_with("alive\n"));
    server.wait_until("ticking", || {
        server.get("/metrics").contains("bellhop_tick_late_seconds")
    });
}
