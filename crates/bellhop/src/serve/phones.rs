//! The phones of agents: dialled, ringing, answered.

use super::ports::PortLease;
use super::services::secret;
use crate::config::OutboundKeys;
use call_engine::waiting_room::AgentName;
use call_model::{CallId, Handoff, PersonFailure, Private};
use mio::net::UdpSocket;
use sip_trunk::{Credentials, LegEnd, LegId, OutgoingCall, Trunk};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

/// Who is rung: an agent by name, or the queue's overflow target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Callee {
    Agent(AgentName),
    Overflow,
}

/// One phone that rings for a caller, or was answered.
pub struct Phone {
    pub call: CallId,
    pub callee: Callee,
    pub stage: Stage,
}

/// How far it is.
pub enum Stage {
    /// Its sound will arrive here once somebody answers.
    Ringing { socket: UdpSocket, lease: PortLease },
    /// Somebody answered and is told about the caller.
    Answered,
    /// Caller and callee hear each other.
    Joined,
}

/// Every phone that rings or was answered, by its leg.
#[derive(Default)]
pub struct Phones {
    by_leg: HashMap<LegId, Phone>,
}

impl Phones {
    pub fn add(&mut self, leg: LegId, phone: Phone) {
        self.by_leg.insert(leg, phone);
    }

    pub fn get_mut(&mut self, leg: LegId) -> Option<&mut Phone> {
        self.by_leg.get_mut(&leg)
    }

    pub fn remove(&mut self, leg: LegId) -> Option<Phone> {
        self.by_leg.remove(&leg)
    }

    /// The leg that rings or was answered for a call, if there is one.
    pub fn of(&self, call: CallId) -> Option<LegId> {
        let mut legs = self.by_leg.iter();
        legs.find(|(_, phone)| phone.call == call)
            .map(|(leg, _)| *leg)
    }
}

/// The way out to agents' phones.
pub struct WayOut {
    proxy: Option<SocketAddr>,
    credentials: Option<Credentials>,
}

impl WayOut {
    /// As configured; the password stands in the environment.
    pub fn new(outbound: &OutboundKeys) -> anyhow::Result<Self> {
        let credentials = match (&outbound.user, &outbound.password_env) {
            (Some(user), Some(name)) => Some(Credentials {
                user: user.clone(),
                password: secret("outbound.password_env", name)?,
            }),
            _ => None,
        };
        Ok(Self {
            proxy: outbound.proxy,
            credentials,
        })
    }

    /// Rings an address for a caller, whose number it shows, with the reason as name.
    pub fn dial(
        &self,
        trunk: &Trunk,
        address: &str,
        caller: &Private<String>,
        handoff: &Handoff,
        local_media: SocketAddr,
        ring_max: Duration,
    ) -> Result<LegId, sip_trunk::LegError> {
        trunk.call(OutgoingCall {
            target: address.to_owned(),
            caller: caller.clone(),
            display: handoff.display.clone(),
            headers: headers(handoff),
            local_media,
            credentials: self.credentials.clone(),
            proxy: self.proxy,
            ring_max,
        })
    }
}

/// What an agent's phone or desktop may read beside the display name.
pub fn headers(handoff: &Handoff) -> Vec<(String, String)> {
    let anger = handoff.evidence.anger.fused;
    let mut headers = vec![
        ("X-Bellhop-Call", handoff.call.to_string()),
        ("X-Bellhop-Reason", handoff.reason.name().to_owned()),
        ("X-Bellhop-Language", handoff.language.tag().to_owned()),
        ("X-Bellhop-Anger", anger.to_string()),
        (
            "X-Bellhop-Priority",
            if handoff.has_priority {
                "high"
            } else {
                "normal"
            }
            .to_owned(),
        ),
    ];
    if let Some(queue) = &handoff.queue {
        headers.push(("X-Bellhop-Queue", queue.clone()));
    }
    if let Some(skill) = &handoff.skill {
        headers.push(("X-Bellhop-Skill", skill.clone()));
    }
    headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// What the end of a ringing phone says of the person.
pub fn failure(by: LegEnd) -> PersonFailure {
    match by {
        LegEnd::Refused { status } => super::transfers::failure(status),
        LegEnd::NoAnswer | LegEnd::Unanswered => PersonFailure::NoAnswer,
        LegEnd::ByCaller => PersonFailure::Refused,
        LegEnd::NoAck | LegEnd::NoCommonMedia => PersonFailure::Unreachable,
    }
}
