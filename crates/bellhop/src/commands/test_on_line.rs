//! `bellhop test` over a real line: conversations written as calls for `loadtest`, and calls that were
//! played so judged by the journals that the server kept of them.

use super::journals;
use super::test::{Told, told_of};
use crate::cli::Test;
use crate::plans::plan_folders;
use crate::timeline::Timeline;
use anyhow::{Context, bail};
use call_model::JournalLine;
use call_simulator::talk::{CallScript, Departure, Rehearsal};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes every conversation that a caller can play, into a folder by what the server must have for it;
/// the others are named with the reason.
pub fn write(options: &Test, into: &Path) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(into).with_context(|| format!("cannot make {}", into.display()))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let now = u64::try_from(now.as_millis())?;
    let (mut written, mut skipped) = (0_u32, 0_u32);
    each(options, |rehearsal, told| {
        // A call is told its recordings by where they are, wherever it is played.
        let beside = std::path::absolute(told.file.parent().unwrap_or(Path::new(".")))?;
        let place = |file: &str| {
            let elsewhere = options.recordings.as_ref();
            let elsewhere =
                elsewhere.and_then(|folder| std::path::absolute(folder.join(file)).ok());
            let own = beside.join(file);
            match own.is_file() {
                true => own,
                false => elsewhere.filter(|path| path.is_file()).unwrap_or(own),
            }
        };
        match rehearsal.call_script(&told.talk, &place, now) {
            Ok(script) => {
                written += 1;
                keep(into, &format!("{written}-{}", told.key()), &script)
            }
            Err(why) => {
                skipped += 1;
                println!("SKIPPED {}: {} ({why})", told.place(), told.talk.title);
                Ok(())
            }
        }
    })?;
    println!("{written} conversations written as calls, {skipped} skipped");
    Ok(match written {
        0 => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

/// Writes one call with what is served during it.
fn keep(into: &Path, name: &str, script: &CallScript) -> anyhow::Result<()> {
    let folder = into.join(script.needs.name());
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let keep = |end: &str, text: &str| {
        let file = folder.join(format!("{name}.{end}"));
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    };
    keep("call", &script.call)?;
    // Without a word of it, it has nothing to answer.
    let answers = match script.back_end.is_empty() {
        true => "[]\n",
        false => &script.back_end,
    };
    keep("yaml", answers)?;
    match script.needs.tier {
        true => keep("tier", &script.tier),
        false => Ok(()),
    }
}

/// What `loadtest demo` tells of its calls, as far as it matters here.
#[derive(Deserialize)]
struct Report {
    calls: Vec<Call>,
    #[serde(default)]
    skipped: Vec<Skipped>,
}

#[derive(Deserialize)]
struct Call {
    name: String,
    call_id: String,
    went_as_told: bool,
    verdicts: Vec<Verdict>,
}

#[derive(Deserialize)]
struct Verdict {
    step: String,
    passed: bool,
    finding: String,
}

#[derive(Deserialize)]
struct Skipped {
    name: String,
    why: String,
}

/// Holds each call that was played against its conversation; the status is 1 where one departs.
pub fn judge(options: &Test, report: &Path, archive: &Path) -> anyhow::Result<ExitCode> {
    let text = journals::text(report)?;
    let report: Report = serde_json::from_str(&text)
        .with_context(|| format!("{} is no report of loadtest's", report.display()))?;
    let kept = kept(archive)?;
    let (mut good, mut bad, mut skipped) = (0_u32, 0_u32, 0_u32);
    each(options, |rehearsal, told| {
        let is_it = |name: &str| {
            name.split_once('-')
                .is_some_and(|(_, key)| key == told.key())
        };
        if let Some(call) = report.calls.iter().find(|call| is_it(&call.name)) {
            let journal = kept.get(&call.call_id).map_or(&[][..], Vec::as_slice);
            let departure = rehearsal.departure(&told.talk, journal);
            match departure.is_none() && call.went_as_told {
                true => good += 1,
                false => {
                    bad += 1;
                    show(told, call, journal, departure.as_ref());
                }
            }
        } else if let Some(missing) = report.skipped.iter().find(|call| is_it(&call.name)) {
            skipped += 1;
            let why = &missing.why;
            println!("SKIPPED {}: {} ({why})", told.place(), told.talk.title);
        }
        Ok(())
    })?;
    println!("{good} calls as written, {bad} not, {skipped} skipped");
    if good + bad == 0 {
        bail!("none of these conversations was played");
    }
    Ok(match bad {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Every journal of an archive by the SIP Call-ID of its call.
fn kept(archive: &Path) -> anyhow::Result<BTreeMap<String, Vec<JournalLine>>> {
    let mut kept = BTreeMap::new();
    let calls = archive.join("calls");
    // A server that took no call has no such folder.
    let roots = if calls.is_dir() {
        vec![calls]
    } else {
        Vec::new()
    };
    for path in journals::find(&roots)? {
        let lines: Vec<JournalLine> = journals::lines(&journals::text(&path)?).collect();
        if let Some(JournalLine::Begin(header)) = lines.first() {
            kept.insert(header.sip_call_id.clone(), lines);
        }
    }
    Ok(kept)
}

/// A call that departed: how it went, and where it was otherwise than written.
fn show(told: &Told, call: &Call, journal: &[JournalLine], departure: Option<&Departure>) {
    let line = departure.map_or(told.talk.line, |departure| departure.line);
    println!("{}:{line}: {}", told.file.display(), told.talk.title);
    let mut timeline = Timeline::new(false);
    for line in journal {
        print!("{}", timeline.tell(line));
    }
    for line in departure
        .map(ToString::to_string)
        .iter()
        .flat_map(|text| text.lines())
    {
        println!("  ! {line}");
    }
    for verdict in call.verdicts.iter().filter(|verdict| !verdict.passed) {
        println!("  ! the caller: {}: {}", verdict.step, verdict.finding);
    }
    println!();
}

/// Every conversation that is wanted, with its plan.
fn each(
    options: &Test,
    mut take: impl FnMut(&Rehearsal, &Told) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for root in &options.plans {
        for folder in plan_folders(root)? {
            let Some((plan, all)) = told_of(options, &folder)? else {
                continue;
            };
            let rehearsal = Rehearsal::of(plan);
            for told in &all {
                take(&rehearsal, told)?;
            }
        }
    }
    Ok(())
}
