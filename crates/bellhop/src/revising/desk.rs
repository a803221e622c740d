//! Which call is due to be heard again.

use super::worker::TRIES;
use call_archive::{ArchiveReader, CallRow, Query, Revisions};
use call_model::{CallId, RecordingChoice};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Calls that one look at the archive finds at most.
const PAGE: u32 = 500;
/// Between two tries.
const TRY_AGAIN: Duration = Duration::from_secs(60);
/// A call stands in the index so long after it began at the latest.
const INDEXED_MILLIS: u64 = 60_000;

/// Which call is due.
pub(super) struct Desk {
    archive: ArchiveReader,
    revisions: Revisions,
    within: Duration,
    /// Between two tries.
    pub(super) rest: Duration,
    /// All calls that began before are settled, milliseconds of Unix time.
    settled: Option<u64>,
    /// Calls whose engine failed: how often, and when they may be tried again.
    failed: BTreeMap<CallId, (u32, Option<Instant>)>,
}

impl Desk {
    pub(super) const fn new(
        archive: ArchiveReader,
        revisions: Revisions,
        within: Duration,
    ) -> Self {
        Self {
            archive,
            revisions,
            within,
            rest: TRY_AGAIN,
            settled: None,
            failed: BTreeMap::new(),
        }
    }

    /// Calls that became too old since the last look.
    pub(super) fn overdue(&mut self, now: u64) -> anyhow::Result<Vec<CallId>> {
        let limit = self.limit(now);
        // What was too old when the server started never was ours to do.
        let since = *self.settled.get_or_insert(limit);
        if since >= limit {
            return Ok(Vec::new());
        }
        let rows = self.archive.find(&Query {
            since: Some(since),
            until: Some(limit),
            limit: u32::MAX,
            ..Query::default()
        })?;
        Ok(rows.iter().filter(|row| self.is_due(row)).map(id).collect())
    }

    /// The call that began first of those that wait.
    pub(super) fn next(&mut self, now: u64) -> anyhow::Result<Option<CallId>> {
        let since = self.limit(now).max(self.settled.unwrap_or(0));
        let mut until = None;
        let mut first_open = None;
        let mut due = None;
        loop {
            let rows = self.archive.find(&Query {
                since: Some(since),
                until,
                limit: PAGE,
                ..Query::default()
            })?;
            for row in &rows {
                if row.seal.is_none() || self.is_due(row) {
                    first_open = Some(row.header.started_unix_millis);
                }
                if self.is_due(row) && self.may_be_tried(id(row)) {
                    due = Some(id(row));
                }
            }
            match rows.last() {
                Some(last) if rows.len() == PAGE as usize && due.is_none() => {
                    until = Some(last.header.started_unix_millis);
                }
                last => {
                    if rows.len() < PAGE as usize {
                        let newest = last.map(|_| now.saturating_sub(INDEXED_MILLIS));
                        self.settled = first_open.or(newest).or(self.settled).max(Some(since));
                    }
                    return Ok(due);
                }
            }
        }
    }

    /// Calls that began before are too old.
    fn limit(&self, now: u64) -> u64 {
        let within = u64::try_from(self.within.as_millis()).unwrap_or(u64::MAX);
        now.saturating_sub(within)
    }

    fn is_due(&self, row: &CallRow) -> bool {
        let is_recorded = row.header.recording == RecordingChoice::On
            && row
                .seal
                .as_ref()
                .is_some_and(|seal| seal.audio_sha256.is_some());
        let is_given_up = matches!(self.failed.get(&id(row)), Some((_, None)));
        is_recorded && !is_given_up && !self.revisions.has(id(row))
    }

    fn may_be_tried(&self, call: CallId) -> bool {
        match self.failed.get(&call) {
            Some((_, Some(again))) => *again <= Instant::now(),
            Some((_, None)) => false,
            None => true,
        }
    }

    /// Counts a failure of the engine; how many there were for this call.
    pub(super) fn failed(&mut self, call: CallId) -> u32 {
        let (count, again) = self.failed.entry(call).or_default();
        *count += 1;
        *again = Some(Instant::now() + self.rest);
        *count
    }

    /// The call will not be tried before the next start.
    pub(super) fn give_up(&mut self, call: CallId) {
        self.failed.insert(call, (TRIES, None));
    }

    pub(super) fn forget(&mut self, call: CallId) {
        self.failed.remove(&call);
    }
}

const fn id(row: &CallRow) -> CallId {
    row.header.call
}

#[cfg(test)]
mod tests {
    use super::super::Reviser;
    use super::super::tests::{Ear, Lines, Stored};
    use super::*;
    use std::sync::Arc;

    /// The stored calls began a minute apart, from here on.
    const BEGAN: u64 = 1_767_225_600_000;
    const MINUTE: u64 = 60_000;

    fn desk(stored: &Stored) -> Desk {
        let revisions = stored.archive.revisions();
        Desk::new(
            stored.archive.reader(),
            revisions,
            Duration::from_secs(3_600),
        )
    }

    #[test]
    fn calls_are_due_in_the_order_in_which_they_began_once_they_are_over() {
        let stored = Stored::new();
        let (first, second) = (
            stored.call(1, RecordingChoice::On),
            stored.call(2, RecordingChoice::On),
        );
        stored.call(3, RecordingChoice::Off);
        let running = stored.header(4, RecordingChoice::On);
        let _writer = stored.archive.begin(&running).expect("begun");
        let mut desk = desk(&stored);
        let now = BEGAN + 10 * MINUTE;
        assert_eq!(desk.next(now).expect("a look"), Some(first));
        assert_eq!(desk.failed(first), 1);
        assert_eq!(
            desk.next(now).expect("a look"),
            Some(second),
            "the first waits"
        );
        desk.forget(first);
        for call in [first, second] {
            assert_eq!(desk.next(now).expect("a look"), Some(call));
            let engine = Arc::new(Ear(Lines::saying(&[])));
            let reviser = Reviser::new(stored.archive.reader(), stored.archive.revisions(), engine);
            reviser.leave(call, "enough").expect("kept");
        }
        assert_eq!(desk.next(now).expect("a look"), None);
        // The call that goes on keeps the look from going past it.
        assert_eq!(desk.settled, Some(running.started_unix_millis));
    }

    #[test]
    fn a_call_that_waited_too_long_is_told_once_and_one_from_before_the_start_never() {
        let stored = Stored::new();
        let call = stored.call(1, RecordingChoice::On);
        let mut late = desk(&stored);
        let too_late = BEGAN + 62 * MINUTE;
        assert!(late.overdue(too_late).expect("a look").is_empty());
        assert_eq!(late.next(too_late).expect("a look"), None);
        let mut there = desk(&stored);
        let now = BEGAN + 10 * MINUTE;
        assert!(there.overdue(now).expect("a look").is_empty());
        assert_eq!(there.next(now).expect("a look"), Some(call));
        assert_eq!(there.overdue(too_late).expect("a look"), [call]);
        assert_eq!(there.next(too_late).expect("a look"), None);
        assert!(there.overdue(too_late).expect("a look").is_empty());
    }
}
