//! Where the signalling of a call stands, and what is being sent again there.

use super::dialog::Dialog;
use super::message::Message;
use super::retransmit::Retransmit;
use std::net::SocketAddr;
use std::time::Duration;

/// Where a call stands.
#[derive(Debug)]
pub enum Phase {
    /// Nothing was sent.
    Fresh,
    /// The INVITE is out; nothing final came.
    Inviting {
        /// As it was sent; CANCEL and the ACK of a refusal repeat parts of it.
        invite: Message,
        /// Until something provisional comes.
        sending: Option<Retransmit>,
        /// Whether it is being taken back.
        cancel: Cancel,
    },
    /// The call stands.
    Talking {
        /// What both sides remember.
        dialog: Dialog,
        /// Sent again for every 200 OK that comes again.
        ack: Vec<u8>,
    },
    /// Our BYE is out.
    Leaving {
        /// Where it went.
        next_hop: SocketAddr,
        /// Until it is answered.
        bye: Retransmit,
    },
    /// Nothing more will happen.
    Over,
}

/// Whether the caller wants the INVITE back.
#[derive(Debug)]
pub enum Cancel {
    /// It stands.
    NotWanted,
    /// Wanted, but nothing provisional came yet (RFC 3261 §9.1).
    Wanted,
    /// CANCEL is out.
    Sent(Retransmit),
}

impl Phase {
    /// The request that is being sent again, if any.
    pub fn sending(&mut self) -> Option<&mut Retransmit> {
        match self {
            Self::Inviting {
                cancel: Cancel::Sent(sending),
                ..
            } => Some(sending),
            Self::Inviting { sending, .. } => sending.as_mut(),
            Self::Leaving { bye, .. } => Some(bye),
            Self::Fresh | Self::Talking { .. } | Self::Over => None,
        }
    }

    /// When it is due.
    pub fn wakes(&self) -> Option<Duration> {
        match self {
            Self::Inviting {
                cancel: Cancel::Sent(sending),
                ..
            } => Some(sending.wakes()),
            Self::Inviting { sending, .. } => sending.as_ref().map(Retransmit::wakes),
            Self::Leaving { bye, .. } => Some(bye.wakes()),
            Self::Fresh | Self::Talking { .. } | Self::Over => None,
        }
    }

    /// Where the dialog's requests go, once there is one.
    pub const fn next_hop(&self) -> Option<SocketAddr> {
        match self {
            Self::Talking { dialog, .. } => Some(dialog.next_hop),
            Self::Leaving { next_hop, .. } => Some(*next_hop),
            Self::Fresh | Self::Inviting { .. } | Self::Over => None,
        }
    }
}
