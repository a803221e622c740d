//! Prompts as sound: made once, kept, and all equally loud.

mod disk;
mod loudness;
mod memory;
pub(crate) mod wav;

use crate::{SpeechError, Synthesizer};
use call_model::{Pace, PromptPiece, PromptText, SAMPLE_RATE};
use disk::DiskCache;
use memory::MemoryCache;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts with what is done to the sound, so that a change makes it anew.
const TREATMENT: &str = "1";
/// The longest pause within a prompt, in milliseconds.
const PAUSE_MAX_MS: u32 = 60_000;
/// The largest sound file of a plan, in bytes.
const FILE_MAX: u64 = 64 << 20;
/// Fades at both ends of each piece: 5 ms, so that nothing clicks.
const EDGE: usize = SAMPLE_RATE as usize / 200;

/// What a prompt is known by in the caches; tells nothing about its words.
type Key = [u8; 32];

/// Where prompts are kept and how much of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PromptStoreSettings {
    /// The folder of the cache on disk; created where it is missing.
    pub dir: PathBuf,
    /// The most sound kept in memory, in bytes.
    pub memory_max: usize,
    /// The most sound kept on disk, in bytes; what was not made for longest goes first, when the store opens.
    pub disk_max: u64,
}

impl PromptStoreSettings {
    /// 64 MB in memory (over an hour of speech) and 256 MB on disk.
    pub fn in_dir(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            memory_max: 64 << 20,
            disk_max: 256 << 20,
        }
    }
}

/// Makes and keeps the sound of prompts: 8 kHz, −20 dBFS of speech, faded at the edges.
///
/// The plan's own texts are also kept on disk, under names that say nothing
/// ([`Self::warm`]); what is put together for one caller stays in memory ([`Self::make`]).
pub struct PromptStore {
    synthesizer: Arc<dyn Synthesizer>,
    memory: Mutex<MemoryCache>,
    disk: DiskCache,
}

impl PromptStore {
    /// Opens the store and its folder.
    ///
    /// # Errors
    /// [`SpeechError::Storage`] when the folder cannot be made or read.
    pub fn open(
        settings: &PromptStoreSettings,
        synthesizer: Arc<dyn Synthesizer>,
    ) -> Result<Self, SpeechError> {
        Ok(Self {
            synthesizer,
            memory: Mutex::new(MemoryCache::new(settings.memory_max)),
            disk: DiskCache::open(&settings.dir, settings.disk_max)?,
        })
    }

    /// The prompt if it is at hand in memory; quick enough for a media thread.
    ///
    /// `files_root` is the plan's folder, which its sound files are named from.
    pub fn lookup(&self, prompt: &PromptText, files_root: &Path) -> Option<Arc<[i16]>> {
        let key = self.key(prompt, files_root);
        self.memory().find(&key)
    }

    /// The prompt, from memory, from disk or made now. Not for a media thread: synthesis takes its time.
    ///
    /// # Errors
    /// What the synthesizer says, or a file that is missing or no usable sound.
    pub fn make(&self, prompt: &PromptText, files_root: &Path) -> Result<Arc<[i16]>, SpeechError> {
        self.sound(prompt, files_root, Keeping::Memory)
    }

    /// As [`Self::make`], and keeps new speech on disk: for the texts that stand in a plan.
    ///
    /// # Errors
    /// As [`Self::make`]. A disk that cannot be written is only logged.
    pub fn warm(&self, prompt: &PromptText, files_root: &Path) -> Result<Arc<[i16]>, SpeechError> {
        self.sound(prompt, files_root, Keeping::Disk)
    }

    fn sound(
        &self,
        prompt: &PromptText,
        files_root: &Path,
        keeping: Keeping,
    ) -> Result<Arc<[i16]>, SpeechError> {
        let key = self.key(prompt, files_root);
        if let Some(sound) = self.memory().find(&key) {
            return Ok(sound);
        }
        let mut samples = Vec::new();
        for piece in &prompt.pieces {
            samples.extend(self.piece(piece, prompt, files_root, keeping)?);
        }
        let sound: Arc<[i16]> = samples.into();
        self.memory().keep(key, &sound);
        Ok(sound)
    }

    fn piece(
        &self,
        piece: &PromptPiece,
        prompt: &PromptText,
        files_root: &Path,
        keeping: Keeping,
    ) -> Result<Vec<i16>, SpeechError> {
        match piece {
            PromptPiece::Text(text) => self.speech(text.reveal(), prompt, keeping),
            PromptPiece::File(name) => Ok(finished(file(files_root, name)?)),
            PromptPiece::Pause(ms) => {
                let samples = (*ms).min(PAUSE_MAX_MS) * (SAMPLE_RATE / 1_000);
                Ok(vec![0; samples as usize])
            }
        }
    }

    fn speech(
        &self,
        text: &str,
        prompt: &PromptText,
        keeping: Keeping,
    ) -> Result<Vec<i16>, SpeechError> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let (language, pace) = (prompt.language, prompt.pace);
        let mut parts = vec![
            "speech".to_owned(),
            TREATMENT.to_owned(),
            self.synthesizer.name().to_owned(),
            language.tag().to_owned(),
            text.to_owned(),
        ];
        parts.extend(paced(pace));
        let key = digest(&parts);
        if let Some(samples) = self.disk.find(&key) {
            return Ok(samples);
        }
        let spoken = self.synthesizer.speak(text, language, pace)?;
        let samples = finished(loudness::trimmed(&spoken).to_vec());
        if keeping == Keeping::Disk
            && let Err(error) = self.disk.keep(&key, &samples)
        {
            tracing::warn!(%error, "a prompt could not be kept on disk");
        }
        Ok(samples)
    }

    fn key(&self, prompt: &PromptText, files_root: &Path) -> Key {
        let mut parts = vec![
            "prompt".to_owned(),
            TREATMENT.to_owned(),
            self.synthesizer.name().to_owned(),
            prompt.language.tag().to_owned(),
        ];
        parts.extend(paced(prompt.pace));
        for piece in &prompt.pieces {
            match piece {
                PromptPiece::Text(text) => parts.extend(["t".to_owned(), text.reveal().clone()]),
                PromptPiece::File(name) => {
                    let root = files_root.to_string_lossy().into_owned();
                    parts.extend(["f".to_owned(), root, name.clone()]);
                }
                PromptPiece::Pause(ms) => parts.extend(["p".to_owned(), ms.to_string()]),
            }
        }
        digest(&parts)
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, MemoryCache> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a pace adds to the name of a sound; the usual one nothing.
fn paced(pace: Pace) -> Option<String> {
    (!pace.is_usual()).then(|| format!("pace {}", pace.percent()))
}

/// How far new speech is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// In memory: it may repeat what a caller said.
    Memory,
    /// On disk too: it stands in the plan.
    Disk,
}

/// A hash of parts, each with its length, so that no two lists run together.
fn digest<P: AsRef<str>>(parts: &[P]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

fn finished(samples: Vec<i16>) -> Vec<i16> {
    let mut samples = loudness::levelled(samples);
    let edge = EDGE.min(samples.len() / 2);
    let end = samples.len() - edge;
    dsp::fade::fade_in(&mut samples[..edge]);
    dsp::fade::fade_out(&mut samples[end..]);
    samples
}

/// A sound file of a plan at 8 kHz; it must lie within the plan's folder.
fn file(root: &Path, name: &str) -> Result<Vec<i16>, SpeechError> {
    let unusable = |what: String| SpeechError::SoundFile {
        path: PathBuf::from(name),
        what,
    };
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(name).components().all(inside) {
        return Err(unusable("it must lie within the plan's folder".to_owned()));
    }
    let path = root.join(name);
    let size = fs::metadata(&path)
        .map_err(|error| unusable(error.to_string()))?
        .len();
    if size > FILE_MAX {
        return Err(unusable(format!("it is larger than {} MB", FILE_MAX >> 20)));
    }
    let bytes = fs::read(&path).map_err(|error| unusable(error.to_string()))?;
    let clip = wav::read(&bytes).map_err(|what| unusable(what.to_string()))?;
    Ok(dsp::resample(&clip.samples, clip.rate, SAMPLE_RATE))
}

#[cfg(test)]
mod tests;
