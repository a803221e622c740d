//! Files that a program or library reads or writes for us, for a moment.

use crate::SpeechError;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A file that we alone may read, gone when dropped.
pub(crate) struct Scratch {
    pub(crate) path: PathBuf,
}

impl Scratch {
    /// An empty file whose name ends in `ending`, e.g. `wav`.
    pub(crate) fn new(ending: &str) -> Result<Self, SpeechError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bellhop-{}-{number}.{ending}", std::process::id());
        let path = std::env::temp_dir().join(name);
        private_file(&path).map_err(|source| SpeechError::Storage {
            path: path.clone(),
            source,
        })?;
        Ok(Self { path })
    }

    /// A file of this content.
    pub(crate) fn holding(content: &str, ending: &str) -> Result<Self, SpeechError> {
        let scratch = Self::new(ending)?;
        fs::write(&scratch.path, content).map_err(|source| scratch.error(source))?;
        Ok(scratch)
    }

    pub(crate) fn error(&self, source: std::io::Error) -> SpeechError {
        SpeechError::Storage {
            path: self.path.clone(),
            source,
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a scratch file stays behind");
        }
    }
}

/// Creates a file that did not exist, which only its owner may read.
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}
