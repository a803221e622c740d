//! `bellhop replay`: every decision again, or the first that differs.

use super::{backtest, journals, replay_anger};
use crate::cli::Replay;
use call_archive::ArchiveReader;
use call_simulator::replay::replay;
use dialplan::Plan;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Replays journals against the plans they ran with, or judges their anger by other numbers.
pub fn run(options: &Replay) -> anyhow::Result<ExitCode> {
    let plans = RefCell::new(BTreeMap::new());
    let plan_of = |digest: &str| {
        plans
            .borrow_mut()
            .entry(digest.to_owned())
            .or_insert_with(|| plan(&options.archive.archive, digest))
            .clone()
    };
    if options.anger.are_given() {
        return replay_anger::run(options, plan_of);
    }
    if let Some(with) = &options.with {
        return backtest::run(options, with, plan_of);
    }
    let paths = journals::of(options)?;
    let (mut decisions, mut torn, mut failed) = (0, 0, 0);
    for path in &paths {
        let text = journals::text(path)?;
        match replay(&text, plan_of) {
            Ok(report) => {
                decisions += report.decisions;
                torn += usize::from(report.torn_last_line);
                if let Some(difference) = report.difference {
                    failed += 1;
                    println!("{}: {difference}", path.display());
                }
            }
            Err(error) => {
                failed += 1;
                println!("{}: {error}", path.display());
            }
        }
    }
    println!(
        "{} journals, {decisions} decisions made again, {torn} torn last lines, {failed} that differ",
        paths.len()
    );
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A compiled plan as the archive keeps it.
fn plan(archive: &Path, digest: &str) -> Option<Arc<Plan>> {
    let json = ArchiveReader::open(archive).ok()?.plan(digest).ok()??;
    Plan::from_json(&json).ok().map(Arc::new)
}
