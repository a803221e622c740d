//! `cargo demo -- --plan NAME --talks`: callers play the plan's conversations over real SIP, and the
//! journals of their calls are held against what was written.
//!
//! Conversations want different servers: with an intent tier that answers as they have it, with a model
//! that scores voices, with waiting rooms that are closed. Those that want the same are played together.

use crate::cast::{self, Phones};
use crate::demo::{self, Afterwards, MUSIC};
use crate::plan_demo::{self, Needed};
use crate::privacy;
use crate::process::Patience;
use crate::server::{Server, Service, free_tcp};
use crate::workshop::Workshop;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The weights that score voices where a conversation is about how one sounds.
const VOICE: &str = "crates/voice-emotion/models/anger-acted.json";
/// The phone that takes what overflows, where conversations have it.
const OVERFLOW: &str = cast::SLOW;

/// Where conversations are played.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// The plan's name.
    pub plan: &'a str,
    /// Those whose titles hold this text.
    pub title: &'a str,
    /// The plan's text.
    pub flow: &'a str,
    /// Where everything is kept.
    pub folder: &'a Path,
    /// The people's phones.
    pub phones: &'a Phones,
    /// Where the plan expects its back end.
    pub back_end: SocketAddr,
}

/// Plays all, server after server; an error where one did not go as written.
pub fn play(
    workshop: &Workshop,
    stage: &Stage<'_>,
    service: &Service,
    afterwards: Afterwards,
) -> Result<(), String> {
    let calls = stage.folder.join("calls");
    plan_demo::clear(&calls)?;
    let mut write = talks(workshop, stage);
    write.arg("--write-calls").arg(&calls);
    write.arg("--recordings").arg(workshop.shared());
    workshop.run(&mut write, Patience::minutes(1))?;
    let mut all = folders(&calls)?;
    let last = all.pop();
    let mut told = Ok(());
    for (folder, afterwards) in all
        .iter()
        .map(|folder| (folder, Afterwards::Stop))
        .chain(last.iter().map(|last| (last, afterwards)))
    {
        let played = play_folder(workshop, stage, service, folder, afterwards);
        told = told.and(played);
    }
    told
}

/// The folders that the calls were written to, by what their server needs.
fn folders(calls: &Path) -> Result<Vec<PathBuf>, String> {
    let problem = |error: std::io::Error| format!("{}: {error}", calls.display());
    let entries = fs::read_dir(calls).map_err(problem)?;
    let mut all = Vec::new();
    for entry in entries {
        all.push(entry.map_err(problem)?.path());
    }
    all.sort();
    Ok(all)
}

/// Plays those that want the same server.
fn play_folder(
    workshop: &Workshop,
    stage: &Stage<'_>,
    service: &Service,
    calls: &Path,
    afterwards: Afterwards,
) -> Result<(), String> {
    let Stage {
        plan,
        flow,
        folder,
        phones,
        ..
    } = *stage;
    let name = calls.file_name().unwrap_or_default().to_string_lossy();
    let needed = needed(workshop, &name)?;
    let music = workshop.root().join(MUSIC);
    let service = Service {
        more: plan_demo::configuration(plan, flow, &music, phones, &needed),
        ..service.clone()
    };
    println!("\nStarting the server ({name}); the first time it makes its prompts.");
    let server = Server::start(workshop, folder, &service)?;
    demo::export_prompts(workshop, folder, plan, &folder.join(demo::PROMPTS))?;
    let told = place(workshop, stage, &server, calls, &needed);
    let private = privacy::check_talks(calls, &server.log);
    plan_demo::finish(workshop, folder, server, afterwards, plan)?;
    told.and(private)
}

/// What a folder's name says.
fn needed(workshop: &Workshop, name: &str) -> Result<Needed, String> {
    let mut needed = Needed::default();
    for part in name.split('-') {
        match part {
            "tier" => needed.mind = Some(free_tcp()?),
            "voice" => needed.voice = Some(workshop.root().join(VOICE)),
            "closed" => needed.closed = true,
            _ => {}
        }
    }
    Ok(needed)
}

/// The callers call, and their calls are judged.
fn place(
    workshop: &Workshop,
    stage: &Stage<'_>,
    server: &Server,
    calls: &Path,
    needed: &Needed,
) -> Result<(), String> {
    let mut callers = demo::callers_of(workshop, server, stage.plan, stage.folder);
    callers.arg("--scenarios").arg(calls);
    callers.args(["--back-end", &stage.back_end.to_string()]);
    if let Some(mind) = needed.mind {
        callers.args(["--intent", &mind.to_string()]);
    }
    let Phones { desk, nobody, .. } = stage.phones;
    for (from, to) in [(cast::DESK, desk), (OVERFLOW, nobody)] {
        callers.args(["--phone", &format!("{from}={to}")]);
    }
    // Whether they went as written is judged once, with their journals.
    let placed = demo::watched(workshop, server, callers, Patience::minutes(120));
    let mut judge = talks(workshop, stage);
    judge
        .arg("--calls")
        .arg(stage.folder.join("callers/report.json"));
    judge.arg("--archive").arg(&server.archive);
    let judged = workshop.run(&mut judge, Patience::minutes(1));
    placed.and(judged)
}

/// `bellhop test` with the conversations that are wanted.
fn talks(workshop: &Workshop, stage: &Stage<'_>) -> Command {
    let mut talks = workshop.program("bellhop");
    talks.args(["test", &format!("dialplans/{}", stage.plan)]);
    talks.args(["--filter", stage.title]);
    talks
}
