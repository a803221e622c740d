//! One room in virtual time, from the first caller to the last.

use super::drawn::{Caller, Drawn, Temper};
use super::faults::{PlantedQueueFault, Subject};
use super::onlooker::Onlooker;
use super::rules::BrokenQueueRule;
use super::tally::QueueTally;
use crate::dice::Dice;
use call_engine::waiting_room::{AgentName, RoomInput, RoomOutput, RoomTime};
use call_model::{CallId, EscalationReason, PersonFailure};
use std::collections::BTreeMap;
use std::time::Duration;

/// Who waits so long weighs more, as a call's own wait clock says.
const WAIT_MAX: Duration = Duration::from_secs(90);
/// Nobody's patience lasts beyond.
const HORIZON: Duration = Duration::from_secs(3 * 60 * 60);
/// More events than any honest room has.
const EVENTS_MAX: usize = 20_000;

/// Runs the room of a seed.
pub(super) fn run(
    seed: u64,
    fault: Option<PlantedQueueFault>,
) -> (QueueTally, Vec<BrokenQueueRule>) {
    let mut dice = Dice::new(seed);
    let drawn = Drawn::from(&mut dice);
    let mut world = World {
        subject: Subject::new(drawn.settings.clone(), fault),
        onlooker: Onlooker::new(drawn.settings.clone()),
        tempers: drawn.tempers,
        dice,
        queue: BTreeMap::new(),
        queued: 0,
        callers: BTreeMap::new(),
        phones: BTreeMap::new(),
        rung: 0,
        now: RoomTime::ZERO,
    };
    for caller in drawn.callers {
        world.at(caller.comes, Event::Comes(Box::new(caller)));
    }
    if let Some((queue, closes, opens)) = drawn.hours {
        let name = drawn.settings.queues[queue].name.clone();
        world.at(closes, Event::News(RoomInput::Closed(name.clone())));
        world.at(opens, Event::News(RoomInput::Open(name)));
    }
    world.run();
    world.onlooker.end();
    (world.onlooker.tally, world.onlooker.broken)
}

/// Something that will happen.
#[derive(Debug)]
enum Event {
    Comes(Box<Caller>),
    /// This entry of a caller asks again, or waits too long, or leaves.
    AsksAgain(CallId, u32),
    WaitsTooLong(CallId, u32),
    Leaves(CallId, u32),
    /// What the phone of this ring says, unless it was stopped.
    Phone(u64, CallId, Said),
    News(RoomInput),
}

#[derive(Clone, Copy, Debug)]
enum Said {
    Rings,
    Answered,
    Failed(PersonFailure),
}

/// A caller who came, and how often.
#[derive(Debug)]
struct Present {
    caller: Caller,
    entries: u32,
    is_here: bool,
}

struct World {
    subject: Subject,
    onlooker: Onlooker,
    tempers: BTreeMap<AgentName, Temper>,
    dice: Dice,
    queue: BTreeMap<(RoomTime, u64), Event>,
    queued: u64,
    callers: BTreeMap<CallId, Present>,
    /// The ring that is on for a caller, by its number.
    phones: BTreeMap<CallId, (u64, AgentName)>,
    rung: u64,
    now: RoomTime,
}

impl World {
    fn at(&mut self, at: RoomTime, event: Event) {
        self.queued += 1;
        self.queue.insert((at.max(self.now), self.queued), event);
    }

    fn run(&mut self) {
        let horizon = RoomTime::ZERO + HORIZON;
        for _ in 0..EVENTS_MAX {
            let event = self.queue.first_key_value().map(|((at, _), _)| *at);
            match (event, self.subject.poll_timeout()) {
                (_, Some(due)) if event.is_none_or(|at| due <= at) && due <= horizon => {
                    self.now = self.now.max(due);
                    self.feed(RoomInput::DeadlineReached);
                    if self.subject.poll_timeout().is_some_and(|next| next <= due) {
                        self.onlooker.deadline_again();
                        return;
                    }
                }
                (Some(_), _) => {
                    if let Some(((at, _), event)) = self.queue.pop_first() {
                        self.now = at;
                        self.happens(event);
                    }
                }
                (None, _) => return,
            }
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Comes(caller) => self.comes(*caller),
            Event::AsksAgain(call, entry) if self.is_present(call, entry) => {
                self.raise(call, EscalationReason::RepeatedRequest);
            }
            Event::WaitsTooLong(call, entry) if self.is_present(call, entry) => {
                self.raise(call, EscalationReason::Wait);
            }
            Event::Leaves(call, entry) if self.is_present(call, entry) => self.leave(call),
            Event::AsksAgain(..) | Event::WaitsTooLong(..) | Event::Leaves(..) => {}
            Event::Phone(ring, call, said) => self.phone(ring, call, said),
            Event::News(input) => self.feed(input),
        }
    }

    fn is_present(&self, call: CallId, entry: u32) -> bool {
        let present = self.callers.get(&call);
        present.is_some_and(|present| present.is_here && present.entries == entry)
    }

    fn comes(&mut self, caller: Caller) {
        let (call, waiter) = (caller.waiter.call, caller.waiter.clone());
        let (asks, patience) = (caller.asks_again, caller.patience);
        let present = self.callers.entry(call).or_insert(Present {
            caller,
            entries: 0,
            is_here: false,
        });
        present.entries += 1;
        present.is_here = true;
        let entry = present.entries;
        if let Some(after) = asks {
            self.at(self.now + after, Event::AsksAgain(call, entry));
        }
        self.at(self.now + WAIT_MAX, Event::WaitsTooLong(call, entry));
        self.at(self.now + patience, Event::Leaves(call, entry));
        self.feed(RoomInput::Enter(waiter));
    }

    fn raise(&mut self, call: CallId, reason: EscalationReason) {
        self.feed(RoomInput::Raise {
            call,
            has_priority: true,
            reason,
        });
    }

    fn leave(&mut self, call: CallId) {
        self.gone(call);
        self.phones.remove(&call);
        self.feed(RoomInput::Leave(call));
    }

    fn gone(&mut self, call: CallId) {
        if let Some(present) = self.callers.get_mut(&call) {
            present.is_here = false;
        }
    }

    /// What a phone says counts only while it rings: a late answer is hung up.
    fn phone(&mut self, ring: u64, call: CallId, said: Said) {
        let Some((number, agent)) = self.phones.get(&call).cloned() else {
            return;
        };
        if number != ring {
            return;
        }
        match said {
            Said::Rings => self.feed(RoomInput::AgentRings(call)),
            Said::Failed(failure) => {
                self.phones.remove(&call);
                self.feed(RoomInput::AgentFailed { call, failure });
            }
            Said::Answered => {
                self.phones.remove(&call);
                self.gone(call);
                if agent != AgentName::overflow() {
                    let talks = self.dice.millis(5_000, 240_000);
                    let freed = RoomInput::AgentFreed(agent);
                    self.at(self.now + talks, Event::News(freed));
                }
                self.feed(RoomInput::AgentAnswered(call));
            }
        }
    }

    fn feed(&mut self, input: RoomInput) {
        self.onlooker.input(self.now, &input);
        for output in self.subject.handle(self.now, input.clone()) {
            self.onlooker.order(&input, &output);
            self.act(output);
        }
        self.onlooker.handled(&input);
    }

    fn act(&mut self, output: RoomOutput) {
        match output {
            RoomOutput::Queued { .. } => {}
            RoomOutput::Ring { call, agent, .. } => self.ring(call, agent),
            RoomOutput::Overflow { call, .. } => self.ring(call, AgentName::overflow()),
            RoomOutput::StopRinging { call, .. } => {
                self.phones.remove(&call);
            }
            RoomOutput::Failed { call, .. } => self.told(call),
        }
    }

    fn ring(&mut self, call: CallId, agent: AgentName) {
        self.rung += 1;
        let ring = self.rung;
        self.phones.insert(call, (ring, agent.clone()));
        let Some(temper) = self.tempers.get(&agent).copied() else {
            return;
        };
        let set_up = self.dice.millis(20, 800);
        let picks = set_up + self.dice.millis(500, 15_000);
        let chance = self.dice.below(100);
        let says = |said| Event::Phone(ring, call, said);
        let refuses = temper.answers + temper.refuses;
        let is_busy = refuses + temper.is_busy;
        let (at, last) = match chance {
            n if n < temper.answers => (picks, Some(Said::Answered)),
            n if n < refuses => (picks, Some(Said::Failed(PersonFailure::Refused))),
            n if n < is_busy => (set_up, Some(Said::Failed(PersonFailure::Busy))),
            n if n < is_busy + temper.is_gone => {
                (set_up, Some(Said::Failed(PersonFailure::Unreachable)))
            }
            _ => (set_up, None),
        };
        let rings = !matches!(
            last,
            Some(Said::Failed(
                PersonFailure::Busy | PersonFailure::Unreachable
            ))
        );
        if rings {
            self.at(self.now + set_up, says(Said::Rings));
        }
        if let Some(last) = last {
            self.at(self.now + at, says(last));
        }
    }

    /// Some would rather wait on than be called back; they enter again.
    fn told(&mut self, call: CallId) {
        self.gone(call);
        let Some(present) = self.callers.get(&call) else {
            return;
        };
        if present.caller.comes_again && present.entries < 3 {
            let caller = Box::new(present.caller.clone());
            let thinks = self.dice.millis(2_000, 12_000);
            self.at(self.now + thinks, Event::Comes(caller));
        }
    }
}
