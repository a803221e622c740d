//! Reading an archive, also one that a running server writes.

use crate::index::Index;
use crate::layout::{CallPaths, Layout};
use crate::query::{CallRow, Query};
use crate::revision::{self, Revision};
use crate::verify::VerifyReport;
use crate::{ArchiveError, Result};
use call_model::{CallId, Handoff, JournalLine, Private};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// One call with its journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallStory {
    /// How it began and ended.
    pub row: CallRow,
    /// What happened, line by line.
    pub journal: Vec<JournalLine>,
    /// Lines that this version cannot read, among them one still being written.
    pub unread_lines: u64,
    /// What another engine heard in it afterwards, if one did.
    pub revision: Option<Revision>,
    /// Where its files lie.
    pub paths: CallPaths,
}

/// A promise to call somebody back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Callback {
    /// When it was promised, milliseconds of Unix time.
    pub booked_unix_millis: u64,
    /// The number to call; empty where the caller withheld theirs and gave no other.
    pub number: Private<String>,
    /// The whole story.
    pub handoff: Handoff,
}

impl Callback {
    /// A promise made now to one who calls from `caller`, which is the number to call unless they gave another.
    pub(crate) fn now(handoff: Handoff, caller: Private<String>) -> Self {
        let number = handoff.callback_number.clone().unwrap_or(caller);
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = since_1970.unwrap_or_default().as_millis();
        Self {
            booked_unix_millis: u64::try_from(millis).unwrap_or(u64::MAX),
            number,
            handoff,
        }
    }
}

/// Reads an archive. Its verbs read files and block meanwhile.
#[derive(Clone, Debug)]
pub struct ArchiveReader {
    layout: Layout,
}

impl ArchiveReader {
    /// The archive in `dir`, whether or not a server has it open.
    ///
    /// # Errors
    /// [`ArchiveError::NoArchive`] when there is none.
    pub fn open(dir: &Path) -> Result<Self> {
        let layout = Layout::new(dir);
        match layout.index().is_file() {
            true => Ok(Self { layout }),
            false => Err(ArchiveError::NoArchive(dir.to_owned())),
        }
    }

    pub(crate) const fn new(layout: Layout) -> Self {
        Self { layout }
    }

    /// The calls that match, the latest first.
    pub fn find(&self, query: &Query) -> Result<Vec<CallRow>> {
        Index::open_to_read(&self.layout.index())?.find(query)
    }

    /// One call with its journal.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownCall`] when there is no such call.
    pub fn show(&self, call: CallId) -> Result<CallStory> {
        let row = self.row(call)?;
        let paths = self.layout.call(call);
        let text = read_if_there(&paths.journal)?;
        let (journal, unread_lines) = parse_lines(&text);
        Ok(CallStory {
            row,
            journal,
            unread_lines,
            revision: revision::read(&paths),
            paths,
        })
    }

    /// Hashes a call's files again and compares with its seal; none while it runs.
    ///
    /// # Errors
    /// [`ArchiveError::UnknownCall`] when there is no such call.
    pub fn verify(&self, call: CallId) -> Result<Option<VerifyReport>> {
        match self.row(call)?.seal {
            Some(seal) => VerifyReport::of(&self.layout.call(call), &seal).map(Some),
            None => Ok(None),
        }
    }

    /// Where a call's files lie, or would lie.
    pub fn paths(&self, call: CallId) -> CallPaths {
        self.layout.call(call)
    }

    /// The compiled plan of this digest, as JSON; none if it was never kept.
    pub fn plan(&self, digest: &str) -> Result<Option<String>> {
        let path = self.layout.plan(digest)?;
        match fs::read_to_string(&path) {
            Ok(json) => Ok(Some(json)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ArchiveError::disk("read", &path)(error)),
        }
    }

    /// The one kept plan whose digest begins so, as JSON; none if there is none.
    ///
    /// # Errors
    /// [`ArchiveError::AmbiguousDigest`] when several begin so.
    pub fn plan_beginning(&self, beginning: &str) -> Result<Option<String>> {
        let folder = self.layout.plans_folder();
        let error = || ArchiveError::disk("read", &folder);
        let mut found = None;
        for entry in fs::read_dir(&folder).map_err(error())? {
            let name = entry.map_err(error())?.file_name();
            let Some(digest) = name.to_str().and_then(|name| name.strip_suffix(".json")) else {
                continue;
            };
            if digest.starts_with(beginning) && found.replace(digest.to_owned()).is_some() {
                return Err(ArchiveError::AmbiguousDigest(beginning.to_owned()));
            }
        }
        found.map_or(Ok(None), |digest| self.plan(&digest))
    }

    /// Every callback that was booked, the oldest first.
    pub fn callbacks(&self) -> Result<Vec<Callback>> {
        let text = read_if_there(&self.layout.callbacks())?;
        Ok(parse_lines(&text).0)
    }

    fn row(&self, call: CallId) -> Result<CallRow> {
        let found = Index::open_to_read(&self.layout.index())?.call(call)?;
        found.ok_or(ArchiveError::UnknownCall(call))
    }
}

fn read_if_there(path: &Path) -> Result<Vec<u8>> {
    match fs::read(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(ArchiveError::disk("read", path)(error)),
    }
}

/// The lines that can be read, and how many cannot.
fn parse_lines<T: serde::de::DeserializeOwned>(text: &[u8]) -> (Vec<T>, u64) {
    let mut unread = 0;
    let lines = text.split(|&byte| byte == b'\n').filter(|l| !l.is_empty());
    let read = lines.filter_map(|line| {
        let parsed = serde_json::from_slice(line);
        unread += u64::from(parsed.is_err());
        parsed.ok()
    });
    (read.collect(), unread)
}
