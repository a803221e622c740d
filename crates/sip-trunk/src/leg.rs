//! One leg, of a caller or of somebody we call: what state it is in and what may
//! be asked of it.
//!
//! Nothing here can be formatted: a leg holds its caller's number.

use crate::dialog::{Dialog, DialogKey};
use crate::gate::{CallKey, Gate};
use crate::hold::Holding;
use crate::sdp::{self, LocalMedia, Session};
use crate::transfer::Transfers;
use crate::{AgreedMedia, Answered, Credentials, LegError, LegId, TrunkEvent};
use rsipstack::sip::Request;
use rsipstack::transaction::transaction::TransactionEventSender;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::OwnedPermit;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A place kept in the queue of events, so that what must be told can be told at
/// once, however slowly the server reads.
pub(crate) type Ticket = OwnedPermit<TrunkEvent>;

/// A leg; the state behind the lock is never held across a wait.
pub(crate) struct Leg {
    /// Names it.
    pub id: LegId,
    state: Mutex<LegState>,
}

impl Leg {
    /// A leg in its first state.
    pub fn new(id: LegId, state: LegState) -> Self {
        Self {
            id,
            state: Mutex::new(state),
        }
    }

    /// Its state, for a moment.
    pub fn lock(&self) -> MutexGuard<'_, LegState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error of a command that came too late or too early.
    pub fn out_of_turn(&self, what: &'static str, phase: &Phase) -> LegError {
        match phase {
            Phase::Over => LegError::Gone(self.id),
            Phase::Offered { .. }
            | Phase::Calling { .. }
            | Phase::Answered
            | Phase::Closing { .. }
            | Phase::Standing => LegError::OutOfTurn {
                leg: self.id,
                what,
                state: phase.name(),
            },
        }
    }
}

/// What is known of a leg.
pub(crate) struct LegState {
    /// How far the call is.
    pub phase: Phase,
    /// The dialog it makes.
    pub dialog: Dialog,
    /// What was said about sound.
    pub media: Media,
    /// The transfers we asked for.
    pub transfers: Transfers,
    /// An offer of the peer inside the call waits for its ACK.
    pub is_reoffering: bool,
    /// Whether we hold the peer.
    pub holding: Holding,
    /// Who we are, where the other side may ask.
    pub credentials: Option<Credentials>,
    /// For `Acked`, or `Established`.
    pub acked: Option<Ticket>,
    /// For `Cancelled` or `Ended`.
    pub ended: Option<Ticket>,
    /// Its place among the calls that came in, or among ours.
    pub place: Option<Place>,
    /// Lets the other side in, when it is one that we called.
    pub guest: Option<Guest>,
}

/// How far a call is.
pub(crate) enum Phase {
    /// The INVITE waits for our decision.
    Offered {
        /// The INVITE.
        invite: Box<Request>,
        /// Takes our responses to it.
        responses: TransactionEventSender,
        /// Ends the wait when it lasts too long.
        deadline: Option<Deadline>,
    },
    /// Our INVITE is out, or will be; no answer of its was taken yet.
    Calling {
        /// Says that nobody waits for the answer any more.
        given_up: CancellationToken,
    },
    /// Our 200 is out, its ACK is not in.
    Answered,
    /// As before, and we want to hang up: BYE must wait for the ACK (RFC 3261 §15).
    Closing {
        /// Why, for the BYE.
        reason: String,
    },
    /// The call stands.
    Standing,
    /// It is over.
    Over,
}

impl Phase {
    /// Its name in errors.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Offered { .. } => "not answered yet",
            Self::Calling { .. } => "being called",
            Self::Answered => "waiting for the caller's ACK",
            Self::Closing { .. } => "being hung up",
            Self::Standing => "answered",
            Self::Over => "over",
        }
    }
}

/// A task that is stopped when nobody waits for it any more.
pub(crate) struct Deadline(pub JoinHandle<()>);

impl Drop for Deadline {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What caller and we said about sound.
pub(crate) struct Media {
    /// The caller's offer, until it is answered; none after an INVITE without one.
    pub session: Option<Session>,
    /// Our side, once we answered.
    pub local: Option<LocalMedia>,
    /// What holds.
    pub agreed: Option<AgreedMedia>,
}

impl Media {
    /// Nothing said yet but what the INVITE offered.
    pub fn before_answer(session: Option<Session>) -> Self {
        Self {
            session,
            local: None,
            agreed: None,
        }
    }

    /// Our description in answer to what the INVITE offered, or our own offer
    /// where it offered nothing; what was agreed is kept.
    pub fn answer(&mut self, local: LocalMedia) -> (String, Answered) {
        self.local = Some(local);
        let session = self.session.take();
        let agreement = session.and_then(|session| {
            let agreed = sdp::choose(&session.offer, None)?;
            Some((sdp::answer(&session, &agreed, &local), agreed))
        });
        match agreement {
            Some((sdp, agreed)) => {
                self.agreed = Some(agreed);
                (sdp, Answered::Agreed(agreed))
            }
            None => (sdp::offer(None, &local), Answered::Offered),
        }
    }
}

/// A call's place among the calls; given back when dropped.
pub(crate) enum Place {
    /// Of a call that came in.
    Incoming {
        /// Where it was taken.
        gate: Arc<Gate>,
        /// Whose it is.
        key: CallKey,
    },
    /// Of a call of ours: gives itself back.
    Outgoing {
        /// The place.
        _permit: OwnedSemaphorePermit,
    },
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::Incoming { gate, key } => gate.release(Instant::now(), key),
            Self::Outgoing { .. } => {}
        }
    }
}

/// A side that we called may send requests; when dropped, no longer.
pub(crate) struct Guest {
    gate: Arc<Gate>,
    key: DialogKey,
}

impl Guest {
    /// Lets it in.
    pub fn welcome(gate: &Arc<Gate>, key: DialogKey, at: IpAddr) -> Self {
        gate.welcome(key.clone(), at);
        let gate = gate.clone();
        Self { gate, key }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.gate.see_off(Instant::now(), &self.key);
    }
}
