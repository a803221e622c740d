//! One caller's place in the waiting room.

use super::staff::{AgentNumber, QueueNumber};
use super::{RoomTime, Waiter};
use call_model::{PersonFailure, Urgency};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A caller in the room.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) queue: QueueNumber,
    pub(super) has_priority: bool,
    pub(super) urgency: Urgency,
    pub(super) entered: RoomTime,
    /// Tells apart who entered in the same moment.
    pub(super) number: u64,
    /// Who may serve this caller.
    pub(super) candidates: Vec<AgentNumber>,
    /// Whose phones rang in vain, and how often.
    pub(super) tried: BTreeMap<AgentNumber, u32>,
    pub(super) last_failure: PersonFailure,
    pub(super) stage: Stage,
    pub(super) overflow: Overflow,
}

/// What happens for a caller at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// They stand and wait.
    Stands,
    /// An agent's phone rings for them.
    Rings {
        agent: AgentNumber,
        until: RoomTime,
        is_heard: bool,
    },
    /// The overflow target is tried for them.
    Overflows { until: RoomTime, then: Then },
}

/// What becomes of a caller for whom the overflow target did not answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Then {
    /// They wait on.
    WaitsOn,
    /// There was no place for them.
    IsTurnedAway,
}

/// Whether the overflow target was tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Overflow {
    NotDue,
    /// As soon as the caller stands and no agent is free.
    Due,
    Tried,
}

/// A phone that rang in vain so often for one caller rings for them no more.
const TRIES_MAX: u32 = 2;

/// Who comes first: priority, then who entered first.
pub(super) type Rank = (Reverse<bool>, Reverse<Urgency>, RoomTime, u64);

impl Place {
    pub(super) fn new(
        waiter: &Waiter,
        queue: QueueNumber,
        candidates: Vec<AgentNumber>,
        entered: RoomTime,
        number: u64,
    ) -> Self {
        Self {
            queue,
            has_priority: waiter.has_priority,
            urgency: waiter.urgency,
            entered,
            number,
            candidates,
            tried: BTreeMap::new(),
            last_failure: PersonFailure::NoneConfigured,
            stage: Stage::Stands,
            overflow: Overflow::NotDue,
        }
    }

    pub(super) const fn rank(&self) -> Rank {
        (
            Reverse(self.has_priority),
            Reverse(self.urgency),
            self.entered,
            self.number,
        )
    }

    pub(super) const fn stands(&self) -> bool {
        matches!(self.stage, Stage::Stands)
    }

    /// Whether an agent may be rung for them: they stand, or the overflow target is
    /// only tried because no agent was free.
    pub(super) const fn waits(&self) -> bool {
        match self.stage {
            Stage::Stands => true,
            Stage::Overflows { then, .. } => matches!(then, Then::WaitsOn),
            Stage::Rings { .. } => false,
        }
    }

    pub(super) fn rang_in_vain(&mut self, agent: AgentNumber) {
        *self.tried.entry(agent).or_default() += 1;
    }

    /// Whose phones may ring for them: first those that have not.
    pub(super) fn to_ring(&self) -> [Vec<AgentNumber>; 2] {
        let tries = |agent: &AgentNumber| self.tried.get(agent).copied().unwrap_or(0);
        let (untried, tried): (Vec<AgentNumber>, Vec<AgentNumber>) =
            self.candidates.iter().partition(|agent| tries(agent) == 0);
        let again = tried.into_iter().filter(|agent| tries(agent) < TRIES_MAX);
        [untried, again.collect()]
    }

    /// Whether they take up one of the queue's places.
    pub(super) const fn counts(&self) -> bool {
        !self.has_priority
            && !matches!(
                self.stage,
                Stage::Overflows {
                    then: Then::IsTurnedAway,
                    ..
                }
            )
    }

    /// When the phone that rings for them has rung for long enough.
    pub(super) const fn rings_until(&self) -> Option<RoomTime> {
        match self.stage {
            Stage::Stands => None,
            Stage::Rings { until, .. } | Stage::Overflows { until, .. } => Some(until),
        }
    }
}
