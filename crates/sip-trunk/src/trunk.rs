//! The trunk: what the server holds.

use crate::calling;
use crate::dialog::Reply;
use crate::gate::Gate;
use crate::incoming::{self, reply_of};
use crate::leg::Phase;
use crate::sdp::LocalMedia;
use crate::socket::{Backlog, GatedSocket, Taker};
use crate::switchboard::Switchboard;
use crate::{
    Answered, LegError, LegId, OutgoingCall, RejectStatus, Rejection, TransferId, TrunkError,
    TrunkEvent, TrunkSettings,
};
use crate::{tcp, text, within};
use rsipstack::EndpointBuilder;
use rsipstack::sip::{HeadersExt, Method};
use rsipstack::transaction::endpoint::{Endpoint, EndpointOption};
use rsipstack::transaction::{Transaction, TransactionReceiver};
use rsipstack::transport::TransportLayer;
use rsipstack::transport::udp::UdpConnection;
use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How much the system may buffer between two of our reads: a burst of some
/// thousand messages. It grants what it allows.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;
/// How many ports are tried where the system chooses.
const PORT_TRIES: u32 = 10;
/// How long `stop` waits for peers to answer our BYEs.
const FAREWELL: Duration = Duration::from_secs(3);
/// Above this a limit is a slip of the hand.
const MOST_CALLS: usize = 100_000;
/// Events a call may be owed at once; each has its place kept.
const EVENTS_OF_A_CALL: usize = 3;
/// Events a call of our own may be owed at once, transfers not counted.
const EVENTS_OF_A_CALL_OF_OURS: usize = 2;
/// Places for news of calls under way.
const SPARE_EVENTS: usize = 256;

/// A running SIP listener. Clones are handles to the same one.
///
/// Commands never wait: what they send is on its way when they return. A trunk
/// runs until [`stop`](Self::stop) is called.
#[derive(Clone)]
pub struct Trunk {
    board: Arc<Switchboard>,
}

impl fmt::Debug for Trunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trunk")
            .field("local", &self.board.local)
            .field("load", &self.load())
            .finish()
    }
}

/// What a trunk holds at this moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TrunkLoad {
    /// Calls that came in and count against the limits of their trunks.
    pub calls: usize,
    /// Legs and dialogs that are known, calls of our own among them.
    pub legs: usize,
    /// Transactions under way.
    pub transactions: usize,
    /// Finished transactions that are remembered for 64 × T1, to recognise
    /// repetitions.
    pub remembered: usize,
}

impl Trunk {
    /// Listens and begins to take calls. The receiver must be read as long as
    /// the trunk lives: while it is full new calls are refused with 503, and
    /// what calls under way have to tell waits for its reader.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, or the settings contradict themselves.
    pub async fn start(
        settings: TrunkSettings,
    ) -> Result<(Self, mpsc::Receiver<TrunkEvent>), TrunkError> {
        check(&settings)?;
        let gate = Arc::new(Gate::new(&settings, Instant::now()));
        let fault = |source| TrunkError::Listen {
            address: settings.listen,
            source,
        };
        let (socket, listener) = listen_both(&settings).map_err(fault)?;
        let local = socket.local_addr().map_err(fault)?;
        let stopping = CancellationToken::new();
        let endpoint = assemble(socket, &gate, &settings, local, &stopping).await?;
        let owed = EVENTS_OF_A_CALL + EVENTS_OF_A_CALL_OF_OURS;
        let capacity = settings.max_calls * owed + SPARE_EVENTS;
        let (events, receiver) = mpsc::channel(capacity);
        let incoming = endpoint.incoming_transactions()?;
        let inner = endpoint.inner.clone();
        let mut board = Switchboard::new(inner, gate, settings, local, stopping, events);
        let listening = board.speak_tcp().zip(listener);
        let board = Arc::new(board);
        if let Some((tcp, listener)) = listening {
            let stopping = board.stopping.clone();
            watch("the TCP listener", &board, async move {
                stopping.run_until_cancelled(tcp.listen(listener)).await;
                Ok(())
            });
        }
        let library = endpoint.inner.clone();
        watch("the SIP stack", &board, async move {
            library.serve().await.map_err(TrunkError::from)
        });
        let dispatcher = dispatch(board.clone(), incoming);
        watch("the dispatcher", &board, async {
            dispatcher.await;
            Ok(())
        });
        let has_tcp = board.tcp.is_some();
        tracing::info!(address = %local, tcp = has_tcp, "listening for SIP over UDP");
        Ok((Self { board }, receiver))
    }

    /// The address that is listened on.
    pub fn local_address(&self) -> SocketAddr {
        self.board.local
    }

    /// Whether new calls are taken. When not, they are refused with 503 and
    /// Retry-After, OPTIONS likewise, while calls under way go on.
    pub fn set_accepting(&self, accepting: bool) {
        self.board.gate.set_accepting(accepting);
    }

    /// What is held at this moment.
    pub fn load(&self) -> TrunkLoad {
        let library = self.board.endpoint.get_stats();
        let (awaited, over) = self.board.gate.invites().count();
        TrunkLoad {
            calls: self.board.gate.live(),
            legs: self.board.leg_count(),
            transactions: library.running_transactions + awaited,
            remembered: library.finished_transactions + over,
        }
    }

    /// What was received, dropped and refused since the start: name and number.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        self.board.gate.counters().read()
    }

    /// Calls somebody: offers PCMU, PCMA and telephone events. Returns at once; what
    /// becomes of the call is told by [`TrunkEvent::Progress`],
    /// [`TrunkEvent::Established`] and [`TrunkEvent::Ended`]. It may be hung up at
    /// any time. Of several sides that answer the first is taken.
    ///
    /// # Errors
    ///
    /// When the address or a header cannot be sent, as many calls of ours are up as
    /// `max_calls` allows, or too many events wait unread.
    pub fn call(&self, call: OutgoingCall) -> Result<LegId, LegError> {
        calling::place(&self.board, call)
    }

    /// Tells the caller that it rings (180). May be repeated.
    ///
    /// # Errors
    ///
    /// When the call is over or was answered.
    pub fn ringing(&self, leg: LegId) -> Result<(), LegError> {
        let leg = self.board.leg(leg)?;
        let state = leg.lock();
        match &state.phase {
            Phase::Offered { .. } => {
                self.board.respond(&state, Reply::bare(180));
                Ok(())
            }
            phase => Err(leg.out_of_turn("ring", phase)),
        }
    }

    /// Takes the call (200): our RTP is received at `local_media`. Where the
    /// public address is set it stands in the SDP instead of `local_media`'s own;
    /// where that is unspecified, the address that the caller's side can reach.
    ///
    /// # Errors
    ///
    /// When the call is over or was answered before.
    pub fn answer(&self, leg: LegId, local_media: SocketAddr) -> Result<Answered, LegError> {
        let leg = self.board.leg(leg)?;
        let mut state = leg.lock();
        if !matches!(state.phase, Phase::Offered { .. }) {
            return Err(leg.out_of_turn("be answered", &state.phase));
        }
        let own = state.dialog.own_address();
        let local = LocalMedia {
            receive: self.board.media_address(local_media, own),
            session: self.board.session_number(leg.id),
            version: 1,
            holds: false,
        };
        let (sdp, answered) = state.media.answer(local);
        self.board.respond(&state, Reply::with_sdp(sdp));
        state.phase = Phase::Answered;
        Ok(answered)
    }

    /// Refuses a call that was not answered yet.
    ///
    /// # Errors
    ///
    /// When the call is over or was answered.
    pub fn reject(&self, leg: LegId, rejection: &Rejection) -> Result<(), LegError> {
        let leg = self.board.leg(leg)?;
        let mut state = leg.lock();
        if !matches!(state.phase, Phase::Offered { .. }) {
            return Err(leg.out_of_turn("be rejected", &state.phase));
        }
        self.board.respond(&state, reply_of(rejection));
        self.board.close(&leg, &mut state);
        state.ended = None;
        Ok(())
    }

    /// Ends an answered call with BYE, which waits for the caller's ACK where
    /// that is still out; `reason` travels in a Reason header (RFC 3326). A caller
    /// not answered yet is refused with 480. A call of ours that was not answered
    /// yet is cancelled; an answer that comes nonetheless is told goodbye.
    ///
    /// # Errors
    ///
    /// When the call is over.
    pub fn hang_up(&self, leg: LegId, reason: &str) -> Result<(), LegError> {
        let leg = self.board.leg(leg)?;
        let mut state = leg.lock();
        match state.phase {
            Phase::Offered { .. } => {
                drop(state);
                let status = RejectStatus::TemporarilyUnavailable;
                return self.reject(leg.id, &Rejection::new(status, reason));
            }
            Phase::Calling { ref given_up } => {
                given_up.cancel();
                self.board.close(&leg, &mut state);
            }
            Phase::Answered => {
                let reason = reason.to_owned();
                state.phase = Phase::Closing { reason };
            }
            Phase::Standing => self.board.send_bye(&leg, &mut state, reason),
            Phase::Closing { .. } | Phase::Over => return Err(LegError::Gone(leg.id)),
        }
        state.ended = None;
        Ok(())
    }

    /// Asks the caller's side to call `target` instead of us (blind transfer,
    /// RFC 3515); `headers` are added to the REFER. What becomes of it is told by
    /// [`TrunkEvent::Transfer`] under the name returned here; the call stays up
    /// until one side ends it.
    ///
    /// A transfer under way is superseded: nothing more is told of it, even if
    /// the peer goes on trying it.
    ///
    /// # Errors
    ///
    /// When the call is over or not answered, too many events wait unread, or
    /// target or headers cannot be sent.
    pub fn refer(
        &self,
        leg: LegId,
        target: &str,
        headers: &[(String, String)],
    ) -> Result<TransferId, LegError> {
        self.board.refer(leg, target, headers)
    }

    /// Holds the other side of a call that stands: offers to send only. What it
    /// hears meanwhile is our matter. When it agrees, that is told by
    /// [`TrunkEvent::Reoffered`]; when it does not, the call stays as it was. An
    /// offer of its own that meets ours comes first (RFC 3261 §14.1).
    ///
    /// # Errors
    ///
    /// When the call is over or does not stand yet.
    pub fn hold(&self, leg: LegId) -> Result<(), LegError> {
        self.board.hold(leg, true)
    }

    /// Takes a call back that was held, in the same way.
    ///
    /// # Errors
    ///
    /// When the call is over or does not stand yet.
    pub fn resume(&self, leg: LegId) -> Result<(), LegError> {
        self.board.hold(leg, false)
    }

    /// Ends every call, waits a moment for the peers' answers, and stops
    /// listening; the receiver of events sees their end.
    pub async fn stop(&self) {
        self.set_accepting(false);
        for leg in self.board.all_legs() {
            self.say_goodbye(leg.id);
        }
        self.board.fall_silent();
        self.board.talking.close();
        tokio::time::timeout(FAREWELL, self.board.talking.wait())
            .await
            .ok();
        self.board.stopping.cancel();
    }
}

impl Trunk {
    /// Refuses or ends a call because the server goes down.
    fn say_goodbye(&self, leg: LegId) {
        let text = "The server goes down";
        let refusal = Rejection::new(RejectStatus::ServiceUnavailable, text)
            .retry_after(self.board.settings.retry_after);
        if let Err(LegError::OutOfTurn { .. }) = self.reject(leg, &refusal) {
            // A leg that ended by itself meanwhile is what we want.
            self.hang_up(leg, text).ok();
        }
    }
}

fn check(settings: &TrunkSettings) -> Result<(), TrunkError> {
    let mut names = BTreeSet::new();
    for trunk in &settings.trunks {
        if !names.insert(&trunk.name) {
            let text = format!(
                "two trunks are named '{}'; a name must be its own",
                trunk.name
            );
            return Err(TrunkError::Settings(text));
        }
    }
    if settings.max_calls > MOST_CALLS {
        let text = format!("max_calls is above {MOST_CALLS}, more than one listener can serve");
        return Err(TrunkError::Settings(text));
    }
    if let Some(tcp) = &settings.tcp {
        let waits = [tcp.idle_max, tcp.message_max, tcp.connect_max];
        if waits.iter().any(Duration::is_zero) {
            let text = "SIP over TCP: idle_max, message_max and connect_max must be above zero";
            return Err(TrunkError::Settings(text.to_owned()));
        }
    }
    if settings.user_agent.chars().any(char::is_control) {
        let text = "the user agent's name has control characters in it".to_owned();
        return Err(TrunkError::Settings(text));
    }
    if settings.timing.t1.is_zero() || settings.timing.t2 < settings.timing.t1 {
        let text = "SIP timing: T1 must be above zero and T2 not below T1".to_owned();
        return Err(TrunkError::Settings(text));
    }
    Ok(())
}

/// The UDP socket, and the TCP listener on its port. Where the system chooses the
/// port, it may choose one that only UDP has free: then it is asked again.
fn listen_both(
    settings: &TrunkSettings,
) -> std::io::Result<(tokio::net::UdpSocket, Option<tokio::net::TcpListener>)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let socket = listen(settings.listen)?;
        if settings.tcp.is_none() {
            return Ok((socket, None));
        }
        match tcp::bind(socket.local_addr()?) {
            Ok(listener) => return Ok((socket, Some(listener))),
            Err(_) if settings.listen.port() == 0 && tries < PORT_TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

fn listen(address: SocketAddr) -> std::io::Result<tokio::net::UdpSocket> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    // What the system grants is enough; what it refuses shows as load.
    socket.set_recv_buffer_size(RECEIVE_BUFFER).ok();
    socket.bind(&address.into())?;
    tokio::net::UdpSocket::from_std(socket.into())
}

async fn assemble(
    socket: tokio::net::UdpSocket,
    gate: &Arc<Gate>,
    settings: &TrunkSettings,
    local: SocketAddr,
    stopping: &CancellationToken,
) -> Result<Endpoint, TrunkError> {
    let backlog = Arc::new(Backlog::default());
    let gated = GatedSocket::new(socket, gate.clone(), backlog.clone());
    let ip = settings.public_address.unwrap_or(local.ip());
    let external = Some(SocketAddr::new(ip, local.port()));
    let token = stopping.child_token();
    let connection =
        UdpConnection::from_socket(Arc::new(gated), external, Some(token.clone())).await?;
    let transport = TransportLayer::new(token.clone());
    transport.add_transport(connection.into());
    let timing = settings.timing;
    let option = EndpointOption {
        t1: timing.t1,
        t2: timing.t2,
        t4: timing.t4,
        t1x64: timing.patience(),
        ..EndpointOption::default()
    };
    let mut builder = EndpointBuilder::new();
    builder
        .with_user_agent(&settings.user_agent)
        .with_transport_layer(transport)
        .with_cancel_token(token)
        .with_option(option)
        .with_transport_inspector(Box::new(Taker(backlog)));
    Ok(builder.build())
}

/// Runs what must not end before the trunk does; if it does, the server is told.
fn watch(
    name: &'static str,
    board: &Arc<Switchboard>,
    work: impl Future<Output = Result<(), TrunkError>> + Send + 'static,
) {
    let board = board.clone();
    tokio::spawn(async move {
        let ended = tokio::spawn(work).await;
        if board.stopping.is_cancelled() {
            return;
        }
        let what = match ended {
            Ok(Ok(())) => format!("{name} stopped by itself"),
            Ok(Err(error)) => format!("{name} stopped: {error}"),
            Err(panic) => format!("{name} broke down: {panic}"),
        };
        board.gate.set_accepting(false);
        board.mention(TrunkEvent::Failed { what });
    });
}

async fn dispatch(board: Arc<Switchboard>, mut incoming: TransactionReceiver) {
    let stopping = board.stopping.clone();
    while let Some(Some(transaction)) = stopping.run_until_cancelled(incoming.recv()).await {
        if is_new_call(&transaction) {
            incoming::begin(&board, transaction);
        } else {
            within::serve(&board, transaction).await;
        }
    }
}

fn is_new_call(transaction: &Transaction) -> bool {
    let request = &transaction.original;
    let to = request.to_header().map(|to| to.value());
    request.method == Method::Invite && text::tag(to.unwrap_or_default()).is_none()
}
