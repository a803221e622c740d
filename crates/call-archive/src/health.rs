//! How the archive fares, for `/readyz` and the metrics.

use crate::ArchiveError;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How the archive fares.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ArchiveHealth {
    /// What is handed over gets written. While not, a probe is written with every
    /// sync round, so that this comes back by itself.
    pub is_well: bool,
    /// The last thing that went wrong, well again or not.
    pub last_error: Option<String>,
    /// Writes and syncs that failed, since the start.
    pub failures: u64,
    /// 20 ms frames that were dropped because the disk fell behind.
    pub dropped_frames: u64,
    /// Journal lines that were lost; none, ever, unless the policy is to go on unrecorded.
    pub lost_lines: u64,
    /// Calls that went on without any record, as the policy allows.
    pub unrecorded_calls: u64,
    /// Calls being written now.
    pub open_calls: u64,
    /// The longest sync round since the start.
    pub slowest_sync: Duration,
}

/// The counters behind [`ArchiveHealth`], shared by the archive's threads.
#[derive(Debug, Default)]
pub(crate) struct Vitals {
    writer_fails: AtomicBool,
    ledger_fails: AtomicBool,
    last_error: Mutex<Option<String>>,
    failures: AtomicU64,
    pub dropped_frames: AtomicU64,
    pub lost_lines: AtomicU64,
    pub unrecorded_calls: AtomicU64,
    pub open_calls: AtomicU64,
    slowest_sync_micros: AtomicU64,
}

impl Vitals {
    pub fn writer_failed(&self, error: &ArchiveError) {
        if !self.writer_fails.swap(true, Relaxed) {
            tracing::error!(%error, "the archive cannot write");
        }
        self.note(error);
    }

    pub fn ledger_failed(&self, error: &ArchiveError) {
        self.ledger_fails.store(true, Relaxed);
        tracing::error!(%error, "a start row or callback could not be kept");
        self.note(error);
    }

    fn note(&self, error: &ArchiveError) {
        self.failures.fetch_add(1, Relaxed);
        if let Ok(mut last) = self.last_error.lock() {
            *last = Some(error.to_string());
        }
    }

    /// A round, or a probe, went through.
    pub fn recovered(&self) {
        let writer = self.writer_fails.swap(false, Relaxed);
        let ledger = self.ledger_fails.swap(false, Relaxed);
        if writer || ledger {
            tracing::warn!("the archive can write again");
        }
    }

    pub fn is_well(&self) -> bool {
        !self.writer_fails.load(Relaxed) && !self.ledger_fails.load(Relaxed)
    }

    /// Notes how long a sync took; tells whether none took longer so far.
    pub fn is_slowest_sync(&self, took: Duration) -> bool {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.slowest_sync_micros.fetch_max(micros, Relaxed) < micros
    }

    pub fn last_error(&self) -> Option<String> {
        self.last_error.lock().ok().and_then(|last| last.clone())
    }

    pub fn snapshot(&self) -> ArchiveHealth {
        ArchiveHealth {
            is_well: self.is_well(),
            last_error: self.last_error(),
            failures: self.failures.load(Relaxed),
            dropped_frames: self.dropped_frames.load(Relaxed),
            lost_lines: self.lost_lines.load(Relaxed),
            unrecorded_calls: self.unrecorded_calls.load(Relaxed),
            open_calls: self.open_calls.load(Relaxed),
            slowest_sync: Duration::from_micros(self.slowest_sync_micros.load(Relaxed)),
        }
    }
}
