//! Whether a call's files are still what was sealed.

use crate::Result;
use crate::layout::CallPaths;
use crate::revision;
use crate::seal::{Seal, hash_if_there, read_seal};
use call_model::CallId;
use std::path::Path;

/// What a second look at one file found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileCheck {
    /// It is what was sealed.
    Matches,
    /// It was changed since.
    Differs {
        /// SHA-256 as sealed.
        sealed: String,
        /// SHA-256 as found.
        found: String,
    },
    /// It is gone.
    Missing,
    /// There never was one: the call was not recorded.
    NotRecorded,
    /// There is a file of which the seal knows nothing.
    Unexpected,
}

impl FileCheck {
    /// Whether all is as it was sealed.
    pub const fn is_intact(&self) -> bool {
        matches!(self, Self::Matches | Self::NotRecorded)
    }

    fn of(path: &Path, sealed: Option<&str>) -> Result<Self> {
        Ok(match (sealed, hash_if_there(path)?) {
            (None, None) => Self::NotRecorded,
            (None, Some(_)) => Self::Unexpected,
            (Some(_), None) => Self::Missing,
            (Some(sealed), Some(found)) if sealed == found.sha256 => Self::Matches,
            (Some(sealed), Some(found)) => Self::Differs {
                sealed: sealed.to_owned(),
                found: found.sha256,
            },
        })
    }
}

/// What a second look at one call found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyReport {
    /// The call.
    pub call: CallId,
    /// Its recording.
    pub audio: FileCheck,
    /// Its journal.
    pub journal: FileCheck,
    /// What was heard in it afterwards; [`FileCheck::NotRecorded`] where nobody did.
    pub revision: FileCheck,
    /// Whether the seal beside the files says what the index says.
    pub seal_agrees: bool,
}

impl VerifyReport {
    /// Whether nothing was changed since the call was sealed.
    pub const fn is_intact(&self) -> bool {
        self.audio.is_intact()
            && self.journal.is_intact()
            && self.revision.is_intact()
            && self.seal_agrees
    }

    pub(crate) fn of(paths: &CallPaths, indexed: &Seal) -> Result<Self> {
        Ok(Self {
            call: indexed.call,
            audio: FileCheck::of(&paths.wav, indexed.audio_sha256.as_deref())?,
            journal: FileCheck::of(&paths.journal, Some(&indexed.journal_sha256))?,
            revision: revision::check(paths, indexed)?,
            seal_agrees: read_seal(paths).as_ref() == Some(indexed),
        })
    }
}
