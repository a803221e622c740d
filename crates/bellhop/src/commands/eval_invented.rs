//! `bellhop eval invented`: what is understood where nobody speaks.

use crate::cli::{EvalInvented, LineCodec};
use crate::engines;
use crate::plans::Shelf;
use anyhow::{Context, bail};
use call_model::{Codec, Language};
use hearing_trials::{Line, turns_noticed};
use serde_json::{Value, json};
use speech::eval::{InventedCount, InventedTask, invented};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Measures every language of the plan.
pub fn run(options: &EvalInvented) -> anyhow::Result<ExitCode> {
    let shelf = Shelf::read(&options.plan)?;
    let mut plans = shelf.iter();
    let (Some(shelved), None) = (plans.next(), plans.next()) else {
        bail!("{} is not the folder of one plan", options.plan.display());
    };
    let recognizer = engines::open(&options.engine, 1)?;
    let codec = match options.codec {
        LineCodec::Ulaw => Codec::Pcmu,
        LineCodec::Alaw => Codec::Pcma,
        LineCodec::Opus => bail!(
            "--codec opus is for recordings of speech: asr, turns, bargein and vad; here say ulaw or alaw"
        ),
    };
    let line = Line::quiet(codec);
    let noticed = |sound: &[i16]| turns_noticed(&line, sound);
    let mut task = InventedTask {
        recognizer: &*recognizer,
        grammars: Vec::new(),
        escalation: Vec::new(),
        codec,
        seconds: options.minutes as usize * 60,
        music: music(&options.music)?,
        noise: options.noise.clone(),
        turns: match options.all {
            true => None,
            false => Some(&noticed),
        },
    };
    let (mut is_good, mut told) = (true, serde_json::Map::new());
    let languages = shelved.plan.languages().iter();
    for &language in languages.filter(|it| options.language.is_none_or(|only| only == **it)) {
        let grammars = shelved.plan.grammars();
        task.grammars = grammars
            .filter(|grammar| grammar.language == language)
            .cloned()
            .collect();
        task.escalation = vec![Arc::clone(shelved.plan.escalation_words(language))];
        let counts = invented(&task)?;
        let most = options.require_most.unwrap_or(usize::MAX);
        let inventions = counts.values().map(|it| it.understood + it.spotted);
        is_good &= inventions.sum::<usize>() <= most;
        if !options.json {
            show(language, &counts);
        }
        told.insert(language.to_string(), as_json(&counts));
    }
    if told.is_empty() {
        bail!("the plan does not speak this language");
    }
    if options.json {
        println!("{:#}", Value::Object(told));
    }
    Ok(match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The recordings in these folders. A folder that is not there is told, and its sound left out.
fn music(folders: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in folders {
        if !folder.is_dir() {
            eprintln!("SKIPPED: no music at {}", folder.display());
            continue;
        }
        let listed = std::fs::read_dir(folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        for entry in listed {
            let path = entry?.path();
            let is_sound = |path: &Path| {
                path.extension()
                    .is_some_and(|it| it == "wav" || it == "flac")
            };
            if is_sound(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn show(language: Language, counts: &BTreeMap<&'static str, InventedCount>) {
    for (kind, count) in counts {
        println!(
            "{language}, {kind}: {} of {} turns understood, {} escalation words, in {:.1} minutes, {:.1} of them heard; {:.3} CPU s/s",
            count.understood,
            count.turns,
            count.spotted,
            count.audio_seconds / 60.0,
            count.heard_seconds / 60.0,
            count.cpu_seconds / count.heard_seconds.max(f64::MIN_POSITIVE),
        );
    }
}

fn as_json(counts: &BTreeMap<&'static str, InventedCount>) -> Value {
    let shown = counts.iter().map(|(kind, count)| {
        let count = json!({
            "turns": count.turns,
            "understood": count.understood,
            "escalation_words": count.spotted,
            "audio_seconds": count.audio_seconds,
            "heard_seconds": count.heard_seconds,
            "cpu_seconds": count.cpu_seconds,
        });
        ((*kind).to_owned(), count)
    });
    Value::Object(shown.collect())
}
