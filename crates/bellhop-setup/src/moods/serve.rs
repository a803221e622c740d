//! A server that scores voices, and callers for it.

use crate::cast::{self, Phones};
use crate::demo::MUSIC;
use crate::process::Patience;
use crate::server::{Ear, Server, Service, free_tcp};
use crate::workshop::Workshop;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The plan that listens on whatever is said, and what its copy changes so that a person can come.
const PLAN: &str = "speech-check";
const NOBODY: &str = "  otherwise: callback\n";
const SOMEBODY: &str = "  queue: desk\n  otherwise: callback\n";
const PATIENCE: Patience = Patience::minutes(90);

/// Starts a server that scores voices by this model, and has the callers of a list call; `words` go to
/// `loadtest moods` beside.
pub fn serve_and_call(
    workshop: &Workshop,
    folder: &Path,
    model: &Path,
    callers: &Path,
    words: &[OsString],
) -> Result<(), String> {
    let phones = Phones::somewhere()?;
    let people = cast::configuration(&workshop.root().join(MUSIC), free_tcp()?, &phones);
    let service = Service {
        ear: Ear::Open,
        plans: plans(workshop, folder)?,
        plan: PLAN.to_owned(),
        more: format!("[emotion]\nmodel = {model:?}\n\n{people}"),
    };
    let server = Server::start(workshop, folder, &service)?;
    let mut call = workshop.program("loadtest");
    call.args(["moods", "--target", &format!("sip:{PLAN}@{}", server.sip)])
        .args(["--agent", &phones.at(cast::DESK).to_string()])
        .args(words)
        .arg("--clips")
        .arg(callers)
        .arg("--out")
        .arg(folder.join("said"));
    let called = workshop.run(&mut call, PATIENCE);
    let stopped = server.stop();
    called.and(stopped)
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
