//! What caller and trunk say to each other about sound.

use call_model::{Codec, PayloadMap};
use std::net::SocketAddr;

/// Who sends and who listens, as the *peer* states it (RFC 3264 §5.1): the caller,
/// or the called side of a call of ours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum MediaDirection {
    /// The caller speaks and listens.
    #[default]
    SendReceive,
    /// The caller only sends: we are on hold, perhaps with music.
    SendOnly,
    /// The caller only listens.
    ReceiveOnly,
    /// Neither: we are on hold.
    Inactive,
}

impl MediaDirection {
    /// The same, but the caller does not listen.
    pub(crate) const fn without_listening(self) -> Self {
        match self {
            Self::SendReceive | Self::SendOnly => Self::SendOnly,
            Self::ReceiveOnly | Self::Inactive => Self::Inactive,
        }
    }

    /// The same, but the caller does not send.
    pub(crate) const fn without_sending(self) -> Self {
        match self {
            Self::SendReceive | Self::ReceiveOnly => Self::ReceiveOnly,
            Self::SendOnly | Self::Inactive => Self::Inactive,
        }
    }

    /// Whether what we send is listened to.
    pub const fn does_caller_listen(self) -> bool {
        matches!(self, Self::SendReceive | Self::ReceiveOnly)
    }

    /// Whether sound is to be expected from the caller.
    pub const fn does_caller_send(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }

    /// The caller holds the call: what we say is not heard.
    pub const fn is_hold(self) -> bool {
        !self.does_caller_listen()
    }
}

/// A speech codec of an offer, under the payload type the caller gave it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OfferedCodec {
    /// The codec.
    pub codec: Codec,
    /// Its payload type in this offer.
    pub payload_type: u8,
}

/// The sound a caller offers, or answers with; at least one codec is ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MediaOffer {
    /// Where the caller wants RTP to be sent: the address of `c=`, the port of
    /// `m=`. An unspecified address (`0.0.0.0`) is the old way to hold; the
    /// direction says so too.
    pub remote: SocketAddr,
    /// The codecs we know, in the caller's order.
    pub codecs: Vec<OfferedCodec>,
    /// The payload type of RFC 4733 telephone events at 8 kHz, whichever the
    /// caller chose.
    pub telephone_event: Option<u8>,
    /// Who sends and who listens.
    pub direction: MediaDirection,
}

/// What both sides agreed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AgreedMedia {
    /// Where to send RTP.
    pub remote: SocketAddr,
    /// Which payload type carries what, in both directions.
    pub payloads: PayloadMap,
    /// Who sends and who listens, as the caller states it.
    pub direction: MediaDirection,
}

/// What became of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answered {
    /// The caller's offer was answered: this holds.
    Agreed(AgreedMedia),
    /// The INVITE had no offer, so ours went out; `TrunkEvent::Acked` tells what
    /// was agreed.
    Offered,
}
