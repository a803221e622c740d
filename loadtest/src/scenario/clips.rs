//! The parties' voices: clips read before the first call begins.

use super::made_clips::made;
use super::shared_clips::SharedSpeech;
use super::{Action, Party, Scenario};
use crate::rtp::speech_extent;
use crate::wav::{self, AudioError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Silence between words spoken as one: 40 ms.
const BETWEEN_WORDS: usize = 320;
/// Silence kept around such a word, and at both ends: 20 ms.
const MARGIN: usize = 160;
/// What the first recording of a party is brought to, in dBFS over its speech: low enough that a voice that
/// grows loud is not cut off.
const RECORDED_DBFS: f32 = -32.0;
/// The loudest sample of a recorded word, so that words of many takes are as loud: -6 dBFS.
const PEAK: i32 = 16_384;

/// The clips one scenario needs.
#[derive(Clone, Debug, Default)]
pub struct Clips {
    clips: BTreeMap<String, Arc<[i16]>>,
}

/// Why a scenario cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// A file that is missing or no sound of ours.
    #[error("line {line}: '{clip}' cannot be said: {error}")]
    Unreadable {
        /// The step's line.
        line: usize,
        /// The clip's name.
        clip: String,
        /// What is wrong with its file.
        error: AudioError,
    },
    /// Recorded words, or a program that makes sentences, that this machine does not have; the
    /// scenario is skipped.
    #[error("line {line}: '{clip}' cannot be said here: {why}")]
    NotHere {
        /// The step's line.
        line: usize,
        /// The clip's name.
        clip: String,
        /// Where it was looked for.
        why: String,
    },
}

impl Clips {
    /// Reads what a scenario says. `yes` is `VOICE/yes.wav` in the folder of fixtures, a name
    /// with an extension is a path in it, `zh:人工` is recorded speech with that text,
    /// `text:"any words"` is made, and `file:"/a/b.flac"` is a recording: all of a party's are made
    /// louder or softer by as much as its first, so that what was louder stays so.
    pub fn read(
        scenario: &Scenario,
        fixtures: &Path,
        shared: &SharedSpeech,
    ) -> Result<Self, ClipError> {
        let mut clips = BTreeMap::new();
        let mut gains: BTreeMap<usize, f32> = BTreeMap::new();
        for step in &scenario.steps {
            let Action::Say { clips: names, .. } = &step.action else {
                continue;
            };
            let party = &scenario.parties[step.who];
            let mut pieces = Vec::new();
            for name in names {
                let (audio, source) = read_one(step.line, name, party, fixtures, shared)?;
                let audio = match source {
                    Source::File => {
                        let gain = *gains.entry(step.who).or_insert_with(|| gain_of(&audio));
                        louder(&audio, gain)
                    }
                    Source::Fixture | Source::Shared => audio,
                };
                pieces.push((audio, source));
            }
            let audio = match pieces.as_slice() {
                [(audio, Source::Fixture | Source::File)] => Arc::clone(audio),
                several => spliced(several),
            };
            clips.insert(key(&party.voice, names), audio);
        }
        Ok(Self { clips })
    }

    /// What a party says under these names, as one sound.
    pub fn clip(&self, party: &Party, names: &[String]) -> Option<Arc<[i16]>> {
        let clip = self.clips.get(&key(&party.voice, names));
        clip.or_else(|| self.clips.get(&names.join(" "))).cloned()
    }
}

impl<const N: usize> From<[(&str, Arc<[i16]>); N]> for Clips {
    fn from(clips: [(&str, Arc<[i16]>); N]) -> Self {
        let clips = clips.map(|(name, audio)| (name.to_owned(), audio));
        Self {
            clips: clips.into(),
        }
    }
}

/// Where a piece comes from: recorded words have levels and silences of their own.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Fixture,
    Shared,
    File,
}

fn key(voice: &str, names: &[String]) -> String {
    format!("{voice}/{}", names.join(" "))
}

fn read_one(
    line: usize,
    name: &str,
    party: &Party,
    fixtures: &Path,
    shared: &SharedSpeech,
) -> Result<(Arc<[i16]>, Source), ClipError> {
    let clip = || name.to_owned();
    if let Some(("text", text)) = name.split_once(':') {
        let audio = made(text, &party.voice).map_err(|why| ClipError::NotHere {
            line,
            clip: clip(),
            why,
        })?;
        return Ok((audio, Source::Shared));
    }
    let (path, source) = match name.split_once(':') {
        Some(("file", path)) if !Path::new(path).is_file() => {
            return Err(ClipError::NotHere {
                line,
                clip: clip(),
                why: "there is no such file".to_owned(),
            });
        }
        Some(("file", path)) => (PathBuf::from(path), Source::File),
        Some((language, text)) => match shared.find(language, text) {
            Ok(path) => (path, Source::Shared),
            Err(why) => {
                return Err(ClipError::NotHere {
                    line,
                    clip: clip(),
                    why,
                });
            }
        },
        None => (path_of(name, &party.voice, fixtures), Source::Fixture),
    };
    let audio = wav::read(&path).map_err(|error| ClipError::Unreadable {
        line,
        clip: clip(),
        error,
    })?;
    Ok((audio, source))
}

fn path_of(clip: &str, voice: &str, fixtures: &Path) -> PathBuf {
    if Path::new(clip).extension().is_some() {
        fixtures.join(clip)
    } else {
        fixtures.join(voice).join(format!("{clip}.wav"))
    }
}

/// By what factor a party's recordings are made louder, by the first.
fn gain_of(audio: &[i16]) -> f32 {
    let speech = &audio[speech_extent(audio)];
    match speech.is_empty() {
        true => 1.0,
        false => 10f32.powf((RECORDED_DBFS - dsp::level::dbfs(speech)) / 20.0),
    }
}

fn louder(audio: &[i16], gain: f32) -> Arc<[i16]> {
    let louder = |&sample: &i16| (f32::from(sample) * gain) as i16;
    audio.iter().map(louder).collect()
}

/// Pieces as one sentence: silences around them cut, recorded ones brought to one level.
fn spliced(pieces: &[(Arc<[i16]>, Source)]) -> Arc<[i16]> {
    let mut whole = vec![0; MARGIN];
    for (place, (audio, source)) in pieces.iter().enumerate() {
        if place > 0 {
            whole.extend([0; BETWEEN_WORDS]);
        }
        let speech = speech_extent(audio);
        let from = speech.start.saturating_sub(MARGIN);
        let piece = &audio[from..audio.len().min(speech.end + MARGIN)];
        let loudest = piece.iter().map(|&sample| i32::from(sample).abs()).max();
        match (source, loudest) {
            (Source::Shared, Some(loudest)) if loudest > 0 => whole.extend(
                piece
                    .iter()
                    .map(|&sample| (i32::from(sample) * PEAK / loudest) as i16),
            ),
            (Source::Shared | Source::Fixture | Source::File, _) => whole.extend_from_slice(piece),
        }
    }
    whole.extend([0; MARGIN]);
    whole.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(samples: usize, peak: i16) -> Arc<[i16]> {
        let mut audio = vec![0; 2_000];
        audio.extend(dsp::tone(400.0, 8_000, samples, peak));
        audio.extend([0; 2_000]);
        audio.into()
    }

    #[test]
    fn spliced_words_stand_close_and_are_as_loud() {
        let words = [
            (tone(1_600, 2_000), Source::Shared),
            (tone(1_600, 20_000), Source::Shared),
        ];
        let whole = spliced(&words);
        assert!(whole.len() < 2 * 1_600 + 1_500, "{}", whole.len());
        let (one, two) = whole.split_at(whole.len() / 2);
        let peak = |part: &[i16]| part.iter().map(|sample| sample.abs()).max().unwrap();
        assert!((peak(one) - peak(two)).abs() < 200);
    }

    #[test]
    fn what_was_recorded_louder_stays_louder() {
        let folder = std::env::temp_dir().join(format!("recorded-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, peak) in [("calm", 1_000), ("loud", 4_000)] {
            let path = folder.join(name).with_extension("wav");
            wav::write(&path, &[&tone(1_600, peak)]).unwrap();
        }
        let say = |name: &str| format!("say file:\"{}/{name}.wav\"\n", folder.display());
        let scenario: Scenario = format!("{}{}", say("calm"), say("loud")).parse().unwrap();
        let nowhere = SharedSpeech::open(Path::new("/nonexistent"));
        let clips = Clips::read(&scenario, Path::new("."), &nowhere).unwrap();
        let level = |name: &str| {
            let names = [format!("file:{}/{name}.wav", folder.display())];
            let clip = clips.clip(&scenario.parties[0], &names).unwrap();
            dsp::level::dbfs(&clip[speech_extent(&clip)])
        };
        assert!(
            (level("calm") - RECORDED_DBFS).abs() < 1.0,
            "{}",
            level("calm")
        );
        assert!((level("loud") - level("calm") - 12.0).abs() < 1.0);
        std::fs::remove_dir_all(&folder).unwrap();
        let gone = Clips::read(&scenario, Path::new("."), &nowhere).unwrap_err();
        assert!(matches!(gone, ClipError::NotHere { line: 1, .. }), "{gone}");
    }

    #[test]
    fn words_that_are_not_here_are_told_with_their_line() {
        let scenario: Scenario = "wait 1s\nsay zh:人工\nhang up".parse().unwrap();
        let nowhere = SharedSpeech::open(Path::new("/nonexistent"));
        let error = Clips::read(&scenario, Path::new("."), &nowhere).unwrap_err();
        assert!(
            matches!(error, ClipError::NotHere { line: 2, .. }),
            "{error}"
        );
    }
}
