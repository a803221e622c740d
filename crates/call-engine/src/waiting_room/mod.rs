//! The waiting room: who waits for a person, whose phone rings for whom, and who
//! comes next. A pure value like a call: news goes in with its time, orders come
//! out, and nothing in here reads a clock.
//!
//! ```text
//! room.handle(now, RoomInput::Enter(waiter));
//! while let Some(order) = room.poll_output() { shell.act(order); }
//! let wake = room.poll_timeout();
//! ```
//!
//! Priority comes first, then how urgent a plan holds it to be, then who entered first. An agent's phone rings for one
//! caller, a caller rings one phone. An agent who did not take a call rests a
//! while. Nobody waits for phones that all rang in vain: the overflow target is
//! tried, and then the caller is told.

mod io;
mod place;
mod settings;
mod staff;

pub use io::{RoomInput, RoomOutput, RoomTime, Waiter};
pub use settings::{Agent, AgentName, Queue, RoomSettings};

use call_model::{CallId, PersonFailure};
use place::{Overflow, Place, Stage, Then};
use staff::{AgentNumber, Doing, QueueNumber, Staff};
use std::collections::{BTreeMap, VecDeque};

/// The waiting rooms of one server: all queues, since agents may serve several.
#[derive(Debug)]
pub struct WaitingRoom {
    staff: Staff,
    places: BTreeMap<CallId, Place>,
    /// When callers who were sent away had entered: who comes again keeps that time.
    entered_before: BTreeMap<CallId, RoomTime>,
    now: RoomTime,
    entries: u64,
    out: VecDeque<RoomOutput>,
}

/// So many callers who were sent away are remembered; the oldest are forgotten.
const REMEMBERED: usize = 4_096;

impl WaitingRoom {
    /// An empty room, every queue open and every agent free.
    pub fn new(settings: RoomSettings) -> Self {
        Self {
            staff: Staff::of(settings),
            places: BTreeMap::new(),
            entered_before: BTreeMap::new(),
            now: RoomTime::ZERO,
            entries: 0,
            out: VecDeque::new(),
        }
    }

    /// Takes one piece of news. Time never runs backwards: news from before the latest
    /// is taken as of the latest. News of calls, agents and queues that nobody knows
    /// changes nothing: it may have crossed with an order.
    pub fn handle(&mut self, now: RoomTime, input: RoomInput) {
        self.now = self.now.max(now);
        match input {
            RoomInput::Enter(waiter) => self.enter(&waiter),
            RoomInput::Raise {
                call,
                has_priority,
                reason: _,
            } => self.raise(call, has_priority),
            RoomInput::Leave(call) => self.leave(call),
            RoomInput::AgentRings(call) => self.rings(call),
            RoomInput::AgentAnswered(call) => self.answered(call),
            RoomInput::AgentFailed { call, failure } => self.failed(call, failure),
            RoomInput::AgentFreed(agent) => self.staff.freed(&agent, self.now),
            RoomInput::AgentWithdrew(agent) => self.staff.withdrew(&agent, self.now),
            RoomInput::Open(queue) => self.open(&queue),
            RoomInput::Closed(queue) => self.close(&queue),
            RoomInput::DeadlineReached => {}
        }
        self.end_rings();
        self.staff.end_rests(self.now);
        self.serve();
    }

    /// The next thing to do, if there is one.
    pub fn poll_output(&mut self) -> Option<RoomOutput> {
        self.out.pop_front()
    }

    /// When [`RoomInput::DeadlineReached`] is due next: a phone has rung for long enough,
    /// or an agent has rested.
    pub fn poll_timeout(&self) -> Option<RoomTime> {
        let rings = self.places.values().filter_map(Place::rings_until);
        rings.chain(self.staff.rests_until()).min()
    }

    /// Whether this caller is in the room: waiting, or a phone rings for them.
    pub fn has(&self, call: CallId) -> bool {
        self.places.contains_key(&call)
    }

    /// So many callers wait in a queue, a phone ringing for them or not.
    pub fn len(&self, queue: &str) -> usize {
        let queue = self.staff.queue_named(queue);
        let places = self.places.values();
        places.filter(|place| Some(place.queue) == queue).count()
    }

    fn enter(&mut self, waiter: &Waiter) {
        let call = waiter.call;
        if self.has(call) {
            return self.raise(call, waiter.has_priority);
        }
        let Some(queue) = self.staff.queue_named(&waiter.queue) else {
            return self.send_away(call, PersonFailure::NoneConfigured);
        };
        if !self.staff.is_open(queue) {
            return self.send_away(call, PersonFailure::AfterHours);
        }
        let is_full = !waiter.has_priority && self.is_full(queue);
        let candidates = self.staff.candidates(queue, waiter);
        let entered = self.entered_before.remove(&call).unwrap_or(self.now);
        self.entries += 1;
        let place = Place::new(waiter, queue, candidates, entered, self.entries);
        self.places.insert(call, place);
        match is_full {
            true => self.try_overflow(call, Then::IsTurnedAway),
            false => self.tell_place(call),
        }
    }

    /// A queue is full for callers without priority.
    fn is_full(&self, queue: QueueNumber) -> bool {
        let places = self.places.values().filter(|place| place.queue == queue);
        places.filter(|place| place.counts()).count() >= self.staff.queue(queue).size_max
    }

    fn raise(&mut self, call: CallId, has_priority: bool) {
        let Some(place) = self.places.get_mut(&call) else {
            return;
        };
        place.has_priority |= has_priority;
        if place.overflow == Overflow::NotDue {
            place.overflow = Overflow::Due;
        }
        if place.stands() {
            self.tell_place(call);
        }
    }

    fn leave(&mut self, call: CallId) {
        self.entered_before.remove(&call);
        self.stop_ringing(call);
        self.places.remove(&call);
    }

    /// The phone that rings for this caller stops, and its owner is soon free again.
    fn stop_ringing(&mut self, call: CallId) {
        let agent = match self.places.get(&call).map(|place| place.stage) {
            Some(Stage::Rings { agent, .. }) => {
                self.staff.hangs_up(agent, self.now);
                self.staff.agent(agent).name.clone()
            }
            Some(Stage::Overflows { .. }) => AgentName::overflow(),
            Some(Stage::Stands) | None => return,
        };
        self.out.push_back(RoomOutput::StopRinging { call, agent });
    }

    /// A phone's time counts from its first ringing: setting up a call takes its own.
    fn rings(&mut self, call: CallId) {
        let Some(place) = self.places.get_mut(&call) else {
            return;
        };
        let ring = self.staff.queue(place.queue).ring;
        if let Stage::Rings {
            until, is_heard, ..
        } = &mut place.stage
            && !std::mem::replace(is_heard, true)
        {
            *until = self.now + ring;
        }
    }

    fn answered(&mut self, call: CallId) {
        match self.places.get(&call).map(|place| place.stage) {
            Some(Stage::Rings { agent, .. }) => {
                self.staff.set(agent, Doing::Talks);
                // Whoever takes a call is at the telephone after all.
                for place in self.places.values_mut() {
                    place.tried.remove(&agent);
                }
            }
            Some(Stage::Overflows { .. }) => {}
            Some(Stage::Stands) | None => return,
        }
        self.places.remove(&call);
        self.entered_before.remove(&call);
    }

    /// The phone that rang was not taken.
    fn failed(&mut self, call: CallId, failure: PersonFailure) {
        let Some(place) = self.places.get_mut(&call) else {
            return;
        };
        match std::mem::replace(&mut place.stage, Stage::Stands) {
            Stage::Stands => return,
            Stage::Rings { agent, .. } => {
                place.rang_in_vain(agent);
                place.last_failure = failure;
                self.staff.let_rest(agent, self.now);
            }
            Stage::Overflows {
                then: Then::IsTurnedAway,
                ..
            } => return self.send_away(call, PersonFailure::QueueFull),
            Stage::Overflows {
                then: Then::WaitsOn,
                ..
            } => {
                if place.last_failure == PersonFailure::NoneConfigured {
                    place.last_failure = failure;
                }
            }
        }
        let queue = place.queue;
        if !self.staff.is_open(queue) {
            self.send_away(call, PersonFailure::AfterHours);
        } else if !self.is_hopeless(call) {
            self.tell_place(call);
        }
    }

    fn open(&mut self, name: &str) {
        if let Some(queue) = self.staff.queue_named(name) {
            self.staff.open(queue);
        }
    }

    /// Who stands in a queue that closes is told; phones that ring may still be taken.
    fn close(&mut self, name: &str) {
        let Some(queue) = self.staff.queue_named(name) else {
            return;
        };
        self.staff.close(queue);
        let stands = |place: &Place| place.queue == queue && place.stands();
        for call in self.calls(stands) {
            self.send_away(call, PersonFailure::AfterHours);
        }
    }

    /// Phones that rang their time are not waited for any longer.
    fn end_rings(&mut self) {
        let now = self.now;
        let is_over = |place: &Place| place.rings_until().is_some_and(|until| until <= now);
        for call in self.calls(is_over) {
            self.stop_ringing(call);
            self.failed(call, PersonFailure::NoAnswer);
        }
    }

    /// Those who come first are served first: a free agent rings; else the overflow
    /// target, where it is due; who has nobody left to wait for is told.
    fn serve(&mut self) {
        let mut waiting: Vec<(place::Rank, CallId)> = self
            .places
            .iter()
            .filter(|(_, place)| place.waits())
            .map(|(call, place)| (place.rank(), *call))
            .collect();
        waiting.sort_unstable();
        for (_, call) in waiting {
            self.serve_one(call);
        }
    }

    fn serve_one(&mut self, call: CallId) {
        let Some(place) = self.places.get(&call) else {
            return;
        };
        let mut to_ring = place.to_ring().into_iter();
        if let Some(agent) = to_ring.find_map(|agents| self.staff.free_among(&agents)) {
            return self.ring(call, agent);
        }
        if !place.stands() {
            return;
        }
        let (overflow, failure) = (place.overflow, place.last_failure);
        match (overflow, self.is_hopeless(call)) {
            (Overflow::Due, _) | (Overflow::NotDue, true) => {
                self.try_overflow(call, Then::WaitsOn);
            }
            (Overflow::Tried, true) => self.send_away(call, failure),
            (Overflow::NotDue | Overflow::Tried, false) => {}
        }
    }

    fn ring(&mut self, call: CallId, agent: AgentNumber) {
        self.stop_ringing(call);
        let Some(place) = self.places.get_mut(&call) else {
            return;
        };
        let ring = self.staff.queue(place.queue).ring;
        place.stage = Stage::Rings {
            agent,
            until: self.now + ring,
            is_heard: false,
        };
        self.staff.set(agent, Doing::Rings);
        let who = self.staff.agent(agent);
        self.out.push_back(RoomOutput::Ring {
            call,
            agent: who.name.clone(),
            address: who.address.clone(),
            ring,
        });
    }

    /// Every phone rang in vain, and none rings or is in use: there is nothing to wait for.
    fn is_hopeless(&self, call: CallId) -> bool {
        self.places.get(&call).is_some_and(|place| {
            place.candidates.iter().all(|agent| {
                let is_idle = match self.staff.doing(*agent) {
                    Doing::Free { .. } | Doing::Rests { .. } => true,
                    Doing::Rings | Doing::Talks => false,
                };
                is_idle && place.tried.contains_key(agent)
            })
        })
    }

    fn try_overflow(&mut self, call: CallId, then: Then) {
        let Some(place) = self.places.get_mut(&call) else {
            return;
        };
        let queue = self.staff.queue(place.queue);
        let until = self.now + queue.ring;
        place.overflow = Overflow::Tried;
        place.stage = Stage::Overflows { until, then };
        let target = queue.overflow.clone();
        self.out.push_back(RoomOutput::Overflow { call, target });
    }

    /// The caller is told, and no longer in the room; when they entered is remembered.
    fn send_away(&mut self, call: CallId, failure: PersonFailure) {
        let entered = self.places.remove(&call).map(|place| place.entered);
        if let Some(entered) = entered {
            self.entered_before.insert(call, entered);
        }
        while self.entered_before.len() > REMEMBERED {
            self.entered_before.pop_first();
        }
        self.out.push_back(RoomOutput::Failed { call, failure });
    }

    fn tell_place(&mut self, call: CallId) {
        let Some(place) = self.places.get(&call) else {
            return;
        };
        let (queue, rank) = (place.queue, place.rank());
        let is_before = |place: &&Place| place.queue == queue && place.stands();
        let others = self.places.values().filter(is_before);
        let ahead = others.filter(|other| other.rank() < rank).count();
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        self.out.push_back(RoomOutput::Queued { call, ahead });
    }

    fn calls(&self, fits: impl Fn(&Place) -> bool) -> Vec<CallId> {
        let places = self.places.iter().filter(|(_, place)| fits(place));
        places.map(|(call, _)| *call).collect()
    }
}
