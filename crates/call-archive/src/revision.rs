//! A call's words as another engine heard them once the call was over, beside the journal, which stays as it is.
//!
//! One file a call, `<call>.revised.json`, an object of two lines: the revision, and the SHA-256 of its text. It names
//! the hashes of the recording and the journal that it was made of, and is written as a whole or not at all.

use crate::layout::{CallPaths, Layout};
use crate::seal::{Seal, hash_of, write_whole};
use crate::verify::FileCheck;
use crate::{ArchiveError, Disk, RealDisk, Result};
use call_model::{CallId, CallTime, Language, PerMille, Private, TurnId};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What another engine made of a call's turns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revision {
    /// The call.
    pub call: CallId,
    /// The engine, as it names itself.
    pub engine: String,
    /// When it was done, milliseconds of Unix time.
    pub heard_unix_millis: u64,
    /// SHA-256 of the recording it was made of, as sealed.
    pub audio_sha256: String,
    /// SHA-256 of the journal it was made of, as sealed.
    pub journal_sha256: String,
    /// Why the call was left as it is, in an operator's words; none: it was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// The turns that were heard in the call, in order.
    pub turns: Vec<RevisedTurn>,
}

/// One turn, heard again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RevisedTurn {
    /// Its number in the journal.
    pub turn: TurnId,
    /// Where its sound begins, on the call's clock.
    pub from: CallTime,
    /// Where its sound ends.
    pub to: CallTime,
    /// What became of it.
    pub heard: HeardAgain,
}

/// What was heard of a turn the second time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeardAgain {
    /// These words.
    Words {
        /// Normalised.
        text: Private<String>,
        /// How sure the engine is.
        confidence: PerMille,
        /// In which language.
        language: Language,
    },
    /// Nothing that the engine believes.
    Nothing,
    /// Something sensitive was asked for: it was not listened to.
    Sensitive,
    /// The recording ends before it.
    NoSound,
}

/// What stands around a revision's text and its hash.
const BEFORE: &str = "{\"revision\":";
const BETWEEN: &str = ",\n\"sha256\":\"";
const BEHIND: &str = "\"}\n";

/// Keeps revisions in an archive, whether or not a server has it open.
#[derive(Clone, Debug)]
pub struct Revisions {
    layout: Layout,
    disk: Arc<dyn Disk>,
}

impl Revisions {
    /// Those of the archive in `dir`.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn open(dir: &Path) -> Result<Self> {
        Ok(Self::new(Layout::new(dir), Arc::new(RealDisk::open(dir)?)))
    }

    pub(crate) const fn new(layout: Layout, disk: Arc<dyn Disk>) -> Self {
        Self { layout, disk }
    }

    /// Whether a call has one.
    pub fn has(&self, call: CallId) -> bool {
        self.layout.call(call).revision.exists()
    }

    /// Keeps one in the place of any earlier one. What a power cut takes of it is the whole: it can be made again.
    pub fn keep(&self, revision: &Revision) -> Result<()> {
        let path = self.layout.call(revision.call).revision;
        let error = |why| ArchiveError::malformed(&path, why);
        let text = serde_json::to_string(revision).map_err(error)?;
        let hash = hash_of(text.as_bytes());
        let file = [BEFORE, &text, BETWEEN, &hash, BEHIND].concat();
        write_whole(self.disk.as_ref(), &path, file.as_bytes())
    }
}

/// A call's revision; none if there is none, or half of one.
pub(crate) fn read(paths: &CallPaths) -> Option<Revision> {
    let file = fs::read_to_string(&paths.revision).ok()?;
    let (text, _) = parts(&file)?;
    serde_json::from_str(text).ok()
}

/// Whether a call's revision is what was kept, and was made of the files that were sealed.
pub(crate) fn check(paths: &CallPaths, seal: &Seal) -> Result<FileCheck> {
    let path = &paths.revision;
    let file = match fs::read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FileCheck::NotRecorded),
        Err(error) => return Err(ArchiveError::disk("read", path)(error)),
    };
    let text = String::from_utf8_lossy(&file);
    // Half of one has no hash that it could match.
    let (text, sealed) = parts(&text).unwrap_or((&text, ""));
    let found = hash_of(text.as_bytes());
    let is_of_it = |revision: Revision| {
        revision.call == seal.call
            && Some(&revision.audio_sha256) == seal.audio_sha256.as_ref()
            && revision.journal_sha256 == seal.journal_sha256
    };
    Ok(
        match sealed == found && serde_json::from_str(text).is_ok_and(is_of_it) {
            true => FileCheck::Matches,
            false => FileCheck::Differs {
                sealed: sealed.to_owned(),
                found,
            },
        },
    )
}

/// The revision's text, and the hash that stands behind it.
fn parts(file: &str) -> Option<(&str, &str)> {
    let inside = file.strip_prefix(BEFORE)?.strip_suffix(BEHIND)?;
    inside.rsplit_once(BETWEEN)
}
