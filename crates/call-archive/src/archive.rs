//! The archive as the server holds it.

use crate::call_writer::{CallWriter, json_line};
use crate::feed::Feed;
use crate::health::{ArchiveHealth, Vitals};
use crate::index::Index;
use crate::keeper::{Keeper, KeeperOrder};
use crate::layout::{CallPaths, Layout};
use crate::ledger::Ledger;
use crate::query::{CallRow, Query};
use crate::reader::{ArchiveReader, CallStory, Callback};
use crate::recovery::{Recovery, RecoveryReport};
use crate::revision::Revisions;
use crate::seal::write_whole;
use crate::settings::{ArchiveSettings, OnFailure};
use crate::verify::VerifyReport;
use crate::writer::{Writer, WriterOrder};
use crate::{ArchiveError, Disk, Result};
use call_model::{CallHeader, CallId, Handoff, Private};
use std::fs::{self, File, TryLockError};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

/// Orders that may wait for the writer or the keeper.
const ORDERS_WAITING: usize = 1_024;

/// The archive, open for writing; one process at a time. Dropping it writes, syncs
/// and seals what has been handed over.
#[derive(Debug)]
pub struct Archive {
    settings: ArchiveSettings,
    layout: Layout,
    disk: Arc<dyn Disk>,
    vitals: Arc<Vitals>,
    ledger: Ledger,
    writer: Option<SyncSender<WriterOrder>>,
    keeper: Option<SyncSender<KeeperOrder>>,
    threads: Vec<JoinHandle<()>>,
    /// Held as long as the archive is open.
    _lock: File,
}

impl Archive {
    /// Opens the archive, makes it if there is none, and brings the calls that a
    /// crash cut off to their end.
    ///
    /// # Errors
    /// [`ArchiveError::InUse`] when another process has it; disk and index errors.
    pub fn open(settings: ArchiveSettings) -> Result<(Self, RecoveryReport)> {
        let disk = settings.disk()?;
        let layout = Layout::new(&settings.dir);
        for folder in [layout.starts_folder(), layout.plans_folder()] {
            disk.create_folder(&folder)
                .map_err(ArchiveError::disk("create", &folder))?;
        }
        let lock = lock(&layout)?;
        let index = Index::open(&layout.index())?;
        let report = Recovery::new(&layout, disk.as_ref(), &index).run()?;
        let vitals = Arc::new(Vitals::default());
        let ledger = Ledger::start(
            Arc::clone(&disk),
            Arc::clone(&vitals),
            settings.group,
            settings.start_within,
        )
        .map_err(ArchiveError::disk("start a thread for", layout.dir()))?;
        let mut archive = Self {
            settings,
            layout,
            disk,
            vitals,
            ledger,
            writer: None,
            keeper: None,
            threads: Vec::new(),
            _lock: lock,
        };
        archive.start(index)?;
        Ok((archive, report))
    }

    fn start(&mut self, index: Index) -> Result<()> {
        let (to_keeper, keeper_orders) = sync_channel(ORDERS_WAITING);
        let (to_writer, writer_orders) = sync_channel(ORDERS_WAITING);
        let keeper = Keeper {
            index,
            layout: self.layout.clone(),
            disk: Arc::clone(&self.disk),
            vitals: Arc::clone(&self.vitals),
        };
        let writer = Writer::new(
            Arc::clone(&self.disk),
            self.layout.clone(),
            Arc::clone(&self.vitals),
            to_keeper.clone(),
        );
        let interval = self.settings.sync_interval;
        self.spawn("archive-writer", move || {
            writer.work(&writer_orders, interval);
        })?;
        self.spawn("archive-keeper", move || keeper.work(&keeper_orders))?;
        self.writer = Some(to_writer);
        self.keeper = Some(to_keeper);
        Ok(())
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let started = thread::Builder::new().name(name.into()).spawn(work);
        let error = ArchiveError::disk("start a thread for", self.layout.dir());
        self.threads.push(started.map_err(error)?);
        Ok(())
    }

    /// Begins the record of a call. Returns once its start row survives a power cut;
    /// blocks until then, a few milliseconds.
    ///
    /// # Errors
    /// While the disk fails, if the policy is to refuse calls.
    pub fn begin(&self, header: &CallHeader) -> Result<CallWriter> {
        let on_failure = self.settings.on_failure;
        match (self.try_begin(header), on_failure) {
            (Ok(feed), _) => Ok(CallWriter::new(feed, on_failure)),
            (Err(error), OnFailure::RefuseCalls) => Err(error),
            (Err(error), OnFailure::GoOnUnrecorded) => {
                self.vitals.unrecorded_calls.fetch_add(1, Relaxed);
                tracing::warn!(%error, call = %header.call, "the call goes on unrecorded");
                Ok(CallWriter::unrecorded())
            }
        }
    }

    fn try_begin(&self, header: &CallHeader) -> Result<Arc<Feed>> {
        if self.settings.on_failure == OnFailure::RefuseCalls && !self.vitals.is_well() {
            let why = self.vitals.last_error().unwrap_or_default();
            return Err(ArchiveError::Refusing(why));
        }
        let path = self.layout.starts(header.call);
        let line = json_line(header).map_err(|why| ArchiveError::malformed(&path, why))?;
        self.ledger.append(path, line)?;
        let feed = Arc::new(Feed::new(header.clone()));
        let writer = self.writer.as_ref().ok_or(ArchiveError::Closed)?;
        writer
            .try_send(WriterOrder::Admit(Arc::clone(&feed)))
            .map_err(|error| match error {
                TrySendError::Full(_) => ArchiveError::Overfull,
                TrySendError::Disconnected(_) => ArchiveError::Closed,
            })?;
        if let Some(keeper) = &self.keeper {
            // A full mailbox costs only that the call is found when it ends.
            let _ = keeper.try_send(KeeperOrder::Begun(Box::new(header.clone())));
        }
        Ok(feed)
    }

    /// Returns once all that was handed over until now is written, synced and, for
    /// calls that ended, sealed and found by searches.
    pub fn flush(&self) -> Result<()> {
        let (reply, done) = sync_channel(1);
        let writer = self.writer.as_ref().ok_or(ArchiveError::Closed)?;
        writer
            .send(WriterOrder::Flush(reply))
            .map_err(|_| ArchiveError::Closed)?;
        done.recv().map_err(|_| ArchiveError::Closed)
    }

    /// Keeps a compiled plan under its digest, for replays; returns once it is on disk.
    pub fn keep_plan(&self, digest: &str, json: &str) -> Result<()> {
        let path = self.layout.plan(digest)?;
        if fs::read(&path).is_ok_and(|kept| kept == json.as_bytes()) {
            return Ok(());
        }
        write_whole(self.disk.as_ref(), &path, json.as_bytes())?;
        self.disk
            .sync_all()
            .map_err(ArchiveError::disk("sync", &path))
    }

    /// Books a callback to the number in `handoff`, or else to `caller`; returns once it is on disk.
    pub fn book_callback(&self, handoff: &Handoff, caller: &Private<String>) -> Result<()> {
        let callback = Callback::now(handoff.clone(), caller.clone());
        let path = self.layout.callbacks();
        let line = json_line(&callback).map_err(|why| ArchiveError::malformed(&path, why))?;
        self.ledger.append(path, line)
    }

    /// How the archive fares.
    pub fn health(&self) -> ArchiveHealth {
        self.vitals.snapshot()
    }

    /// A way to read it, which can be given away.
    pub fn reader(&self) -> ArchiveReader {
        ArchiveReader::new(self.layout.clone())
    }

    /// Where what is heard in calls afterwards is kept.
    pub fn revisions(&self) -> Revisions {
        Revisions::new(self.layout.clone(), Arc::clone(&self.disk))
    }

    /// See [`ArchiveReader::find`].
    pub fn find(&self, query: &Query) -> Result<Vec<CallRow>> {
        self.reader().find(query)
    }

    /// See [`ArchiveReader::show`].
    pub fn show(&self, call: CallId) -> Result<CallStory> {
        self.reader().show(call)
    }

    /// See [`ArchiveReader::verify`].
    pub fn verify(&self, call: CallId) -> Result<Option<VerifyReport>> {
        self.reader().verify(call)
    }

    /// See [`ArchiveReader::paths`].
    pub fn paths(&self, call: CallId) -> CallPaths {
        self.layout.call(call)
    }

    /// See [`ArchiveReader::plan`].
    pub fn plan(&self, digest: &str) -> Result<Option<String>> {
        self.reader().plan(digest)
    }

    /// See [`ArchiveReader::plan_beginning`].
    pub fn plan_beginning(&self, beginning: &str) -> Result<Option<String>> {
        self.reader().plan_beginning(beginning)
    }

    /// See [`ArchiveReader::callbacks`].
    pub fn callbacks(&self) -> Result<Vec<Callback>> {
        self.reader().callbacks()
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        // The writer ends when its orders do, the keeper when the writer has.
        drop(self.writer.take());
        drop(self.keeper.take());
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so; there is nothing to add.
            let _ = thread.join();
        }
    }
}

fn lock(layout: &Layout) -> Result<File> {
    let path = layout.lock();
    let file = File::create(&path).map_err(ArchiveError::disk("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ArchiveError::InUse(layout.dir().to_owned())),
        Err(TryLockError::Error(error)) => Err(ArchiveError::disk("lock", &path)(error)),
    }
}
