//! The recordings that the measurements of hearing lay on a line.

use crate::cli::{LineCodec, Recordings};
use anyhow::{Context, bail};
use call_model::Codec;
use hearing_trials::{Beneath, Line, NoSpeech, Telephone, audible};
use speech::eval::{EvalClip, read_manifest, read_sound};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A recording and its sound.
pub struct Recording {
    /// Its line of the manifest.
    pub clip: EvalClip,
    /// Its sound, 8 kHz.
    pub sound: Vec<i16>,
}

/// The folder that a manifest's paths begin at.
pub fn root(options: &Recordings) -> &Path {
    options.manifest.parent().unwrap_or(Path::new("."))
}

/// Every line of the manifest that the options ask for.
pub fn clips(options: &Recordings) -> anyhow::Result<Vec<EvalClip>> {
    let mut clips = read_manifest(&options.manifest)?;
    clips.retain(|clip| {
        let is_of_corpus = options.corpus.is_empty() || options.corpus.contains(&clip.corpus);
        is_of_corpus && options.language.is_none_or(|only| only == clip.language)
    });
    let clips: Vec<EvalClip> = clips.into_iter().step_by(options.every.max(1)).collect();
    if clips.is_empty() {
        let shown = options.manifest.display();
        bail!("{shown}: no recording of these corpora and this language");
    }
    Ok(clips)
}

/// Every recording that the options ask for, with its sound.
pub fn recordings(options: &Recordings) -> anyhow::Result<Vec<Recording>> {
    let root = root(options);
    clips(options)?
        .into_iter()
        .map(|clip| {
            let sound = read_sound(&root.join(&clip.path))?;
            Ok(Recording { clip, sound })
        })
        .collect()
}

/// By collection, in the order of their names.
pub fn by_corpus(recordings: &[Recording]) -> BTreeMap<&str, Vec<&Recording>> {
    let mut sorted: BTreeMap<&str, Vec<&Recording>> = BTreeMap::new();
    for recording in recordings {
        let corpus = recording.clip.corpus.as_str();
        sorted.entry(corpus).or_default().push(recording);
    }
    sorted
}

/// The line that the options ask for.
pub fn line(options: &Recordings) -> anyhow::Result<Line> {
    let (codec, telephone) = match options.codec {
        LineCodec::Ulaw => (Codec::Pcmu, Telephone::OfTheLine),
        LineCodec::Alaw => (Codec::Pcma, Telephone::OfTheLine),
        LineCodec::Opus => (Codec::Pcmu, Telephone::Opus),
    };
    Ok(Line {
        telephone,
        loss: options.loss,
        beneath: beneath(options.noise.as_deref(), options.snr)?,
        ..Line::quiet(codec)
    })
}

/// The noise of a file so many decibels beneath the speech, where both are named.
pub fn beneath(noise: Option<&Path>, snr_db: Option<f32>) -> anyhow::Result<Option<Beneath>> {
    let Some((file, snr_db)) = noise.zip(snr_db) else {
        return Ok(None);
    };
    let sound = read_sound(file)?;
    if sound.iter().all(|sample| *sample == 0) {
        bail!("{} holds no sound", file.display());
    }
    Ok(Some(Beneath {
        sound: sound.into(),
        snr_db,
    }))
}

/// The sound files named, and those in the folders named, in the order of their names.
pub fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.exists() {
            eprintln!("SKIPPED {}: not there", path.display());
            continue;
        }
        match path.is_dir() {
            false => files.push(path.clone()),
            true => {
                let shown = path.display();
                let entries = fs::read_dir(path).with_context(|| format!("cannot list {shown}"))?;
                for entry in entries {
                    let path = entry?.path();
                    let is_sound = path.extension().is_some_and(|e| e == "wav" || e == "flac");
                    files.extend(is_sound.then_some(path));
                }
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Sounds without speech, each file under its own name.
pub fn no_speech(paths: &[PathBuf]) -> anyhow::Result<Vec<NoSpeech>> {
    let read = files(paths)?.into_iter().map(|path| {
        let name = path.file_stem().unwrap_or_default();
        Ok(NoSpeech {
            name: name.to_string_lossy().into_owned(),
            sound: read_sound(&path)?,
        })
    });
    read.collect()
}

/// Prompts of at least so many samples each, put together of the files in the order of their
/// names, those without a sound left out.
pub fn long_prompts(paths: &[PathBuf], least: usize) -> anyhow::Result<Vec<Arc<[i16]>>> {
    /// Between two files: a fifth of a second.
    const BETWEEN: usize = 1_600;
    let mut prompts = Vec::new();
    let mut prompt: Vec<i16> = Vec::new();
    for path in files(paths)? {
        let sound = read_sound(&path)?;
        let Some(audible) = audible(&sound) else {
            continue;
        };
        prompt.extend(&sound[audible]);
        prompt.extend([0; BETWEEN]);
        if prompt.len() >= least {
            // One file may be much longer than all others.
            prompt.truncate(least + least / 4);
            prompts.push(std::mem::take(&mut prompt).into());
        }
    }
    if prompts.is_empty() {
        bail!("the prompts are too short: name more of them with --prompts");
    }
    Ok(prompts)
}
