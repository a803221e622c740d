//! The trunk against sipp, which shares no code with us.

use crate::load::answer_all;
use crate::support::{Bench, PATIENCE, outgoing_to, settings, wait_until_empty};
use call_model::Private;
use sip_trunk::{Credentials, LegEnd, TcpSettings, TrunkEvent};
use std::net::{SocketAddr, UdpSocket};
use std::process::Output;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// sipp with these arguments at this port of loopback; none when it is not installed.
async fn sipp(port: u16, arguments: &[&str]) -> Option<Child> {
    if Command::new("sipp").arg("-v").output().await.is_err() {
        eprintln!("SKIPPED 1 test: sipp is not installed (Debian package sip-tester)");
        return None;
    }
    let (signalling, sound) = (port.to_string(), free_sound_ports().to_string());
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

/// The first of four free ports in a row, which sipp takes for sound and pictures. They
/// lie below those that the system hands out by itself, so nobody takes them meanwhile.
fn free_sound_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % 1_000) as u16 * 4;
    let all_free = |first: u16| {
        let sockets = (first..first + 4).map(|port| UdpSocket::bind(("127.0.0.1", port)));
        sockets.collect::<Result<Vec<_>, _>>().is_ok()
    };
    let mut places = (0..2_000).map(|_| {
        let place = start.wrapping_add(NEXT.fetch_add(4, Ordering::Relaxed));
        12_000 + place % 8_000
    });
    places
        .find(|first| all_free(*first))
        .expect("four free ports")
}

/// A trunk that speaks TCP too.
async fn bench() -> Bench {
    let mut both = settings();
    both.tcp = Some(TcpSettings::default());
    Bench::start(both).await
}

#[tokio::test]
async fn sipp_places_two_hundred_calls_and_none_fails() {
    sipp_places_calls("u1").await;
}

#[tokio::test]
async fn sipp_places_two_hundred_calls_over_tcp_and_none_fails() {
    sipp_places_calls("t1").await;
}

async fn sipp_places_calls(transport: &str) {
    let bench = bench().await;
    let trunk = bench.trunk.clone();
    let target = trunk.local_address().to_string();
    let arguments = [
        "-sn", "uac", &target, "-m", "200", "-r", "50", "-t", transport,
    ];
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
async fn call_and_hang_up(bench: &mut Bench, port: u16, more: &str, calls: usize) -> usize {
    let mut stood = 0;
    let phone: SocketAddr = ([127, 0, 0, 1], port).into();
    for _ in 0..calls {
        let mut call = outgoing_to(phone);
        call.target.push_str(more);
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
    let mut bench = bench().await;
    let port = free_port();
    let Some(sipp) = sipp(port, &["-sn", "uas", "-m", "50"]).await else {
        return;
    };
    assert_eq!(call_and_hang_up(&mut bench, port, "", 50).await, 50);
    assert_success(&finished(sipp).await, &bench.trunk.counts());
    wait_until_empty(&bench.trunk).await;
}

#[tokio::test]
async fn sipp_is_called_fifty_times_over_tcp_and_answers_each() {
    let mut bench = bench().await;
    let port = free_port();
    let Some(sipp) = sipp(port, &["-sn", "uas", "-m", "50", "-t", "t1"]).await else {
        return;
    };
    until_listening(port).await;
    let by_tcp = ";transport=tcp";
    assert_eq!(call_and_hang_up(&mut bench, port, by_tcp, 50).await, 50);
    assert_success(&finished(sipp).await, &bench.trunk.counts());
    wait_until_empty(&bench.trunk).await;
}

/// Over UDP a call is repeated until sipp is up; a connection is not.
async fn until_listening(port: u16) {
    let waited = timeout(PATIENCE, async {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tick.tick().await;
        }
    });
    waited.await.expect("sipp listens in time");
}

#[tokio::test]
async fn sipp_asks_who_we_are_and_believes_us() {
    let mut bench = bench().await;
    let port = free_port();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sip/asks.xml");
    let Some(sipp) = sipp(port, &["-sf", scenario, "-m", "10"]).await else {
        return;
    };
    assert_eq!(call_and_hang_up(&mut bench, port, "", 10).await, 10);
    assert_success(&finished(sipp).await, &bench.trunk.counts());
    wait_until_empty(&bench.trunk).await;
}
