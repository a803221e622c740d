//! `cargo demo`: real calls to a real server, told as they happen.

use crate::cast::{self, Phones};
use crate::moods;
use crate::packages::{self, Purpose};
use crate::privacy;
use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service, free_tcp};
use crate::steps::Done;
use crate::stored;
use crate::workshop::Workshop;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// What happens when the calls are over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Afterwards {
    /// The server ends.
    Stop,
    /// The server stays up, for a softphone.
    StayUp,
}

/// Where the demo keeps what it makes.
const FOLDER: &str = "demo";
/// In it, the bot's prompts.
pub const PROMPTS: &str = "prompts";
/// What callers hear while they wait.
pub const MUSIC: &str = "audio-fixtures/music.wav";

/// The bars, in milliseconds: the median from a caller's last word to the first packet
/// of the reply,
const REPLY_P50: &str = "800";
/// the slowest such reply but 5 %,
const REPLY_P95: &str = "1200";
/// the slowest prompt but 5 % to be 12 dB lower after a caller's first sound,
const DUCK_P95: &str = "250";
/// and the longest that a prompt is heard after it was interrupted.
const SILENCE_MAX: &str = "40";

/// How long the timeline may lag behind the calls.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Plays the demo; an error when a call did not go as told.
pub fn run(workshop: &Workshop, afterwards: Afterwards) -> Result<(), String> {
    packages::provide(Purpose::Demo)?;
    println!("\nBuilding the server and its callers.");
    let mut build = workshop.cargo(&["build", "--package", "bellhop", "--package", "loadtest"]);
    workshop.run(&mut build, Patience::minutes(40))?;

    let folder = workshop.folder_without_calls(FOLDER)?;
    println!("\nStarting the server; the first time it makes its prompts.");
    let (mind, phones) = (free_tcp()?, Phones::somewhere()?);
    let service = Service {
        plans: cast::write_plans(workshop, &folder)?,
        more: cast::configuration(&workshop.root().join(MUSIC), mind, &phones),
        ..Service::front_desk(workshop, Ear::Open)
    };
    let server = Server::start(workshop, &folder, &service)?;
    let mut answers = Group::start(&mut intent_service(workshop, mind))?;
    export_prompts(workshop, &folder, "front-desk", &folder.join(PROMPTS))?;
    for (number, plan) in cast::numbers() {
        let prompts = folder.join(PROMPTS).join(number);
        export_prompts(workshop, &folder, plan, &prompts)?;
        let music = fs::copy(workshop.root().join(MUSIC), prompts.join("music.wav"));
        music.map_err(|error| format!("{}: {error}", prompts.display()))?;
    }
    let told = place_calls(workshop, &server, &folder, &phones);
    let turned = moods::show(workshop);
    print_archive(workshop, &server)?;
    let private = privacy::check(&workshop.root().join("loadtest/scenarios"), &server.log);
    match afterwards {
        Afterwards::Stop => {
            answers.stop()?;
            server.stop()?;
        }
        Afterwards::StayUp => {
            println!(
                "\nThe server stays up: call sip:front-desk@{} with a softphone (PCMU or PCMA, \
                 no registration).\nIts log is {}. Ctrl-C ends it.",
                server.sip,
                server.log.display()
            );
            server.wait()?;
        }
    }
    told.and(turned).and(private)
}

/// The small service that answers what the plans leave open.
fn intent_service(workshop: &Workshop, mind: SocketAddr) -> Command {
    let mut service = workshop.program("loadtest");
    service.args(["intent-service", "--listen", &mind.to_string()]);
    service
}

/// The callers know what the bot may say by its sound alone.
pub fn export_prompts(
    workshop: &Workshop,
    folder: &Path,
    plan: &str,
    out: &Path,
) -> Result<(), String> {
    let mut export = workshop.program("bellhop");
    export
        .args(["prompts", "export", "--plan", plan, "--config"])
        .arg(folder.join("bellhop.toml"))
        .arg("--out")
        .arg(out);
    workshop.run(&mut export, Patience::minutes(5))
}

/// The callers of the front desk's demo.
fn place_calls(
    workshop: &Workshop,
    server: &Server,
    folder: &Path,
    phones: &Phones,
) -> Result<(), String> {
    let mut callers = callers_of(workshop, server, "front-desk", folder);
    for (from, to) in [(cast::DESK, phones.desk), (cast::SLOW, phones.slow)] {
        callers.args(["--phone", &format!("{from}={to}")]);
    }
    watched(workshop, server, callers, Patience::minutes(30))
}

/// Callers of this plan's number, who know its prompts by their sound.
pub fn callers_of(workshop: &Workshop, server: &Server, plan: &str, folder: &Path) -> Command {
    let mut callers = workshop.program("loadtest");
    callers
        .args(["demo", "--target", &format!("sip:{plan}@{}", server.sip)])
        .args(["--fixtures", "audio-fixtures", "--prompts"])
        .arg(folder.join(PROMPTS))
        .arg("--out")
        .arg(folder.join("callers"));
    callers
}

/// The callers speak while the timeline of their calls is shown.
pub fn watched(
    workshop: &Workshop,
    server: &Server,
    mut callers: Command,
    patience: Patience,
) -> Result<(), String> {
    let mut watch = workshop.program("bellhop");
    watch.arg("watch").arg("--archive").arg(&server.archive);
    let mut watch = Group::start(&mut watch)?;
    let told = workshop.run(&mut callers, patience);
    thread::sleep(LAST_LINES);
    watch.stop()?;
    told.map_err(|why| format!("a call did not go as told: {why}"))
}

/// The calls with their recordings, and how fast the bot was.
fn print_archive(workshop: &Workshop, server: &Server) -> Result<(), String> {
    let mut list = workshop.program("bellhop");
    list.args(["recordings", "--archive"])
        .arg(&server.archive)
        .arg("list");
    workshop.run(&mut list, Patience::minutes(1))?;
    let mut latency = workshop.program("bellhop");
    latency.arg("latency").arg(server.archive.join("calls"));
    workshop.run(&mut latency, Patience::minutes(1))?;
    println!(
        "The bars: replies p50 {REPLY_P50}, p95 {REPLY_P95}; lowered p95 {DUCK_P95}; \
         silent at the latest {SILENCE_MAX}.\n"
    );
    let mut verify = workshop.program("bellhop");
    verify
        .args(["recordings", "--archive"])
        .arg(&server.archive)
        .arg("verify");
    workshop.run(&mut verify, Patience::minutes(1))
}

/// Plays the demo and holds it to its bars: as told, fast, and decided again alike.
pub fn run_to_the_bars(workshop: &Workshop) -> Result<Done, String> {
    run(workshop, Afterwards::Stop)?;
    let archive = workshop.folder(FOLDER)?.join("archive");
    let mut latency = workshop.program("bellhop");
    latency
        .args(["latency", "--require-reply-p50", REPLY_P50])
        .args(["--require-reply-p95", REPLY_P95])
        .args(["--require-duck-p95", DUCK_P95])
        .args(["--require-silence-max", SILENCE_MAX])
        .arg(archive.join("calls"));
    workshop
        .run(&mut latency, Patience::minutes(1))
        .map_err(|why| format!("a reply or an interruption was too slow: {why}"))?;
    stored::replay(workshop, archive).map(|()| Done::Passed)
}
