//! `bellhop recordings`: what a reviewer needs of the archive.

use crate::cli::RecordingsCommand;
use crate::config::Config;
use crate::revising::{self, Revised, Reviser, Unrevised};
use crate::serve;
use crate::timeline::Timeline;
use anyhow::{Context, bail};
use call_archive::{ArchiveReader, CallRow, FileCheck, Query, Revisions, outcome_name};
use call_model::{CallId, EscalationReason};
use jiff::Timestamp;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

/// Runs one of the commands on an archive that a server may be writing.
pub fn run(folder: &Path, command: RecordingsCommand) -> anyhow::Result<ExitCode> {
    let archive = ArchiveReader::open(folder)
        .with_context(|| format!("cannot look into the archive {}", folder.display()))?;
    match command {
        RecordingsCommand::List { limit, reason } => list(&archive, limit, reason.as_deref())?,
        RecordingsCommand::Show { call } => show(&archive, call)?,
        RecordingsCommand::Verify { calls } => return verify(&archive, calls),
        RecordingsCommand::Revise { config, calls } => {
            return revise(folder, archive, &config.config, calls);
        }
        RecordingsCommand::Callbacks => callbacks(&archive)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(archive: &ArchiveReader, limit: u32, reason: Option<&str>) -> anyhow::Result<()> {
    let reason = reason.map(reason_named).transpose()?;
    let query = Query {
        limit,
        reason,
        ..Query::default()
    };
    println!(
        "{:<32}  {:<20} {:>7}  {:<12} {:<17} {:<12} recording",
        "call", "began", "seconds", "ended", "owed a person", "plan"
    );
    for row in archive.find(&query)? {
        println!("{}", line(archive, &row));
    }
    Ok(())
}

fn reason_named(name: &str) -> anyhow::Result<EscalationReason> {
    let found = EscalationReason::ALL
        .into_iter()
        .find(|reason| reason.name() == name);
    found.with_context(|| {
        let names: Vec<_> = EscalationReason::ALL
            .iter()
            .map(|reason| reason.name())
            .collect();
        format!("'{name}' is no reason; there are: {}", names.join(", "))
    })
}

fn line(archive: &ArchiveReader, row: &CallRow) -> String {
    let header = &row.header;
    let seal = row.seal.as_ref();
    let seconds = seal.map_or("–".to_owned(), |seal| {
        format!("{:.1}", seal.ended.as_millis() as f64 / 1_000.0)
    });
    let ended = seal.map_or("goes on", |seal| outcome_name(seal.outcome));
    let reason = seal
        .and_then(|seal| seal.escalation)
        .map_or("–", EscalationReason::name);
    let wav = archive.paths(header.call).wav;
    let recording = if wav.is_file() {
        wav.display().to_string()
    } else {
        "–".to_owned()
    };
    format!(
        "{}  {:<20} {seconds:>7}  {ended:<12} {reason:<17} {:<12} {recording}",
        header.call,
        began(header.started_unix_millis),
        header.plan
    )
}

fn began(unix_millis: u64) -> String {
    let seconds = i64::try_from(unix_millis / 1_000).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_or("–".to_owned(), |at| at.to_string())
}

fn show(archive: &ArchiveReader, call: CallId) -> anyhow::Result<()> {
    let story = archive.show(call)?;
    let mut timeline = Timeline::new(std::io::stdout().is_terminal());
    for entry in &story.journal {
        print!("{}", timeline.tell(entry));
    }
    if story.unread_lines > 0 {
        println!(
            "({} lines of the journal cannot be read)",
            story.unread_lines
        );
    }
    print!("{}", revising::show(&story));
    println!("recording  {}", story.paths.wav.display());
    println!("journal    {}", story.paths.journal.display());
    if let Some(seal) = story.row.seal {
        println!(
            "sealed     {} s recorded, {} frames dropped",
            seal.recorded().as_secs_f64(),
            seal.dropped_frames
        );
    }
    Ok(())
}

/// Hears calls again, whether or not a server has the archive.
fn revise(
    folder: &Path,
    archive: ArchiveReader,
    config: &Path,
    mut calls: Vec<CallId>,
) -> anyhow::Result<ExitCode> {
    let speech = Config::read(config)?.speech;
    let again = speech.again.as_ref();
    let kind = again
        .context("the configuration has no [speech.again]")?
        .engine;
    let revisions = Revisions::open(folder)?;
    if calls.is_empty() {
        let every = Query {
            limit: u32::MAX,
            ..Query::default()
        };
        let rows = archive.find(&every)?;
        let is_due = |row: &CallRow| {
            let seal = row.seal.as_ref();
            seal.is_some_and(|seal| seal.audio_sha256.is_some()) && !revisions.has(row.header.call)
        };
        calls = rows
            .iter()
            .filter(|row| is_due(row))
            .map(|row| row.header.call)
            .collect();
    }
    let engine = serve::recognizer_afterwards(&speech, kind)?;
    let mut reviser = Reviser::new(archive, revisions, engine);
    let mut is_good = true;
    for call in calls {
        match reviser.revise(call, &mut || true) {
            Ok(Revised { turns, changed }) => {
                println!("{call}: {turns} turns heard again, {changed} otherwise than in the call");
            }
            Err(Unrevised::Left(why) | Unrevised::Failed(why)) => {
                is_good = false;
                println!("{call}: left as it is: {why}");
            }
            Err(Unrevised::Stopped) => break,
        }
    }
    Ok(match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn verify(archive: &ArchiveReader, mut calls: Vec<CallId>) -> anyhow::Result<ExitCode> {
    if calls.is_empty() {
        let every = Query {
            limit: u32::MAX,
            ..Query::default()
        };
        calls = archive
            .find(&every)?
            .iter()
            .map(|row| row.header.call)
            .collect();
    }
    let (mut good, mut open, mut bad) = (0, 0, 0);
    for call in calls {
        let Some(report) = archive.verify(call)? else {
            open += 1;
            continue;
        };
        if report.is_intact() {
            good += 1;
        } else {
            bad += 1;
            println!(
                "{call}: audio {}, journal {}",
                told(&report.audio),
                told(&report.journal)
            );
            if !report.revision.is_intact() {
                println!(
                    "{call}: what was heard afterwards {}",
                    told(&report.revision)
                );
            }
            if !report.seal_agrees {
                println!("{call}: seal and index do not say the same");
            }
        }
    }
    println!("{good} calls as they were sealed, {bad} not, {open} not sealed yet");
    Ok(if bad == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn told(check: &FileCheck) -> &'static str {
    match check {
        FileCheck::Matches => "as sealed",
        FileCheck::Differs { .. } => "CHANGED since it was sealed",
        FileCheck::Missing => "MISSING",
        FileCheck::NotRecorded => "never recorded",
        FileCheck::Unexpected => "there, though the seal knows of none",
    }
}

fn callbacks(archive: &ArchiveReader) -> anyhow::Result<()> {
    let callbacks = archive.callbacks()?;
    if callbacks.is_empty() {
        bail!("no callback was ever promised here");
    }
    println!(
        "{:<20}  {:<20}  {:<32}  {:<17} number",
        "booked", "promised by", "call", "owed a person"
    );
    for callback in callbacks {
        let within = callback.handoff.callback_within_s;
        let by = within.map_or_else(String::new, |seconds| {
            began(callback.booked_unix_millis + u64::from(seconds) * 1_000)
        });
        println!(
            "{:<20}  {by:<20}  {}  {:<17} {}",
            began(callback.booked_unix_millis),
            callback.handoff.call,
            callback.handoff.reason,
            match callback.number.reveal().as_str() {
                "" => "withheld",
                number => number,
            },
        );
    }
    Ok(())
}
