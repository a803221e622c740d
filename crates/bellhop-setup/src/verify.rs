//! `cargo verify`: every check and test, in the order in which a mistake shows soonest.

use crate::demo;
use crate::held;
use crate::moods;
use crate::packages::{self, Purpose};
use crate::process::Patience;
use crate::reach;
use crate::reload;
use crate::sipp;
use crate::softphone;
use crate::spoken;
use crate::steps::{Done, Step, take};
use crate::stored;
use crate::unanswered;
use crate::workshop::Workshop;
use std::process::{Command, Stdio};

/// How much is verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// What every change must pass.
    Quick,
    /// What is slow too.
    Full,
}

/// No step may take longer.
const PATIENCE: Patience = Patience::minutes(40);

/// Verifies the checkout.
pub fn run(workshop: &Workshop, extent: Extent) -> Result<(), String> {
    packages::provide(match extent {
        Extent::Quick => Purpose::Verify,
        Extent::Full => Purpose::VerifyFully,
    })?;
    let mut steps = quick(workshop);
    if extent == Extent::Full {
        stored::forget(workshop)?;
        steps.extend(slow(workshop));
    }
    take(steps)
}

fn quick(workshop: &Workshop) -> Vec<Step<'_>> {
    let lint = "clippy --workspace --all-targets --locked -- -D warnings";
    vec![
        cargo(workshop, "formatted", "fmt --all --check"),
        cargo(workshop, "no compiler or clippy warnings", lint),
        cargo(
            workshop,
            "tests, doc tests too",
            "test --workspace --locked",
        ),
        cargo(
            workshop,
            "the programs build",
            "build --workspace --bins --locked",
        ),
        bellhop(workshop, "the dialplans compile", "check dialplans"),
        bellhop(
            workshop,
            "2,000 odd callers in virtual time",
            "simulate --seeds 2000",
        ),
        bellhop(
            workshop,
            "1,000 callers who are owed a person, by reason and fault",
            "simulate --escape --seeds 1000",
        ),
        sipp_step(workshop, 300),
        Step {
            name: "licences and advisories".into(),
            alone: "cargo deny --offline check bans licenses sources".into(),
            work: Box::new(|| licences(workshop)),
        },
    ]
}

fn slow(workshop: &Workshop) -> Vec<Step<'_>> {
    let crashes = "test --package bellhop --locked --test crash";
    let mut steps = vec![
        bellhop(
            workshop,
            "10,000 odd callers in virtual time",
            "simulate --seeds 10000",
        ),
        bellhop(
            workshop,
            "1,000 waiting rooms: third requests overtake",
            "simulate --queues 1000",
        ),
        bellhop(
            workshop,
            "10,000 callers who are owed a person, by reason and fault",
            "simulate --escape --seeds 10000",
        ),
        bellhop(
            workshop,
            "every planted fault is found",
            "simulate --plant-faults",
        ),
        bellhop(
            workshop,
            "300 whole sessions over bad networks",
            "simulate --sessions --seeds 300",
        ),
        sipp_step(workshop, 2_000),
        own_step("200 held calls", "held 200", || held::run(workshop, 200)),
        own_step("plans read again under 200 calls", "reload 200", || {
            reload::run(workshop, 200)
        }),
        own_step("baresip hears the greeting", "softphone", || {
            softphone::run(workshop)
        }),
        Step {
            name: "killed ten times in mid-call".into(),
            alone: format!("BELLHOP_CRASHES=10 cargo {crashes}"),
            work: Box::new(move || {
                let words: Vec<_> = crashes.split(' ').collect();
                let mut command = workshop.cargo(&words);
                command.env("BELLHOP_CRASHES", "10");
                workshop.run(&mut command, PATIENCE).map(|()| Done::Passed)
            }),
        },
    ];
    steps.extend((1..=3).map(|time| Step {
        name: format!("the demo goes as told, time {time} of 3"),
        alone: "cargo demo".into(),
        work: Box::new(|| demo::run_to_the_bars(workshop)),
    }));
    steps.extend([spoken::DIGITS, spoken::COMMANDS].map(|corpus| {
        let words = format!("speech {}", corpus.word);
        own_step(corpus.name, &words, move || spoken::run(workshop, &corpus))
    }));
    steps.extend(reach::ALL.map(|measure| {
        let words = format!("people {}", measure.word);
        own_step(measure.name, &words, move || reach::run(workshop, &measure))
    }));
    steps.push(own_step("angry callers over real calls", "moods", || {
        moods::run(workshop)
    }));
    steps.push(own_step(
        "open questions that nobody answers well",
        "unanswered",
        || unanswered::run(workshop),
    ));
    steps.push(own_step("every stored decision again", "replay", || {
        stored::run(workshop)
    }));
    steps
}

/// A step that runs cargo with these words.
fn cargo<'a>(workshop: &'a Workshop, name: &str, words: &'static str) -> Step<'a> {
    Step {
        name: name.into(),
        alone: format!("cargo {words}"),
        work: Box::new(move || {
            let words: Vec<_> = words.split(' ').collect();
            let mut command = workshop.cargo(&words);
            workshop.run(&mut command, PATIENCE).map(|()| Done::Passed)
        }),
    }
}

/// A step that runs the built `bellhop` with these words.
fn bellhop<'a>(workshop: &'a Workshop, name: &str, words: &'static str) -> Step<'a> {
    Step {
        name: name.into(),
        alone: format!("cargo run --package bellhop -- {words}"),
        work: Box::new(move || {
            let mut command = workshop.program("bellhop");
            command.args(words.split(' '));
            workshop.run(&mut command, PATIENCE).map(|()| Done::Passed)
        }),
    }
}

/// A step that this program can also take alone, with these words.
fn own_step<'a>(
    name: &str,
    words: &str,
    work: impl FnOnce() -> Result<Done, String> + 'a,
) -> Step<'a> {
    Step {
        name: name.into(),
        alone: format!(
            "cargo build -p bellhop -p loadtest && cargo run -p bellhop-setup -- {words}"
        ),
        work: Box::new(work),
    }
}

fn sipp_step(workshop: &Workshop, calls: u32) -> Step<'_> {
    Step {
        name: format!("{calls} SIPp calls at 50 a second"),
        alone: format!("cargo build -p bellhop && cargo run -p bellhop-setup -- sipp {calls}"),
        work: Box::new(move || sipp::run(workshop, calls)),
    }
}

/// Runs cargo-deny where it is installed; it is no part of Rust, and the advisories
/// it reads come over the network.
fn licences(workshop: &Workshop) -> Result<Done, String> {
    let mut version = workshop.cargo(&["deny", "--version"]);
    if !succeeds(&mut version) {
        return Ok(Done::Skipped("cargo-deny is not installed".into()));
    }
    let words = ["deny", "--offline", "check", "bans", "licenses", "sources"];
    let mut command = workshop.cargo(&words);
    workshop.run(&mut command, PATIENCE).map(|()| Done::Passed)
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
