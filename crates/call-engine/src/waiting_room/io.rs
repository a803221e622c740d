//! What goes into the waiting room and what comes out.

use super::AgentName;
use call_model::{CallId, EscalationReason, Language, PersonFailure, Urgency};
use std::fmt;
use std::ops::Add;
use std::time::Duration;

/// A moment of a waiting room: microseconds since whatever moment its shell counts from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct RoomTime(u64);

impl RoomTime {
    /// The moment the shell counts from.
    pub const ZERO: Self = Self(0);

    /// So many microseconds after it.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// So many milliseconds after it.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since then.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this moment is; zero if it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for RoomTime {
    type Output = Self;
    fn add(self, later: Duration) -> Self {
        let micros = u64::try_from(later.as_micros()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(micros))
    }
}

/// Seconds with three decimals.
impl fmt::Display for RoomTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!(
            "{}.{:03}",
            self.0 / 1_000_000,
            self.0 / 1_000 % 1_000
        ))
    }
}

/// A caller who wants to wait for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiter {
    /// The call.
    pub call: CallId,
    /// The queue to stand in, by its name.
    pub queue: String,
    /// Whether they stand ahead of ordinary waiters.
    pub has_priority: bool,
    /// How urgent their plan holds it to be: it comes after priority, and before who entered first.
    pub urgency: Urgency,
    /// Why they want a person.
    pub reason: EscalationReason,
    /// The skill wanted of the person; the name of the queue asks for nothing more.
    pub skill: Option<String>,
    /// The language of the conversation.
    pub language: Language,
}

/// News for the waiting room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoomInput {
    /// A caller wants to wait. Who is in the room already is raised instead.
    Enter(Waiter),
    /// A caller who waits weighs more now; also the overflow target is tried for them.
    Raise {
        /// The call.
        call: CallId,
        /// Whether they stand ahead of ordinary waiters; what they had they keep.
        has_priority: bool,
        /// Why.
        reason: EscalationReason,
    },
    /// A caller waits no longer: they hung up, chose something else, or were helped.
    Leave(CallId),
    /// The phone that was to ring for this caller rings: its time counts from here.
    AgentRings(CallId),
    /// The phone that rang for this caller was taken. After `StopRinging` nothing of that
    /// phone is to be told any more, neither an answer nor a failure.
    AgentAnswered(CallId),
    /// The phone that was to ring for this caller was not taken.
    AgentFailed {
        /// The call.
        call: CallId,
        /// Why.
        failure: PersonFailure,
    },
    /// An agent has finished their call.
    AgentFreed(AgentName),
    /// An agent took a call and let go of it before the two were joined: they rest like one
    /// who did not take it. The caller is to enter anew.
    AgentWithdrew(AgentName),
    /// A queue's hours begin.
    Open(String),
    /// A queue's hours are over.
    Closed(String),
    /// The time that `poll_timeout` named has come.
    DeadlineReached,
}

/// What the waiting room wants done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoomOutput {
    /// The caller waits.
    Queued {
        /// The call.
        call: CallId,
        /// So many stand before them in their queue.
        ahead: u32,
    },
    /// Ring this agent's phone for the caller.
    Ring {
        /// The call.
        call: CallId,
        /// Whose phone.
        agent: AgentName,
        /// Its address.
        address: String,
        /// For at most so long.
        ring: Duration,
    },
    /// The phone that rings for the caller stops at once.
    StopRinging {
        /// The call.
        call: CallId,
        /// Whose phone; [`AgentName::overflow`] for the overflow target.
        agent: AgentName,
    },
    /// Try the overflow target for the caller; answered like a phone that rings.
    Overflow {
        /// The call.
        call: CallId,
        /// Its address.
        target: String,
    },
    /// Nobody is to be had: the caller is no longer in the room.
    Failed {
        /// The call.
        call: CallId,
        /// Why.
        failure: PersonFailure,
    },
}
