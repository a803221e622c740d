//! A disk that can lose power and run full, to show that the archive bears it.

use crate::{ArchiveError, Disk, DiskFile, RealDisk, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The unit in which a disk keeps or loses what was not synced.
const PAGE: usize = 4_096;

/// What a power cut does to writes that were not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsynced {
    /// All of them are lost.
    AllLost,
    /// Some pages, lengths and names made it and some did not, as this number draws.
    SomeLost(u64),
}

/// What a disk may refuse to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Trouble {
    /// It does all it is asked.
    #[default]
    None,
    /// It has no room: what is there can be read, renamed and synced, not written.
    Full,
    /// It takes writes and cannot make them last.
    NoSync,
}

/// A disk in a real folder that remembers what a power cut would leave.
///
/// Writes go to the folder at once, as they go to the page cache; only a sync makes
/// them last. A file's name lasts from [`Disk::sync_all`] on, its content also from
/// [`DiskFile::sync`].
#[derive(Clone, Debug)]
pub struct FragileDisk {
    real: Arc<RealDisk>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    has_power: bool,
    trouble: Trouble,
    next_file: u64,
    /// Which file bears which name now.
    names: BTreeMap<PathBuf, u64>,
    lasting_names: BTreeMap<PathBuf, u64>,
    lasting: BTreeMap<u64, Vec<u8>>,
    /// Files written since their last sync.
    dirty: BTreeSet<u64>,
}

impl FragileDisk {
    /// A disk in `folder`, which is made if missing; what lies there already lasts,
    /// and so does what this disk did not write.
    pub fn new(folder: &Path) -> Result<Self> {
        let real = Arc::new(RealDisk::open(folder)?);
        let state = State {
            has_power: true,
            ..State::default()
        };
        Ok(Self {
            real,
            state: Arc::new(Mutex::new(state)),
        })
    }

    /// Cuts the power: the folder becomes what a machine would find at its next
    /// start, and every later write through this disk fails.
    pub fn cut_power(&self, unsynced: Unsynced) -> Result<()> {
        let mut state = self.state();
        state.has_power = false;
        let mut draw = Draw(match unsynced {
            Unsynced::AllLost => 0,
            Unsynced::SomeLost(seed) => seed | 1,
        });
        let live: Vec<PathBuf> = state.names.keys().cloned().collect();
        let mut left = BTreeMap::new();
        for (path, file) in &state.names {
            let lasts = state.lasting_names.get(path) == Some(file);
            if lasts || draw.is_kept() {
                let content = fs::read(path).map_err(ArchiveError::disk("read", path))?;
                let lasting = state.lasting.get(file).cloned().unwrap_or_default();
                left.insert(path.clone(), draw.mix(lasting, &content));
            }
        }
        for (path, file) in &state.lasting_names {
            let lasting = || state.lasting.get(file).cloned().unwrap_or_default();
            left.entry(path.clone()).or_insert_with(lasting);
        }
        for path in live {
            fs::remove_file(&path).map_err(ArchiveError::disk("remove", &path))?;
        }
        for (path, content) in left {
            fs::write(&path, content).map_err(ArchiveError::disk("write", &path))?;
        }
        Ok(())
    }

    /// Gives the disk a trouble, or none again.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.state().trouble = trouble;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere leaves the state as it was.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is asked of the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Nothing,
    Room,
    Sync,
}

impl State {
    fn check(&self, wanted: Wanted) -> io::Result<()> {
        match (self.has_power, self.trouble, wanted) {
            (false, _, _) => Err(io::Error::other("the power is gone")),
            (true, Trouble::Full, Wanted::Room) => Err(io::ErrorKind::StorageFull.into()),
            (true, Trouble::NoSync, Wanted::Sync) => Err(io::Error::other("the disk is ill")),
            (true, _, _) => Ok(()),
        }
    }

    /// The file of this name; one this disk has not seen yet lasts as it is.
    fn file(&mut self, path: &Path) -> u64 {
        if let Some(&file) = self.names.get(path) {
            return file;
        }
        self.next_file += 1;
        let file = self.next_file;
        self.names.insert(path.to_owned(), file);
        if let Ok(content) = fs::read(path) {
            self.lasting_names.insert(path.to_owned(), file);
            self.lasting.insert(file, content);
        }
        file
    }
}

impl Disk for FragileDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.state().check(Wanted::Nothing)?;
        self.real.create_folder(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        let wanted = match path.exists() {
            true => Wanted::Nothing,
            false => Wanted::Room,
        };
        state.check(wanted)?;
        let number = state.file(path);
        Ok(Box::new(FragileFile {
            real: self.real.open(path)?,
            path: path.to_owned(),
            number,
            state: Arc::clone(&self.state),
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.check(Wanted::Nothing)?;
        self.real.rename(from, to)?;
        if let Some(file) = state.names.remove(from) {
            state.names.insert(to.to_owned(), file);
        }
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        let mut state = self.state();
        state.check(Wanted::Sync)?;
        let State {
            names,
            lasting,
            lasting_names,
            dirty,
            ..
        } = &mut *state;
        for (path, file) in names.iter().filter(|(_, file)| dirty.contains(file)) {
            lasting.insert(*file, fs::read(path)?);
        }
        dirty.clear();
        lasting_names.clone_from(names);
        Ok(())
    }
}

#[derive(Debug)]
struct FragileFile {
    real: Box<dyn DiskFile>,
    path: PathBuf,
    number: u64,
    state: Arc<Mutex<State>>,
}

impl FragileFile {
    fn change(&self, change: impl FnOnce(&dyn DiskFile) -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.check(Wanted::Room)?;
        state.dirty.insert(self.number);
        change(self.real.as_ref())
    }
}

impl DiskFile for FragileFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.change(|real| real.write_at(bytes, offset))
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.change(|real| real.set_len(length))
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.check(Wanted::Sync)?;
        // Under its present name, which a rename may have changed.
        let named = state.names.iter().find(|(_, file)| **file == self.number);
        let path = named.map_or(&self.path, |(path, _)| path);
        let content = fs::read(path)?;
        state.lasting.insert(self.number, content);
        state.dirty.remove(&self.number);
        Ok(())
    }
}

/// Draws what a power cut keeps; from 0 it keeps nothing. The generator is
/// Marsaglia's xorshift64 ("Xorshift RNGs", 2003).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn is_kept(&mut self) -> bool {
        self.next() % 3 == 1
    }

    /// The content that lasts, with some of the live one's pages and length.
    fn mix(&mut self, mut lasting: Vec<u8>, live: &[u8]) -> Vec<u8> {
        if self.is_kept() {
            lasting.resize(live.len(), 0);
        }
        let length = lasting.len();
        let pages = lasting
            .chunks_mut(PAGE)
            .zip(live[..live.len().min(length)].chunks(PAGE));
        for (kept, newer) in pages {
            if self.is_kept() {
                kept[..newer.len()].copy_from_slice(newer);
            }
        }
        lasting
    }
}
