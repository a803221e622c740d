//! Which leg is which call, and the way to it.

use super::news::{CallNews, NewCall};
use super::shard::{ShardHandle, ShardOrder};
use call_model::{CallId, Handoff, Private};
use sip_trunk::{LegId, TransferId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Every leg that is known to the control plane.
#[derive(Clone, Default)]
pub struct Legs {
    known: Arc<Mutex<HashMap<LegId, Leg>>>,
}

/// One leg.
struct Leg {
    caller: Private<String>,
    /// Where a caller goes whose session broke down.
    rescue_target: Option<String>,
    /// The transfer whose news count.
    under_way: Option<TransferId>,
    state: LegState,
}

enum LegState {
    /// Its session is being made; what happens meanwhile waits.
    Opening(Vec<CallNews>),
    /// Its session runs on a shard.
    Live(CallId, ShardHandle),
    /// Its session broke down; the control plane takes the caller to a person.
    Rescued(Box<Handoff>),
}

impl Legs {
    /// A leg whose session is being made.
    pub fn open(&self, leg: LegId, caller: Private<String>, rescue_target: Option<String>) {
        let state = LegState::Opening(Vec::new());
        self.lock().insert(
            leg,
            Leg {
                caller,
                rescue_target,
                under_way: None,
                state,
            },
        );
    }

    /// Gives the call to its shard, then what waited, then all that follows, in this order.
    /// False when the shard is gone.
    pub fn live(&self, leg: LegId, call: Box<NewCall>, shard: &ShardHandle) -> bool {
        let id = call.session.header.call;
        // The lock is held so that no news overtakes; the shard's mailbox is all but never full.
        let mut known = self.lock();
        if !shard.send(ShardOrder::Open(call)) {
            return false;
        }
        if let Some(entry) = known.get_mut(&leg) {
            let live = LegState::Live(id, shard.clone());
            if let LegState::Opening(waited) = std::mem::replace(&mut entry.state, live) {
                for news in waited {
                    shard.send(ShardOrder::Tell(id, news));
                }
            }
        }
        true
    }

    /// Tells a leg's call, now or when it is live.
    pub fn tell(&self, leg: LegId, news: CallNews) {
        let (call, shard) = match self.lock().get_mut(&leg).map(|known| &mut known.state) {
            Some(LegState::Opening(waiting)) => return waiting.push(news),
            Some(LegState::Live(call, shard)) => (*call, shard.clone()),
            Some(LegState::Rescued(_)) | None => return,
        };
        shard.send(ShardOrder::Tell(call, news));
    }

    /// Its session is gone, and the caller is owed a person by the control plane alone.
    pub fn rescue(&self, leg: LegId, handoff: Box<Handoff>) {
        if let Some(known) = self.lock().get_mut(&leg) {
            known.state = LegState::Rescued(handoff);
        }
    }

    /// The story of a leg in rescue.
    pub fn rescued(&self, leg: LegId) -> Option<Handoff> {
        match &self.lock().get(&leg)?.state {
            LegState::Rescued(handoff) => Some((**handoff).clone()),
            LegState::Opening(_) | LegState::Live(..) => None,
        }
    }

    /// The caller's number, to be called back at.
    pub fn caller(&self, leg: LegId) -> Option<Private<String>> {
        self.lock().get(&leg).map(|known| known.caller.clone())
    }

    /// Where a caller goes whose session broke down.
    pub fn rescue_target(&self, leg: LegId) -> Option<String> {
        self.lock().get(&leg)?.rescue_target.clone()
    }

    /// A transfer was asked for: from now on its news count, and no other's.
    pub fn transferring(&self, leg: LegId, transfer: TransferId) {
        if let Some(known) = self.lock().get_mut(&leg) {
            known.under_way = Some(transfer);
        }
    }

    /// Whether news of this transfer count.
    pub fn is_transferring(&self, leg: LegId, transfer: TransferId) -> bool {
        self.lock()
            .get(&leg)
            .is_some_and(|known| known.under_way == Some(transfer))
    }

    /// The shard that has the leg's call.
    pub fn shard(&self, leg: LegId) -> Option<ShardHandle> {
        match &self.lock().get(&leg)?.state {
            LegState::Live(_, shard) => Some(shard.clone()),
            LegState::Opening(_) | LegState::Rescued(_) => None,
        }
    }

    /// Forgets a leg.
    pub fn close(&self, leg: LegId) {
        self.lock().remove(&leg);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<LegId, Leg>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
