//! The rules that every waiting room is held to.

use call_engine::waiting_room::RoomTime;
use std::fmt;

/// A rule of waiting rooms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum QueueRule {
    /// No caller rings two phones.
    CallerRingsOnePhone,
    /// No agent is given two calls.
    AgentHasOneCall,
    /// Nobody gets an agent while one who comes first, and could have that agent, waits.
    FirstComesFirst,
    /// A third request is served before every waiter of lower priority who could be
    /// served by the same agent.
    ThirdRequestOvertakes,
    /// An agent is in the queue, and has the skill and the language where anybody has.
    AgentFits,
    /// An agent who did not take a call is let be.
    AgentIsLetBe,
    /// When a caller leaves, their phone stops at once.
    LeaverRingsNoPhone,
    /// A phone stops when its time is over.
    RingEnds,
    /// Nobody waits while an agent they could have is free.
    NoAgentIdles,
    /// Nobody waits for phones that all rang in vain.
    NobodyWaitsForNothing,
    /// A queue is not longer than it may be.
    QueueIsBounded,
    /// After hours nobody waits, and by day nobody is told that it is night.
    HoursAreKept,
    /// An order concerns somebody who is there.
    OrdersMakeSense,
    /// A deadline that has come is served.
    DeadlineServed,
    /// Everybody gets a person, or is told.
    NobodyIsForgotten,
}

/// A broken rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenQueueRule {
    /// Which.
    pub rule: QueueRule,
    /// When.
    pub at: RoomTime,
    /// What was wrong.
    pub what: String,
}

impl fmt::Display for BrokenQueueRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}: {}", self.rule, self.at, self.what)
    }
}
