//! How an archive is set up.

use crate::{Disk, RealDisk, Result};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What happens to calls while the disk is full or broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnFailure {
    /// New calls are refused; a running call whose journal cannot be kept goes to a person.
    #[default]
    RefuseCalls,
    /// Calls go on; what cannot be written is lost and counted.
    GoOnUnrecorded,
}

/// Where an archive lies and how eagerly it writes.
#[derive(Clone, Debug)]
pub struct ArchiveSettings {
    /// The archive's folder; made if missing. Best on a file system of its own:
    /// a sync round flushes the whole file system.
    pub dir: PathBuf,
    /// How often what arrived is written and synced; with the 100 ms that a call
    /// gathers, this and the length of one sync are the most a power cut takes.
    pub sync_interval: Duration,
    /// Start rows that arrive within this time share one sync.
    pub group: Duration,
    /// How long a start row may take before its call is refused.
    pub start_within: Duration,
    /// What happens while the disk fails.
    pub on_failure: OnFailure,
    /// What is written through; none: the real disk.
    pub disk: Option<Arc<dyn Disk>>,
}

impl ArchiveSettings {
    /// The usual settings for an archive in `dir`: a sync round every 250 ms,
    /// start rows grouped over 2 ms.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            sync_interval: Duration::from_millis(250),
            group: Duration::from_millis(2),
            start_within: Duration::from_secs(2),
            on_failure: OnFailure::default(),
            disk: None,
        }
    }

    pub(crate) fn disk(&self) -> Result<Arc<dyn Disk>> {
        match &self.disk {
            Some(disk) => Ok(Arc::clone(disk)),
            None => Ok(Arc::new(RealDisk::open(&self.dir)?)),
        }
    }
}
