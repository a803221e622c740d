//! `bellhop import`: an old system's menus as a plan.

use crate::cli::{Import as Options, OldSystem};
use anyhow::{Context, bail};
use dialplan::{Dialect, HEAD, Import, Imported, Severity, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What became of the old files, beside the plan.
const REPORT: &str = "import-report.txt";
/// How deep sounds may lie below an old file's folder, and how many are looked at.
const DEPTH_MAX: usize = 4;
const SOUNDS_MAX: usize = 10_000;

/// Reads the old files, writes the plan and shows its report.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let into = &options.into;
    if into.join(HEAD).exists() {
        bail!(
            "{} holds a plan already: take another folder",
            into.display()
        );
    }
    let name = match &options.name {
        Some(name) => name.clone(),
        None => {
            let last = into
                .file_name()
                .context("the folder has no name: give one with --name")?;
            last.to_string_lossy().into_owned()
        }
    };
    let mut texts = Vec::new();
    let mut sounds = BTreeMap::new();
    for file in &options.files {
        let bytes =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let text = String::from_utf8(bytes).with_context(|| {
            format!("{} is not UTF-8: turn it into UTF-8 first", file.display())
        })?;
        texts.push((shown(file), text));
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        find_sounds(folder.unwrap_or(Path::new(".")), DEPTH_MAX, &mut sounds);
    }
    let import = Import {
        from: match options.from {
            OldSystem::Vxml => Dialect::Vxml,
            OldSystem::Freeswitch => Dialect::Freeswitch,
            OldSystem::Asterisk => Dialect::Asterisk,
        },
        texts,
        sounds: sounds.keys().cloned().collect::<BTreeSet<_>>(),
        name,
        language: options.language,
        shape: match options.flatten {
            true => Shape::Flat,
            false => Shape::Kept,
        },
    };
    match import.plan() {
        Ok(imported) => write(into, &imported, &sounds),
        Err(faults) => {
            for fault in &faults {
                eprintln!("{fault}\n");
            }
            bail!("nothing was imported");
        }
    }
}

fn write(
    into: &Path,
    imported: &Imported,
    sounds: &BTreeMap<String, PathBuf>,
) -> anyhow::Result<ExitCode> {
    for (path, text) in &imported.texts {
        put(&into.join(path), text.as_bytes())?;
    }
    for (path, old) in &imported.sounds {
        let Some(old) = sounds.get(old) else {
            continue;
        };
        let sound = std::fs::read(old).with_context(|| format!("cannot read {}", old.display()))?;
        put(&into.join(path), &sound)?;
    }
    let report = imported.report.to_string();
    put(&into.join(REPORT), report.as_bytes())?;
    print!("{report}");
    for problem in &imported.problems {
        println!("{}/{problem}", into.display());
    }
    let is_refused = imported
        .problems
        .iter()
        .any(|p| p.severity() == Severity::Error);
    Ok(match is_refused {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// The WAV files below a folder; what cannot be looked into holds none.
fn find_sounds(folder: &Path, depth: usize, sounds: &mut BTreeMap<String, PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if sounds.len() >= SOUNDS_MAX {
            return;
        }
        if is_folder && depth > 0 {
            find_sounds(&path, depth - 1, sounds);
        } else if path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("wav"))
        {
            sounds.insert(shown(&path), path);
        }
    }
}

/// A path with `/` between its parts, as old files name others.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").map(str::to_owned).unwrap_or(text)
}
