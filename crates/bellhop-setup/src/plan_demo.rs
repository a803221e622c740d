//! `cargo demo -- --plan NAME`: real calls to one plan, with the back end and the callers that lie
//! beside it.

use crate::cast::{self, Phones};
use crate::demo::{self, Afterwards, MUSIC};
use crate::packages::{self, Purpose};
use crate::privacy;
use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service, free_tcp};
use crate::stored;
use crate::workshop::Workshop;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

/// Where plans have the back end of the demo; it really is on a port that is free.
const BACK_END: &str = "http://127.0.0.1:8099";
/// Beside a plan: what its back end answers, and who calls.
const ANSWERS: &str = "backend.yaml";
const CALLERS: &str = "callers";

/// Who calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callers<'a> {
    /// Those of the folder beside the plan.
    Beside,
    /// Callers who play the plan's conversations whose titles hold this text.
    OfTalks(&'a str),
}

/// Serves the plan and places the calls of its `callers`; an error when one did not go as told.
pub fn run(
    workshop: &Workshop,
    plan: &str,
    who: Callers<'_>,
    afterwards: Afterwards,
) -> Result<(), String> {
    let original = workshop.root().join("dialplans").join(plan);
    if !original.join("flow.yaml").is_file() || plan.contains(['/', '"']) {
        return Err(format!("dialplans/{plan} holds no plan (flow.yaml)"));
    }
    let callers = original.join(CALLERS);
    if who == Callers::Beside && !callers.is_dir() && afterwards == Afterwards::Stop {
        return Err(format!(
            "dialplans/{plan} has no callers (callers/*.call); --keep leaves the server to your softphone"
        ));
    }
    packages::provide(Purpose::Demo)?;
    println!("\nBuilding the server and its callers.");
    let mut build = workshop.cargo(&["build", "--package", "bellhop", "--package", "loadtest"]);
    workshop.run(&mut build, Patience::minutes(40))?;

    let folder = workshop.folder_without_calls(&format!("demo-{plan}"))?;
    let (phones, back_end) = (Phones::somewhere()?, free_tcp()?);
    let plans = folder.join("plans");
    clear(&plans)?;
    clear(&folder.join(demo::PROMPTS))?;
    cast::copy(&original, &plans.join(plan))?;
    let flow = move_back_end(&plans.join(plan).join("flow.yaml"), back_end)?;
    let service = Service {
        ear: Ear::Open,
        plans,
        plan: plan.to_owned(),
        more: configuration(plan, &flow, &workshop.root().join(MUSIC), &phones),
    };
    println!("\nStarting the server; the first time it makes its prompts.");
    let answers = match who {
        Callers::Beside => serve_answers(workshop, &original.join(ANSWERS), back_end)?,
        // Each conversation brings its own.
        Callers::OfTalks(_) => None,
    };
    let server = Server::start(workshop, &folder, &service)?;
    demo::export_prompts(workshop, &folder, plan, &folder.join(demo::PROMPTS))?;
    let (told, private) = match who {
        Callers::Beside => {
            let told = match callers.is_dir() {
                true => place_calls(workshop, &server, &folder, plan, &phones),
                false => Ok(()),
            };
            (told, privacy::check(&callers, &server.log))
        }
        Callers::OfTalks(title) => {
            let calls = folder.join("calls");
            clear(&calls)?;
            let told = play_talks(workshop, &server, &folder, (plan, title), back_end);
            (told, privacy::check(&calls, &server.log))
        }
    };
    match afterwards {
        Afterwards::Stop => {
            server.stop()?;
            stored::replay(workshop, folder.join("archive"))?;
        }
        Afterwards::StayUp => {
            println!(
                "\nThe server stays up: call sip:{plan}@{} with a softphone (PCMU or PCMA, no \
                 registration).\nIts log is {}. Ctrl-C ends it.",
                server.sip,
                server.log.display()
            );
            server.wait()?;
        }
    }
    if let Some(mut answers) = answers {
        answers.stop()?;
    }
    told.and(private)
}

/// The back end, where the plan has answers beside it.
fn serve_answers(
    workshop: &Workshop,
    answers: &Path,
    at: SocketAddr,
) -> Result<Option<Group>, String> {
    if !answers.is_file() {
        return Ok(None);
    }
    let mut back_end = workshop.program("loadtest");
    back_end.args(["back-end", "--listen", &at.to_string(), "--answers"]);
    back_end.arg(answers);
    Group::start(&mut back_end).map(Some)
}

fn clear(folder: &Path) -> Result<(), String> {
    match folder.exists() {
        true => {
            fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
        }
        false => Ok(()),
    }
}

/// Has the copied plan ask the back end where it is now; returns the plan's text.
fn move_back_end(flow: &Path, to: SocketAddr) -> Result<String, String> {
    let problem = |error: std::io::Error| format!("{}: {error}", flow.display());
    let text = fs::read_to_string(flow).map_err(problem)?;
    let text = text.replace(BACK_END, &format!("http://{to}"));
    fs::write(flow, &text).map_err(problem)?;
    Ok(text)
}

/// One agent, in every waiting room that the plan names, and a number for each language.
fn configuration(plan: &str, flow: &str, music: &Path, phones: &Phones) -> String {
    let Phones { desk, nobody, .. } = phones;
    let mut text = format!(
        "[people]\nrest_s = 2\n\n[[agent]]\nname = \"desk\"\naddress = \"sip:desk@{desk}\"\n\n"
    );
    for queue in queues(flow) {
        text += &format!(
            "[[queue]]\nname = \"{queue}\"\nagents = [\"desk\"]\nring_s = 20\n\
             overflow = \"sip:nobody@{nobody}\"\nmusic = {music:?}\n\n"
        );
    }
    text += &format!("[[route]]\ncalled = \"{plan}\"\nplan = \"{plan}\"\n\n");
    for language in ["en", "zh"] {
        text += &format!(
            "[[route]]\ncalled = \"{plan}-{language}\"\nplan = \"{plan}\"\nlanguage = \"{language}\"\n\n"
        );
    }
    text
}

/// The names behind `queue:` in a plan.
fn queues(flow: &str) -> BTreeSet<&str> {
    let after = flow.lines().filter_map(|line| {
        let line = line.split(" #").next().unwrap_or(line);
        line.trim().trim_start_matches("- ").strip_prefix("queue:")
    });
    after
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect()
}

/// Callers who play the plan's conversations, each with its own back end; then the journals of their
/// calls are held against what was written.
fn play_talks(
    workshop: &Workshop,
    server: &Server,
    folder: &Path,
    (plan, title): (&str, &str),
    back_end: SocketAddr,
) -> Result<(), String> {
    let talks = || {
        let mut talks = workshop.program("bellhop");
        talks.args(["test", &format!("dialplans/{plan}"), "--filter", title]);
        talks
    };
    let calls = folder.join("calls");
    let mut write = talks();
    write.arg("--write-calls").arg(&calls);
    workshop.run(&mut write, Patience::minutes(1))?;
    let mut callers = demo::callers_of(workshop, server, plan, folder);
    callers.arg("--scenarios").arg(&calls);
    callers.args(["--back-end", &back_end.to_string()]);
    // Whether they went as written is judged once, with their journals.
    let placed = demo::watched(workshop, server, callers, Patience::minutes(120));
    let mut judge = talks();
    judge.arg("--calls").arg(folder.join("callers/report.json"));
    judge.arg("--archive").arg(&server.archive);
    let judged = workshop.run(&mut judge, Patience::minutes(1));
    placed.and(judged)
}

/// The callers that lie beside the plan.
fn place_calls(
    workshop: &Workshop,
    server: &Server,
    folder: &Path,
    plan: &str,
    phones: &Phones,
) -> Result<(), String> {
    let mut callers = demo::callers_of(workshop, server, plan, folder);
    callers
        .args(["--from", "+8613800000000", "--scenarios"])
        .arg(format!("dialplans/{plan}/{CALLERS}"))
        .args(["--phone", &format!("{}={}", cast::DESK, phones.desk)]);
    demo::watched(workshop, server, callers, Patience::minutes(20))
}
