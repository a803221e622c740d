//! Start-up recovery: every call that was begun is brought to an end, whatever
//! state a crash or a power cut left its files in.

use crate::call_writer::{escalation, json_line};
use crate::index::Index;
use crate::layout::{CallPaths, Layout};
use crate::ledger::end_of_last_line;
use crate::promise::{Owed, Promise, book_missing};
use crate::seal::{Unsealed, read_seal};
use crate::wav::{HEADER_BYTES, PAIR_BYTES, header, sound_in_file, sound_time};
use crate::{ArchiveError, Disk, Result};
use call_model::{
    CallHeader, CallOutcome, CallTime, EscalationReason, JournalLine, RecordingChoice,
};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What start-up recovery found and did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecoveryReport {
    /// Calls that were looked at: those begun since the last recovery, or all when
    /// the index had to be made anew.
    pub calls: u64,
    /// Calls that the end of the process cut off; they are marked `interrupted`.
    pub interrupted: u64,
    /// Calls that had ended but were not sealed yet.
    pub sealed_late: u64,
    /// Recordings whose header or length was put right.
    pub mended_recordings: u64,
    /// Journals whose torn end was cut off.
    pub cut_journals: u64,
    /// Start rows that cannot be read; a torn last one belongs to a call that was never answered.
    pub unreadable_starts: u64,
    /// Callers who were owed a person when the process ended, for whom a call back is booked now.
    pub booked_callbacks: u64,
    /// How long it took.
    pub took: Duration,
}

/// Brings every call to its end.
#[derive(Debug)]
pub(crate) struct Recovery<'a> {
    pub layout: &'a Layout,
    pub disk: &'a dyn Disk,
    pub index: &'a Index,
    report: RecoveryReport,
    owed: Vec<Owed>,
}

impl<'a> Recovery<'a> {
    pub fn new(layout: &'a Layout, disk: &'a dyn Disk, index: &'a Index) -> Self {
        Self {
            layout,
            disk,
            index,
            report: RecoveryReport::default(),
            owed: Vec::new(),
        }
    }

    pub fn run(mut self) -> Result<RecoveryReport> {
        let began = Instant::now();
        for path in self.start_files()? {
            self.recover_file(&path)?;
        }
        self.report.took = began.elapsed();
        Ok(self.report)
    }

    fn start_files(&self) -> Result<Vec<PathBuf>> {
        let folder = self.layout.starts_folder();
        let error = ArchiveError::disk("read", &folder);
        let listed = match fs::read_dir(&folder) {
            Ok(entries) => entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<io::Result<Vec<_>>>(),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(other) => Err(other),
        };
        let mut files = listed.map_err(error)?;
        files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
        files.sort();
        Ok(files)
    }

    /// Looks at the start rows that no earlier recovery has seen.
    fn recover_file(&mut self, path: &Path) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let settled = self.index.settled(&name)?;
        let (rows, end) = self.read_rows(path, settled)?;
        let mut cut_off = Vec::new();
        for header in &rows {
            match read_seal(&self.layout.call(header.call)) {
                // Its booking may have been under way still.
                Some(seal) if seal.escalation.is_some() => {
                    let story =
                        Story::read(&self.read_journal(&self.layout.call(header.call).journal)?);
                    self.keep_promise(header, story.promise);
                }
                Some(_) => {}
                None => cut_off.push(self.mend(header)?),
            }
        }
        if !cut_off.is_empty() {
            let error = ArchiveError::disk("sync", self.layout.dir());
            self.disk.sync_all().map_err(error)?;
        }
        for unsealed in cut_off {
            let paths = self.layout.call(unsealed.call);
            unsealed.seal(&paths, self.disk)?;
        }
        // Before the rows count as settled: they are not looked at again.
        let owed = std::mem::take(&mut self.owed);
        self.report.booked_callbacks += book_missing(self.layout, self.disk, owed)?;
        self.report.calls += rows.len() as u64;
        self.index.at_once(|index| {
            for header in &rows {
                match read_seal(&self.layout.call(header.call)) {
                    Some(seal) => index.over(header, &seal)?,
                    None => index.begun(header)?,
                }
            }
            index.settle(&name, end)
        })
    }

    fn keep_promise(&mut self, header: &CallHeader, promise: Promise) {
        if let Some(handoff) = promise.into_owed() {
            let caller = header.caller.clone();
            self.owed.push(Owed { handoff, caller });
        }
    }

    fn read_journal(&self, path: &Path) -> Result<Vec<u8>> {
        match fs::read(path) {
            Ok(text) => Ok(text),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(other) => Err(ArchiveError::disk("read", path)(other)),
        }
    }

    /// The rows from `from` on, and where the last whole one ends.
    fn read_rows(&mut self, path: &Path, from: u64) -> Result<(Vec<CallHeader>, u64)> {
        let error = || ArchiveError::disk("read", path);
        let end = end_of_last_line(path).map_err(error())?;
        let from = if from <= end { from } else { 0 };
        let text = read_from(path, from).map_err(error())?;
        let (whole, torn) = text.split_at((end - from) as usize);
        self.report.unreadable_starts += u64::from(!torn.is_empty());
        let mut rows = Vec::new();
        for line in whole.split(|&byte| byte == b'\n').filter(|l| !l.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(header) => rows.push(header),
                Err(_) => self.report.unreadable_starts += 1,
            }
        }
        Ok((rows, end))
    }

    fn mend(&mut self, header: &CallHeader) -> Result<Unsealed> {
        let paths = self.layout.call(header.call);
        let folder = self.layout.call_folder(header.call);
        self.disk
            .create_folder(&folder)
            .map_err(ArchiveError::disk("create", &folder))?;
        let recorded = match header.recording {
            RecordingChoice::On => self.mend_recording(&paths.wav)?,
            RecordingChoice::Off => Duration::ZERO,
        };
        self.mend_journal(header, &paths, recorded)
    }

    /// Cuts the file to whole moments and writes the header that fits.
    fn mend_recording(&mut self, path: &Path) -> Result<Duration> {
        let mended = (|| {
            let file = self.disk.open(path)?;
            let mut found = Vec::new();
            let mut reader = File::open(path)?;
            let length = reader.metadata()?.len();
            reader.by_ref().take(HEADER_BYTES).read_to_end(&mut found)?;
            let sound = sound_in_file(length);
            if found != header(sound) || length != HEADER_BYTES + sound {
                file.set_len(HEADER_BYTES + sound)?;
                file.write_at(&header(sound), 0)?;
                self.report.mended_recordings += 1;
            }
            Ok(sound)
        })();
        let sound = mended.map_err(ArchiveError::disk("mend", path))?;
        Ok(sound_time(sound - sound % PAIR_BYTES))
    }

    /// Cuts the torn end off, and ends the journal if its call did not.
    fn mend_journal(
        &mut self,
        header: &CallHeader,
        paths: &CallPaths,
        recorded: Duration,
    ) -> Result<Unsealed> {
        let path = &paths.journal;
        let error = || ArchiveError::disk("mend", path);
        let text = self.read_journal(path)?;
        let story = Story::read(&text);
        let mut added = Vec::new();
        let json = |why| ArchiveError::malformed(path, why);
        if story.whole_bytes == 0 {
            let begin = JournalLine::Begin(Box::new(header.clone()));
            added.extend(json_line(&begin).map_err(json)?);
        }
        let recorded_until = CallTime::ZERO + recorded;
        let (ended, outcome) = match story.end {
            Some(end) => end,
            None => (story.last.max(recorded_until), CallOutcome::Interrupted),
        };
        if story.end.is_none() {
            added.extend(json_line(&JournalLine::End(ended, outcome)).map_err(json)?);
        }
        let whole = story.whole_bytes as u64;
        let mended = self.disk.open(path).and_then(|file| {
            file.set_len(whole)?;
            file.write_at(&added, whole)
        });
        mended.map_err(error())?;
        self.report.cut_journals += u64::from(story.whole_bytes < text.len());
        match outcome {
            CallOutcome::Interrupted => self.report.interrupted += 1,
            CallOutcome::Ended(_) => self.report.sealed_late += 1,
        }
        self.keep_promise(header, story.promise);
        Ok(Unsealed {
            call: header.call,
            outcome,
            ended,
            dropped_frames: 0,
            lost_lines: 0,
            escalation: story.escalation,
        })
    }
}

fn read_from(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a journal tells, as far as it can be read.
#[derive(Debug, Default)]
struct Story {
    /// Bytes of whole lines, up to the first that is torn.
    whole_bytes: usize,
    last: CallTime,
    end: Option<(CallTime, CallOutcome)>,
    escalation: Option<EscalationReason>,
    promise: Promise,
}

impl Story {
    /// A line is torn when it is no JSON. One that is JSON but unknown to this
    /// version stays: it was whole when it was written.
    fn read(text: &[u8]) -> Self {
        let mut story = Self::default();
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let is_whole = line.ends_with(b"\n");
            let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
            if !is_whole || !is_json || story.end.is_some() {
                break;
            }
            story.whole_bytes += line.len();
            match serde_json::from_slice(line) {
                Ok(JournalLine::At(at, entry)) => {
                    story.last = story.last.max(at);
                    story.escalation = story.escalation.or(escalation(&entry));
                    story.promise = std::mem::take(&mut story.promise).follow(entry);
                }
                Ok(JournalLine::End(at, outcome)) => story.end = Some((at, outcome)),
                Ok(JournalLine::Begin(_)) | Err(_) => {}
            }
        }
        story
    }
}
