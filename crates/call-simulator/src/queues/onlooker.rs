//! One who watches the orders of a waiting room and knows nothing of its inside.

use super::rules::{BrokenQueueRule, QueueRule};
use super::seen::{Doing, Seen, State, candidates};
use super::tally::QueueTally;
use call_engine::waiting_room::{
    AgentName, Queue, RoomInput, RoomOutput, RoomSettings, RoomTime, Waiter,
};
use call_model::{CallId, EscalationReason, PersonFailure};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(super) struct Onlooker {
    settings: RoomSettings,
    now: RoomTime,
    callers: BTreeMap<CallId, Seen>,
    agents: BTreeMap<AgentName, Doing>,
    closed: BTreeSet<String>,
    /// When those who were told had first entered.
    first_entered: BTreeMap<CallId, RoomTime>,
    entries: u64,
    pub(super) tally: QueueTally,
    pub(super) broken: Vec<BrokenQueueRule>,
}

impl Onlooker {
    pub(super) fn new(settings: RoomSettings) -> Self {
        let agents = settings.agents.iter();
        Self {
            agents: agents
                .map(|agent| (agent.name.clone(), Doing::Free))
                .collect(),
            settings,
            now: RoomTime::ZERO,
            callers: BTreeMap::new(),
            closed: BTreeSet::new(),
            first_entered: BTreeMap::new(),
            entries: 0,
            tally: QueueTally::default(),
            broken: Vec::new(),
        }
    }

    fn report(&mut self, rule: QueueRule, what: String) {
        if !self.broken.iter().any(|broken| broken.rule == rule) {
            let at = self.now;
            self.broken.push(BrokenQueueRule { rule, at, what });
        }
    }

    fn queue(&self, name: &str) -> Option<&Queue> {
        self.settings.queues.iter().find(|queue| queue.name == name)
    }

    /// News that goes into the room, before it is handled.
    pub(super) fn input(&mut self, now: RoomTime, input: &RoomInput) {
        self.now = now;
        self.end_rests();
        match input {
            RoomInput::Enter(waiter) => self.enters(waiter),
            RoomInput::Raise { call, reason, .. } => self.raised(*call, *reason),
            RoomInput::Leave(call) => self.leaves(*call),
            RoomInput::AgentAnswered(call) => self.answered(*call),
            RoomInput::AgentFailed { call, .. } => self.failed(*call),
            RoomInput::AgentFreed(agent) => {
                let after = after_a_call(self.now, &self.settings);
                self.agents.insert(agent.clone(), after);
            }
            RoomInput::AgentWithdrew(agent) => {
                let until = self.now + self.settings.rest;
                self.agents.insert(agent.clone(), Doing::Rests { until });
            }
            RoomInput::Open(queue) => {
                self.closed.remove(queue);
            }
            RoomInput::Closed(queue) => {
                self.closed.insert(queue.clone());
            }
            RoomInput::AgentRings(_) | RoomInput::DeadlineReached => {}
        }
    }

    fn end_rests(&mut self) {
        for doing in self.agents.values_mut() {
            if matches!(doing, Doing::Rests { until } if *until <= self.now) {
                *doing = Doing::Free;
            }
        }
    }

    fn enters(&mut self, waiter: &Waiter) {
        self.tally.callers += 1;
        self.entries += 1;
        let earlier = self.first_entered.remove(&waiter.call);
        let seen = Seen {
            entered: earlier.unwrap_or(self.now),
            comes_again: earlier.is_some(),
            number: self.entries,
            candidates: candidates(&self.settings, waiter),
            waiter: waiter.clone(),
            in_vain: BTreeMap::new(),
            is_raised: false,
            overflow_tried: false,
            asked_again: false,
            state: State::New,
        };
        self.callers.insert(waiter.call, seen);
    }

    fn raised(&mut self, call: CallId, reason: EscalationReason) {
        let Some(seen) = self.callers.get_mut(&call) else {
            return;
        };
        let (before, queue) = (seen.rank(), seen.waiter.queue.clone());
        seen.waiter.has_priority = true;
        seen.is_raised = true;
        let stands = !matches!(seen.state, State::Rings { .. });
        if reason != EscalationReason::RepeatedRequest || !stands {
            return;
        }
        seen.asked_again = true;
        let after = seen.rank();
        let others = self.callers.iter().filter(|(other, seen)| {
            let is_between = seen.rank() < before && seen.rank() > after;
            **other != call && seen.waiter.queue == queue && is_between
        });
        let overtaken = others.count() as u64;
        self.tally.third_requests += 1;
        self.tally.overtaken += overtaken;
    }

    fn leaves(&mut self, call: CallId) {
        self.first_entered.remove(&call);
        // Kept until the room has stopped the phone.
        if let Some(seen) = self.callers.get(&call)
            && !matches!(seen.state, State::Rings { .. } | State::Overflows { .. })
        {
            self.callers.remove(&call);
            self.tally.left += 1;
        }
    }

    fn answered(&mut self, call: CallId) {
        let Some(seen) = self.callers.remove(&call) else {
            return;
        };
        match seen.state {
            State::Rings { agent, .. } => {
                self.tally.served += 1;
                let waited = self.now.since(seen.entered);
                self.tally.longest_wait = self.tally.longest_wait.max(waited);
                for other in self.callers.values_mut() {
                    other.in_vain.remove(&agent);
                }
                self.agents.insert(agent, Doing::Talks);
            }
            State::Overflows { .. } => self.tally.overflowed += 1,
            State::New | State::Stands => {}
        }
    }

    fn failed(&mut self, call: CallId) {
        let rest = self.settings.rest;
        let Some(seen) = self.callers.get_mut(&call) else {
            return;
        };
        self.tally.in_vain += 1;
        match std::mem::replace(&mut seen.state, State::Stands) {
            State::Rings { agent, .. } => {
                *seen.in_vain.entry(agent.clone()).or_default() += 1;
                let until = self.now + rest;
                self.agents.insert(agent, Doing::Rests { until });
            }
            // Who had no place has none now: only being told is left.
            overflows @ State::Overflows {
                has_place: false, ..
            } => seen.state = overflows,
            State::Overflows { .. } | State::New | State::Stands => {}
        }
    }

    /// An order of the room.
    pub(super) fn order(&mut self, input: &RoomInput, output: &RoomOutput) {
        match output {
            RoomOutput::Queued { call, .. } => self.queued(*call),
            RoomOutput::Ring { call, agent, .. } => self.rung(*call, agent),
            RoomOutput::StopRinging { call, agent } => self.stopped(*call, agent, input),
            RoomOutput::Overflow { call, target } => self.overflowed(*call, target),
            RoomOutput::Failed { call, failure } => self.told(*call, *failure),
        }
    }

    fn queued(&mut self, call: CallId) {
        match self.callers.get_mut(&call) {
            Some(seen) => {
                if seen.state == State::New {
                    seen.state = State::Stands;
                }
            }
            None => self.report(QueueRule::OrdersMakeSense, format!("{call} is not here")),
        }
    }

    fn rung(&mut self, call: CallId, agent: &AgentName) {
        self.tally.rings += 1;
        let Some(me) = self.callers.get(&call) else {
            return self.report(QueueRule::OrdersMakeSense, format!("{call} is not here"));
        };
        let mut found = Vec::new();
        if matches!(me.state, State::Rings { .. } | State::Overflows { .. }) {
            let what = format!("{agent} rings for {call}, for whom {:?}", me.state);
            found.push((QueueRule::CallerRingsOnePhone, what));
        }
        if !me.candidates.contains(agent) {
            let what = format!("{agent} is not one for {:?}", me.waiter);
            found.push((QueueRule::AgentFits, what));
        }
        match self.agents.get(agent) {
            Some(Doing::Free) => {}
            Some(Doing::Rings | Doing::Talks) => {
                let what = format!("{agent} has another call than {call}");
                found.push((QueueRule::AgentHasOneCall, what));
            }
            Some(Doing::Rests { .. }) | None => {
                let what = format!("{agent} is to be let be");
                found.push((QueueRule::AgentIsLetBe, what));
            }
        }
        for (other, seen) in &self.callers {
            if *other != call && seen.rank() < me.rank() && seen.could_have(agent) {
                let what = format!("{other} comes before {call} for {agent}");
                let is_third = seen.asked_again && !me.waiter.has_priority;
                found.push(match is_third {
                    true => (QueueRule::ThirdRequestOvertakes, what),
                    false => (QueueRule::FirstComesFirst, what),
                });
            }
        }
        for (rule, what) in found {
            self.report(rule, what);
        }
        self.agents.insert(agent.clone(), Doing::Rings);
        let since = self.now;
        if let Some(me) = self.callers.get_mut(&call) {
            me.state = State::Rings {
                agent: agent.clone(),
                since,
            };
        }
    }

    fn stopped(&mut self, call: CallId, agent: &AgentName, input: &RoomInput) {
        let rest = self.settings.rest;
        let is_late = *input == RoomInput::DeadlineReached;
        let is_leaving = *input == RoomInput::Leave(call);
        let Some(seen) = self.callers.get_mut(&call) else {
            return self.report(QueueRule::OrdersMakeSense, format!("{call} is not here"));
        };
        match std::mem::replace(&mut seen.state, State::Stands) {
            State::Rings { agent: rang, since } if rang == *agent => {
                let ring = self.now.since(since);
                if is_late {
                    *seen.in_vain.entry(agent.clone()).or_default() += 1;
                    self.tally.in_vain += 1;
                    let until = self.now + rest;
                    self.agents.insert(rang, Doing::Rests { until });
                } else {
                    let after = after_a_call(self.now, &self.settings);
                    self.agents.insert(rang, after);
                }
                self.rang_for(call, ring);
            }
            State::Overflows { since, has_place } if *agent == AgentName::overflow() => {
                if !has_place {
                    seen.state = State::Overflows { since, has_place };
                }
                let ring = self.now.since(since);
                self.rang_for(call, ring);
            }
            other
            @ (State::New | State::Stands | State::Rings { .. } | State::Overflows { .. }) => {
                let what = format!("{agent} does not ring for {call}: {other:?}");
                seen.state = other;
                self.report(QueueRule::OrdersMakeSense, what);
            }
        }
        if is_leaving && self.callers.remove(&call).is_some() {
            self.tally.left += 1;
        }
    }

    /// Setting up a call and ringing take a phone's time each, at most.
    fn rang_for(&mut self, call: CallId, ring: Duration) {
        let queue = self
            .callers
            .get(&call)
            .map(|seen| seen.waiter.queue.clone());
        let most = queue.and_then(|name| self.queue(&name).map(|queue| queue.ring * 2));
        if most.is_some_and(|most| ring > most) {
            self.report(QueueRule::RingEnds, format!("a phone rang for {ring:?}"));
        }
    }

    fn overflowed(&mut self, call: CallId, target: &str) {
        self.tally.rings += 1;
        let idle: BTreeSet<AgentName> = self.free_agents();
        let nothing_left = self
            .callers
            .get(&call)
            .is_some_and(|me| self.is_hopeless(me));
        let Some(me) = self.callers.get_mut(&call) else {
            return self.report(QueueRule::OrdersMakeSense, format!("{call} is not here"));
        };
        // Who has a place was told so before.
        let has_place = me.state != State::New;
        let queue = me.waiter.queue.clone();
        let was_ringing = matches!(me.state, State::Rings { .. } | State::Overflows { .. });
        let could_ring = has_place && idle.iter().any(|agent| me.could_have(agent));
        let is_due = !has_place || me.is_raised || nothing_left;
        let is_again = std::mem::replace(&mut me.overflow_tried, true);
        let since = self.now;
        me.state = State::Overflows { since, has_place };
        let is_target = self
            .queue(&queue)
            .is_some_and(|queue| queue.overflow == target);
        if was_ringing {
            self.report(
                QueueRule::CallerRingsOnePhone,
                format!("{call} rings already"),
            );
        }
        if could_ring {
            self.report(
                QueueRule::NoAgentIdles,
                format!("{call} could have an agent"),
            );
        }
        if !is_target || is_again || !is_due {
            let what = format!("overflow of {call} to {target}");
            self.report(QueueRule::OrdersMakeSense, what);
        }
        if !has_place && self.ordinary(&queue) < self.size_max(&queue) {
            let what = format!("{call} was turned away and there was room");
            self.report(QueueRule::QueueIsBounded, what);
        }
    }

    fn told(&mut self, call: CallId, failure: PersonFailure) {
        let Some(seen) = self.callers.remove(&call) else {
            return self.report(QueueRule::OrdersMakeSense, format!("{call} is not here"));
        };
        self.tally.told += 1;
        // Who was told at the door had not begun to wait.
        if seen.state != State::New || seen.comes_again {
            self.first_entered.insert(call, seen.entered);
        }
        if matches!(seen.state, State::Rings { .. }) {
            let what = format!("{call} is told while a phone rings");
            self.report(QueueRule::OrdersMakeSense, what);
        }
        let is_night = self.closed.contains(&seen.waiter.queue);
        let has_no_place = matches!(
            seen.state,
            State::Overflows {
                has_place: false,
                ..
            }
        );
        let is_so = match failure {
            PersonFailure::AfterHours => is_night,
            PersonFailure::QueueFull => has_no_place,
            PersonFailure::NoneConfigured
            | PersonFailure::Busy
            | PersonFailure::NoAnswer
            | PersonFailure::Refused
            | PersonFailure::Unreachable => self.is_hopeless(&seen) && seen.overflow_tried,
        };
        if !is_so {
            let rule = match failure {
                PersonFailure::AfterHours => QueueRule::HoursAreKept,
                PersonFailure::QueueFull
                | PersonFailure::NoneConfigured
                | PersonFailure::Busy
                | PersonFailure::NoAnswer
                | PersonFailure::Refused
                | PersonFailure::Unreachable => QueueRule::NobodyIsForgotten,
            };
            self.report(rule, format!("{call} is told {failure:?}: {seen:?}"));
        }
    }

    fn free_agents(&self) -> BTreeSet<AgentName> {
        let free = self
            .agents
            .iter()
            .filter(|(_, doing)| **doing == Doing::Free);
        free.map(|(agent, _)| agent.clone()).collect()
    }

    /// Every phone they could have rang in vain, and none rings or is in use.
    fn is_hopeless(&self, seen: &Seen) -> bool {
        seen.candidates.iter().all(|agent| {
            let is_idle = match self.agents.get(agent) {
                Some(Doing::Rings | Doing::Talks) => false,
                Some(Doing::Free | Doing::Rests { .. }) | None => true,
            };
            is_idle && seen.in_vain.contains_key(agent)
        })
    }

    fn ordinary(&self, queue: &str) -> usize {
        let inside = self.callers.values().filter(|seen| {
            let has_place = match seen.state {
                State::New => false,
                State::Stands | State::Rings { .. } => true,
                State::Overflows { has_place, .. } => has_place,
            };
            seen.waiter.queue == queue && has_place && !seen.waiter.has_priority
        });
        inside.count()
    }

    fn size_max(&self, queue: &str) -> usize {
        self.queue(queue).map_or(0, |queue| queue.size_max)
    }

    /// The room has said all it has to say to one piece of news.
    pub(super) fn handled(&mut self, input: &RoomInput) {
        if let RoomInput::Leave(call) = input
            && self.callers.remove(call).is_some()
        {
            let what = format!("a phone rings for {call}, who has left");
            self.report(QueueRule::LeaverRingsNoPhone, what);
        }
        let free = self.free_agents();
        let mut found = Vec::new();
        for (call, seen) in &self.callers {
            let waits = matches!(seen.state, State::Stands);
            let is_night = self.closed.contains(&seen.waiter.queue);
            if seen.state == State::New {
                let what = format!("nobody noticed {call}");
                found.push((QueueRule::NobodyIsForgotten, what));
            } else if let Some(agent) = free.iter().find(|agent| seen.could_have(agent)) {
                let what = format!("{call} waits and {agent} is free");
                found.push((QueueRule::NoAgentIdles, what));
            } else if waits && is_night {
                let what = format!("{call} waits and nobody works");
                found.push((QueueRule::HoursAreKept, what));
            } else if waits && self.is_hopeless(seen) {
                let what = format!("{call} waits for nothing");
                found.push((QueueRule::NobodyWaitsForNothing, what));
            }
        }
        for queue in &self.settings.queues {
            let ordinary = self.ordinary(&queue.name);
            if ordinary > queue.size_max {
                let what = format!("{ordinary} stand in {}", queue.name);
                found.push((QueueRule::QueueIsBounded, what));
            }
        }
        for (rule, what) in found {
            self.report(rule, what);
        }
    }

    pub(super) fn deadline_again(&mut self) {
        self.report(QueueRule::DeadlineServed, "due again at once".to_owned());
    }

    /// The last caller has left: nobody may be left behind.
    pub(super) fn end(&mut self) {
        if let Some((call, seen)) = self.callers.iter().next() {
            let what = format!("{call} is still here: {seen:?}");
            self.report(QueueRule::NobodyIsForgotten, what);
        }
    }
}

/// What an agent does whose phone hangs up.
fn after_a_call(now: RoomTime, settings: &RoomSettings) -> Doing {
    match settings.wrap_up {
        Duration::ZERO => Doing::Free,
        wrap_up => Doing::Rests {
            until: now + wrap_up,
        },
    }
}
