//! Recordings of moods, read from a manifest.

use anyhow::{Context, bail};
use call_model::{Codec, SAMPLE_RATE};
use claxon::FlacReader;
use serde::Deserialize;
use std::path::Path;
use voice_emotion::Dice;
use voice_emotion::train::conditions::Condition;
use voice_emotion::train::set::{ClipInfo, Sample, over_line};

/// Recordings with what is known of them, in the manifest's order.
pub struct Recordings {
    /// What is known.
    pub clips: Vec<ClipInfo>,
    /// The samples, 8 kHz.
    pub sounds: Vec<Vec<i16>>,
}

/// What is read of a row; a manifest may have more columns, and may lack those with a default.
#[derive(Deserialize)]
struct Row {
    path: String,
    corpus: String,
    speaker: String,
    emotion: String,
    #[serde(default)]
    gender: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    licence: String,
}

impl Recordings {
    /// Reads a CSV manifest with the columns `path`, `corpus`, `speaker` and `emotion`, better also
    /// `gender`, `language` and `licence`, and the sounds that it names.
    pub fn read(manifest: &Path) -> anyhow::Result<Self> {
        let name = manifest.display();
        let mut rows =
            csv::Reader::from_path(manifest).with_context(|| format!("cannot read {name}"))?;
        let root = manifest.parent().unwrap_or(Path::new("."));
        let (mut clips, mut sounds) = (Vec::new(), Vec::new());
        for row in rows.deserialize() {
            let row: Row = row.with_context(|| format!("{name}: a row is odd"))?;
            sounds.push(sound(&root.join(&row.path))?);
            clips.push(ClipInfo {
                path: row.path,
                corpus: row.corpus,
                speaker: row.speaker,
                gender: row.gender,
                language: row.language,
                emotion: row.emotion,
                licence: row.licence,
            });
        }
        if clips.is_empty() {
            bail!("{name} names no recordings");
        }
        Ok(Self { clips, sounds })
    }

    /// All of them over a line, the same for all of a speaker.
    pub fn over(
        &self,
        line: &dyn Fn(&mut Dice) -> Condition,
        number: usize,
        seed: u64,
    ) -> Vec<Sample> {
        over_line(&self.clips, &self.sounds, line, number, seed)
    }
}

/// A line that does nothing but code, by one law or the other.
pub fn plain_line(dice: &mut Dice) -> Condition {
    Condition::clean([Codec::Pcmu, Codec::Pcma][dice.below(2)])
}

/// One channel of 16 bits, FLAC or WAV, brought to 8 kHz.
fn sound(path: &Path) -> anyhow::Result<Vec<i16>> {
    let unusable = || format!("cannot use {}", path.display());
    let is_flac = path.extension().is_some_and(|end| end == "flac");
    let (samples, rate) = if is_flac {
        flac(path).with_context(unusable)?
    } else {
        wav(path).with_context(unusable)?
    };
    Ok(dsp::resample(&samples, rate, SAMPLE_RATE))
}

fn flac(path: &Path) -> anyhow::Result<(Vec<i16>, u32)> {
    let mut reader = FlacReader::open(path)?;
    let about = reader.streaminfo();
    if about.channels != 1 || about.bits_per_sample != 16 {
        bail!("more than one channel of 16 bits");
    }
    let samples: Result<Vec<i16>, _> = reader
        .samples()
        .map(|sample| sample.map(|sample| sample as i16))
        .collect();
    Ok((samples?, about.sample_rate))
}

fn wav(path: &Path) -> anyhow::Result<(Vec<i16>, u32)> {
    let mut reader = hound::WavReader::open(path)?;
    let about = reader.spec();
    if about.channels != 1 || about.bits_per_sample != 16 {
        bail!("more than one channel of 16 bits");
    }
    let samples: Result<Vec<i16>, _> = reader.samples::<i16>().collect();
    Ok((samples?, about.sample_rate))
}
