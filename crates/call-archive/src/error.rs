//! What can go wrong with the archive, in an operator's words.

use call_model::CallId;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Why the archive could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The disk refused.
    #[error("archive: cannot {what} {}: {source}", path.display())]
    Disk {
        /// What was tried, e.g. `write`.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Another process has this archive open for writing.
    #[error("archive: {} is in use by another process; stop it first", .0.display())]
    InUse(PathBuf),
    /// There is no archive here.
    #[error("archive: {} holds no archive; is `archive.dir` right?", .0.display())]
    NoArchive(PathBuf),
    /// The index could not be read or written; it can be deleted and is rebuilt at the next start.
    #[error("archive: index: {0}")]
    Index(String),
    /// The disk fails and the policy is to refuse calls meanwhile.
    #[error("archive: calls are refused while the disk fails: {0}")]
    Refusing(String),
    /// The disk did not take a line in time.
    #[error("archive: the disk took longer than {0:?}")]
    TooSlow(Duration),
    /// More is waiting to be written than the archive holds ready.
    #[error("archive: too much is waiting to be written")]
    Overfull,
    /// A journal line could not be kept: the call must go to a person.
    #[error("archive: the journal of call {0} cannot be kept")]
    JournalFull(CallId),
    /// No such call.
    #[error("archive: no call {0}")]
    UnknownCall(CallId),
    /// A name that is no digest.
    #[error("archive: '{0}' is no digest: 64 hexadecimal digits are expected")]
    NoDigest(String),
    /// Several kept plans have a digest that begins so.
    #[error("archive: more than one kept plan begins with '{0}'; give more of its digest")]
    AmbiguousDigest(String),
    /// A file is not what its name says.
    #[error("archive: {}: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The archive was closed, or its thread died.
    #[error("archive: closed")]
    Closed,
}

impl ArchiveError {
    pub(crate) fn disk(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Disk {
            what,
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }

    pub(crate) fn malformed(path: &Path, why: impl ToString) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }
}

impl From<rusqlite::Error> for ArchiveError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Index(error.to_string())
    }
}

/// What the archive answers with.
pub type Result<T, E = ArchiveError> = std::result::Result<T, E>;
