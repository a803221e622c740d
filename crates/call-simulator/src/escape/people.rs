//! The people of a small desk: a waiting room, its agents, an overflow target and
//! whoever is on call, each as the fault has it.

use super::faults::Trouble;
use crate::dice::Dice;
use call_engine::waiting_room::{
    Agent, AgentName, Queue, RoomInput, RoomOutput, RoomSettings, RoomTime, Waiter, WaitingRoom,
};
use call_model::{
    CallId, CallTime, EscalationReason, Handoff, Language, PersonFailure, PersonOutcome, Urgency,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// More orders than a small desk ever gives at once.
const ORDERS_MAX: usize = 200;
const DESK: &str = "desk";

pub(super) struct People {
    room: WaitingRoom,
    trouble: Trouble,
    call: CallId,
    language: Language,
    /// The ring that is on for a caller.
    rings: BTreeMap<CallId, (u32, AgentName)>,
    rung: u32,
    /// News to come, in order.
    coming: BTreeMap<(CallTime, u32), Coming>,
    numbered: u32,
    overflow_answers: bool,
    on_call_answers: bool,
    /// A search outside the room: whoever is on call.
    direct: u32,
}

#[derive(Clone, Debug)]
enum Coming {
    Phone(u32, CallId, Said),
    Room(RoomInput),
    Direct(u32, PersonOutcome),
}

#[derive(Clone, Copy, Debug)]
enum Said {
    Rings,
    Answered,
    Failed(PersonFailure),
}

impl People {
    pub(super) fn new(
        dice: &mut Dice,
        reason: EscalationReason,
        trouble: Trouble,
        call: CallId,
        language: Language,
    ) -> Self {
        let mut people = Self {
            room: WaitingRoom::new(desk()),
            trouble,
            call,
            language,
            rings: BTreeMap::new(),
            rung: 0,
            coming: BTreeMap::new(),
            numbered: 0,
            overflow_answers: dice.percent(30),
            on_call_answers: dice.percent(60),
            direct: 0,
        };
        people.fill(dice, reason);
        people
    }

    /// Who is there already: callers whom the agents have, and some who wait.
    fn fill(&mut self, dice: &mut Dice, reason: EscalationReason) {
        let now = CallTime::ZERO;
        match self.trouble {
            Trouble::Night => self.coming_at(now, Coming::Room(RoomInput::Closed(DESK.to_owned()))),
            Trouble::FullQueue => self.others(dice, 5, (150_000, 300_000)),
            Trouble::AgentRefuses | Trouble::TrunkDead => {}
            Trouble::None
            | Trouble::DeadRecogniser
            | Trouble::DeadIntentTier
            | Trouble::SlowApi
            | Trouble::Overload => {
                if reason == EscalationReason::Wait {
                    self.others(dice, 2, (150_000, 320_000));
                } else {
                    let many = dice.below(4);
                    self.others(dice, many, (5_000, 60_000));
                }
            }
        }
    }

    fn others(&mut self, dice: &mut Dice, many: u64, talks: (u64, u64)) {
        for n in 0..many {
            let waiter = Waiter {
                call: CallId::new(1, u128::from(n) + 1_000),
                queue: DESK.to_owned(),
                has_priority: false,
                urgency: Urgency::USUAL,
                reason: EscalationReason::PlanHandoff,
                skill: None,
                language: Language::En,
            };
            self.coming_at(CallTime::ZERO, Coming::Room(RoomInput::Enter(waiter)));
        }
        for n in 0..2 {
            let agent = AgentName::new(format!("agent-{n}"));
            let at = CallTime::ZERO + dice.millis(talks.0, talks.1);
            for again in 0..20_u32 {
                let freed = Coming::Room(RoomInput::AgentFreed(agent.clone()));
                self.coming_at(at + Duration::from_secs(60) * again, freed);
            }
        }
    }

    fn coming_at(&mut self, at: CallTime, coming: Coming) {
        self.numbered += 1;
        self.coming.insert((at, self.numbered), coming);
    }

    /// When something will happen here next.
    pub(super) fn due(&self) -> Option<CallTime> {
        let coming = self.coming.first_key_value().map(|((at, _), _)| *at);
        let room = self.room.poll_timeout().map(of_room);
        [coming, room].into_iter().flatten().min()
    }

    /// What happened here by `now`, as the call is told.
    pub(super) fn happens(&mut self, now: CallTime, dice: &mut Dice) -> Vec<PersonOutcome> {
        let mut told = Vec::new();
        if self
            .room
            .poll_timeout()
            .is_some_and(|due| of_room(due) <= now)
        {
            self.feed(now, RoomInput::DeadlineReached, dice, &mut told);
            return told;
        }
        let is_due = self
            .coming
            .first_key_value()
            .is_some_and(|((at, _), _)| *at <= now);
        let Some((_, coming)) = self.coming.pop_first().filter(|_| is_due) else {
            return told;
        };
        match coming {
            Coming::Room(input) => self.feed(now, input, dice, &mut told),
            Coming::Direct(number, outcome) if number == self.direct => told.push(outcome),
            Coming::Direct(..) => {}
            Coming::Phone(number, call, said) => {
                let is_on = self
                    .rings
                    .get(&call)
                    .is_some_and(|(ring, _)| *ring == number);
                if is_on {
                    self.phone(now, call, said, dice, &mut told);
                }
            }
        }
        told
    }

    fn phone(
        &mut self,
        now: CallTime,
        call: CallId,
        said: Said,
        dice: &mut Dice,
        told: &mut Vec<PersonOutcome>,
    ) {
        let input = match said {
            Said::Rings => {
                if call == self.call {
                    told.push(PersonOutcome::Ringing);
                }
                RoomInput::AgentRings(call)
            }
            Said::Answered => {
                self.rings.remove(&call);
                if call == self.call {
                    told.push(PersonOutcome::Connected);
                }
                RoomInput::AgentAnswered(call)
            }
            Said::Failed(failure) => {
                self.rings.remove(&call);
                RoomInput::AgentFailed { call, failure }
            }
        };
        self.feed(now, input, dice, told);
    }

    /// A person is wanted, or wanted more urgently.
    pub(super) fn fetch(
        &mut self,
        now: CallTime,
        handoff: &Handoff,
        dice: &mut Dice,
    ) -> Vec<PersonOutcome> {
        let mut told = Vec::new();
        if handoff.queue.is_none() {
            self.call_on_duty(now, dice);
            return told;
        }
        let input = match self.room.has(self.call) {
            true => RoomInput::Raise {
                call: self.call,
                has_priority: handoff.has_priority,
                reason: handoff.reason,
            },
            false => RoomInput::Enter(Waiter {
                call: self.call,
                queue: DESK.to_owned(),
                has_priority: handoff.has_priority,
                urgency: handoff.urgency,
                reason: handoff.reason,
                skill: handoff.skill.clone(),
                language: self.language,
            }),
        };
        self.feed(now, input, dice, &mut told);
        told
    }

    fn call_on_duty(&mut self, now: CallTime, dice: &mut Dice) {
        self.direct += 1;
        let number = self.direct;
        let answers = match self.trouble {
            Trouble::TrunkDead | Trouble::AgentRefuses => false,
            Trouble::None
            | Trouble::DeadRecogniser
            | Trouble::DeadIntentTier
            | Trouble::SlowApi
            | Trouble::FullQueue
            | Trouble::Night
            | Trouble::Overload => self.on_call_answers,
        };
        let last = match (answers, self.trouble) {
            (true, _) => PersonOutcome::Connected,
            (false, Trouble::TrunkDead) => PersonOutcome::Failed(PersonFailure::Unreachable),
            (false, _) => PersonOutcome::Failed(PersonFailure::NoAnswer),
        };
        let at = now + dice.millis(200, 25_000);
        self.coming_at(at, Coming::Direct(number, last));
    }

    /// The caller waits for nobody any more.
    pub(super) fn release(&mut self, now: CallTime, dice: &mut Dice) {
        self.direct += 1;
        let mut told = Vec::new();
        self.feed(now, RoomInput::Leave(self.call), dice, &mut told);
    }

    fn feed(
        &mut self,
        now: CallTime,
        input: RoomInput,
        dice: &mut Dice,
        told: &mut Vec<PersonOutcome>,
    ) {
        self.room.handle(to_room(now), input);
        for _ in 0..ORDERS_MAX {
            let Some(output) = self.room.poll_output() else {
                return;
            };
            match output {
                RoomOutput::Queued { call, ahead } if call == self.call => {
                    told.push(PersonOutcome::Queued { ahead });
                }
                RoomOutput::Failed { call, failure } if call == self.call => {
                    told.push(PersonOutcome::Failed(failure));
                }
                RoomOutput::Queued { .. } | RoomOutput::Failed { .. } => {}
                RoomOutput::Ring { call, agent, .. } => self.ring(now, call, agent, dice),
                RoomOutput::Overflow { call, .. } => {
                    self.ring(now, call, AgentName::overflow(), dice);
                }
                RoomOutput::StopRinging { call, .. } => {
                    self.rings.remove(&call);
                }
            }
        }
    }

    fn ring(&mut self, now: CallTime, call: CallId, agent: AgentName, dice: &mut Dice) {
        self.rung += 1;
        let ring = self.rung;
        let last = self.temper(&agent, dice);
        self.rings.insert(call, (ring, agent));
        let set_up = dice.millis(20, 400);
        if !matches!(last, Some(Said::Failed(PersonFailure::Unreachable))) {
            self.coming_at(now + set_up, Coming::Phone(ring, call, Said::Rings));
        }
        if let Some(last) = last {
            let picks = set_up + dice.millis(10, 9_000);
            self.coming_at(now + picks, Coming::Phone(ring, call, last));
        }
    }

    /// What a phone says in the end; nothing: it rings until it is stopped.
    fn temper(&self, agent: &AgentName, dice: &mut Dice) -> Option<Said> {
        let is_overflow = *agent == AgentName::overflow();
        match self.trouble {
            Trouble::TrunkDead => Some(Said::Failed(PersonFailure::Unreachable)),
            Trouble::AgentRefuses => *dice.one_of(&[
                None,
                Some(Said::Failed(PersonFailure::Refused)),
                Some(Said::Failed(PersonFailure::Busy)),
            ]),
            Trouble::None
            | Trouble::DeadRecogniser
            | Trouble::DeadIntentTier
            | Trouble::SlowApi
            | Trouble::FullQueue
            | Trouble::Night
            | Trouble::Overload => match is_overflow && !self.overflow_answers {
                true => Some(Said::Failed(PersonFailure::Busy)),
                false => Some(Said::Answered),
            },
        }
    }
}

fn desk() -> RoomSettings {
    let name = |n: u32| AgentName::new(format!("agent-{n}"));
    let agent = |n: u32| Agent {
        name: name(n),
        address: format!("sip:{n}@example.org"),
        skills: BTreeSet::new(),
        languages: BTreeSet::new(),
    };
    RoomSettings {
        agents: (0..2).map(agent).collect(),
        queues: vec![Queue {
            name: DESK.to_owned(),
            agents: (0..2).map(name).collect(),
            ring: Duration::from_secs(15),
            size_max: 3,
            overflow: "sip:overflow@example.org".to_owned(),
        }],
        rest: Duration::from_secs(20),
        wrap_up: Duration::from_millis(500),
    }
}

const fn to_room(at: CallTime) -> RoomTime {
    RoomTime::from_micros(at.as_micros())
}

const fn of_room(at: RoomTime) -> CallTime {
    CallTime::from_micros(at.as_micros())
}
