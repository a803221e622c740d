//! `cargo demo`: real calls to a real server, told as they happen.

use crate::packages::{self, Purpose};
use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service};
use crate::workshop::Workshop;
use std::path::Path;
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

/// How long the timeline may lag behind the calls.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Plays the demo; an error when a call did not go as told.
pub fn run(workshop: &Workshop, afterwards: Afterwards) -> Result<(), String> {
    packages::provide(Purpose::Demo)?;
    println!("\nBuilding the server and its callers.");
    let mut build = workshop.cargo(&["build", "--package", "bellhop", "--package", "loadtest"]);
    workshop.run(&mut build, Patience::minutes(40))?;

    let folder = workshop.folder_without_calls("demo")?;
    println!("\nStarting the server; the first time it makes its prompts.");
    let server = Server::start(workshop, &folder, &Service::front_desk(workshop, Ear::Open))?;
    export_prompts(workshop, &folder)?;
    let told = place_calls(workshop, &server, &folder);
    print_archive(workshop, &server)?;
    match afterwards {
        Afterwards::Stop => server.stop()?,
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
    told
}

/// The callers know what the bot may say by its sound alone.
fn export_prompts(workshop: &Workshop, folder: &Path) -> Result<(), String> {
    let mut export = workshop.program("bellhop");
    export
        .args(["prompts", "export", "--plan", "front-desk", "--config"])
        .arg(folder.join("bellhop.toml"))
        .arg("--out")
        .arg(folder.join("prompts"));
    workshop.run(&mut export, Patience::minutes(5))
}

/// The callers speak while the timeline of their calls is shown.
fn place_calls(workshop: &Workshop, server: &Server, folder: &Path) -> Result<(), String> {
    let mut watch = workshop.program("bellhop");
    watch.arg("watch").arg("--archive").arg(&server.archive);
    let mut watch = Group::start(&mut watch)?;
    let mut callers = workshop.program("loadtest");
    callers
        .args([
            "demo",
            "--target",
            &format!("sip:front-desk@{}", server.sip),
        ])
        .args(["--fixtures", "audio-fixtures", "--prompts"])
        .arg(folder.join("prompts"))
        .arg("--out")
        .arg(folder.join("callers"));
    let told = workshop.run(&mut callers, Patience::minutes(10));
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
    workshop.run(&mut latency, Patience::minutes(1))
}
