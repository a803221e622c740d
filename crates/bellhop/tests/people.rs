//! Callers and agents over real sockets: who rings, who hears whom, and what is left.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};
use support::{Agent, Caller, Server, bellhop};

/// A plan whose callers reach a queue by key 0.
const PLAN: &str = "
plan: desk
languages: [en]
start: menu
recording: on
notice: none
people: {queue: desk, otherwise: callback}
nodes:
  menu:
    ask: Press 1 for our hours.
    routes: {hours: {en: [opening hours], key: 1}}
    no_input: [Press 1 for our hours., then: person]
  hours:
    end: We are open.
";

const CALLER_HZ: f64 = 700.0;
const AGENT_HZ: f64 = 1_100.0;
const STEP: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(30);

fn server(agent: &Agent) -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("plans/desk");
    std::fs::create_dir_all(&plan).expect("a folder");
    std::fs::write(plan.join("flow.yaml"), PLAN).expect("a plan");
    let plans = folder.path().join("plans");
    let more = format!(
        "[[agent]]\nname = \"lin\"\naddress = \"{}\"\n\
         [[queue]]\nname = \"desk\"\nagents = [\"lin\"]\noverflow = \"sip:late@127.0.0.1:9\"\n",
        agent.address()
    );
    Server::start_with(folder, "none", &plans, "desk", &more)
}

/// The share of a sound's power that lies at a frequency.
fn share(sound: &[u8], freq_hz: f64) -> f32 {
    let samples: Vec<i16> = sound
        .iter()
        .map(|&code| dsp::g711::ulaw_to_linear(code))
        .collect();
    dsp::Goertzel::new(freq_hz as f32, 8_000).share(&samples)
}

/// Both hum until each hears the other for a while and nobody hears themselves.
fn hear_each_other(caller: &mut Caller, agent: &mut Agent) {
    let began = Instant::now();
    let mut in_a_row = 0;
    while in_a_row < 25 {
        assert!(began.elapsed() < PATIENCE, "they never heard each other");
        let (by_caller, by_agent) = (caller.hum(CALLER_HZ), agent.hum(AGENT_HZ));
        let hears = |sound: &Option<Vec<u8>>, other, own| {
            let sound = sound.as_deref().unwrap_or_default();
            share(sound, other) > 0.8 && share(sound, own) < 0.05
        };
        let both = hears(&by_caller, AGENT_HZ, CALLER_HZ) && hears(&by_agent, CALLER_HZ, AGENT_HZ);
        in_a_row = if both { in_a_row + 1 } else { 0 };
        std::thread::sleep(STEP);
    }
}

#[test]
fn a_caller_who_asks_three_times_and_the_agent_hear_each_other() {
    let mut agent = Agent::new();
    let server = server(&agent);
    let mut caller = Caller::call(&server, "4915550123987");
    caller.stay(Duration::from_millis(500));
    for _ in 0..3 {
        caller.press(0);
        caller.stay(Duration::from_millis(300));
    }
    let invite = agent.answer();
    assert!(
        invite.contains("X-Bellhop-Reason: repeated_request"),
        "{invite}"
    );
    assert!(
        invite.contains("sip:4915550123987@"),
        "the number is kept: {invite}"
    );
    hear_each_other(&mut caller, &mut agent);
    caller.hang_up();
    let bye = agent.expect("BYE");
    agent.respond(&bye, "200 OK", false);
    server.wait_until("over", || {
        server.get("/metrics").contains("how=\"ByCaller\"} 1")
    });
    replays(&server);
}

#[test]
fn a_caller_who_leaves_stops_the_phone_that_rings() {
    let mut agent = Agent::new();
    let server = server(&agent);
    let mut caller = Caller::call(&server, "100");
    caller.stay(Duration::from_millis(500));
    for _ in 0..3 {
        caller.press(0);
        caller.stay(Duration::from_millis(300));
    }
    let invite = agent.expect("INVITE");
    agent.respond(&invite, "180 Ringing", false);
    caller.stay(Duration::from_millis(300));
    caller.hang_up();
    let cancel = agent.expect("CANCEL");
    agent.respond(&cancel, "200 OK", false);
    agent.respond(&invite, "487 Request Terminated", false);
    agent.expect("ACK");
    replays(&server);
}

#[test]
fn a_caller_whose_agent_hangs_up_is_still_there() {
    let mut agent = Agent::new();
    let server = server(&agent);
    let mut caller = Caller::call(&server, "100");
    caller.stay(Duration::from_millis(500));
    for _ in 0..3 {
        caller.press(0);
        caller.stay(Duration::from_millis(300));
    }
    agent.answer();
    hear_each_other(&mut caller, &mut agent);
    agent.hang_up();
    let heard = caller.stay(Duration::from_secs(2));
    assert!(heard > 60, "{heard} packets: the caller was dropped");
    caller.hang_up();
    replays(&server);
}

/// Every decision of the server's calls is made again alike, once they are sealed.
fn replays(server: &Server) {
    let folder: &Path = server.folder.path();
    server.wait_until("sealed", || {
        bellhop(&["recordings", "--archive", "archive", "list"], folder)
            .0
            .contains("by_caller")
    });
    let (said, is_same) = bellhop(&["replay", "--archive", "archive", "archive/calls"], folder);
    assert!(is_same && said.contains("1 journals"), "{said}");
}
