//! The files a plan is made of.

use crate::sound::{HEADER_MAX, SoundForm};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The file a plan begins with.
pub const HEAD: &str = "flow.yaml";

/// The deepest folder within a plan's folder that is read.
const DEPTH_MAX: usize = 4;
/// The most files a plan's folder may hold.
const FILES_MAX: usize = 10_000;

/// A plan's folder: the texts of its text files, and the names of all others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlanSources {
    /// Texts by path relative to the plan's folder, with `/` between its parts.
    pub texts: BTreeMap<String, String>,
    /// The paths of all other files (audio).
    pub others: BTreeSet<String>,
    /// What the headers of audio files say; none of a file that is no WAV file. A file of
    /// `others` that is not here was not looked into.
    pub sounds: BTreeMap<String, Option<SoundForm>>,
}

/// A plan's folder that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourcesError {
    /// A file or folder could not be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder holds no `flow.yaml`.
    #[error("{0} holds no plan: a plan's folder has a file {HEAD}")]
    NoHead(PathBuf),
    /// The folder holds more than a plan may.
    #[error("{0} holds more than {FILES_MAX} files: a plan has a folder of its own")]
    TooMany(PathBuf),
}

impl PlanSources {
    /// A plan of one text, as tests write it.
    pub fn of_head(text: impl Into<String>) -> Self {
        Self::default().with(HEAD, text)
    }

    /// The same with one more text.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.texts.insert(path.into(), text.into());
        self
    }

    /// The same with one more file that is no text.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<String>) -> Self {
        self.others.insert(path.into());
        self
    }

    /// The same with one more audio file.
    #[must_use]
    pub fn with_sound(mut self, path: impl Into<String>, form: Option<SoundForm>) -> Self {
        let path = path.into();
        self.sounds.insert(path.clone(), form);
        self.with_file(path)
    }

    /// How long an audio file lasts; 0 where nobody knows.
    #[expect(clippy::cast_precision_loss, reason = "recordings are short")]
    pub(crate) fn sound_seconds(&self, path: &str) -> f32 {
        let form = self.sounds.get(path).copied().flatten();
        form.map_or(0.0, |form| form.millis as f32 / 1_000.0)
    }

    /// Whether a file of this path is there.
    pub fn has(&self, path: &str) -> bool {
        self.texts.contains_key(path) || self.others.contains(path)
    }

    /// Reads a plan's folder: `.yaml`, `.yml`, `.jsgf` and `.txt` as text, the rest by name,
    /// and of audio files the header.
    ///
    /// # Errors
    /// When a file or folder cannot be read, or there is no `flow.yaml`.
    pub fn read(folder: &Path) -> Result<Self, SourcesError> {
        let mut sources = Self::default();
        sources.read_folder(folder, folder, DEPTH_MAX)?;
        if sources.texts.contains_key(HEAD) {
            Ok(sources)
        } else {
            Err(SourcesError::NoHead(folder.to_owned()))
        }
    }

    fn read_folder(
        &mut self,
        root: &Path,
        folder: &Path,
        depth: usize,
    ) -> Result<(), SourcesError> {
        let unreadable = |source| SourcesError::Unreadable {
            path: folder.to_owned(),
            source,
        };
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            if entry.file_type().map_err(unreadable)?.is_dir() {
                if depth > 0 {
                    self.read_folder(root, &path, depth - 1)?;
                }
                continue;
            }
            if self.texts.len() + self.others.len() >= FILES_MAX {
                return Err(SourcesError::TooMany(root.to_owned()));
            }
            self.read_file(root, &path)?;
        }
        Ok(())
    }

    fn read_file(&mut self, root: &Path, path: &Path) -> Result<(), SourcesError> {
        let parts = path.strip_prefix(root).unwrap_or(path).components();
        let parts: Vec<_> = parts
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        let name = parts.join("/");
        let extension = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        if matches!(extension, "yaml" | "yml" | "jsgf" | "txt") {
            let text =
                std::fs::read_to_string(path).map_err(|source| SourcesError::Unreadable {
                    path: path.to_owned(),
                    source,
                })?;
            self.texts.insert(name, text);
        } else {
            if is_sound(extension) {
                let form = read_form(path).map_err(|source| SourcesError::Unreadable {
                    path: path.to_owned(),
                    source,
                })?;
                self.sounds.insert(name.clone(), form);
            }
            self.others.insert(name);
        }
        Ok(())
    }
}

/// Whether the name is one of a sound, of whatever form.
fn is_sound(extension: &str) -> bool {
    let sounds = [
        "wav", "mp3", "ogg", "opus", "flac", "aac", "m4a", "gsm", "au", "raw", "pcm",
    ];
    sounds.contains(&extension.to_ascii_lowercase().as_str())
}

fn read_form(path: &Path) -> std::io::Result<Option<SoundForm>> {
    let file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let mut start = Vec::new();
    file.take(HEADER_MAX).read_to_end(&mut start)?;
    Ok(SoundForm::of_wav(&start, length))
}
