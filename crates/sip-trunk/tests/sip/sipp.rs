//! The trunk against sipp, which shares no code with us.

use crate::load::answer_all;
use crate::support::{Bench, outgoing_to, settings, wait_until_empty};
use call_model::Private;
use sip_trunk::{Credentials, LegEnd, TrunkEvent};
use std::net::{SocketAddr, UdpSocket};
use std::process::Output;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// sipp with these arguments at this port of loopback; none when it is not installed.
async fn sipp(port: u16, arguments: &[&str]) -> Option<Child> {
    if Command::new("sipp").arg("-v").output().await.is_err() {
        eprintln!("SKIPPED 1 test: sipp is not installed (Debian package sip-tester)");
        return None;
    }
    let (signalling, sound) = (port.to_string(), free_port().to_string());
    let mut command = Command::new("sipp");
    command
        .args(arguments)
        .args(["-i", "127.0.0.1", "-p", &signalling, "-mp", &sound])
        .args(["-nostdin", "-timeout", "60"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true);
    Some(command.spawn().expect("sipp runs"))
}

async fn finished(sipp: Child) -> Output {
    let output = timeout(Duration::from_secs(90), sipp.wait_with_output()).await;
    output.expect("sipp ends in time").expect("sipp ran")
}

fn assert_success(output: &Output, bench: &dyn std::fmt::Debug) {
    let screen = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{bench:?}\n{screen}\n{errors}");
}

fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.local_addr().expect("an address").port()
}

#[tokio::test]
async fn sipp_places_two_hundred_calls_and_none_fails() {
    let bench = Bench::start(settings()).await;
    let trunk = bench.trunk.clone();
    let target = trunk.local_address().to_string();
    let arguments = ["-sn", "uac", &target, "-m", "200", "-r", "50"];
    let Some(sipp) = sipp(free_port(), &arguments).await else {
        return;
    };
    let answering = tokio::spawn(answer_all(trunk.clone(), bench.events));
    assert_success(&finished(sipp).await, &trunk.counts());
    trunk.stop().await;
    assert_eq!(answering.await.expect("a quiet end"), 200);
}

/// Calls sipp so often, one call after the other, and hangs each up as soon as it
/// stands; how many stood.
async fn call_and_hang_up(bench: &mut Bench, port: u16, calls: usize) -> usize {
    let mut stood = 0;
    let phone: SocketAddr = ([127, 0, 0, 1], port).into();
    for _ in 0..calls {
        let mut call = outgoing_to(phone);
        call.credentials = Some(Credentials {
            user: "bellhop".to_owned(),
            password: Private::new("s3cret".to_owned()),
        });
        let leg = bench.trunk.call(call).expect("a call");
        loop {
            match bench.event().await {
                TrunkEvent::Progress { .. } => {}
                TrunkEvent::Established { .. } => {
                    stood += 1;
                    bench.trunk.hang_up(leg, "done").expect("a hang-up");
                    break;
                }
                TrunkEvent::Ended { by, .. } => {
                    assert_eq!(by, LegEnd::NoAnswer, "sipp was not up yet");
                    break;
                }
                other => panic!("an answer was expected: {other:?}"),
            }
        }
    }
    stood
}

#[tokio::test]
async fn sipp_is_called_fifty_times_and_answers_each() {
    let mut bench = Bench::start(settings()).await;
    let port = free_port();
    let Some(sipp) = sipp(port, &["-sn", "uas", "-m", "50"]).await else {
        return;
    };
    assert_eq!(call_and_hang_up(&mut bench, port, 50).await, 50);
    assert_success(&finished(sipp).await, &bench.trunk.counts());
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn sipp_asks_who_we_are_and_believes_us() {
    let mut bench = Bench::start(settings()).await;
    let port = free_port();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sip/asks.xml");
    let Some(sipp) = sipp(port, &["-sf", scenario, "-m", "10"]).await else {
        return;
    };
    assert_eq!(call_and_hang_up(&mut bench, port, 10).await, 10);
    assert_success(&finished(sipp).await, &bench.trunk.counts());
    wait_until_empty(&bench.trunk).await;
}
