//! The prompts that may be heard, as reference audio.

use crate::wav;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A frame of the reference at least this loud is where it begins to sound.
const ONSET_DBFS: f32 = crate::rtp::LOUD_DBFS;

/// One prompt as it should sound.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Its file's stem, e.g. `greeting.en`.
    pub name: String,
    /// The samples, 8 kHz.
    pub samples: Arc<[i16]>,
    /// Where it begins to sound, to 10 ms.
    pub onset: usize,
}

/// The name of hold music: it is no prompt, and is heard from anywhere in it.
const MUSIC: &str = "music";

/// Every prompt of a folder, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Library {
    references: Vec<Reference>,
    music: Vec<Reference>,
}

/// Why a folder of prompts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The folder cannot be read.
    #[error("{0}: {1}")]
    Folder(PathBuf, std::io::Error),
    /// A file is no WAV of ours.
    #[error(transparent)]
    File(#[from] wav::AudioError),
    /// No `*.wav` in it.
    #[error("{0} holds no prompts (*.wav)")]
    Empty(PathBuf),
}

impl Library {
    /// Reads every `*.wav` of a folder.
    pub fn open(folder: &Path) -> Result<Self, LibraryError> {
        let entries = std::fs::read_dir(folder)
            .map_err(|error| LibraryError::Folder(folder.to_owned(), error))?;
        let mut references = Vec::new();
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.extension().is_some_and(|extension| extension == "wav") {
                let name = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                references.push(Reference::new(name, wav::read(&path)?));
            }
        }
        if references.is_empty() {
            return Err(LibraryError::Empty(folder.to_owned()));
        }
        Ok(Self::new(references))
    }

    /// A library of these; what is called `music`, or `music.` and something, is hold music.
    pub fn new(mut references: Vec<Reference>) -> Self {
        references.sort_by(|one, two| one.name.cmp(&two.name));
        let is_music = |reference: &Reference| {
            let name = reference.name.split('.').next();
            name == Some(MUSIC)
        };
        let (music, references) = references.into_iter().partition(is_music);
        Self { references, music }
    }

    /// The hold music that may be heard; none is known where this is empty.
    pub fn music(&self) -> &[Reference] {
        &self.music
    }

    /// The prompts in order of their names.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Whether some prompt answers to this name.
    pub fn knows(&self, name: &str) -> bool {
        self.references
            .iter()
            .any(|reference| reference.answers_to(name))
    }
}

impl Reference {
    /// A prompt under its name.
    pub fn new(name: String, samples: Arc<[i16]>) -> Self {
        const BLOCK: usize = 80;
        let loud = samples
            .chunks(BLOCK)
            .position(|block| dsp::level::dbfs(block) >= ONSET_DBFS);
        Self {
            onset: loud.unwrap_or(0) * BLOCK,
            name,
            samples,
        }
    }

    /// Whether it is called so: by its whole name, or by that without the language at its end.
    /// `menu` is `menu.en`, and not `menu.no_match.en`.
    pub fn answers_to(&self, name: &str) -> bool {
        let without_language = self.name.rsplit_once('.').map(|(name, _)| name);
        self.name == name || without_language == Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_answers_to_its_name_with_and_without_language() {
        let prompt = Reference::new("greeting.en".into(), vec![0; 800].into());
        assert!(prompt.answers_to("greeting") && prompt.answers_to("greeting.en"));
        assert!(!prompt.answers_to("greet") && !prompt.answers_to("greeting.zh"));
        let ladder = Reference::new("greeting.no_match.en".into(), vec![0; 800].into());
        assert!(!ladder.answers_to("greeting"));
    }

    #[test]
    fn music_is_no_prompt() {
        let of = |name: &str| Reference::new(name.into(), vec![9_000; 800].into());
        let library = Library::new(vec![of("music"), of("musical.en"), of("music.night")]);
        assert_eq!(library.music().len(), 2);
        assert!(library.knows("musical") && !library.knows("music"));
    }

    #[test]
    fn leading_silence_is_no_part_of_the_sound() {
        let mut samples = vec![3; 400];
        samples.extend([9_000; 400]);
        assert_eq!(Reference::new("x".into(), samples.into()).onset, 400);
    }
}
