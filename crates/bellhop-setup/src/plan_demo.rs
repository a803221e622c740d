//! `cargo demo -- --plan NAME`: real calls to one plan, with the back end and the callers that lie
//! beside it.

use crate::cast::{self, Phones};
use crate::demo::{self, Afterwards, MUSIC};
use crate::packages::{self, Purpose};
use crate::plan_talks::{self, Stage};
use crate::privacy;
use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service, free_tcp};
use crate::stored;
use crate::workshop::Workshop;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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
    let music = workshop.root().join(MUSIC);
    let service = Service {
        ear: Ear::Open,
        plans,
        plan: plan.to_owned(),
        more: configuration(plan, &flow, &music, &phones, &Needed::default()),
    };
    if let Callers::OfTalks(title) = who {
        let stage = Stage {
            plan,
            title,
            flow: &flow,
            folder: &folder,
            phones: &phones,
            back_end,
        };
        return plan_talks::play(workshop, &stage, &service, afterwards);
    }
    println!("\nStarting the server; the first time it makes its prompts.");
    let answers = serve_answers(workshop, &original.join(ANSWERS), back_end)?;
    let server = Server::start(workshop, &folder, &service)?;
    demo::export_prompts(workshop, &folder, plan, &folder.join(demo::PROMPTS))?;
    let told = match callers.is_dir() {
        true => place_calls(workshop, &server, &folder, plan, &phones),
        false => Ok(()),
    };
    let private = privacy::check(&callers, &server.log);
    finish(workshop, &folder, server, afterwards, plan)?;
    if let Some(mut answers) = answers {
        answers.stop()?;
    }
    told.and(private)
}

/// Ends the server and decides its calls again, or leaves it to a softphone.
pub(crate) fn finish(
    workshop: &Workshop,
    folder: &Path,
    server: Server,
    afterwards: Afterwards,
    plan: &str,
) -> Result<(), String> {
    match afterwards {
        Afterwards::Stop => {
            server.stop()?;
            stored::replay(workshop, folder.join("archive"))
        }
        Afterwards::StayUp => {
            println!(
                "\nThe server stays up: call sip:{plan}@{} with a softphone (PCMU or PCMA, no \
                 registration).\nIts log is {}. Ctrl-C ends it.",
                server.sip,
                server.log.display()
            );
            server.wait()
        }
    }
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

pub(crate) fn clear(folder: &Path) -> Result<(), String> {
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

/// What a server has beside the plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needed {
    /// Where its intent tier is.
    pub mind: Option<SocketAddr>,
    /// The weights that score voices.
    pub voice: Option<PathBuf>,
    /// Nobody is in its waiting rooms today.
    pub closed: bool,
}

/// One agent, in every waiting room that the plan names, and a number for each language.
pub(crate) fn configuration(
    plan: &str,
    flow: &str,
    music: &Path,
    phones: &Phones,
    needed: &Needed,
) -> String {
    let Phones { desk, nobody, .. } = phones;
    let mut text = String::new();
    if let Some(mind) = needed.mind {
        text += &format!("[intent]\nkind = \"websocket\"\nurl = \"ws://{mind}\"\n\n");
    }
    if let Some(model) = &needed.voice {
        text += &format!("[emotion]\nmodel = {model:?}\n\n");
    }
    text += &format!(
        "[people]\nrest_s = 2\n\n[[agent]]\nname = \"desk\"\naddress = \"sip:desk@{desk}\"\n\n"
    );
    for queue in queues(flow) {
        text += &format!(
            "[[queue]]\nname = \"{queue}\"\nagents = [\"desk\"]\nring_s = 20\n\
             overflow = \"sip:nobody@{nobody}\"\nmusic = {music:?}\n"
        );
        if needed.closed {
            let day = cast::weekday_of_no_use();
            text += &format!("hours = \"{day} 09:00-10:00\"\n");
        }
        text.push('\n');
    }
    text += &format!("[[route]]\ncalled = \"{plan}\"\nplan = \"{plan}\"\n\n");
    for language in languages(flow) {
        text += &format!(
            "[[route]]\ncalled = \"{plan}-{language}\"\nplan = \"{plan}\"\nlanguage = \"{language}\"\n\n"
        );
    }
    text
}

/// The languages that a plan's head names.
fn languages(flow: &str) -> Vec<&'static str> {
    let mut heads = flow
        .lines()
        .filter_map(|line| line.strip_prefix("languages:"));
    let named = heads.next().unwrap_or_default();
    let named: BTreeSet<&str> = named.split(|c: char| !c.is_ascii_alphabetic()).collect();
    ["en", "zh"]
        .into_iter()
        .filter(|tag| named.contains(tag))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_a_number_for_each_language_it_speaks() {
        let phones = Phones::somewhere().expect("free ports");
        for (head, wanted) in [("languages: [en]", 2), ("languages: [zh, en]  # both", 3)] {
            let flow = format!("plan: p\n{head}\npeople: {{ otherwise: callback }}\n");
            let music = Path::new("m.wav");
            let text = configuration("p", &flow, music, &phones, &Needed::default());
            assert_eq!(text.matches("[[route]]").count(), wanted, "{head}");
        }
    }

    #[test]
    fn a_server_has_what_conversations_need() {
        let phones = Phones::somewhere().expect("free ports");
        let needed = Needed {
            mind: Some(([127, 0, 0, 1], 8765).into()),
            voice: Some(PathBuf::from("weights.json")),
            closed: true,
        };
        let flow = "languages: [en]\npeople:\n  queue: desk\n";
        let text = configuration("p", flow, Path::new("m.wav"), &phones, &needed);
        for line in [
            "url = \"ws://127.0.0.1:8765\"",
            "model = \"weights.json\"",
            "hours = ",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }
}
