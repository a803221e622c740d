//! Plans that are read again and again under held calls, every third time bad ones.

use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service};
use crate::steps::Done;
use crate::usage::Running;
use crate::workshop::Workshop;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Times that the plans are read again.
const TIMES: u32 = 100;
/// Good versions that take turns: once each has been there, whatever is kept is kept.
const VERSIONS: u32 = 6;
/// After so many times every version has been there twice; memory counts from here on.
const SETTLED: u32 = 20;
/// The server may hold so much more at the end, in percent: what its allocator keeps between turns.
const MORE_PERCENT: f64 = 3.0;
/// How long the calls are held: longer than all the reading takes.
const HELD_SECONDS: u64 = 100;
/// A pause between two times.
const PAUSE: Duration = Duration::from_millis(250);
/// How long anything may take beside.
const PATIENCE: Patience = Patience::minutes(3);

const PLAN: &str = r#"
plan: changing
languages: [en, zh]
start: menu
recording: on
notice: none
purpose: measurement
people: { otherwise: callback }
policy: { wait_max: 24h, no_progress: 24h }
nodes:
  menu:
    ask: { en: "This is version NUMBER. What can I do for you?", zh: "这是第NUMBER版。请问有什么可以帮您？" }
    routes:
      hours: { en: ["opening hours", "version WORD"], zh: ["营业时间", "第NUMBER版"], key: 1 }
    no_input:
      - { en: "Please say opening hours.", zh: "您可以说：营业时间。" }
      - then: menu
    no_match:
      - then: menu
  hours:
    end: { en: "We are open.", zh: "我们在营业。" }
"#;
const WORDS: [&str; VERSIONS as usize] = ["one", "two", "three", "four", "five", "six"];

/// What the plan is the `time`-th time, and whether it is a good one.
fn version(time: u32) -> (String, bool) {
    let place = (time % VERSIONS) as usize;
    let plan = PLAN.replace("NUMBER", &(place + 1).to_string());
    let plan = plan.replace("WORD", WORDS[place]);
    match time % 3 {
        2 => (plan.replace("- then: menu", "- then: nowhere"), false),
        _ => (plan, true),
    }
}

/// Holds `calls` calls and has their server read its plans again.
pub fn run(workshop: &Workshop, calls: u32) -> Result<Done, String> {
    let folder = workshop.folder_without_calls("verify-reload")?;
    let plans = folder.join("plans");
    let flow = plans.join("changing/flow.yaml");
    fs::create_dir_all(plans.join("changing")).map_err(|error| error.to_string())?;
    write(&flow, &version(0).0)?;
    let service = Service {
        ear: Ear::Open,
        plans,
        plan: "changing".to_owned(),
        more: String::new(),
    };
    let server = Server::start(workshop, &folder, &service)?;
    let figures = hold_and_read(workshop, &server, &flow, calls);
    let stopped = server.stop();
    figures.and_then(|figures| {
        figures.print();
        stopped?;
        figures.judge().map(|()| Done::Passed)
    })
}

fn hold_and_read(
    workshop: &Workshop,
    server: &Server,
    flow: &Path,
    calls: u32,
) -> Result<Figures, String> {
    let mut hold = workshop.program("loadtest");
    let target = format!("sip:changing@{}", server.sip);
    hold.args(["hold", "--target", &target])
        .args(["--calls", &calls.to_string()])
        .args(["--seconds", &HELD_SECONDS.to_string()]);
    println!("   {calls} calls for {HELD_SECONDS} s:");
    let mut callers = Group::start(&mut hold)?;
    thread::sleep(Duration::from_secs(u64::from(calls) / 50 + 4));
    let figures = read_again(workshop, &server.running()?, flow);
    let held = callers.ended()?.is_none();
    let status = callers.wait(PATIENCE)?;
    if !status.success() {
        return Err(format!("the held calls ended with {status}"));
    }
    if !held {
        return Err("the calls were over before the plans had been read so often".into());
    }
    figures
}

/// What reading again came to.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    taken: u32,
    refused: u32,
    /// Times with another answer than the plan deserved.
    wrong: u32,
    settled_kb: u64,
    end_kb: u64,
    longest: Duration,
    sum: Duration,
}

fn read_again(workshop: &Workshop, server: &Running, flow: &Path) -> Result<Figures, String> {
    let mut figures = Figures::default();
    let config = flow.ancestors().nth(3).unwrap_or(flow).join("bellhop.toml");
    for time in 1..=TIMES {
        let (plan, is_good) = version(time);
        write(flow, &plan)?;
        let began = Instant::now();
        // Every tenth time two ask at once.
        let askers = if time % 10 == 0 { 2 } else { 1 };
        let asked: Result<Vec<_>, _> = (0..askers).map(|_| ask(workshop, &config)).collect();
        for mut asker in asked? {
            match (asker.wait(PATIENCE)?.success(), is_good) {
                (true, true) => figures.taken += 1,
                (false, false) => figures.refused += 1,
                (true, false) | (false, true) => figures.wrong += 1,
            }
        }
        figures.longest = figures.longest.max(began.elapsed());
        figures.sum += began.elapsed();
        if time == SETTLED {
            figures.settled_kb = server.resident_kb()?;
        }
        thread::sleep(PAUSE);
    }
    figures.end_kb = server.resident_kb()?;
    Ok(figures)
}

fn ask(workshop: &Workshop, config: &PathBuf) -> Result<Group, String> {
    let mut reload: Command = workshop.program("bellhop");
    reload.arg("reload").arg("--config").arg(config);
    Group::start_writing_to(
        &reload,
        std::process::Stdio::null(),
        std::process::Stdio::null(),
    )
}

/// Puts a plan in its place in one step, as an editor or a deployment does.
fn write(flow: &Path, plan: &str) -> Result<(), String> {
    let aside = flow.with_extension("new");
    fs::write(&aside, plan)
        .and_then(|()| fs::rename(&aside, flow))
        .map_err(|error| format!("{}: {error}", flow.display()))
}

impl Figures {
    fn more_percent(&self) -> f64 {
        100.0 * (self.end_kb as f64 / self.settled_kb.max(1) as f64 - 1.0)
    }

    fn print(&self) {
        println!(
            "   plans read again: {} taken, {} refused, {} answered wrongly; {:.0} ms each, {:.0} ms at the longest",
            self.taken,
            self.refused,
            self.wrong,
            self.sum.as_secs_f64() * 1e3 / f64::from(TIMES),
            self.longest.as_secs_f64() * 1e3,
        );
        println!(
            "   memory: {} KB after {SETTLED} times, {} KB after {TIMES}: {:+.1} % (bar {MORE_PERCENT} %)",
            self.settled_kb,
            self.end_kb,
            self.more_percent(),
        );
    }

    fn judge(&self) -> Result<(), String> {
        match self {
            Self { wrong: 1.., .. } => Err("a bad plan was taken, or a good one refused".into()),
            _ if self.more_percent() > MORE_PERCENT => Err("memory grows".into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_the_versions_is_bad_and_neighbours_differ() {
        let bad = (1..=TIMES).filter(|time| !version(*time).1).count();
        assert_eq!(bad, 33);
        assert!((1..TIMES).all(|time| version(time).0 != version(time + 1).0));
    }

    #[test]
    fn growth_and_wrong_answers_fail() {
        let good = Figures {
            settled_kb: 100_000,
            end_kb: 101_000,
            ..Figures::default()
        };
        assert!(good.judge().is_ok());
        assert!(Figures { wrong: 1, ..good }.judge().is_err());
        let grown = Figures {
            end_kb: 110_000,
            ..good
        };
        assert!(grown.judge().is_err());
    }
}
