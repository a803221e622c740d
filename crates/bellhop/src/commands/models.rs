//! `bellhop models`: which models there are, bringing them, checking them.

use crate::cli::{ModelsCommand, ModelsPlace};
use crate::config::Config;
use crate::models::{Fetcher, Source};
use anyhow::{Context, bail};
use speech::{Catalogue, CataloguedModel, FileState};
use std::path::PathBuf;
use std::process::ExitCode;

/// What is fetched where nothing is named.
const USUAL: [&str; 2] = ["sphinx-en-8k", "sphinx-zh-8k"];

/// Runs one of the commands.
pub fn run(command: ModelsCommand) -> anyhow::Result<ExitCode> {
    match command {
        ModelsCommand::List(place) => list(&place),
        ModelsCommand::Check(place) => check(&place),
        ModelsCommand::Fetch {
            names,
            place,
            mirror,
            from,
        } => {
            let source = match (mirror, from) {
                (_, Some(folder)) => Source::Folder(folder),
                (Some(url), None) => Source::Mirror(url),
                (None, None) => Source::Published,
            };
            fetch(&names, &place, source)
        }
    }
}

fn list(place: &ModelsPlace) -> anyhow::Result<ExitCode> {
    let folders = folders(place).unwrap_or_default();
    for model in &Catalogue::shipped().models {
        let languages: Vec<_> = model.languages.iter().map(ToString::to_string).collect();
        let found = found(model, &folders);
        println!(
            "{:<24} {:<8} {:<6} {:>8.1} MB  {:<13} {}",
            model.name,
            model.engine,
            languages.join("+"),
            model.bytes() as f64 / 1e6,
            model.licence,
            model.purpose,
        );
        if let Some(folder) = found {
            println!("{:<24} in {}", "", folder.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells of every file that is not good, and of what was looked at.
fn check(place: &ModelsPlace) -> anyhow::Result<ExitCode> {
    let folders = folders(place)?;
    let mut is_good = true;
    let mut checked = 0;
    for model in &Catalogue::shipped().models {
        for folder in folders.iter().map(|folder| folder.join(&model.name)) {
            if !folder.is_dir() {
                continue;
            }
            checked += 1;
            let states = model.check(&folder);
            let bad: Vec<_> = states
                .iter()
                .filter(|(_, it)| *it != FileState::Good)
                .collect();
            for (file, state) in &bad {
                println!("{}: {state}", folder.join(&file.name).display());
            }
            match bad.len() {
                0 => println!("{}: good, {} files", folder.display(), states.len()),
                bad => println!(
                    "{}: {bad} of {} files are not good",
                    folder.display(),
                    states.len()
                ),
            }
            is_good &= bad.is_empty();
        }
    }
    if checked == 0 {
        bail!(
            "no published model lies in {}; fetch one with 'bellhop models fetch'",
            shown(&folders)
        );
    }
    Ok(match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn fetch(names: &[String], place: &ModelsPlace, source: Source) -> anyhow::Result<ExitCode> {
    let catalogue = Catalogue::shipped();
    let usual = USUAL.map(str::to_owned);
    let names = if names.is_empty() { &usual[..] } else { names };
    let mut models = Vec::new();
    for name in names {
        let known = catalogue.model(name);
        models.push(known.with_context(|| {
            let known = catalogue.models.iter().map(|model| model.name.as_str());
            let known: Vec<_> = known.collect();
            format!(
                "no model is called '{name}'; there are: {}",
                known.join(", ")
            )
        })?);
    }
    let into = folders(place)?.into_iter().next();
    let into =
        into.context("speech.models of the configuration names no folder; give one with --dir")?;
    let fetcher = Fetcher::new(source);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for model in models {
        let mut came = 0;
        for file in &model.files {
            came += usize::from(runtime.block_on(fetcher.fetch(model, file, &into))?);
        }
        // What was noted of the old files is replaced by what these are.
        let states = model.check(&into.join(&model.name));
        println!(
            "{}: {} files, {came} of them new; licence: {}",
            into.join(&model.name).display(),
            states.len(),
            model.licence
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The folders with models: the one that is named, or the configuration's.
fn folders(place: &ModelsPlace) -> anyhow::Result<Vec<PathBuf>> {
    match &place.dir {
        Some(dir) => Ok(vec![dir.clone()]),
        None => {
            let config = Config::read(&place.config);
            Ok(config
                .context("--dir names a folder of models without one")?
                .speech
                .models)
        }
    }
}

fn found(model: &CataloguedModel, folders: &[PathBuf]) -> Option<PathBuf> {
    let folders = folders.iter().map(|folder| folder.join(&model.name));
    folders.into_iter().find(|folder| folder.is_dir())
}

fn shown(folders: &[PathBuf]) -> String {
    let shown: Vec<_> = folders.iter().map(|it| it.display().to_string()).collect();
    shown.join(", ")
}
