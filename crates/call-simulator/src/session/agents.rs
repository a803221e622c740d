//! The agents: they answer, late or too late, hum, hold, press keys and leave.

use super::network::Network;
use super::services::Later;
use crate::dice::Dice;
use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings};
use call_model::{
    CallTime, Codec, FRAME_TIME, Key, PayloadMap, PersonFailure, PersonOutcome, PromptId,
};
use call_session::SessionInput;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// The hum of every agent, and what nobody else hums at.
pub(crate) const AGENT_HZ: f32 = 1_870.0;

/// No call lasts longer than its hum.
static HUM: LazyLock<Arc<[i16]>> =
    LazyLock::new(|| dsp::tone(AGENT_HZ, 8_000, 8_000 * 120, 6_000).into());

/// An agent who hums for so long on a perfect line is heard, jitter buffer and all.
const STEADY_AFTER: Duration = Duration::from_millis(1_500);

/// A telephone sends so long at one key, the pause after it included.
const KEY_TIME: Duration = Duration::from_millis(200);

const FAILURES: [PersonFailure; 6] = [
    PersonFailure::AfterHours,
    PersonFailure::QueueFull,
    PersonFailure::Busy,
    PersonFailure::NoAnswer,
    PersonFailure::Refused,
    PersonFailure::Unreachable,
];

pub(crate) struct Agents {
    dice: Dice,
    network: Network,
    /// The agent who rings or talks; whoever was before is not waited for any more.
    current: u32,
    line: Option<Line>,
    /// The keys that agents pressed, in order.
    pub(crate) pressed: Vec<Key>,
}

/// The open leg of an agent, as the shell knows it.
struct Line {
    phone: AudioLeg,
    acts_at: CallTime,
    mute_until: CallTime,
    hums_since: CallTime,
    is_joined: bool,
}

/// What agent number so many does.
pub(crate) enum AgentEvent {
    Answers(u32),
    Ticks(u32),
    Packet(u32, Box<[u8]>),
    Holds(u32),
    Returns(u32),
    Leaves(u32),
}

/// What is to follow.
pub(crate) enum Next {
    News(Later),
    Agent(CallTime, AgentEvent),
}

/// More often in the list is more often done.
const ACTS: [Act; 12] = [
    Act::Press,
    Act::Press,
    Act::Press,
    Act::Hold,
    Act::Hold,
    Act::Return,
    Act::Return,
    Act::Return,
    Act::FallSilent,
    Act::Leave,
    Act::Leave,
    Act::Leave,
];

#[derive(Clone, Copy)]
enum Act {
    Press,
    Hold,
    Return,
    FallSilent,
    Leave,
}

impl Agents {
    pub(crate) fn draw(mut dice: Dice) -> Self {
        Self {
            network: Network::draw(&mut dice),
            dice,
            current: 0,
            line: None,
            pressed: Vec::new(),
        }
    }

    /// A person is fetched: a telephone rings, and is answered, refused or neither. One who
    /// has answered already is not fetched again, however urgent it has become.
    pub(crate) fn fetch(&mut self, now: CallTime) -> Vec<Next> {
        if self.line.is_some() {
            return vec![];
        }
        let rings = now + self.dice.millis(50, 2_000);
        let person = |outcome| SessionInput::Person(outcome);
        let ahead = self.dice.below(4) as u32;
        let mut next = vec![
            Next::News((now, person(PersonOutcome::Queued { ahead }))),
            Next::News((rings, person(PersonOutcome::Ringing))),
        ];
        let ends = rings + self.dice.millis(0, 12_000);
        match self.dice.below(6) {
            0 => {}
            1 => next.push(self.fails(ends)),
            _ => next.push(self.answers(ends)),
        }
        next
    }

    fn answers(&mut self, at: CallTime) -> Next {
        self.current += 1;
        Next::Agent(at, AgentEvent::Answers(self.current))
    }

    fn fails(&mut self, at: CallTime) -> Next {
        let outcome = PersonOutcome::Failed(*self.dice.one_of(&FAILURES));
        Next::News((at, SessionInput::Person(outcome)))
    }

    /// Nobody is wanted any more; an answer may be under way already.
    pub(crate) fn released(&mut self) {
        if self.dice.percent(60) {
            self.current += 1;
        }
    }

    /// The session ended the leg.
    pub(crate) fn hung_up(&mut self) {
        self.line = None;
    }

    pub(crate) fn joined(&mut self) {
        if let Some(line) = &mut self.line {
            line.is_joined = true;
        }
    }

    /// The agent is heard, whatever the network did.
    pub(crate) fn is_steady(&self, now: CallTime) -> bool {
        let line = self.line.as_ref();
        line.is_some_and(|line| now.since(line.hums_since) > STEADY_AFTER)
            && self.network.is_perfect()
    }

    /// An event for the agent of a leg that is still open, or of one that rings.
    pub(crate) fn happen(
        &mut self,
        at: CallTime,
        event: &AgentEvent,
    ) -> (Option<SessionInput<'static>>, Vec<Next>) {
        let is_open = self.line.is_some();
        match *event {
            AgentEvent::Answers(id) if id == self.current && !is_open => self.answer(at),
            AgentEvent::Ticks(id) if id == self.current && is_open => (None, self.tick(at)),
            AgentEvent::Holds(id) if id == self.current => (Some(SessionInput::AgentHeld), vec![]),
            AgentEvent::Returns(id) if id == self.current => {
                (Some(SessionInput::AgentReturned), vec![])
            }
            AgentEvent::Leaves(id) if id == self.current => self.leave(at),
            AgentEvent::Answers(_)
            | AgentEvent::Ticks(_)
            | AgentEvent::Packet(..)
            | AgentEvent::Holds(_)
            | AgentEvent::Returns(_)
            | AgentEvent::Leaves(_) => (None, vec![]),
        }
    }

    fn answer(&mut self, at: CallTime) -> (Option<SessionInput<'static>>, Vec<Next>) {
        let codec = *self.dice.one_of(&[Codec::Pcmu, Codec::Pcma]);
        let payloads = PayloadMap {
            codec,
            audio: codec.static_payload_type(),
            telephone_event: *self.dice.one_of(&[None, Some(96), Some(101)]),
        };
        let mut phone = AudioLeg::new(LegSettings {
            payloads,
            ssrc: self.dice.throw() as u32,
            first_sequence: self.dice.throw() as u16,
            first_timestamp: self.dice.throw() as u32,
            jitter: JitterSettings::default(),
        });
        phone.play(PromptId(1), Arc::clone(&HUM));
        self.line = Some(Line {
            phone,
            acts_at: at + self.dice.millis(500, 12_000),
            mute_until: CallTime::ZERO,
            hums_since: at,
            is_joined: false,
        });
        let ticks = AgentEvent::Ticks(self.current);
        let first = at + self.dice.millis(0, 400);
        let input = SessionInput::AgentAnswered { payloads };
        (Some(input), vec![Next::Agent(first, ticks)])
    }

    /// Before the two were joined another telephone may ring; else the caller is told.
    fn leave(&mut self, at: CallTime) -> (Option<SessionInput<'static>>, Vec<Next>) {
        let line = self.line.take();
        let next = match line {
            Some(line) if !line.is_joined => {
                let later = at + self.dice.millis(20, 6_000);
                match self.dice.percent(50) {
                    true => vec![self.answers(later)],
                    false => vec![self.fails(later)],
                }
            }
            Some(_) | None => vec![],
        };
        (Some(SessionInput::AgentGone), next)
    }

    fn tick(&mut self, at: CallTime) -> Vec<Next> {
        let id = self.current;
        let mut next = vec![Next::Agent(at + FRAME_TIME, AgentEvent::Ticks(id))];
        if let Some(event) = self.act(at) {
            next.push(Next::Agent(at + Duration::from_millis(10), event));
        }
        let Some(line) = &mut self.line else {
            return next;
        };
        line.phone.tick(at);
        while let Some(output) = line.phone.poll_output() {
            match output {
                LegOutput::Packet(packet) if at >= line.mute_until => {
                    let arrivals = self.network.carry(at, &mut self.dice);
                    next.extend(arrivals.into_iter().flatten().map(|arrival| {
                        let packet = AgentEvent::Packet(id, packet.as_bytes().into());
                        Next::Agent(arrival, packet)
                    }));
                }
                LegOutput::Packet(_)
                | LegOutput::Frame(_)
                | LegOutput::Moved(_)
                | LegOutput::Key(_)
                | LegOutput::Sent(_)
                | LegOutput::PromptStarted(_)
                | LegOutput::PromptEnded { .. } => {}
            }
        }
        next
    }

    /// Whether a packet of this agent is one of an open leg's.
    pub(crate) fn is_talking(&self, id: u32) -> bool {
        id == self.current && self.line.is_some()
    }

    fn act(&mut self, at: CallTime) -> Option<AgentEvent> {
        let line = self.line.as_mut().filter(|line| at >= line.acts_at)?;
        line.acts_at = at + self.dice.millis(300, 9_000);
        match *self.dice.one_of(&ACTS) {
            Act::Press => {
                for _ in 0..1 + self.dice.below(4) {
                    let key = Key::from_event(self.dice.below(12) as u8);
                    if let Ok(key) = key
                        && line.phone.send_key(key).is_ok()
                    {
                        self.pressed.push(key);
                        line.hums_since = line.hums_since.max(at) + KEY_TIME;
                    }
                }
                None
            }
            Act::Hold => Some(AgentEvent::Holds(self.current)),
            Act::Return => Some(AgentEvent::Returns(self.current)),
            Act::FallSilent => {
                line.mute_until = at + self.dice.millis(500, 40_000);
                line.hums_since = line.mute_until;
                None
            }
            Act::Leave => Some(AgentEvent::Leaves(self.current)),
        }
    }
}
