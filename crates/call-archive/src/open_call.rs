//! The files of one call, as they grow.

use crate::call_writer::json_line;
use crate::feed::{Block, Ending, Feed};
use crate::layout::{CallPaths, Layout};
use crate::wav::{HEADER_BYTES, header};
use crate::{ArchiveError, Disk, DiskFile, Result};
use call_model::{JournalLine, RecordingChoice};
use std::path::Path;
use std::sync::Arc;

/// How far a call's files are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// More may come.
    Running,
    /// The last line is among those to be written.
    Ending,
    /// All is written.
    Written,
}

/// A call being written: its mailbox and its files.
#[derive(Debug)]
pub(crate) struct OpenCall {
    pub feed: Arc<Feed>,
    paths: CallPaths,
    audio: Growing,
    /// A block that could not be written yet.
    block: Option<Box<Block>>,
    journal: Growing,
    /// Lines that could not be written yet.
    lines: Vec<u8>,
    stage: Stage,
    /// Rounds since the call was over.
    rounds_over: u32,
}

impl OpenCall {
    pub fn new(feed: Arc<Feed>, paths: CallPaths) -> Self {
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
            rounds_over: 0,
        }
    }

    /// Whether the call is over and all of it is written.
    pub fn is_written(&self) -> bool {
        self.stage == Stage::Written
    }

    /// Counts this round if the call is over; tells how many that makes.
    pub fn count_round_over(&mut self) -> u32 {
        self.rounds_over += u32::from(self.feed.ending.get().is_some());
        self.rounds_over
    }

    /// Writes what has arrived; tells whether there was anything.
    pub fn write(&mut self, disk: &dyn Disk, layout: &Layout) -> Result<bool> {
        // Asked before the mailbox is emptied: nothing is pushed after an ending.
        let ending = match self.stage {
            Stage::Running => self.feed.ending.get().copied(),
            Stage::Ending => None,
            Stage::Written => return Ok(false),
        };
        if self.journal.file.is_none() {
            let folder = layout.call_folder(self.feed.header.call);
            disk.create_folder(&folder)
                .map_err(ArchiveError::disk("create", &folder))?;
        }
        let audio = self.write_audio(disk);
        let journal = self.write_journal(disk, ending);
        let wrote = audio? | journal?;
        if self.stage == Stage::Ending {
            self.stage = Stage::Written;
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
            self.stage = Stage::Ending;
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
