//! Rooms, agents and callers drawn from a seed.

use crate::dice::Dice;
use call_engine::waiting_room::{Agent, AgentName, Queue, RoomSettings, RoomTime, Waiter};
use call_model::{CallId, EscalationReason, Language, Urgency};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A room and everybody who will come into it.
pub(super) struct Drawn {
    pub(super) settings: RoomSettings,
    pub(super) tempers: BTreeMap<AgentName, Temper>,
    pub(super) callers: Vec<Caller>,
    /// A queue closes and opens at these times.
    pub(super) hours: Option<(usize, RoomTime, RoomTime)>,
}

/// How somebody treats their telephone, in so many of a hundred rings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Temper {
    pub(super) answers: u64,
    pub(super) refuses: u64,
    pub(super) is_busy: u64,
    pub(super) is_gone: u64,
}

/// Somebody who will call.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) waiter: Waiter,
    pub(super) comes: RoomTime,
    /// Asks for a third time after so long, if they still wait.
    pub(super) asks_again: Option<Duration>,
    /// Leaves after so long, if they still wait.
    pub(super) patience: Duration,
    /// Would rather wait when told that nobody is to be had.
    pub(super) comes_again: bool,
}

const SKILLS: [&str; 3] = ["loans", "repairs", "cards"];

impl Drawn {
    pub(super) fn from(dice: &mut Dice) -> Self {
        let settings = room(dice);
        let mut tempers: BTreeMap<AgentName, Temper> = settings
            .agents
            .iter()
            .map(|agent| (agent.name.clone(), temper(dice)))
            .collect();
        tempers.insert(AgentName::overflow(), temper(dice));
        let many = 4 + dice.below(30);
        let mut at = RoomTime::ZERO;
        let mut callers = Vec::new();
        for n in 0..many {
            let gap = *dice.one_of(&[2_000, 10_000, 40_000]);
            at = at + dice.millis(0, gap);
            callers.push(caller(dice, &settings, n, at));
        }
        let hours = dice.percent(15).then(|| {
            let closes = RoomTime::ZERO + dice.millis(5_000, 200_000);
            let queue = dice.below(settings.queues.len() as u64) as usize;
            (queue, closes, closes + dice.millis(10_000, 300_000))
        });
        Self {
            settings,
            tempers,
            callers,
            hours,
        }
    }
}

fn room(dice: &mut Dice) -> RoomSettings {
    let agents: Vec<Agent> = (0..1 + dice.below(6)).map(|n| agent(dice, n)).collect();
    let queues = (0..1 + dice.below(3))
        .map(|n| queue(dice, n, &agents))
        .collect();
    RoomSettings {
        queues,
        agents,
        rest: dice.millis(5_000, 60_000),
        wrap_up: dice.millis(0, 2_000),
    }
}

fn agent(dice: &mut Dice, n: u64) -> Agent {
    let skills = SKILLS.iter().filter(|_| dice.percent(40));
    let skills: BTreeSet<String> = skills.map(|skill| (*skill).to_owned()).collect();
    let languages = Language::ALL.into_iter().filter(|_| dice.percent(70));
    Agent {
        name: AgentName::new(format!("agent-{n}")),
        address: format!("sip:{n}@agents.example.org"),
        skills,
        languages: languages.collect(),
    }
}

fn queue(dice: &mut Dice, n: u64, agents: &[Agent]) -> Queue {
    let serving = agents.iter().filter(|_| dice.percent(75));
    Queue {
        name: format!("queue-{n}"),
        agents: serving.map(|agent| agent.name.clone()).collect(),
        ring: dice.millis(8_000, 25_000),
        size_max: 1 + dice.below(12) as usize,
        overflow: format!("sip:overflow-{n}@example.org"),
    }
}

fn temper(dice: &mut Dice) -> Temper {
    let mut kinds = vec![
        Temper {
            answers: 100,
            refuses: 0,
            is_busy: 0,
            is_gone: 0,
        },
        Temper {
            answers: 80,
            refuses: 10,
            is_busy: 5,
            is_gone: 0,
        },
        Temper {
            answers: 40,
            refuses: 20,
            is_busy: 10,
            is_gone: 5,
        },
        Temper {
            answers: 0,
            refuses: 100,
            is_busy: 0,
            is_gone: 0,
        },
    ];
    kinds.push(Temper {
        answers: 0,
        refuses: 0,
        is_busy: 0,
        is_gone: 100,
    });
    *dice.one_of(&kinds)
}

fn caller(dice: &mut Dice, settings: &RoomSettings, n: u64, comes: RoomTime) -> Caller {
    let queue = dice.one_of(&settings.queues).name.clone();
    let skill = dice.percent(30).then(|| match dice.percent(30) {
        true => queue.clone(),
        false => (*dice.one_of(&SKILLS)).to_owned(),
    });
    Caller {
        waiter: Waiter {
            call: CallId::new(n + 1, u128::from(n)),
            queue,
            has_priority: dice.percent(8),
            urgency: urgency(dice),
            reason: *dice.one_of(&EscalationReason::ALL),
            skill,
            language: *dice.one_of(&Language::ALL),
        },
        comes,
        asks_again: dice.percent(25).then(|| dice.millis(500, 60_000)),
        patience: dice.millis(3_000, 400_000),
        comes_again: dice.percent(30),
    }
}

/// Most plans say nothing of it.
fn urgency(dice: &mut Dice) -> Urgency {
    match dice.percent(20) {
        true => *dice.one_of(&[1, 5, 9].map(|n| Urgency::new(n).unwrap_or_default())),
        false => Urgency::USUAL,
    }
}
