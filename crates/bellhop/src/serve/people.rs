//! Where callers and people meet: the waiting rooms, and the phones of agents.
//!
//! The waiting room is pure and decides who rings when. This gives it the time, dials
//! what it wants dialled, and brings back what became of it.

use super::agent_side::NewAgent;
use super::control::Control;
use super::news::CallNews;
use super::phones::{self, Callee, Phone, Phones, Stage, WayOut};
use super::shard::ShardOrder;
use crate::routes::Schedule;
use call_engine::waiting_room::{RoomInput, RoomOutput, RoomTime, Waiter, WaitingRoom};
use call_model::{CallId, Handoff, PersonFailure, PersonOutcome, Private};
use sip_trunk::{AgreedMedia, LegEnd, LegId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The overflow target's phone rings for at most so long; the waiting room ends it before.
const OVERFLOW_RING: Duration = Duration::from_secs(120);
/// A phone is given up by itself so long after the waiting room should have.
const RING_SLACK: Duration = Duration::from_secs(5);
/// How often it is looked whether a queue opened or closed.
const HOURS: Duration = Duration::from_secs(5);

/// The waiting rooms with everything around them.
pub struct People {
    state: Mutex<State>,
    changed: Notify,
    began: Instant,
    zone: jiff::tz::TimeZone,
    queues: BTreeMap<String, Queue>,
    way_out: WayOut,
}

/// What the shell knows of a queue.
pub struct Queue {
    /// When agents are there; none: always.
    pub hours: Option<Schedule>,
    /// What callers hear meanwhile, 8 kHz.
    pub music: Option<Arc<[i16]>>,
    /// Where callers go who waited too long.
    pub overflow: String,
}

struct State {
    room: WaitingRoom,
    callers: HashMap<CallId, Caller>,
    phones: Phones,
}

/// A caller who waits, or has a person.
struct Caller {
    leg: LegId,
    number: Private<String>,
    handoff: Box<Handoff>,
}

impl People {
    /// Waiting rooms in which nobody waits.
    pub fn new(
        room: WaitingRoom,
        queues: BTreeMap<String, Queue>,
        zone: jiff::tz::TimeZone,
        way_out: WayOut,
    ) -> Self {
        let state = State {
            room,
            callers: HashMap::new(),
            phones: Phones::default(),
        };
        Self {
            state: Mutex::new(state),
            changed: Notify::new(),
            began: Instant::now(),
            zone,
            queues,
            way_out,
        }
    }

    /// The queue for a story: that of the wanted skill where there is one, else the plan's.
    fn chosen<'a>(&'a self, handoff: &'a Handoff) -> Option<(&'a str, &'a Queue)> {
        let by_skill = handoff
            .skill
            .as_ref()
            .filter(|skill| self.queues.contains_key(*skill));
        let name = by_skill.or(handoff.queue.as_ref())?;
        Some((name, self.queue(name)?))
    }

    /// A queue by its name.
    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues.get(name)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> RoomTime {
        RoomTime::ZERO + self.began.elapsed()
    }

    /// Opens and closes queues as their hours say.
    fn keep_hours(&self, state: &mut State) {
        let at = jiff::Timestamp::now();
        for (name, queue) in &self.queues {
            let is_open = queue
                .hours
                .as_ref()
                .is_none_or(|hours| hours.holds(at, &self.zone));
            let input = match is_open {
                true => RoomInput::Open(name.clone()),
                false => RoomInput::Closed(name.clone()),
            };
            state.room.handle(self.now(), input);
        }
    }
}

/// Serves the waiting rooms' deadlines and hours for as long as the server runs.
pub async fn keep_time(control: Arc<Control>) {
    let people = &control.people;
    loop {
        let due = people.lock().room.poll_timeout();
        let until_due = due.map_or(HOURS, |due| due.since(people.now()).min(HOURS));
        tokio::select! {
            () = tokio::time::sleep(until_due) => {}
            () = people.changed.notified() => continue,
        }
        let mut state = people.lock();
        people.keep_hours(&mut state);
        state.room.handle(people.now(), RoomInput::DeadlineReached);
        control.settle(&mut state);
    }
}

impl Control {
    /// Puts a caller into the waiting room that their story names, or raises them there;
    /// false when it names none that there is.
    pub fn wait_for_person(&self, leg: LegId, handoff: &Handoff) -> bool {
        if handoff.queue.is_none() {
            return false;
        }
        let Some((name, queue)) = self.people.chosen(handoff) else {
            return false;
        };
        let mut state = self.people.lock();
        self.people.keep_hours(&mut state);
        let call = handoff.call;
        let now = self.people.now();
        match state.callers.get_mut(&call) {
            Some(caller) => {
                let input = RoomInput::Raise {
                    call,
                    has_priority: handoff.has_priority,
                    reason: handoff.reason,
                };
                *caller.handoff = handoff.clone();
                state.room.handle(now, input);
            }
            None => {
                self.legs.tell(leg, CallNews::Music(queue.music.clone()));
                state
                    .room
                    .handle(now, RoomInput::Enter(waiter(name, handoff)));
                let number = self.legs.caller(leg).unwrap_or_default();
                let handoff = Box::new(handoff.clone());
                let caller = Caller {
                    leg,
                    number,
                    handoff,
                };
                state.callers.insert(call, caller);
            }
        }
        self.settle(&mut state);
        true
    }

    /// The caller waits for nobody any more.
    pub fn leave_waiting_room(&self, call: CallId) {
        let mut state = self.people.lock();
        if state.callers.remove(&call).is_some() {
            state.room.handle(self.people.now(), RoomInput::Leave(call));
            self.settle(&mut state);
        }
        if let Some(leg) = state.phones.of(call) {
            self.let_go(&mut state, leg, "the caller left");
        }
    }

    /// Caller and agent hear each other.
    pub fn joined(&self, call: CallId) {
        let mut state = self.people.lock();
        if let Some(leg) = state.phones.of(call)
            && let Some(phone) = state.phones.get_mut(leg)
        {
            phone.stage = Stage::Joined;
        }
    }

    /// The call has no use for this agent any more.
    pub fn hang_up_agent(&self, leg: LegId) {
        let mut state = self.people.lock();
        self.let_go(&mut state, leg, "the caller left");
        self.settle(&mut state);
    }

    /// Whether the leg is an agent's phone; then its news was served here.
    pub fn phone_rings(&self, leg: LegId) -> bool {
        let mut state = self.people.lock();
        let Some(call) = state.phones.get_mut(leg).map(|phone| phone.call) else {
            return false;
        };
        state
            .room
            .handle(self.people.now(), RoomInput::AgentRings(call));
        if let Some(caller) = state.callers.get(&call) {
            let ringing = CallNews::Person(PersonOutcome::Ringing);
            self.legs.tell(caller.leg, ringing);
        }
        self.settle(&mut state);
        true
    }

    /// An agent's phone was answered: its sound goes to the caller's shard.
    pub fn phone_answered(&self, leg: LegId, media: AgreedMedia) {
        let mut state = self.people.lock();
        let Some(phone) = state.phones.get_mut(leg) else {
            return self.hang_up(leg, "nobody waits any more");
        };
        let call = phone.call;
        let Stage::Ringing { socket, lease } = std::mem::replace(&mut phone.stage, Stage::Answered)
        else {
            return;
        };
        let caller = state.callers.get(&call);
        let Some(shard) = caller.and_then(|caller| self.legs.shard(caller.leg)) else {
            return self.let_go(&mut state, leg, "the caller left");
        };
        let agent = NewAgent {
            call,
            leg,
            socket,
            lease,
            remote: media.remote,
            payloads: media.payloads,
            is_nat: self.is_nat,
        };
        state
            .room
            .handle(self.people.now(), RoomInput::AgentAnswered(call));
        shard.send(ShardOrder::Agent(Box::new(agent)));
        self.settle(&mut state);
    }

    /// An agent's phone agreed on other media; false when the leg is no phone.
    pub fn phone_reoffered(&self, leg: LegId, media: AgreedMedia) -> bool {
        let mut state = self.people.lock();
        let Some(call) = state.phones.get_mut(leg).map(|phone| phone.call) else {
            return false;
        };
        if let Some(caller) = state.callers.get(&call) {
            let agreed = CallNews::AgentMedia(media.remote, media.payloads);
            self.legs.tell(caller.leg, agreed);
            self.legs
                .tell(caller.leg, CallNews::AgentDirection(media.direction));
        }
        true
    }

    /// An agent's leg is over; false when the leg was no phone.
    pub fn phone_ended(&self, leg: LegId, by: LegEnd) -> bool {
        let mut state = self.people.lock();
        let Some(phone) = state.phones.remove(leg) else {
            return false;
        };
        let (call, now) = (phone.call, self.people.now());
        match phone.stage {
            Stage::Ringing { .. } => {
                let failure = phones::failure(by);
                let input = RoomInput::AgentFailed { call, failure };
                state.room.handle(now, input);
            }
            Stage::Answered => {
                // Gone before the two were joined: the caller waits on, and somebody else rings.
                self.tell_caller(&state, call, CallNews::AgentGone);
                if let Callee::Agent(agent) = phone.callee {
                    state.room.handle(now, RoomInput::AgentWithdrew(agent));
                }
                if let Some(caller) = state.callers.get(&call) {
                    let chosen = self.people.chosen(&caller.handoff);
                    let name = chosen.map_or("", |(name, _)| name);
                    let again = waiter(name, &caller.handoff);
                    state.room.handle(now, RoomInput::Enter(again));
                }
            }
            Stage::Joined => {
                self.tell_caller(&state, call, CallNews::AgentGone);
                state.callers.remove(&call);
                self.free(&mut state, phone.callee);
            }
        }
        self.settle(&mut state);
        true
    }

    fn tell_caller(&self, state: &State, call: CallId, news: CallNews) {
        if let Some(caller) = state.callers.get(&call) {
            self.legs.tell(caller.leg, news);
        }
    }

    /// Hangs an agent's phone up, ringing or not, and frees the agent.
    fn let_go(&self, state: &mut State, leg: LegId, reason: &str) {
        let Some(phone) = state.phones.remove(leg) else {
            return;
        };
        self.hang_up(leg, reason);
        match phone.stage {
            Stage::Ringing { .. } => {}
            Stage::Answered | Stage::Joined => {
                state.callers.remove(&phone.call);
                self.free(state, phone.callee);
            }
        }
    }

    fn free(&self, state: &mut State, callee: Callee) {
        if let Callee::Agent(agent) = callee {
            state
                .room
                .handle(self.people.now(), RoomInput::AgentFreed(agent));
        }
    }

    /// Does what the waiting room wants, until it wants nothing more.
    fn settle(&self, state: &mut State) {
        while let Some(output) = state.room.poll_output() {
            self.act(state, output);
        }
        self.people.changed.notify_one();
    }

    fn act(&self, state: &mut State, output: RoomOutput) {
        match output {
            RoomOutput::Queued { call, ahead } => {
                let queued = PersonOutcome::Queued { ahead };
                self.tell_caller(state, call, CallNews::Person(queued));
            }
            RoomOutput::Ring {
                call,
                agent,
                address,
                ring,
            } => self.ring(state, call, Callee::Agent(agent), &address, ring),
            RoomOutput::StopRinging { call, .. } => {
                if let Some(leg) = state.phones.of(call) {
                    self.let_go(state, leg, "nobody waits any more");
                }
            }
            RoomOutput::Overflow { call, target } => {
                self.ring(state, call, Callee::Overflow, &target, OVERFLOW_RING);
            }
            RoomOutput::Failed { call, failure } => {
                let failed = PersonOutcome::Failed(failure);
                self.tell_caller(state, call, CallNews::Person(failed));
                state.callers.remove(&call);
            }
        }
    }

    fn ring(&self, state: &mut State, call: CallId, callee: Callee, address: &str, ring: Duration) {
        let Some(caller) = state.callers.get(&call) else {
            return;
        };
        match self.dial(caller, address, ring) {
            Ok((leg, stage)) => {
                let phone = Phone {
                    call,
                    callee,
                    stage,
                };
                state.phones.add(leg, phone);
            }
            Err(error) => {
                tracing::error!(%call, %error, "an agent's phone cannot be rung");
                let failure = PersonFailure::Unreachable;
                let input = RoomInput::AgentFailed { call, failure };
                state.room.handle(self.people.now(), input);
            }
        }
    }

    fn dial(
        &self,
        caller: &Caller,
        address: &str,
        ring: Duration,
    ) -> anyhow::Result<(LegId, Stage)> {
        let (socket, local_media, lease) = self.ports.bind()?;
        let leg = self.people.way_out.dial(
            &self.trunk,
            address,
            &caller.number,
            &caller.handoff,
            local_media,
            ring + RING_SLACK,
        )?;
        Ok((leg, Stage::Ringing { socket, lease }))
    }
}

fn waiter(queue: &str, handoff: &Handoff) -> Waiter {
    Waiter {
        call: handoff.call,
        queue: queue.to_owned(),
        has_priority: handoff.has_priority,
        urgency: handoff.urgency,
        reason: handoff.reason,
        skill: handoff.skill.clone(),
        language: handoff.language,
    }
}
