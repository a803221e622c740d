//! What holds in every waiting room, whatever happens in it.

use call_engine::waiting_room::{
    Agent, AgentName, Queue, RoomInput, RoomOutput, RoomSettings, RoomTime, Waiter, WaitingRoom,
};
use call_model::{CallId, EscalationReason, Language, PersonFailure, Urgency};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const CALLERS: u8 = 12;
const AGENTS: u8 = 3;

#[derive(Clone, Copy, Debug)]
enum Step {
    Enters { call: u8, has_priority: bool },
    AsksAgain(u8),
    Leaves(u8),
    Rings(u8),
    Answers(u8),
    Fails(u8),
    Frees(u8),
    Opens,
    Closes,
}

fn step() -> impl Strategy<Value = Step> {
    let call = || 0..CALLERS;
    prop_oneof![
        6 => (call(), any::<bool>()).prop_map(|(call, has_priority)| Step::Enters { call, has_priority }),
        2 => call().prop_map(Step::AsksAgain),
        2 => call().prop_map(Step::Leaves),
        2 => call().prop_map(Step::Rings),
        4 => call().prop_map(Step::Answers),
        3 => call().prop_map(Step::Fails),
        4 => (0..AGENTS).prop_map(Step::Frees),
        1 => Just(Step::Opens),
        1 => Just(Step::Closes),
    ]
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    prop::collection::vec((0..9_000_u64, step()), 0..120)
}

fn settings(size_max: usize) -> RoomSettings {
    let name = |n: u8| AgentName::new(format!("agent-{n}"));
    RoomSettings {
        agents: (0..AGENTS)
            .map(|n| Agent {
                name: name(n),
                address: format!("sip:{n}@example.org"),
                skills: BTreeSet::new(),
                languages: BTreeSet::new(),
            })
            .collect(),
        queues: vec![Queue {
            name: "desk".to_owned(),
            agents: (0..AGENTS).map(name).collect(),
            ring: Duration::from_secs(20),
            size_max,
            overflow: "sip:overflow@example.org".to_owned(),
        }],
        rest: Duration::from_secs(30),
        wrap_up: Duration::ZERO,
    }
}

const fn id(call: u8) -> CallId {
    CallId::new(0, call as u128 + 1)
}

/// The room, and what an onlooker knows of it.
struct Floor {
    room: WaitingRoom,
    now: RoomTime,
    /// Who is in the room, with priority and time of entering.
    inside: BTreeMap<CallId, (bool, RoomTime)>,
    /// Whose phone rings for whom.
    rings: BTreeMap<CallId, AgentName>,
    talks: BTreeSet<AgentName>,
    /// Phones that are let be.
    rests: BTreeMap<AgentName, RoomTime>,
    order: Order,
}

/// Whether the order in which callers are served is looked at: where no call fails and
/// nobody is turned away, every agent may serve every caller.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Held,
    Ignored,
}

impl Floor {
    fn new(order: Order) -> Self {
        Self {
            room: WaitingRoom::new(settings(match order {
                Order::Held => usize::from(CALLERS),
                Order::Ignored => 4,
            })),
            now: RoomTime::ZERO,
            inside: BTreeMap::new(),
            rings: BTreeMap::new(),
            talks: BTreeSet::new(),
            rests: BTreeMap::new(),
            order,
        }
    }

    fn wait_until(&mut self, at: RoomTime) {
        while let Some(due) = self.room.poll_timeout().filter(|due| *due <= at) {
            assert!(due >= self.now, "a deadline lies in the past");
            self.now = due;
            self.feed(RoomInput::DeadlineReached);
            let next = self.room.poll_timeout();
            assert!(next.is_none_or(|next| next > due), "due again at once");
        }
        self.now = at;
    }

    fn take(&mut self, step: Step) {
        let failure = PersonFailure::Refused;
        match step {
            Step::Enters { call, has_priority } => {
                let call = id(call);
                let entered = self.inside.get(&call).copied();
                let earlier = entered.unwrap_or((false, self.now));
                self.inside
                    .insert(call, (earlier.0 || has_priority, earlier.1));
                self.feed(RoomInput::Enter(Waiter {
                    call,
                    queue: "desk".to_owned(),
                    has_priority,
                    urgency: Urgency::USUAL,
                    reason: EscalationReason::Asked,
                    skill: None,
                    language: Language::Zh,
                }));
            }
            Step::AsksAgain(call) => {
                if let Some((has_priority, _)) = self.inside.get_mut(&id(call)) {
                    *has_priority = true;
                }
                self.feed(RoomInput::Raise {
                    call: id(call),
                    has_priority: true,
                    reason: EscalationReason::RepeatedRequest,
                });
            }
            Step::Leaves(call) => {
                let rang = self.rings.get(&id(call)).cloned();
                self.inside.remove(&id(call));
                self.feed(RoomInput::Leave(id(call)));
                assert!(!self.rings.contains_key(&id(call)), "{rang:?} rings on");
            }
            Step::Rings(call) => self.feed(RoomInput::AgentRings(id(call))),
            Step::Answers(call) => {
                if let Some(agent) = self.rings.remove(&id(call)) {
                    self.talks.insert(agent);
                    self.inside.remove(&id(call));
                    self.feed(RoomInput::AgentAnswered(id(call)));
                }
            }
            Step::Fails(call) => {
                if let Some(agent) = self.rings.remove(&id(call)) {
                    self.rests.insert(agent, self.now);
                    self.feed(RoomInput::AgentFailed {
                        call: id(call),
                        failure,
                    });
                }
            }
            Step::Frees(agent) => {
                let name = AgentName::new(format!("agent-{agent}"));
                self.talks.remove(&name);
                self.feed(RoomInput::AgentFreed(name));
            }
            Step::Opens => self.feed(RoomInput::Open("desk".to_owned())),
            Step::Closes => self.feed(RoomInput::Closed("desk".to_owned())),
        }
    }

    fn feed(&mut self, input: RoomInput) {
        let is_deadline = input == RoomInput::DeadlineReached;
        self.room.handle(self.now, input);
        while let Some(output) = self.room.poll_output() {
            self.see(output, is_deadline);
        }
        for call in self.inside.keys() {
            assert!(self.room.has(*call), "{call} was forgotten");
        }
    }

    fn see(&mut self, output: RoomOutput, is_deadline: bool) {
        match output {
            RoomOutput::Queued { call, .. } => assert!(self.inside.contains_key(&call)),
            RoomOutput::Ring { call, agent, .. } => self.rung(call, agent),
            RoomOutput::Overflow { call, .. } => self.rung(call, AgentName::overflow()),
            RoomOutput::StopRinging { call, agent } => {
                assert_eq!(self.rings.remove(&call), Some(agent.clone()));
                if is_deadline {
                    self.rests.insert(agent, self.now);
                }
            }
            RoomOutput::Failed { call, .. } => {
                assert!(self.inside.remove(&call).is_some(), "told twice");
                assert!(!self.rings.contains_key(&call), "told while a phone rings");
            }
        }
    }

    fn rung(&mut self, call: CallId, agent: AgentName) {
        let me = self.inside.get(&call).expect("somebody who waits");
        assert!(
            !self.rings.contains_key(&call),
            "two phones ring for a caller"
        );
        let is_overflow = agent == AgentName::overflow();
        if !is_overflow {
            assert!(!self.talks.contains(&agent), "{agent} talks to another");
            let others = self.rings.values().filter(|other| **other == agent);
            assert_eq!(others.count(), 0, "{agent} rings for two");
            if let Some(since) = self.rests.get(&agent) {
                let rest = settings(4).rest;
                assert!(self.now.since(*since) >= rest, "{agent} is to be let be");
            }
            if self.order == Order::Held {
                let stands = |call: &CallId| {
                    self.rings
                        .get(call)
                        .is_none_or(|a| *a == AgentName::overflow())
                };
                for (other, them) in self.inside.iter().filter(|(other, _)| stands(other)) {
                    let is_before = (!them.0, them.1) < (!me.0, me.1);
                    assert!(!is_before, "{other} was before {call}");
                }
            }
        }
        self.rings.insert(call, agent);
    }
}

fn play(steps: &[(u64, Step)], order: Order) -> Floor {
    let mut floor = Floor::new(order);
    for (after, step) in steps {
        floor.wait_until(floor.now + Duration::from_millis(*after));
        floor.take(*step);
    }
    floor
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_phone_a_caller_one_caller_a_phone_and_nobody_is_forgotten(steps in steps()) {
        play(&steps, Order::Ignored);
    }

    #[test]
    fn priority_and_then_the_time_of_entering_decide(steps in steps()) {
        let honest: Vec<(u64, Step)> = steps
            .into_iter()
            .filter(|(_, step)| !matches!(step, Step::Fails(_) | Step::Closes))
            .map(|(after, step)| (after / 50, step))
            .collect();
        play(&honest, Order::Held);
    }

    #[test]
    fn everybody_comes_to_an_end(steps in steps()) {
        let mut floor = play(&steps, Order::Ignored);
        floor.take(Step::Opens);
        for round in 0..200_u64 {
            if floor.inside.is_empty() {
                break;
            }
            floor.wait_until(floor.now + Duration::from_secs(40));
            for agent in 0..AGENTS {
                floor.take(Step::Frees(agent));
            }
            for call in 0..CALLERS {
                let does = if round % 2 == 0 { Step::Answers(call) } else { Step::Fails(call) };
                floor.take(does);
            }
        }
        prop_assert!(floor.inside.is_empty(), "left: {:?}", floor.inside);
    }
}
