//! The thread that seals finished calls and keeps the index.

use crate::feed::{Ending, Feed};
use crate::health::Vitals;
use crate::index::Index;
use crate::layout::Layout;
use crate::seal::Unsealed;
use crate::{ArchiveError, Disk, Result};
use call_model::CallHeader;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

/// What the keeper is told.
#[derive(Debug)]
pub(crate) enum KeeperOrder {
    /// A call began.
    Begun(Box<CallHeader>),
    /// A call is over, and all of it is written and synced.
    Over(Arc<Feed>),
    /// Answer when everything before this is done.
    Flush(SyncSender<()>),
}

#[derive(Debug)]
pub(crate) struct Keeper {
    pub index: Index,
    pub layout: Layout,
    pub disk: Arc<dyn Disk>,
    pub vitals: Arc<Vitals>,
}

impl Keeper {
    /// Works until the archive is closed.
    pub fn work(self, orders: &Receiver<KeeperOrder>) {
        while let Ok(order) = orders.recv() {
            let done = match order {
                KeeperOrder::Begun(header) => self.index.begun(&header),
                KeeperOrder::Over(feed) => self.seal(&feed),
                KeeperOrder::Flush(reply) => {
                    // Whoever no longer waits needs no answer.
                    let _ = reply.try_send(());
                    Ok(())
                }
            };
            if let Err(error) = done {
                self.vitals.writer_failed(&error);
            }
        }
    }

    fn seal(&self, feed: &Feed) -> Result<()> {
        let Some(&Ending { at, outcome }) = feed.ending.get() else {
            return Err(ArchiveError::Closed);
        };
        let unsealed = Unsealed {
            call: feed.header.call,
            outcome,
            ended: at,
            dropped_frames: feed.dropped_frames(),
            lost_lines: feed.lost_lines(),
            escalation: feed.escalation.get().copied(),
        };
        let paths = self.layout.call(feed.header.call);
        let seal = unsealed.seal(&paths, self.disk.as_ref())?;
        self.index.over(&feed.header, &seal)
    }
}
