//! Finding and reading journals.

use crate::cli::Replay;
use anyhow::{Context, bail};
use call_model::JournalLine;
use std::path::{Path, PathBuf};

/// The end of a journal's file name.
const SUFFIX: &str = "jsonl";

/// The journals that a replay is asked for, at least one; where it names none, all of the archive's.
pub fn of(options: &Replay) -> anyhow::Result<Vec<PathBuf>> {
    let found = match options.journals.is_empty() {
        true => find(&[options.archive.archive.join("calls")]),
        false => find(&options.journals),
    }?;
    if found.is_empty() {
        bail!(
            "no journal is there: journals are the .jsonl files below the archive's calls folder"
        );
    }
    Ok(found)
}

/// Every journal among these files and folders, in order of their paths.
pub fn find(roots: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for root in roots {
        if root.is_dir() {
            walk(root, &mut found)?;
        } else {
            found.push(root.clone());
        }
    }
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let listed = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in listed {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|suffix| suffix == SUFFIX) && is_journal(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// A journal is named by its call; other line files lie beside.
fn is_journal(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.is_some_and(|stem| stem.parse::<call_model::CallId>().is_ok())
}

/// The text of a journal.
pub fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The lines of a journal that can be read; a torn last line is left out.
pub fn lines(text: &str) -> impl Iterator<Item = JournalLine> {
    text.lines()
        .map_while(|line| serde_json::from_str(line).ok())
}
