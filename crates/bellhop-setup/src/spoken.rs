//! Real speech through real calls: what a telephone leaves of it must still be understood.

use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service};
use crate::steps::Done;
use crate::workshop::Workshop;
use std::fs;
use std::path::{Path, PathBuf};

/// A corpus of recorded speech with what must be understood of it: the figures measured
/// beside the recordings, less three points.
#[derive(Clone, Copy, Debug)]
pub struct Corpus {
    /// What its step is called.
    pub name: &'static str,
    /// Its word on the command line.
    pub word: &'static str,
    folder: &'static str,
    /// Its name in the manifest.
    corpus: &'static str,
    /// A grammar beside the manifest, or the plan's own.
    grammar: Option<&'static str>,
    /// Utterances right, in percent.
    least_right: &'static str,
    /// Slots understood, in percent, where utterances have slots.
    least_slots: Option<&'static str>,
}

/// Digits, one by one.
pub const DIGITS: Corpus = Corpus {
    name: "real digits over real calls",
    word: "digits",
    folder: "verify-digits",
    corpus: "fsdd",
    grammar: None,
    least_right: "89.3",
    least_slots: None,
};

/// Commands to a coffee machine.
pub const COMMANDS: Corpus = Corpus {
    name: "real commands over real calls",
    word: "commands",
    folder: "verify-commands",
    corpus: "speech-to-intent-benchmark",
    grammar: Some("grammar-en-commands.jsgf"),
    least_right: "91.1",
    least_slots: Some("95.1"),
};

/// Calls at once.
const PARALLEL: &str = "6";
/// The plan that measures; its grammar is in the file beside.
const PLAN: &str = "speech-check";
const PLANS_GRAMMAR: &str = "spoken.jsgf";
/// How long all of it may take.
const PATIENCE: Patience = Patience::minutes(30);

/// Speaks the corpus to a server of our own, and holds what it understood to the bars.
pub fn run(workshop: &Workshop, corpus: &Corpus) -> Result<Done, String> {
    let speech = workshop.shared().join("speech");
    if !speech.join("manifest.csv").is_file() {
        let why = format!("{} holds no recorded speech", speech.display());
        eprintln!("   SKIPPED {}: {why}", corpus.name);
        return Ok(Done::Skipped(why));
    }
    let folder = workshop.folder_without_calls(corpus.folder)?;
    let service = Service {
        ear: Ear::Open,
        plans: copy_plan(workshop, corpus, &folder, &speech)?,
        plan: PLAN.to_owned(),
        more: String::new(),
    };
    let server = Server::start(workshop, &folder, &service)?;
    let archive = server.archive.clone();
    let spoken = speak(workshop, corpus, &server, &folder, &speech);
    let stopped = server.stop();
    let spoken = spoken?;
    stopped?;
    let mut eval = workshop.program("bellhop");
    eval.args(["eval", "calls", "--require-right", corpus.least_right]);
    if let Some(least) = corpus.least_slots {
        eval.args(["--require-slots", least]);
    }
    eval.arg("--archive").arg(archive);
    eval.arg("--spoken").arg(spoken);
    let slots = corpus.least_slots.unwrap_or("any");
    let bars = format!("bars: right {} %, slots {slots} %", corpus.least_right);
    workshop
        .run(&mut eval, PATIENCE)
        .map_err(|why| format!("too little was understood ({bars}): {why}"))?;
    println!("   {bars}");
    Ok(Done::Passed)
}

/// A folder of plans that holds the measuring one alone, with the corpus's grammar.
fn copy_plan(
    workshop: &Workshop,
    corpus: &Corpus,
    folder: &Path,
    speech: &Path,
) -> Result<PathBuf, String> {
    let plans = folder.join("plans");
    let copy = plans.join(PLAN);
    let problem = |error: std::io::Error| format!("{}: {error}", copy.display());
    if plans.exists() {
        fs::remove_dir_all(&plans).map_err(problem)?;
    }
    fs::create_dir_all(&copy).map_err(problem)?;
    let original = workshop.root().join("dialplans").join(PLAN);
    for entry in fs::read_dir(original).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        // Its conversations are of another grammar.
        if entry.file_type().map_err(problem)?.is_dir() {
            continue;
        }
        let content = fs::read(entry.path()).map_err(problem)?;
        fs::write(copy.join(entry.file_name()), content).map_err(problem)?;
    }
    if let Some(grammar) = corpus.grammar {
        let content = fs::read(speech.join(grammar)).map_err(problem)?;
        fs::write(copy.join(PLANS_GRAMMAR), content).map_err(problem)?;
    }
    Ok(plans)
}

/// Speaks; the table of what was spoken in which call is in the file.
fn speak(
    workshop: &Workshop,
    corpus: &Corpus,
    server: &Server,
    folder: &Path,
    speech: &Path,
) -> Result<PathBuf, String> {
    let table = folder.join("spoken.csv");
    let mut callers = workshop.program("loadtest");
    callers
        .args(["speech", "--target", &format!("sip:{PLAN}@{}", server.sip)])
        .args(["--corpus", corpus.corpus, "--parallel", PARALLEL])
        .arg("--manifest")
        .arg(speech.join("manifest.csv"))
        .arg("--out")
        .arg(&table);
    let status = Group::start(&mut callers)?.wait(PATIENCE)?;
    // 1: not every utterance was answered, which is the score's to count.
    if !matches!(status.code(), Some(0 | 1)) {
        return Err(format!("the callers ended with {status}"));
    }
    let text =
        fs::read_to_string(&table).map_err(|error| format!("{}: {error}", table.display()))?;
    // The score leaves out what was never spoken: a call that broke off would flatter it.
    match text.lines().filter(|row| row.contains(",unsaid,")).count() {
        0 => Ok(table),
        unsaid => Err(format!(
            "{unsaid} utterances were never spoken; see {}",
            table.display()
        )),
    }
}
