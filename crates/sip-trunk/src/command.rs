//! What a trunk is asked to do with a call, and why it may not.

use crate::LegId;
use std::time::Duration;

/// How a call is refused, with words a person at the other end can act on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejection {
    /// The status.
    pub status: RejectStatus,
    /// What is wrong and what would help, in one line; it travels in a Warning
    /// and a Reason header. It must not hold a caller's words.
    pub text: String,
    /// When to try again, where that makes sense.
    pub retry_after: Option<Duration>,
}

impl Rejection {
    /// A refusal without a time to try again.
    pub fn new(status: RejectStatus, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            retry_after: None,
        }
    }

    /// The same, with a time to try again.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

/// The statuses a call can be refused with (RFC 3261 §21.4 to §21.6).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RejectStatus {
    /// 403: this caller may not call here.
    Forbidden,
    /// 404: nobody answers under the called number.
    NotFound,
    /// 480: there is somebody, but not now.
    TemporarilyUnavailable,
    /// 486: busy.
    BusyHere,
    /// 488: the offered media cannot be served.
    NotAcceptableHere,
    /// 500: a part of ours failed.
    ServerError,
    /// 503: too much to do, or going down.
    ServiceUnavailable,
}

impl RejectStatus {
    /// Its number.
    pub const fn code(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::TemporarilyUnavailable => 480,
            Self::BusyHere => 486,
            Self::NotAcceptableHere => 488,
            Self::ServerError => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}

/// A command that could not be carried out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LegError {
    /// The leg is over, or never was: the caller was faster. Nothing is to be done.
    #[error("{0} is over")]
    Gone(LegId),
    /// The leg is in a state in which this cannot be asked: ours to mend.
    #[error("{leg} cannot {what}: it is {state}")]
    OutOfTurn {
        /// The leg.
        leg: LegId,
        /// What was asked.
        what: &'static str,
        /// The state it is in.
        state: &'static str,
    },
    /// The target of a transfer is no SIP or tel URI that can be sent.
    #[error("'{0}' is no address to transfer to: sip:user@host or tel:+number is expected")]
    BadTarget(String),
    /// The address to call is no SIP URI that can be called.
    #[error("'{0}' is no address to call: sip:user@host or sip:user@host:port is expected")]
    BadAddress(String),
    /// A header that was to be added cannot stand in a message.
    #[error("'{0}' cannot be a header: its name is no token or its value has control characters")]
    BadHeader(String),
    /// As many calls of ours are up as the trunk takes calls: `max_calls` is too
    /// low, or calls are placed without need.
    #[error("no more than {0} calls can be placed at once (max_calls)")]
    Full(usize),
    /// The server does not read its events fast enough to be told of one more call.
    #[error("too many events of this trunk wait unread to place a call")]
    Unread,
}

/// A trunk that could not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrunkError {
    /// The address cannot be listened on: the operator's to mend.
    #[error("cannot listen for SIP on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The settings contradict themselves: the operator's to mend.
    #[error("{0}")]
    Settings(String),
    /// The SIP library would not start: ours to mend.
    #[error("the SIP stack did not start: {0}")]
    Stack(String),
}
