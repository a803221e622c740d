//! What a trunk tells: calls and what becomes of them.

use crate::{AgreedMedia, MediaOffer};
use call_model::{Key, Private};
use std::fmt;
use std::net::SocketAddr;

/// One leg, of a caller or of somebody we call; never used twice in the life of a
/// process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LegId(pub(crate) u64);

impl LegId {
    /// Its number, from 1.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leg {}", self.0)
    }
}

/// One transfer of a leg; a later one of the same leg is greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TransferId(pub(crate) u32);

impl TransferId {
    /// Its number: the CSeq of its REFER, by which the peer names it too (RFC
    /// 3515 §2.4.6).
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// Something happened on a trunk.
///
/// A leg begins with `Incoming`, or with [`Trunk::call`](crate::Trunk::call), and
/// ends with exactly one `Cancelled` or `Ended`, unless the server itself
/// rejected it or hung up: then nothing more is told of it.
#[derive(Debug)]
pub enum TrunkEvent {
    /// A call arrives. It waits for `ringing`, `answer` or `reject`.
    Incoming(Box<IncomingCall>),
    /// The caller acknowledged our answer: the call stands.
    Acked {
        /// The call.
        leg: LegId,
        /// What the caller's answer agreed to, when its INVITE came without an
        /// offer and ours stood in the 200 (RFC 3261 §13.2.1).
        late: Option<AgreedMedia>,
    },
    /// The caller gave up before we answered.
    Cancelled {
        /// The call.
        leg: LegId,
    },
    /// A call of ours is on its way; told once for each of the two statuses.
    Progress {
        /// The call.
        leg: LegId,
        /// 180: the phone rings. 183: the call is being set up.
        status: u16,
    },
    /// A call of ours was answered, and acknowledged by us: it stands.
    Established {
        /// The call.
        leg: LegId,
        /// What both sides agreed on.
        media: AgreedMedia,
    },
    /// The call is over.
    Ended {
        /// The call.
        leg: LegId,
        /// Why.
        by: LegEnd,
    },
    /// The media of a call that stands changed: the peer asked for it and the
    /// trunk has agreed already, or the peer agreed to a hold of ours or its end.
    /// A mere session refresh is not told.
    Reoffered {
        /// The call.
        leg: LegId,
        /// What holds from now on.
        media: AgreedMedia,
    },
    /// A key was pressed, told by signalling (SIP INFO) and not by sound. A peer
    /// that also sends RFC 4733 events gives every key twice.
    Info {
        /// The call.
        leg: LegId,
        /// The key.
        key: Key,
    },
    /// News of a transfer that was asked for with `refer`. None are told of one
    /// that a later `refer` superseded, but what was told before may still wait
    /// in the queue.
    Transfer {
        /// The call.
        leg: LegId,
        /// The transfer, as `refer` named it.
        transfer: TransferId,
        /// The news; after `Completed` and `Failed` none follows.
        news: TransferNews,
    },
    /// The trunk itself broke down and takes no more calls: ours to repair.
    Failed {
        /// What broke, in words.
        what: String,
    },
}

/// A call at our door.
#[derive(Clone, Debug)]
pub struct IncomingCall {
    /// Names the call in every command and event.
    pub leg: LegId,
    /// The name of the trunk it came by.
    pub trunk: String,
    /// Its Call-ID.
    pub sip_call_id: String,
    /// The caller's number: the user part of From.
    pub from: Private<String>,
    /// The caller's name as From shows it; empty without one. Bytes that were
    /// not UTF-8 stand as `?`.
    pub from_display: Private<String>,
    /// The number the trunk vouches for: the user part of P-Asserted-Identity
    /// (RFC 3325), where it stands.
    pub asserted: Option<Private<String>>,
    /// The number that was called: the user part of the Request-URI.
    pub called: String,
    /// Where its signalling came from.
    pub remote: SocketAddr,
    /// The caller's software, as it names itself.
    pub user_agent: Option<String>,
    /// The media it offers; none: the INVITE came without an offer, and `answer`
    /// will make ours.
    pub offer: Option<MediaOffer>,
}

/// Why a leg ended, other than by our own command.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LegEnd {
    /// The other side hung up: the caller, or the called side of a call of ours.
    ByCaller,
    /// The caller never acknowledged our answer within 64 × T1 (RFC 3261
    /// §13.3.1.4); it was sent a BYE.
    NoAck,
    /// The peer's answer to our offer had nothing we can play; it was sent a BYE.
    NoCommonMedia,
    /// A call of ours was refused with this final status, 300 to 699; also 503
    /// when its address could not be found or nothing could be sent there (RFC
    /// 3261 §8.1.3.1). 401 and 407: the credentials did not help, or there are none.
    Refused {
        /// The status.
        status: u16,
    },
    /// A call of ours was not answered within `ring_max`, or nothing at all was
    /// heard from its address; it is being cancelled.
    NoAnswer,
    /// Nobody told us what to do with the call within `answer_wait`; it was
    /// refused with 480.
    Unanswered,
}

/// How a transfer goes on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TransferNews {
    /// The peer took the request (2xx to our REFER) and tries the target.
    Accepted,
    /// The target answered the peer with this provisional status.
    Progress {
        /// The status, 100 to 199.
        status: u16,
    },
    /// The target took the call.
    Completed,
    /// The transfer is off; the caller is still ours.
    Failed {
        /// The status that says why; 408 when no news came in time.
        status: u16,
        /// Its reason phrase.
        phrase: String,
    },
}
