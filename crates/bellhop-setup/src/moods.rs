//! Anger over real calls: callers whose voices the model never heard, calm and angry.

use crate::cast::{self, Phones};
use crate::demo::MUSIC;
use crate::process::Patience;
use crate::server::{Ear, Server, Service, free_tcp};
use crate::steps::Done;
use crate::workshop::Workshop;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The plan that listens on whatever is said, and what its copy changes so that a person can come.
const PLAN: &str = "speech-check";
const NOBODY: &str = "  otherwise: callback\n";
const SOMEBODY: &str = "  queue: desk\n  otherwise: callback\n";
/// One in so many speakers calls; the model is trained on the others.
const CALLS_ONE_IN: usize = 3;
/// The share of angry callers who must reach a person, in percent: what the table of
/// `bellhop eval emotion --calls` has as shipped, over the collections that people spoke.
const ANGRY: &str = "44";
/// And of the others, at most. None should: merry voices are what the score mistakes (2 of 24 such
/// calls when it was measured first).
const OTHERS: &str = "10";
const PATIENCE: Patience = Patience::minutes(60);

/// Trains a model without the callers, starts a server that uses it, and has them call.
pub fn run(workshop: &Workshop) -> Result<Done, String> {
    let manifest = workshop.shared().join("emotion/manifest.csv");
    if !manifest.is_file() {
        let why = format!("there is no {}", manifest.display());
        eprintln!("   SKIPPED angry callers over real calls: {why}");
        return Ok(Done::Skipped(why));
    }
    let folder = workshop.folder_without_calls("verify-moods")?;
    let (taught, callers) = parted(&manifest, &folder)?;
    let model = folder.join("model.json");
    let mut train = workshop.program("bellhop");
    train.args(["emotion", "train", "--name", "without-the-callers"]);
    train.arg("--manifest").arg(taught).arg("--out").arg(&model);
    workshop.run(&mut train, PATIENCE)?;
    let phones = Phones::somewhere()?;
    let people = cast::configuration(&workshop.root().join(MUSIC), free_tcp()?, &phones);
    let service = Service {
        ear: Ear::Open,
        plans: plans(workshop, &folder)?,
        plan: PLAN.to_owned(),
        more: format!("[emotion]\nmodel = {model:?}\n\n{people}"),
    };
    let server = Server::start(workshop, &folder, &service)?;
    let called = call(workshop, &server, phones.at(cast::DESK), &callers, &folder);
    let stopped = server.stop();
    called?;
    stopped.map(|()| Done::Passed)
}

fn call(
    workshop: &Workshop,
    server: &Server,
    agent: SocketAddr,
    callers: &Path,
    folder: &Path,
) -> Result<(), String> {
    let mut command = workshop.program("loadtest");
    command
        .args(["moods", "--target", &format!("sip:{PLAN}@{}", server.sip)])
        .args(["--agent", &agent.to_string()])
        .args(["--require-angry", ANGRY, "--require-others", OTHERS])
        .arg("--clips")
        .arg(callers)
        .arg("--out")
        .arg(folder.join("said"));
    workshop.run(&mut command, PATIENCE)
}

/// The plans of the demo, and the one that listens, with people behind it.
fn plans(workshop: &Workshop, folder: &Path) -> Result<PathBuf, String> {
    let plans = cast::write_plans(workshop, folder)?;
    let copy = plans.join(PLAN);
    cast::copy(&workshop.root().join("dialplans").join(PLAN), &copy)?;
    let flow = copy.join("flow.yaml");
    let problem = |error: std::io::Error| format!("{}: {error}", flow.display());
    let text = fs::read_to_string(&flow).map_err(problem)?;
    if !text.contains(NOBODY) {
        return Err(format!(
            "{} has no line '{}'",
            flow.display(),
            NOBODY.trim()
        ));
    }
    fs::write(&flow, text.replacen(NOBODY, SOMEBODY, 1)).map_err(problem)?;
    Ok(plans)
}

/// Two lists out of one: what the model is trained on, and those who call.
fn parted(manifest: &Path, folder: &Path) -> Result<(PathBuf, PathBuf), String> {
    let problem = |error: std::io::Error| format!("{}: {error}", manifest.display());
    let text = fs::read_to_string(manifest).map_err(problem)?;
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let column = |name: &str| {
        let place = head.split(',').position(|known| known == name);
        place.ok_or_else(|| format!("{}: there is no column '{name}'", manifest.display()))
    };
    let (path, speaker, made_up) = (column("path")?, column("speaker")?, column("is_synthetic")?);
    let mut speakers: Vec<&str> = Vec::new();
    let (mut taught, mut callers) = (format!("{head}\n"), format!("{head}\n"));
    let beside = manifest.parent().unwrap_or(Path::new("."));
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let (Some(name), Some(is_made_up)) = (fields.get(speaker).copied(), fields.get(made_up))
        else {
            continue;
        };
        let calls = *is_made_up == "0" && {
            if !speakers.contains(&name) {
                speakers.push(name);
            }
            let place = speakers.iter().position(|known| *known == name);
            place.is_some_and(|place| place % CALLS_ONE_IN == CALLS_ONE_IN - 1)
        };
        let place = fields.get(path).map(|path| beside.join(path));
        let place = place.unwrap_or_default().display().to_string();
        let fields: Vec<&str> = (0..fields.len())
            .map(|at| if at == path { &place } else { fields[at] })
            .collect();
        let list = if calls { &mut callers } else { &mut taught };
        *list += &(fields.join(",") + "\n");
    }
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok::<PathBuf, String>(path)
    };
    Ok((
        write("taught.csv", &taught)?,
        write("callers.csv", &callers)?,
    ))
}
