//! An intent tier that is dead, slow, garbled, endless or breaks off: what the caller hears.

use crate::cast::{self, Phones};
use crate::demo::{MUSIC, export_prompts};
use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service, free_tcp};
use crate::steps::Done;
use crate::workshop::Workshop;
use std::net::SocketAddr;

/// Where the steps keep their calls.
pub const FOLDER: &str = "verify-unanswered";
/// The number that is called; its plan leaves questions open.
const NUMBER: &str = "helpline";

/// What the service does wrong, and the scenario that says what the caller hears then.
const CASES: [(&str, &[&str], &str); 5] = [
    ("dead", &["--fault", "dead"], "unanswered"),
    ("garbled", &["--fault", "garbled"], "unanswered"),
    ("slow", &["--after-ms", "10000"], "unanswered"),
    ("endless", &["--fault", "endless"], "cut-short"),
    ("breaks off", &["--fault", "breaks-off"], "cut-short"),
];

/// Asks an open question of each bad service over a real call.
pub fn run(workshop: &Workshop) -> Result<Done, String> {
    let folder = workshop.folder_without_calls(FOLDER)?;
    let (mind, phones) = (free_tcp()?, Phones::somewhere()?);
    let service = Service {
        plans: cast::write_plans(workshop, &folder)?,
        more: cast::configuration(&workshop.root().join(MUSIC), mind, &phones),
        ..Service::front_desk(workshop, Ear::Open)
    };
    let server = Server::start(workshop, &folder, &service)?;
    let prompts = folder.join("prompts");
    export_prompts(workshop, &folder, cast::plan_of(NUMBER), &prompts)?;
    let told = CASES.iter().try_for_each(|(name, flags, scenario)| {
        println!("\n   a service that is {name}:");
        ask(workshop, &server, mind, flags, scenario)
    });
    let stopped = server.stop();
    told?;
    stopped.map(|()| Done::Passed)
}

fn ask(
    workshop: &Workshop,
    server: &Server,
    mind: SocketAddr,
    flags: &[&str],
    scenario: &str,
) -> Result<(), String> {
    let folder = workshop.folder(FOLDER)?;
    let mut bad = workshop.program("loadtest");
    bad.args(["intent-service", "--listen", &mind.to_string()])
        .args(flags);
    let mut bad = Group::start(&mut bad)?;
    let mut call = workshop.program("loadtest");
    call.args(["call", "--fixtures", "audio-fixtures"])
        .args(["--target", &format!("sip:{NUMBER}@{}", server.sip)])
        .arg("--script")
        .arg(format!("loadtest/scenarios/tier/{scenario}.call"))
        .arg("--prompts")
        .arg(folder.join("prompts"))
        .arg("--out")
        .arg(folder.join("callers"));
    let told = workshop.run(&mut call, Patience::minutes(3));
    bad.stop()?;
    told
}
