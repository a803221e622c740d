//! The thread that writes what calls hand over: one round after the other, each
//! ended by one sync for all calls together.

use crate::feed::Feed;
use crate::health::Vitals;
use crate::keeper::KeeperOrder;
use crate::layout::Layout;
use crate::open_call::OpenCall;
use crate::{ArchiveError, Disk};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::{Duration, Instant};

/// Rounds that a call which is over may fail in, before its files are left to the
/// next start-up recovery: a minute at the usual interval.
const ROUNDS_TO_CLOSE: u32 = 240;

/// With the 100 ms that a call gathers and twice this, a power cut takes 0.9 s.
const SLOW_SYNC: Duration = Duration::from_millis(400);

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
    disk: Arc<dyn Disk>,
    layout: Layout,
    vitals: Arc<Vitals>,
    keeper: SyncSender<KeeperOrder>,
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

    fn admit(&mut self, feed: Arc<Feed>) {
        let paths = self.layout.call(feed.header.call);
        self.calls.push(OpenCall::new(feed, paths));
        self.vitals
            .open_calls
            .store(self.calls.len() as u64, Relaxed);
    }

    /// Writes what has arrived, syncs it, and hands over the calls that are over.
    fn round(&mut self) {
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
        if !self.is_unsynced {
            self.hand_over();
        }
        self.give_up();
    }

    fn sync(&self) -> bool {
        let began = Instant::now();
        let synced = self.disk.sync_all();
        let took = began.elapsed();
        if self.vitals.is_slowest_sync(took) && took > SLOW_SYNC {
            tracing::warn!(
                ?took,
                "a sync is slow: a power cut could take over a second"
            );
        }
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

    /// The calls that are written and synced to their end go to the keeper.
    fn hand_over(&mut self) {
        let (keeper, vitals) = (&self.keeper, &self.vitals);
        self.calls.retain(|call| {
            if !call.is_written() {
                return true;
            }
            let over = KeeperOrder::Over(Arc::clone(&call.feed));
            if let Err(TrySendError::Full(_)) = keeper.try_send(over) {
                return true;
            }
            vitals
                .dropped_frames
                .fetch_add(call.feed.dropped_frames(), Relaxed);
            vitals.lost_lines.fetch_add(call.feed.lost_lines(), Relaxed);
            false
        });
    }

    /// The calls whose files take nothing, long after their end, are let go.
    fn give_up(&mut self) {
        self.calls.retain_mut(|call| {
            let goes_on = call.count_round_over() < ROUNDS_TO_CLOSE;
            if !goes_on {
                let call = call.feed.header.call;
                tracing::error!(%call, "not sealed; left to the next start");
            }
            goes_on
        });
        self.vitals
            .open_calls
            .store(self.calls.len() as u64, Relaxed);
    }
}
