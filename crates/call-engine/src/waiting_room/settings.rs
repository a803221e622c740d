//! Who works here, and which queues they serve.

use call_model::Language;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// Names an agent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AgentName(String);

impl AgentName {
    /// An agent of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name under which the overflow target's phone is spoken of; no agent has it.
    pub fn overflow() -> Self {
        Self("overflow".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A person at a telephone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agent {
    /// The agent's name.
    pub name: AgentName,
    /// The address of the telephone, a `sip:` URI.
    pub address: String,
    /// What the agent can do; a queue's own matter needs no mention.
    pub skills: BTreeSet<String>,
    /// The languages the agent speaks; empty: all.
    pub languages: BTreeSet<Language>,
}

/// A queue of callers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Who serves it. Names that no agent has serve nobody.
    pub agents: Vec<AgentName>,
    /// For how long a phone rings.
    pub ring: Duration,
    /// So many callers without priority stand in it at most.
    pub size_max: usize,
    /// Where callers go when it is full, when they have waited too long, and when all
    /// phones were tried in vain.
    pub overflow: String,
}

/// Everything a waiting room is made of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoomSettings {
    /// The agents.
    pub agents: Vec<Agent>,
    /// The queues.
    pub queues: Vec<Queue>,
    /// An agent who did not take a call is not rung again before so long.
    pub rest: Duration,
    /// An agent whose call is over, or whose phone was told to stop ringing, is not rung before
    /// so long: the phone must have hung up, or it would be busy to the next caller.
    pub wrap_up: Duration,
}
