//! The thread that writes what calls hand over: one round after the other, each
//! ended by one sync for all calls together.

use crate::call_writer::json_line;
use crate::feed::{Block, Ending, Feed};
use crate::health::Vitals;
use crate::keeper::KeeperOrder;
use crate::layout::{CallPaths, Layout};
use crate::wav::{HEADER_BYTES, header};
use crate::{ArchiveError, Disk, DiskFile, Result};
use call_model::{JournalLine, RecordingChoice};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::{Duration, Instant};

/// Rounds that a call which is over may fail in, before its files are left to the
/// next start-up recovery: a minute at the usual interval.
const ROUNDS_TO_CLOSE: u32 = 240;

/// What the writer is told.
#[derive(Debug)]
pub(crate) enum WriterOrder {
    /// Record this call.
    Admit(Arc<Feed>),
    /// Write, sync, and pass this on to the keeper.
    Flush(SyncSender<()>),
}

/// Writes all open calls.
#[derive(Debug)]
pub(crate) struct Writer {
    pub disk: Arc<dyn Disk>,
    pub layout: Layout,
    pub vitals: Arc<Vitals>,
    pub keeper: SyncSender<KeeperOrder>,
    calls: Vec<OpenCall>,
    /// Something was written since the last sync that went through.
    is_unsynced: bool,
}

impl Writer {
    pub fn new(
        disk: Arc<dyn Disk>,
        layout: Layout,
        vitals: Arc<Vitals>,
        keeper: SyncSender<KeeperOrder>,
    ) -> Self {
        Self {
            disk,
            layout,
            vitals,
            keeper,
            calls: Vec::new(),
            is_unsynced: false,
        }
    }

    /// Works until the archive is closed.
    pub fn work(mut self, orders: &Receiver<WriterOrder>, interval: Duration) {
        let mut due = Instant::now() + interval;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            match orders.recv_timeout(left) {
                Ok(WriterOrder::Admit(feed)) => self.admit(feed),
                Ok(WriterOrder::Flush(reply)) => {
                    self.round();
                    // The keeper outlives its senders; without it nobody waits.
                    let _ = self.keeper.send(KeeperOrder::Flush(reply));
                }
                Err(RecvTimeoutError::Timeout) => {
                    due = Instant::now() + interval;
                    self.round();
                }
                Err(RecvTimeoutError::Disconnected) => return self.round(),
            }
        }
    }

    pub fn admit(&mut self, feed: Arc<Feed>) {
        let paths = self.layout.call(feed.header.call);
        self.calls.push(OpenCall::new(feed, paths));
        self.vitals
            .open_calls
            .store(self.calls.len() as u64, Relaxed);
    }

    /// Writes what has arrived, syncs it, and hands over the calls that are over.
    pub fn round(&mut self) {
        let mut failed = false;
        for call in &mut self.calls {
            match call.write(self.disk.as_ref(), &self.layout) {
                Ok(wrote) => self.is_unsynced |= wrote,
                Err(error) => {
                    failed = true;
                    self.vitals.writer_failed(&error);
                }
            }
        }
        if self.is_unsynced {
            self.is_unsynced = !self.sync();
            failed |= self.is_unsynced;
        } else if !failed && !self.vitals.is_well() {
            failed = !self.probe();
        }
        if !failed {
            self.vitals.recovered();
        }
        self.hand_over(failed);
    }

    fn sync(&self) -> bool {
        let began = Instant::now();
        let synced = self.disk.sync_all();
        self.vitals.synced_in(began.elapsed());
        let error = ArchiveError::disk("sync", self.layout.dir());
        synced
            .map_err(|source| self.vitals.writer_failed(&error(source)))
            .is_ok()
    }

    /// Tries whether the disk takes anything, while no call would show it.
    fn probe(&self) -> bool {
        let tried = self.disk.open(&self.layout.probe()).and_then(|file| {
            file.set_len(0)?;
            file.write_at(&[0x55; 4_096], 0)?;
            file.sync()
        });
        tried.is_ok()
    }

    /// A call goes to the keeper when all of it was written and synced.
    fn hand_over(&mut self, round_failed: bool) {
        let Self {
            calls,
            keeper,
            vitals,
            ..
        } = self;
        calls.retain_mut(|call| match call.stage {
            Stage::Running => true,
            Stage::Written { .. } if !round_failed => {
                match keeper.try_send(KeeperOrder::Over(Arc::clone(&call.feed))) {
                    Ok(()) | Err(TrySendError::Disconnected(_)) => {}
                    Err(TrySendError::Full(_)) => return true,
                }
                vitals
                    .dropped_frames
                    .fetch_add(call.feed.dropped_frames(), Relaxed);
                vitals.lost_lines.fetch_add(call.feed.lost_lines(), Relaxed);
                false
            }
            Stage::Over { ref mut rounds } | Stage::Written { ref mut rounds } => {
                *rounds += 1;
                *rounds < ROUNDS_TO_CLOSE
            }
        });
        vitals.open_calls.store(calls.len() as u64, Relaxed);
    }
}

/// How far a call's files are.
#[derive(Debug)]
enum Stage {
    /// More may come.
    Running,
    /// No more comes; not all is written.
    Over { rounds: u32 },
    /// All is written, the last line too.
    Written { rounds: u32 },
}

#[derive(Debug)]
struct OpenCall {
    feed: Arc<Feed>,
    paths: CallPaths,
    audio: Growing,
    /// A block that could not be written yet.
    block: Option<Box<Block>>,
    journal: Growing,
    /// Lines that could not be written yet.
    lines: Vec<u8>,
    stage: Stage,
}

/// A file that grows.
#[derive(Debug, Default)]
struct Growing {
    file: Option<Box<dyn DiskFile>>,
    /// Bytes of content so far (of a recording: without its header).
    length: u64,
}

impl Growing {
    /// The file, opened at first use.
    fn open(&mut self, disk: &dyn Disk, path: &Path) -> Result<&dyn DiskFile> {
        let file = match self.file.take() {
            Some(file) => file,
            None => disk.open(path).map_err(ArchiveError::disk("open", path))?,
        };
        Ok(&**self.file.insert(file))
    }
}

impl OpenCall {
    fn new(feed: Arc<Feed>, paths: CallPaths) -> Self {
        let begin = JournalLine::Begin(Box::new(feed.header.clone()));
        Self {
            feed,
            paths,
            audio: Growing::default(),
            block: None,
            journal: Growing::default(),
            // A header that was a start row is JSON once more.
            lines: json_line(&begin).unwrap_or_default(),
            stage: Stage::Running,
        }
    }

    /// Writes what has arrived; tells whether there was anything.
    fn write(&mut self, disk: &dyn Disk, layout: &Layout) -> Result<bool> {
        if let Stage::Written { .. } = self.stage {
            return Ok(false);
        }
        // Asked before the mailbox is emptied: nothing is pushed after an ending.
        let ending = self.feed.ending.get().copied();
        if let (Stage::Running, Some(_)) = (&self.stage, ending) {
            self.stage = Stage::Over { rounds: 0 };
        }
        if self.journal.file.is_none() {
            let folder = layout.call_folder(self.feed.header.call);
            disk.create_folder(&folder)
                .map_err(ArchiveError::disk("create", &folder))?;
        }
        let audio = self.write_audio(disk);
        let journal = self.write_journal(disk, ending);
        let wrote = audio? | journal?;
        if let Stage::Over { rounds } = self.stage {
            self.stage = Stage::Written { rounds };
        }
        Ok(wrote)
    }

    fn write_audio(&mut self, disk: &dyn Disk) -> Result<bool> {
        if self.feed.header.recording == RecordingChoice::Off {
            return Ok(false);
        }
        let path = &self.paths.wav;
        let before = self.audio.file.as_ref().map(|_| self.audio.length);
        let error = ArchiveError::disk("write", path);
        self.audio.open(disk, path)?;
        let Growing { file, length } = &mut self.audio;
        let Some(file) = file else { return Ok(false) };
        let written = (|| {
            while let Some(block) = self.block.take().or_else(|| self.feed.pop_block()) {
                let offset = block.offset();
                if let Err(error) = file.write_at(block.sound(), HEADER_BYTES + offset) {
                    self.block = Some(block);
                    return Err(error);
                }
                *length = offset + block.sound().len() as u64;
                self.feed.give_back(block);
            }
            if before == Some(*length) {
                return Ok(false);
            }
            file.write_at(&header(*length), 0)?;
            Ok(true)
        })();
        written.map_err(error)
    }

    /// Lines stay here until they are written, and in the mailbox until these are.
    fn write_journal(&mut self, disk: &dyn Disk, ending: Option<Ending>) -> Result<bool> {
        let stuck = self.write_lines(disk)?;
        while let Some(line) = self.feed.pop_line() {
            self.lines.extend(line);
        }
        if let Some(Ending { at, outcome }) = ending {
            let end = JournalLine::End(at, outcome);
            self.lines.extend(json_line(&end).unwrap_or_default());
        }
        Ok(self.write_lines(disk)? | stuck)
    }

    fn write_lines(&mut self, disk: &dyn Disk) -> Result<bool> {
        if self.lines.is_empty() {
            return Ok(false);
        }
        let path = &self.paths.journal;
        let at = self.journal.length;
        self.journal
            .open(disk, path)?
            .write_at(&self.lines, at)
            .map_err(ArchiveError::disk("write", path))?;
        self.journal.length += self.lines.len() as u64;
        self.lines.clear();
        Ok(true)
    }
}
