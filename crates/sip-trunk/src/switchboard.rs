//! The switchboard: every leg of a running trunk, and what its parts share.

use crate::dialog::{DialogKey, Reply};
use crate::gate::Gate;
use crate::leg::{Leg, LegState, Phase, Ticket};
use crate::path::Path;
use crate::tcp::Tcp;
use crate::transfer::Transfers;
use crate::{LegEnd, LegError, LegId, TrunkError, TrunkEvent, TrunkSettings};
use rsipstack::sip::{Header, Method};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The running trunk. Locks are taken in one order: a leg, then the table of legs.
pub(crate) struct Switchboard {
    /// The SIP library.
    pub endpoint: EndpointInnerRef,
    /// The gate in front of it.
    pub gate: Arc<Gate>,
    /// What we were told.
    pub settings: TrunkSettings,
    /// The address listened on.
    pub local: SocketAddr,
    /// Ends every task.
    pub stopping: CancellationToken,
    /// Tasks that still have something to say to a peer.
    pub talking: TaskTracker,
    /// The connections over TCP; none: UDP only.
    pub tcp: Option<Arc<Tcp>>,
    /// Places for calls of our own.
    pub lines: Arc<Semaphore>,
    table: Mutex<Table>,
    events: Mutex<Option<mpsc::Sender<TrunkEvent>>>,
    last_leg: AtomicU64,
    started: u64,
}

#[derive(Default)]
struct Table {
    legs: HashMap<LegId, Arc<Leg>>,
    dialogs: HashMap<DialogKey, Arc<Leg>>,
}

impl Switchboard {
    /// A trunk without calls.
    pub fn new(
        endpoint: EndpointInnerRef,
        gate: Arc<Gate>,
        settings: TrunkSettings,
        local: SocketAddr,
        stopping: CancellationToken,
        events: mpsc::Sender<TrunkEvent>,
    ) -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            tcp: None,
            lines: Arc::new(Semaphore::new(settings.max_calls)),
            endpoint,
            gate,
            settings,
            local,
            stopping,
            talking: TaskTracker::new(),
            table: Mutex::default(),
            events: Mutex::new(Some(events)),
            last_leg: AtomicU64::new(0),
            started: started.map_or(0, |since| since.as_secs()),
        }
    }

    /// Speaks TCP too from now on, if it is to.
    pub fn speak_tcp(&mut self) -> Option<Arc<Tcp>> {
        let settings = self.settings.tcp.clone()?;
        let (gate, endpoint) = (self.gate.clone(), self.endpoint.clone());
        let tcp = Tcp::new(settings, gate, endpoint, self.stopping.clone());
        self.tcp = Some(tcp);
        self.tcp.clone()
    }

    /// A name for a new leg.
    pub fn name_leg(&self) -> LegId {
        LegId(self.last_leg.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// A session number for SDP that no earlier session of ours had.
    pub fn session_number(&self, leg: LegId) -> u64 {
        self.started.wrapping_mul(1_000_000).wrapping_add(leg.0)
    }

    /// Enters a leg into the table.
    pub fn enter(&self, leg: &Arc<Leg>) {
        self.table().legs.insert(leg.id, leg.clone());
    }

    /// Enters the dialog of a leg, once it has both its tags.
    pub fn enter_dialog(&self, leg: &Arc<Leg>, state: &LegState) {
        let key = state.dialog.key().clone();
        self.table().dialogs.insert(key, leg.clone());
    }

    /// A leg by its name.
    pub fn leg(&self, id: LegId) -> Result<Arc<Leg>, LegError> {
        let found = self.table().legs.get(&id).cloned();
        found.ok_or(LegError::Gone(id))
    }

    /// The leg a request inside a dialog belongs to.
    pub fn leg_of(&self, key: &DialogKey) -> Option<Arc<Leg>> {
        self.table().dialogs.get(key).cloned()
    }

    /// Every leg there is.
    pub fn all_legs(&self) -> Vec<Arc<Leg>> {
        self.table().legs.values().cloned().collect()
    }

    /// How many legs and dialogs are in the table: the greater number.
    pub fn leg_count(&self) -> usize {
        let table = self.table();
        table.legs.len().max(table.dialogs.len())
    }

    /// The leg is over: it leaves the table and gives its place back.
    pub fn close(&self, leg: &Leg, state: &mut LegState) {
        state.phase = Phase::Over;
        state.place = None;
        state.guest = None;
        state.transfers = Transfers::default();
        state.acked = None;
        let mut table = self.table();
        table.legs.remove(&leg.id);
        table.dialogs.remove(state.dialog.key());
    }

    /// The leg is over, and the server is told why.
    pub fn end(&self, leg: &Leg, state: &mut LegState, by: LegEnd) {
        self.close(leg, state);
        if let Some(ticket) = state.ended.take() {
            ticket.send(TrunkEvent::Ended { leg: leg.id, by });
        }
    }

    /// Ends the dialog with BYE; the leg is over from now on.
    pub fn send_bye(self: &Arc<Self>, leg: &Leg, state: &mut LegState, reason: &str) {
        self.close(leg, state);
        let headers = vec![Header::Reason(reason_value(reason).into())];
        let board = self.clone();
        let user_agent = &self.settings.user_agent;
        let Some((request, next)) = state.dialog.request(Method::Bye, user_agent, headers) else {
            return;
        };
        let credentials = state.credentials.clone();
        self.talking.spawn(async move {
            board.send_known(request, next, credentials).await;
        });
    }

    /// Sends a response through the transaction that waits for it.
    pub fn respond(&self, state: &LegState, reply: Reply) {
        let Phase::Offered {
            invite, responses, ..
        } = &state.phase
        else {
            return;
        };
        let response = state.dialog.response(&self.endpoint, invite, reply);
        // A transaction that is gone has no caller either.
        responses
            .send(rsipstack::transaction::transaction::TransactionEvent::Respond(response))
            .ok();
    }

    /// A place in the queue of events; none when it is full or nobody reads.
    pub fn ticket(&self) -> Option<Ticket> {
        let events = self.events().clone()?;
        events.try_reserve_owned().ok()
    }

    /// Tells what may be lost when nobody reads.
    pub fn mention(&self, event: TrunkEvent) {
        if let Some(events) = self.events().as_ref() {
            events.try_send(event).ok();
        }
    }

    /// No more events: the reader sees the end of the queue.
    pub fn fall_silent(&self) {
        self.events().take();
    }

    /// How messages travel to a peer, whose dialog began on this connection if any.
    pub fn path(&self, peer: SocketAddr, flow: Option<SocketAddr>) -> Path {
        Path {
            own: self.own_address(peer),
            flow,
            has_tcp: self.tcp.is_some(),
        }
    }

    /// Our own address as a peer must see it.
    pub fn own_address(&self, peer: SocketAddr) -> SocketAddr {
        let ip = match self.settings.public_address {
            Some(public) => public,
            None if self.local.ip().is_unspecified() => {
                route_to(peer).unwrap_or_else(|| self.local.ip())
            }
            None => self.local.ip(),
        };
        SocketAddr::new(ip, self.local.port())
    }

    /// The address of our media as a peer must see it.
    pub fn media_address(&self, local_media: SocketAddr, own: SocketAddr) -> SocketAddr {
        let is_named = self.settings.public_address.is_none() && !local_media.ip().is_unspecified();
        let ip = if is_named { local_media.ip() } else { own.ip() };
        SocketAddr::new(ip, local_media.port())
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn events(&self) -> MutexGuard<'_, Option<mpsc::Sender<TrunkEvent>>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The local address from which the system would send to a peer; nothing is sent.
fn route_to(peer: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = match peer {
        SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(peer).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

/// The value of a Reason header for a person (RFC 3326).
pub(crate) fn reason_value(text: &str) -> String {
    format!("Q.850;cause=16;text={}", crate::text::quoted(text))
}

impl From<rsipstack::Error> for TrunkError {
    fn from(error: rsipstack::Error) -> Self {
        Self::Stack(error.to_string())
    }
}
