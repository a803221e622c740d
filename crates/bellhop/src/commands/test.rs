//! `bellhop test`: the conversations beside plans, played in virtual time against the real engine.

use super::test_on_line;
use crate::cli::Test;
use crate::plans::{compile, plan_folders};
use anyhow::{Context, bail};
use call_simulator::talk::{Coverage, Played, Rehearsal, Talk, read_talks};
use dialplan::Plan;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Where a plan keeps its conversations.
const TALKS: &str = "talks";

/// Plays every conversation; the status is 1 where one departs from its script, or cannot be read.
pub fn run(options: &Test) -> anyhow::Result<ExitCode> {
    if let Some(into) = &options.write_calls {
        return test_on_line::write(options, into);
    }
    if let (Some(report), Some(archive)) = (&options.calls, &options.archive) {
        return test_on_line::judge(options, report, archive);
    }
    let mut tally = Tally::default();
    let began = Instant::now();
    for root in &options.plans {
        for folder in plan_folders(root)? {
            plan(options, &folder, &mut tally)?;
        }
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&tally.listed)?);
    } else {
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{} conversations as written, {} not; {:.0} a second",
            tally.good,
            tally.bad,
            f64::from(tally.good + tally.bad) / seconds.max(1e-6),
        );
    }
    if tally.good + tally.bad == 0 {
        bail!("no conversation is there: they lie in a plan's folder, as {TALKS}/*.talk");
    }
    Ok(match tally.bad {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// What came of all conversations so far.
#[derive(Default)]
struct Tally {
    good: u32,
    bad: u32,
    listed: Vec<Value>,
}

fn plan(options: &Test, folder: &Path, tally: &mut Tally) -> anyhow::Result<()> {
    let Some((plan, all)) = told_of(options, folder)? else {
        return Ok(());
    };
    let rehearsal = Rehearsal::of(Arc::clone(&plan));
    let mut coverage = Coverage::of(&plan);
    for Told { file, talk } in &all {
        for _ in 1..options.repeat.get() {
            let again = rehearsal.run(talk);
            count(&again, tally);
        }
        let played = rehearsal.run(talk);
        coverage.add(&played.walked);
        count(&played, tally);
        tally.listed.push(listed(&plan, file, talk, &played));
        if !options.json {
            show(file, talk, &played);
        }
    }
    if options.coverage {
        tell_coverage(options, folder, &coverage, tally);
    }
    Ok(())
}

/// A conversation and the file it stands in.
pub(super) struct Told {
    pub(super) file: PathBuf,
    pub(super) talk: Talk,
}

impl Told {
    /// `orders-12`: its file and its line.
    pub(super) fn key(&self) -> String {
        let file = self.file.file_stem().unwrap_or_default();
        format!("{}-{}", file.to_string_lossy(), self.talk.line)
    }

    /// `dialplans/shop/talks/orders.talk:12`
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.talk.line)
    }
}

/// A plan and those of its conversations that are wanted; nothing where it has none and nobody asks
/// what they leave out.
pub(super) fn told_of(
    options: &Test,
    folder: &Path,
) -> anyhow::Result<Option<(Arc<Plan>, Vec<Told>)>> {
    let files = talk_files(folder)?;
    if files.is_empty() && !options.coverage {
        return Ok(None);
    }
    let plan = match compile(folder)? {
        Ok(plan) => Arc::new(plan),
        Err(problems) => bail!("{}", problems.join("\n")),
    };
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let talks = read_talks(&text).map_err(|problems| in_file(&file, &problems))?;
        for talk in talks.into_iter().filter(|talk| options.plays(talk)) {
            let problems = talk.problems(&plan);
            if !problems.is_empty() {
                return Err(in_file(&file, &problems));
            }
            all.push(Told {
                file: file.clone(),
                talk,
            });
        }
    }
    Ok(Some((plan, all)))
}

fn count(played: &Played, tally: &mut Tally) {
    match played.departure {
        None => tally.good += 1,
        Some(_) => tally.bad += 1,
    }
}

/// The conversation files of a plan, by name.
fn talk_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = folder.join(TALKS);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(|error: std::io::Error| error)?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "talk"));
    paths.sort();
    Ok(paths)
}

fn in_file(file: &Path, problems: &[call_simulator::talk::TalkProblem]) -> anyhow::Error {
    let told = problems
        .iter()
        .map(|problem| format!("{}:{problem}", file.display()));
    anyhow::anyhow!(told.collect::<Vec<_>>().join("\n"))
}

/// A conversation that departed from its script, with all that was said until then.
fn show(file: &Path, talk: &Talk, played: &Played) {
    let Some(departure) = &played.departure else {
        return;
    };
    println!("{}:{}: {}", file.display(), departure.line, talk.title);
    for line in &played.lines {
        println!("  {line}");
    }
    for line in departure.to_string().lines() {
        println!("  ! {line}");
    }
    println!();
}

fn listed(plan: &Plan, file: &Path, talk: &Talk, played: &Played) -> Value {
    json!({
        "plan": plan.name(),
        "file": file.display().to_string(),
        "line": talk.line,
        "title": talk.title,
        "passed": played.departure.is_none(),
        "departure": played.departure.as_ref().map(|departure| json!({
            "line": departure.line,
            "expected": departure.expected,
            "got": departure.got,
        })),
    })
}

fn tell_coverage(options: &Test, folder: &Path, coverage: &Coverage, tally: &mut Tally) {
    let missing: Vec<String> = coverage.missing().iter().map(ToString::to_string).collect();
    if options.json {
        tally.listed.push(json!({
            "plan": folder.display().to_string(),
            "nodes_and_exits": coverage.all(),
            "walked": coverage.walked(),
            "missing": missing,
        }));
        return;
    }
    println!(
        "{}: {} of {} nodes and exits walked ({:.1} %)",
        folder.display(),
        coverage.walked(),
        coverage.all(),
        coverage.percent(),
    );
    for exit in missing {
        println!("  not walked: {exit}");
    }
}
