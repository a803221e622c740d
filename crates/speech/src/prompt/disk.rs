//! Prompts on disk, each a WAV file named by its key.

use super::{Key, wav};
use crate::SpeechError;
use call_model::SAMPLE_RATE;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

pub(super) struct DiskCache {
    dir: PathBuf,
}

impl DiskCache {
    /// Opens the folder, takes away what a crash left half written, and then
    /// the oldest sounds until `bytes_max` is kept.
    pub(super) fn open(dir: &Path, bytes_max: u64) -> Result<Self, SpeechError> {
        let storage = |source| SpeechError::Storage {
            path: dir.to_owned(),
            source,
        };
        fs::create_dir_all(dir).map_err(storage)?;
        tidy(dir, bytes_max).map_err(storage)?;
        Ok(Self {
            dir: dir.to_owned(),
        })
    }

    /// A sound that is kept; one that cannot be read counts as not there.
    pub(super) fn find(&self, key: &Key) -> Option<Vec<i16>> {
        let bytes = fs::read(self.dir.join(name(key))).ok()?;
        let clip = wav::read(&bytes).ok()?;
        (clip.rate == SAMPLE_RATE).then_some(clip.samples)
    }

    /// Writes a sound so that a reader finds all of it or nothing.
    pub(super) fn keep(&self, key: &Key, samples: &[i16]) -> io::Result<()> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let half = self.dir.join(format!(
            "{}.{}-{number}.half",
            name(key),
            std::process::id()
        ));
        fs::write(&half, wav::write(samples, SAMPLE_RATE))?;
        fs::rename(&half, self.dir.join(name(key)))
    }
}

fn name(key: &Key) -> String {
    let mut name = key.iter().fold(String::new(), |mut name, byte| {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
        name
    });
    name.push_str(".wav");
    name
}

fn tidy(dir: &Path, bytes_max: u64) -> io::Result<()> {
    let mut sounds: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("half") => fs::remove_file(&path)?,
            Some("wav") => {
                let about = fs::metadata(&path)?;
                sounds.push((about.modified()?, about.len(), path));
            }
            Some(_) | None => {}
        }
    }
    sounds.sort();
    let mut bytes: u64 = sounds.iter().map(|(_, size, _)| size).sum();
    for (_, size, path) in sounds {
        if bytes <= bytes_max {
            break;
        }
        fs::remove_file(path)?;
        bytes -= size;
    }
    Ok(())
}
