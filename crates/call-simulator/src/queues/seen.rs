//! What an onlooker remembers of a caller and of an agent.

use call_engine::waiting_room::{Agent, AgentName, RoomSettings, RoomTime, Waiter};
use call_model::Urgency;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A phone that rang in vain so often for a caller is nothing they could have.
const IN_VAIN_MAX: u32 = 2;

/// A caller in the room.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) waiter: Waiter,
    pub(super) entered: RoomTime,
    /// They stood here before, and the time of that counts.
    pub(super) comes_again: bool,
    pub(super) number: u64,
    pub(super) candidates: BTreeSet<AgentName>,
    pub(super) in_vain: BTreeMap<AgentName, u32>,
    /// The overflow target may be tried: they were raised.
    pub(super) is_raised: bool,
    pub(super) overflow_tried: bool,
    pub(super) asked_again: bool,
    pub(super) state: State,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Entered, and the room has said nothing yet.
    New,
    Stands,
    Rings {
        agent: AgentName,
        since: RoomTime,
    },
    Overflows {
        since: RoomTime,
        has_place: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Doing {
    Free,
    Rings,
    Talks,
    Rests { until: RoomTime },
}

impl Seen {
    pub(super) fn rank(&self) -> (Reverse<bool>, Reverse<Urgency>, RoomTime, u64) {
        (
            Reverse(self.waiter.has_priority),
            Reverse(self.waiter.urgency),
            self.entered,
            self.number,
        )
    }

    /// They wait, and could have this agent.
    pub(super) fn could_have(&self, agent: &AgentName) -> bool {
        let waits = match self.state {
            State::New | State::Stands => true,
            State::Overflows { has_place, .. } => has_place,
            State::Rings { .. } => false,
        };
        let tries = self.in_vain.get(agent).copied().unwrap_or(0);
        waits && self.candidates.contains(agent) && tries < IN_VAIN_MAX
    }
}

/// Who may serve a caller: skill and language, else the language, else anybody.
pub(super) fn candidates(settings: &RoomSettings, waiter: &Waiter) -> BTreeSet<AgentName> {
    let Some(queue) = settings.queues.iter().find(|q| q.name == waiter.queue) else {
        return BTreeSet::new();
    };
    let mut best: BTreeSet<AgentName> = BTreeSet::new();
    let mut best_fit = 0;
    for agent in settings
        .agents
        .iter()
        .filter(|a| queue.agents.contains(&a.name))
    {
        let fit = fit(agent, waiter);
        if fit > best_fit {
            best.clear();
            best_fit = fit;
        }
        if fit == best_fit {
            best.insert(agent.name.clone());
        }
    }
    best
}

fn fit(agent: &Agent, waiter: &Waiter) -> u8 {
    let speaks = agent.languages.is_empty() || agent.languages.contains(&waiter.language);
    let can = waiter
        .skill
        .as_ref()
        .is_none_or(|skill| *skill == waiter.queue || agent.skills.contains(skill));
    match (speaks, can) {
        (true, true) => 2,
        (true, false) => 1,
        (false, _) => 0,
    }
}
