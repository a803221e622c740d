//! Callers and people, measured over real calls with a server of our own: how soon a
//! phone rings, how exact the wait is, and what each party sees of every outcome.

use crate::cast::{self, Phones};
use crate::demo::{MUSIC, export_prompts};
use crate::process::Patience;
use crate::server::{Ear, Server, Service, free_tcp};
use crate::steps::Done;
use crate::workshop::Workshop;
use std::net::SocketAddr;
use std::path::Path;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// What its step is called.
    pub name: &'static str,
    /// Its word on the command line.
    pub word: &'static str,
    folder: &'static str,
    /// The command of `loadtest`.
    command: &'static str,
    /// The number that is called.
    number: &'static str,
    /// The agent's phone, as the scenarios have it.
    agent: &'static str,
    /// What else the command is told, the bars too.
    more: &'static [&'static str],
    needs: Needs,
}

/// What must be on the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Needs {
    Nothing,
    /// The recorded Mandarin words and the model for them.
    RecordedSpeech,
}

/// From the end of a word to the phone, in English.
pub const ENGLISH: Measure = Measure {
    name: "English words that reach a person",
    word: "english",
    folder: "verify-reach-english",
    command: "reaching",
    number: "helpline",
    agent: cast::DESK,
    more: &["--require-p95", "1500"],
    needs: Needs::Nothing,
};

/// The same in Mandarin.
pub const MANDARIN: Measure = Measure {
    name: "Mandarin words that reach a person",
    word: "mandarin",
    folder: "verify-reach-mandarin",
    command: "reaching",
    number: "helpline-zh",
    agent: cast::DESK,
    more: &["--mandarin", "--require-p95", "1500"],
    needs: Needs::RecordedSpeech,
};

/// The clock of a caller who is kept waiting.
pub const WAIT: Measure = Measure {
    name: "the wait clock against the wall",
    word: "wait",
    folder: "verify-wait",
    command: "wait-clock",
    number: "helpline-impatient",
    agent: cast::SLOW,
    more: &["--limit", "12", "--require-error", "250"],
    needs: Needs::Nothing,
};

/// Every outcome of a phone, and callers who leave at every step.
pub const OUTCOMES: Measure = Measure {
    name: "every outcome of an agent's phone",
    word: "outcomes",
    folder: "verify-outcomes",
    command: "agents-matrix",
    number: "helpline",
    agent: cast::DESK,
    more: &[],
    needs: Needs::Nothing,
};

/// All of them.
pub const ALL: [Measure; 4] = [ENGLISH, MANDARIN, WAIT, OUTCOMES];

/// How long one may take.
const PATIENCE: Patience = Patience::minutes(30);

/// Starts a server with agents and queues, and has `loadtest` measure it.
pub fn run(workshop: &Workshop, measure: &Measure) -> Result<Done, String> {
    let speech = workshop.shared().join("speech");
    if measure.needs == Needs::RecordedSpeech && !speech.join("manifest.csv").is_file() {
        let why = format!("{} holds no recorded speech", speech.display());
        eprintln!("   SKIPPED {}: {why}", measure.name);
        return Ok(Done::Skipped(why));
    }
    let folder = workshop.folder_without_calls(measure.folder)?;
    let phones = Phones::somewhere()?;
    let agent = phones.at(measure.agent);
    let service = Service {
        plans: cast::write_plans(workshop, &folder)?,
        more: cast::configuration(&workshop.root().join(MUSIC), free_tcp()?, &phones),
        ..Service::front_desk(workshop, Ear::Open)
    };
    let server = Server::start(workshop, &folder, &service)?;
    let measured = take(workshop, measure, &server, agent, &folder);
    let stopped = server.stop();
    measured?;
    stopped.map(|()| Done::Passed)
}

fn take(
    workshop: &Workshop,
    measure: &Measure,
    server: &Server,
    agent: SocketAddr,
    folder: &Path,
) -> Result<(), String> {
    let prompts = folder.join("prompts");
    let plan = cast::plan_of(measure.number);
    export_prompts(workshop, folder, plan, &prompts)?;
    let mut command = workshop.program("loadtest");
    command
        .arg(measure.command)
        .args([
            "--target",
            &format!("sip:{}@{}", measure.number, server.sip),
        ])
        .args([
            "--agent",
            &agent.to_string(),
            "--fixtures",
            "audio-fixtures",
        ])
        .arg("--prompts")
        .arg(prompts)
        .arg("--speech")
        .arg(workshop.shared().join("speech"))
        .args(measure.more);
    if measure.command == OUTCOMES.command {
        command.args(["--metrics", &server.http.to_string()]);
    }
    workshop.run(&mut command, PATIENCE)
}
