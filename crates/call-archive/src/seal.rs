//! The seal of a finished call.

use crate::layout::CallPaths;
use crate::wav::{PAIR_BYTES, sound_in_file, sound_time};
use crate::{ArchiveError, Disk, Result};
use call_model::{CallId, CallOutcome, CallTime, EscalationReason};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// What is written down about a call when it is over, beside its files and in the index.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seal {
    /// The call.
    pub call: CallId,
    /// How it ended.
    pub outcome: CallOutcome,
    /// When it ended.
    pub ended: CallTime,
    /// Moments of its recording, 8,000 a second.
    pub recorded_samples: u64,
    /// SHA-256 of the recording, 64 hexadecimal digits; none if it was not recorded.
    pub audio_sha256: Option<String>,
    /// SHA-256 of the journal, 64 hexadecimal digits.
    pub journal_sha256: String,
    /// 20 ms frames that turned to silence because the disk fell behind.
    pub dropped_frames: u64,
    /// Journal lines that were lost.
    pub lost_lines: u64,
    /// Why the caller went to a person, if they did.
    pub escalation: Option<EscalationReason>,
}

impl Seal {
    /// How long the recording lasts.
    pub fn recorded(&self) -> Duration {
        sound_time(self.recorded_samples * PAIR_BYTES)
    }
}

/// What is known of a call before its files are hashed.
#[derive(Clone, Debug)]
pub(crate) struct Unsealed {
    pub call: CallId,
    pub outcome: CallOutcome,
    pub ended: CallTime,
    pub dropped_frames: u64,
    pub lost_lines: u64,
    pub escalation: Option<EscalationReason>,
}

impl Unsealed {
    /// Hashes the files, which no longer change, and writes the seal beside them.
    pub fn seal(self, paths: &CallPaths, disk: &dyn Disk) -> Result<Seal> {
        let audio = hash_if_there(&paths.wav)?;
        let seal = Seal {
            call: self.call,
            outcome: self.outcome,
            ended: self.ended,
            recorded_samples: match &audio {
                Some(hashed) => sound_in_file(hashed.bytes) / PAIR_BYTES,
                None => 0,
            },
            audio_sha256: audio.map(|hashed| hashed.sha256),
            journal_sha256: hash(&paths.journal)?.sha256,
            dropped_frames: self.dropped_frames,
            lost_lines: self.lost_lines,
            escalation: self.escalation,
        };
        let json = serde_json::to_vec_pretty(&seal)
            .map_err(|error| ArchiveError::malformed(&paths.seal, error))?;
        write_whole(disk, &paths.seal, &json)?;
        Ok(seal)
    }
}

/// Writes a file so that its name never stands for half of it.
pub(crate) fn write_whole(disk: &dyn Disk, path: &Path, content: &[u8]) -> Result<()> {
    let new = path.with_extension("new");
    let written = (|| {
        let file = disk.open(&new)?;
        file.set_len(0)?;
        file.write_at(content, 0)?;
        file.sync()?;
        disk.rename(&new, path)
    })();
    written.map_err(ArchiveError::disk("write", path))
}

/// The seal beside a call's files; none if there is none, or half of one.
pub(crate) fn read_seal(paths: &CallPaths) -> Option<Seal> {
    serde_json::from_slice(&fs::read(&paths.seal).ok()?).ok()
}

/// A file's SHA-256 and its length.
pub(crate) struct Hashed {
    pub sha256: String,
    bytes: u64,
}

fn hash(path: &Path) -> Result<Hashed> {
    hash_file(path).map_err(ArchiveError::disk("read", path))
}

pub(crate) fn hash_if_there(path: &Path) -> Result<Option<Hashed>> {
    match hash_file(path) {
        Ok(hashed) => Ok(Some(hashed)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ArchiveError::disk("read", path)(error)),
    }
}

fn hash_file(path: &Path) -> io::Result<Hashed> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 64 * 1_024];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        hasher.update(&chunk[..read]);
        bytes += read as u64;
    }
    let sha256 = hexadecimal(&hasher.finalize());
    Ok(Hashed { sha256, bytes })
}

/// The SHA-256 of bytes, 64 hexadecimal digits.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
