//! The caller's voice: clips read before the call begins.

use super::{Action, Scenario};
use crate::wav::{self, AudioError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The clips one scenario needs.
#[derive(Clone, Debug, Default)]
pub struct Clips {
    clips: BTreeMap<String, Arc<[i16]>>,
}

/// Why a scenario cannot be spoken.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: '{clip}' cannot be said: {error}")]
pub struct ClipError {
    line: usize,
    clip: String,
    error: AudioError,
}

impl Clips {
    /// Reads what a scenario says from a folder of fixtures: `yes` is `VOICE/yes.wav`, a name
    /// with an extension is a path in the folder.
    pub fn read(scenario: &Scenario, fixtures: &Path) -> Result<Self, ClipError> {
        let mut clips = BTreeMap::new();
        for step in &scenario.steps {
            if let Action::Say { clip, .. } = &step.action
                && !clips.contains_key(clip)
            {
                let path = path_of(clip, &scenario.voice, fixtures);
                let audio = wav::read(&path).map_err(|error| ClipError {
                    line: step.line,
                    clip: clip.clone(),
                    error,
                })?;
                clips.insert(clip.clone(), audio);
            }
        }
        Ok(Self { clips })
    }

    /// A clip by its name.
    pub fn clip(&self, name: &str) -> Option<Arc<[i16]>> {
        self.clips.get(name).cloned()
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

fn path_of(clip: &str, voice: &str, fixtures: &Path) -> PathBuf {
    if Path::new(clip).extension().is_some() {
        fixtures.join(clip)
    } else {
        fixtures.join(voice).join(format!("{clip}.wav"))
    }
}
