//! Which person a plan gives a caller to.

use call_model::Urgency;
use serde::{Deserialize, Serialize};

/// What a plan says of the person who is wanted; nothing said leaves it to the plan's head.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PersonWanted {
    /// The skill wanted of the person.
    pub skill: Option<String>,
    /// The waiting room to stand in, instead of the one in the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// How urgent it is among those who wait.
    #[serde(default, skip_serializing_if = "Urgency::is_usual")]
    pub urgency: Urgency,
    /// How the two are brought together, where it is not for the head to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<HandoffMethod>,
    /// What happens when nobody of that waiting room is to be had, instead of the head's way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow: Option<QueueOverflow>,
}

impl PersonWanted {
    /// The node that the conversation goes on at when nobody is to be had.
    pub fn overflow_node(&self) -> Option<&str> {
        match &self.overflow {
            Some(QueueOverflow::Goto(node)) => Some(node),
            Some(QueueOverflow::Callback) | None => None,
        }
    }
}

/// How caller and person are brought together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffMethod {
    /// The caller waits here, and a person's telephone is joined to the call.
    Bridge,
    /// The caller is sent to where people are (RFC 3515), and the call leaves this server.
    Refer,
}

/// What happens when nobody of a waiting room is to be had.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueOverflow {
    /// A call back is offered.
    Callback,
    /// The conversation goes on at this node, unless the caller has come to be owed a person.
    Goto(String),
}
