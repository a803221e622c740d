//! Calls that a phone is done with and its peer is not yet: refusals without their ACK, BYEs without
//! their answer.

use super::retransmit::{Due, Retransmit};
use std::net::SocketAddr;
use std::time::Duration;

/// So many at the most of each kind.
const MOST: usize = 16;

/// What is sent again until it is answered; meanwhile the phone may ring.
#[derive(Debug, Default)]
pub struct Unfinished {
    refusals: Vec<Refusal>,
    byes: Vec<Bye>,
}

/// A refusal that is sent again until its ACK comes (RFC 3261 §17.2.1).
#[derive(Debug)]
struct Refusal {
    branch: String,
    to: SocketAddr,
    sending: Retransmit,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Bye {
    call_id: String,
    to: SocketAddr,
    sending: Retransmit,
}

impl Unfinished {
    /// Whether everything was answered.
    pub const fn is_empty(&self) -> bool {
        self.refusals.is_empty() && self.byes.is_empty()
    }

    /// An INVITE of this branch was refused just now.
    pub fn refused(&mut self, now: Duration, branch: &str, to: SocketAddr, bytes: Vec<u8>) {
        if self.refusals.len() < MOST {
            self.refusals.push(Refusal {
                branch: branch.to_owned(),
                to,
                sending: Retransmit::other(now, bytes.clone()),
                bytes,
            });
        }
    }

    /// The refusal of an INVITE that came again, and where it goes.
    pub fn refusal_of(&self, branch: &str) -> Option<(SocketAddr, Vec<u8>)> {
        let known = self.refusals.iter().find(|each| each.branch == branch);
        known.map(|each| (each.to, each.bytes.clone()))
    }

    /// An ACK of this branch came.
    pub fn acknowledged(&mut self, branch: &str) {
        self.refusals.retain(|each| each.branch != branch);
    }

    /// A BYE left just now.
    pub fn left(&mut self, now: Duration, call_id: String, to: SocketAddr, bytes: Vec<u8>) {
        if self.byes.len() < MOST {
            let sending = Retransmit::other(now, bytes);
            self.byes.push(Bye {
                call_id,
                to,
                sending,
            });
        }
    }

    /// Whether a BYE of ours for this call is on its way.
    pub fn is_leaving(&self, call_id: Option<&str>) -> bool {
        self.byes
            .iter()
            .any(|each| Some(each.call_id.as_str()) == call_id)
    }

    /// The BYE of this call was answered.
    pub fn bye_answered(&mut self, call_id: Option<&str>) {
        self.byes
            .retain(|each| Some(each.call_id.as_str()) != call_id);
    }

    /// What is to be sent again at `now`; what nobody answered in 32 s is given up.
    pub fn due(&mut self, now: Duration) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut again = Vec::new();
        let mut keep = |to: SocketAddr, sending: &mut Retransmit| match sending.fire(now) {
            Due::NotYet => true,
            Due::Again(bytes) => {
                again.push((to, bytes));
                true
            }
            Due::GaveUp => false,
        };
        self.refusals
            .retain_mut(|each| keep(each.to, &mut each.sending));
        self.byes
            .retain_mut(|each| keep(each.to, &mut each.sending));
        again
    }
}
