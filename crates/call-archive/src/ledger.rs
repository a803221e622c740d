//! Lines that must be on disk before life goes on: start rows and callbacks.
//! All that arrive within a few milliseconds share one sync.

use crate::health::Vitals;
use crate::{ArchiveError, Disk, DiskFile, Result};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Lines that may wait at once; beyond, calls are refused.
const WAITING: usize = 1_024;
/// Files kept open: today's, yesterday's, the callbacks.
const FILES_OPEN: usize = 4;

#[derive(Debug)]
struct Entry {
    path: PathBuf,
    line: Vec<u8>,
    reply: SyncSender<Result<()>>,
}

/// Appends lines durably, from a thread of its own.
#[derive(Debug)]
pub(crate) struct Ledger {
    entries: Option<SyncSender<Entry>>,
    thread: Option<JoinHandle<()>>,
    vitals: Arc<Vitals>,
    patience: Duration,
}

impl Ledger {
    pub fn start(
        disk: Arc<dyn Disk>,
        vitals: Arc<Vitals>,
        group: Duration,
        patience: Duration,
    ) -> io::Result<Self> {
        let (entries, arriving) = sync_channel(WAITING);
        let mut clerk = Clerk {
            disk,
            files: BTreeMap::new(),
        };
        let clerks_vitals = Arc::clone(&vitals);
        let thread = thread::Builder::new()
            .name("archive-ledger".into())
            .spawn(move || clerk.work(&arriving, group, &clerks_vitals))?;
        Ok(Self {
            entries: Some(entries),
            thread: Some(thread),
            vitals,
            patience,
        })
    }

    /// Returns once `line` is on disk.
    pub fn append(&self, path: PathBuf, line: Vec<u8>) -> Result<()> {
        let (reply, done) = sync_channel(1);
        let entries = self.entries.as_ref().ok_or(ArchiveError::Closed)?;
        match entries.try_send(Entry { path, line, reply }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(ArchiveError::Overfull),
            Err(TrySendError::Disconnected(_)) => return Err(ArchiveError::Closed),
        }
        match done.recv_timeout(self.patience) {
            Ok(written) => written,
            Err(RecvTimeoutError::Timeout) => {
                let slow = ArchiveError::TooSlow(self.patience);
                self.vitals.ledger_failed(&slow);
                Err(slow)
            }
            Err(RecvTimeoutError::Disconnected) => Err(ArchiveError::Closed),
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        drop(self.entries.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so; there is nothing to add.
            let _ = thread.join();
        }
    }
}

/// Lines that share a sync, by file.
#[derive(Debug, Default)]
struct Batch {
    files: BTreeMap<PathBuf, Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    replies: Vec<SyncSender<Result<()>>>,
}

impl Batch {
    fn add(&mut self, entry: Entry) {
        let waiting = self.files.entry(entry.path).or_default();
        waiting.lines.extend(entry.line);
        waiting.replies.push(entry.reply);
    }
}

/// A file and where its next line goes.
#[derive(Debug)]
struct OpenFile {
    file: Box<dyn DiskFile>,
    end: u64,
}

#[derive(Debug)]
struct Clerk {
    disk: Arc<dyn Disk>,
    files: BTreeMap<PathBuf, OpenFile>,
}

impl Clerk {
    fn work(&mut self, arriving: &Receiver<Entry>, group: Duration, vitals: &Vitals) {
        while let Ok(first) = arriving.recv() {
            let mut batch = Batch::default();
            batch.add(first);
            let until = Instant::now() + group;
            while let Some(left) = until.checked_duration_since(Instant::now())
                && let Ok(entry) = arriving.recv_timeout(left)
            {
                batch.add(entry);
            }
            for (path, waiting) in batch.files {
                let written = self.append(&path, &waiting.lines);
                if let Err(error) = &written {
                    vitals.ledger_failed(error);
                }
                for reply in waiting.replies {
                    // Whoever lost patience no longer listens.
                    let _ = reply.try_send(written.clone());
                }
            }
        }
    }

    /// Writes and syncs; what a failed write left behind is overwritten by the next.
    fn append(&mut self, path: &Path, lines: &[u8]) -> Result<()> {
        if !self.files.contains_key(path) {
            self.open(path)?;
        }
        let Some(open) = self.files.get_mut(path) else {
            return Err(ArchiveError::Closed);
        };
        let written = open
            .file
            .write_at(lines, open.end)
            .and_then(|()| open.file.sync());
        match written {
            Ok(()) => open.end += lines.len() as u64,
            Err(_) => {
                // The error below is the one to tell; recovery cuts a torn line anyway.
                let _ = open.file.set_len(open.end);
            }
        }
        written.map_err(ArchiveError::disk("append to", path))
    }

    fn open(&mut self, path: &Path) -> Result<()> {
        if self.files.len() >= FILES_OPEN {
            self.files.pop_first();
        }
        let end = end_of_last_line(path).map_err(ArchiveError::disk("read", path))?;
        let error = ArchiveError::disk("open", path);
        let opened = (|| {
            if let Some(folder) = path.parent() {
                self.disk.create_folder(folder)?;
            }
            let file = self.disk.open(path)?;
            file.set_len(end)?;
            self.disk.sync_all()?;
            Ok(file)
        })();
        let file = opened.map_err(error)?;
        self.files.insert(path.to_owned(), OpenFile { file, end });
        Ok(())
    }
}

/// Where a file's last whole line ends; 0 for a file that is not there.
pub(crate) fn end_of_last_line(path: &Path) -> io::Result<u64> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut chunk = [0; 4_096];
    let mut end = file.metadata()?.len();
    while end > 0 {
        let from = end.saturating_sub(chunk.len() as u64);
        let part = &mut chunk[..(end - from) as usize];
        file.read_exact_at(part, from)?;
        if let Some(at) = part.iter().rposition(|&byte| byte == b'\n') {
            return Ok(from + at as u64 + 1);
        }
        end = from;
    }
    Ok(0)
}
