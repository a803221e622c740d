//! Whether a file is what the catalogue says, and what was noted of that before.

use super::CataloguedFile;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Where notes on a folder are kept: in it, where it can be written.
const NOTES: &str = ".checked";
/// Larger notes are none of ours.
const NOTES_MAX: u64 = 64 * 1_024;

/// What a file is, held against the catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileState {
    /// Just what was published.
    Good,
    /// Not there.
    Missing,
    /// Cut short, or another file.
    OtherSize {
        /// Its size.
        found: u64,
        /// What it should be.
        wanted: u64,
    },
    /// Of the right size, with other content.
    OtherContent {
        /// SHA-256 of what is there.
        found: String,
    },
    /// It cannot be read, and why.
    Unreadable(String),
}

impl fmt::Display for FileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("good"),
            Self::Missing => f.write_str("it is not there"),
            Self::OtherSize { found, wanted } => {
                write!(f, "it has {found} bytes instead of {wanted}")
            }
            Self::OtherContent { found } => {
                write!(f, "its SHA-256 is {found}, which is not the published one")
            }
            Self::Unreadable(why) => write!(f, "it cannot be read: {why}"),
        }
    }
}

/// The state of a file in a folder, by what was noted of it where that still holds.
pub(super) fn of_file(file: &CataloguedFile, folder: &Path, notes: &mut Notes) -> FileState {
    let path = folder.join(&file.name);
    let Some(stamp) = fs::metadata(&path).ok().and_then(|about| Stamp::of(&about)) else {
        return of_content(file, &path);
    };
    let known = notes.0.get(&file.name);
    if known == Some(&(stamp, file.sha256.clone())) {
        return FileState::Good;
    }
    let state = of_content(file, &path);
    match &state {
        FileState::Good => {
            let note = (stamp, file.sha256.clone());
            notes.0.insert(file.name.clone(), note);
        }
        FileState::Missing
        | FileState::OtherSize { .. }
        | FileState::OtherContent { .. }
        | FileState::Unreadable(_) => {
            notes.0.remove(&file.name);
        }
    }
    state
}

/// The state of a file, read.
pub(super) fn of_content(file: &CataloguedFile, path: &Path) -> FileState {
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return FileState::Missing,
        Err(error) => return FileState::Unreadable(error.to_string()),
    };
    if !about.is_file() {
        return FileState::Unreadable("it is no file".to_owned());
    }
    let (found, wanted) = (about.len(), file.bytes);
    if found != wanted {
        return FileState::OtherSize { found, wanted };
    }
    match hex_sha256(path) {
        Ok(found) if found == file.sha256 => FileState::Good,
        Ok(found) => FileState::OtherContent { found },
        Err(error) => FileState::Unreadable(error.to_string()),
    }
}

/// SHA-256 of a file, in small hexadecimal digits.
///
/// # Errors
/// What the system says when it cannot be read.
pub fn hex_sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 * 1_024];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            let digits = hash.finalize();
            return Ok(digits.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(&piece[..read]);
    }
}

/// A file's size and time: while both stay, its content is taken to stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stamp {
    bytes: u64,
    nanoseconds: u128,
}

impl Stamp {
    fn of(about: &Metadata) -> Option<Self> {
        let since = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            bytes: about.len(),
            nanoseconds: since.as_nanos(),
        })
    }
}

/// Files that were found good: what they were like then, and their SHA-256.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Notes(BTreeMap<String, (Stamp, String)>);

impl Notes {
    /// What stands in a folder; nothing where it has no notes or none that can be read.
    pub(super) fn read(folder: &Path) -> Self {
        let path = folder.join(NOTES);
        let is_ours = fs::metadata(&path).is_ok_and(|about| about.len() <= NOTES_MAX);
        let text = match is_ours {
            true => fs::read_to_string(&path).unwrap_or_default(),
            false => String::new(),
        };
        Self(text.lines().filter_map(note).collect())
    }

    /// Keeps them. A folder that cannot be written is read anew at every start.
    pub(super) fn write(&self, folder: &Path) {
        let mut text = String::new();
        for (name, (stamp, sha256)) in &self.0 {
            let Stamp { bytes, nanoseconds } = stamp;
            text.push_str(&format!("{sha256} {bytes} {nanoseconds} {name}\n"));
        }
        let aside = folder.join(format!("{NOTES}.{}", std::process::id()));
        let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, folder.join(NOTES)));
        if written.is_err() {
            let _ = fs::remove_file(&aside);
        }
    }
}

fn note(line: &str) -> Option<(String, (Stamp, String))> {
    let mut parts = line.splitn(4, ' ');
    let sha256 = parts.next()?.to_owned();
    let bytes = parts.next()?.parse().ok()?;
    let nanoseconds = parts.next()?.parse().ok()?;
    let name = parts.next()?.to_owned();
    Some((name, (Stamp { bytes, nanoseconds }, sha256)))
}
