//! One party of a scenario: its call or its phone, and what it said and heard.

use super::music::MusicSearch;
use super::verdict::{Measure, MeasureKind};
use super::voices::Whisper;
use super::{Party, Role};
use crate::call::Ending;
use crate::judge::{Library, Spotter};
use crate::rtp::{Act, ActKind, Ear};
use crate::sip::{Decline, Manner, Ring};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// A party: where its steps stand, and what its ear made of the call.
#[derive(Debug)]
pub(super) struct Player {
    pub party: Party,
    /// The number it calls from.
    pub number: String,
    pub library: Arc<Library>,
    pub spotter: Spotter,
    /// When its step under way began.
    pub since: Duration,
    /// Whether that step has set the mouth going.
    pub asked: bool,
    /// What it said or keyed last.
    pub act: Option<Act>,
    /// The clip that is being said.
    pub speaking: Option<Arc<[i16]>>,
    /// The clip that was said last.
    pub said: Option<Saying>,
    /// The prompt, by its place among the sightings, that it spoke over with its last act.
    pub spoken_over: Option<usize>,
    /// Whether the answer to that act was measured.
    pub is_answered: bool,
    /// Sightings before this one have met an expectation.
    pub consumed: usize,
    pub line: LineState,
    /// A caller that shall leave.
    pub wants_out: bool,
    /// How the phone takes calls; a caller has none.
    pub manner: Option<Manner>,
    /// What the phone is to do.
    pub orders: VecDeque<PhoneOrder>,
    /// Every call that came to the phone.
    pub rings: Vec<RingLog>,
    /// So many of them have met an expectation.
    pub expected_rings: usize,
    /// When the other side hung up, each time.
    pub byes: Vec<Duration>,
    /// So many of them have met an expectation, or are past.
    pub expected_byes: usize,
    /// Calls that came while another had the phone.
    pub intruders: usize,
    /// What the phone was told alone.
    pub whisper: Option<Whisper>,
    pub music: Option<MusicSearch>,
    /// The prompt that met its last expectation of one: its names, and when it began to sound.
    pub met: Option<(Vec<String>, Duration)>,
}

/// A clip, and when it was said.
#[derive(Clone, Debug)]
pub(super) struct Saying {
    pub audio: Arc<[i16]>,
    pub act: Act,
}

/// Where a party's call stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum LineState {
    /// None was placed or has come.
    Off,
    /// It is being placed, or rings.
    Coming,
    /// It stands.
    On { since: Duration },
    /// It is over.
    Over { at: Duration, ending: Ending },
}

/// What a phone is told to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhoneOrder {
    /// Answer what rings.
    Answer,
    /// Decline what rings.
    Decline(Decline),
    /// End the call.
    HangUp,
    /// Take calls so from now on.
    Behave(Manner),
}

/// A call that came to a phone, and what became of its ringing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RingLog {
    /// What stood on the screen.
    pub ring: Ring,
    /// How the ringing ended, and when; none while it rings.
    pub end: Option<(Duration, RingEnd)>,
}

/// How the ringing of a phone ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RingEnd {
    /// The phone answered.
    Answered,
    /// The phone declined with this status.
    Declined(u16),
    /// The call was taken back.
    TakenBack,
}

/// How a step stands.
pub(super) enum Standing {
    Pending,
    Passed(String, Vec<Measure>),
    Failed(String),
}

impl Standing {
    pub(super) fn passed(finding: impl Into<String>) -> Self {
        Self::Passed(finding.into(), Vec::new())
    }
}

/// When an answer began.
pub(super) enum Reply {
    /// So long before the party had finished.
    TooEarly(Duration),
    /// So long after.
    After(Measure),
}

impl Player {
    pub fn new(party: Party, number: String, library: Arc<Library>) -> Self {
        let manner = match party.role {
            Role::Agent { manner, .. } => Some(manner),
            Role::Caller { .. } => None,
        };
        Self {
            party,
            manner,
            number,
            spotter: Spotter::new(Arc::clone(&library)),
            library,
            since: Duration::ZERO,
            asked: false,
            act: None,
            speaking: None,
            said: None,
            spoken_over: None,
            is_answered: false,
            consumed: 0,
            line: LineState::Off,
            wants_out: false,
            orders: VecDeque::new(),
            rings: Vec::new(),
            expected_rings: 0,
            byes: Vec::new(),
            expected_byes: 0,
            intruders: 0,
            whisper: None,
            music: None,
            met: None,
        }
    }

    /// A call of its begins: nothing was heard or said in it.
    pub fn begin_call(&mut self, now: Duration) {
        self.line = LineState::On { since: now };
        self.spotter = Spotter::new(Arc::clone(&self.library));
        self.act = None;
        self.speaking = None;
        self.spoken_over = None;
        self.is_answered = false;
        self.consumed = 0;
        self.whisper = None;
        self.music = None;
    }

    /// A call of its is over.
    pub fn end_call(&mut self, now: Duration, ending: Ending) {
        if ending == Ending::ByPeer {
            self.byes.push(now);
        }
        self.line = LineState::Over { at: now, ending };
    }

    /// A step of its begins.
    pub fn begin_step(&mut self, now: Duration) {
        self.since = now;
        self.asked = false;
        self.music = None;
    }

    /// The call that rings or rang last and has met `expect ring`.
    pub fn expected_ring(&self) -> Option<&RingLog> {
        self.rings.get(self.expected_rings.checked_sub(1)?)
    }

    /// When it answered a call from this number.
    pub fn served(&self, number: &str) -> Option<Duration> {
        self.rings.iter().find_map(|log| match log.end {
            Some((at, RingEnd::Answered)) if log.ring.number == number => Some(at),
            Some(_) | None => None,
        })
    }

    /// The first frame of sound that began after its last act did. Sound of the prompt that was
    /// spoken over is no answer.
    pub fn answer(&self, ear: &Ear) -> Option<usize> {
        let act = self.act?;
        let over = self
            .spoken_over
            .and_then(|over| self.spotter.sightings().get(over));
        let is_old = |frame: usize| {
            over.is_some_and(|over| {
                over.from <= frame && over.end.is_none_or(|end| frame < end.frame())
            })
        };
        let bursts = ear.bursts().iter().rev().map(|burst| burst.from);
        bursts
            .take_while(|&from| ear.arrival(from) > act.onset)
            .filter(|&from| !is_old(from))
            .last()
    }

    /// When that answer began, unless it was counted before.
    pub fn reply(&mut self, ear: &Ear) -> Option<Reply> {
        let act = self.act.filter(|_| !self.is_answered)?;
        let arrived = ear.arrival(self.answer(ear)?);
        self.is_answered = true;
        Some(match arrived.checked_sub(act.end) {
            None => Reply::TooEarly(act.end - arrived),
            Some(took) => Reply::After(Measure {
                took,
                kind: match act.kind {
                    ActKind::Speech => MeasureKind::ReplyToSpeech,
                    ActKind::Keys => MeasureKind::ReplyToKeys,
                },
            }),
        })
    }
}
