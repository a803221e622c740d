//! SIP over TCP, on the same port as UDP.
//!
//! Connections are our own: the library's would read a stream of any size for
//! ever, past the gate. What a connection brings is cut into messages, judged by
//! the gate as a datagram would be, and handed to the library under a connection
//! that leads back here.

mod connection;
mod frame;

use crate::gate::{Counted, Gate};
use crate::invite::Hop;
use connection::{Connection, Line, Patience};
use rsipstack::sip::Transport;
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transport::{SipAddr, SipConnection};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A pause after the system refused a connection, so that a lasting fault burns no
/// core.
const FAULT_PAUSE: Duration = Duration::from_millis(20);
/// How many connections the system keeps until we take them.
const QUEUE: i32 = 128;

/// What may be done over TCP, and how much of it.
#[derive(Clone, Debug)]
pub struct TcpSettings {
    /// The most connections that came in at once.
    pub connections_max: usize,
    /// The most of them from one address.
    pub connections_of_one_address_max: usize,
    /// A connection on which nothing came for so long is closed.
    pub idle_max: Duration,
    /// A message that has begun must be whole after this, or the connection is
    /// closed; so it is when the other side does not take a message in this time.
    pub message_max: Duration,
    /// The longest that opening a connection of our own may take.
    pub connect_max: Duration,
}

impl Default for TcpSettings {
    fn default() -> Self {
        Self {
            connections_max: 256,
            connections_of_one_address_max: 32,
            idle_max: Duration::from_secs(3_600),
            message_max: Duration::from_secs(10),
            connect_max: Duration::from_secs(5),
        }
    }
}

/// Every TCP connection of a trunk.
pub(crate) struct Tcp {
    settings: TcpSettings,
    gate: Arc<Gate>,
    endpoint: EndpointInnerRef,
    stopping: CancellationToken,
    open: Mutex<HashMap<SocketAddr, Open>>,
    last: AtomicU64,
}

/// A connection that is open.
struct Open {
    line: Line,
    connection: SipConnection,
    came_in: bool,
}

/// Binds the listener that belongs to a UDP address.
pub(crate) fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    // Connections of the server before this one may linger in the system.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(QUEUE)?;
    TcpListener::from_std(socket.into())
}

impl Tcp {
    /// Without connections.
    pub fn new(
        settings: TcpSettings,
        gate: Arc<Gate>,
        endpoint: EndpointInnerRef,
        stopping: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            settings,
            gate,
            endpoint,
            stopping,
            open: Mutex::default(),
            last: AtomicU64::new(0),
        })
    }

    /// Takes connections for ever.
    pub async fn listen(self: Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.admit(stream, peer).await,
                Err(error) => {
                    tracing::warn!(%error, "taking a SIP connection failed");
                    tokio::time::sleep(FAULT_PAUSE).await;
                }
            }
        }
    }

    /// Takes a connection that came in; from strangers, and above the limits, it is
    /// closed at once.
    async fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let address = peer.ip();
        if self.gate.may_connect(address) && self.has_room_for(address) {
            self.start(stream, peer, true).await;
        } else {
            self.gate.counters().add(Counted::ConnectionRefused);
        }
    }

    fn has_room_for(&self, address: IpAddr) -> bool {
        let open = self.open();
        let came_in = || open.iter().filter(|(_, open)| open.came_in);
        came_in().count() < self.settings.connections_max
            && came_in().filter(|(peer, _)| peer.ip() == address).count()
                < self.settings.connections_of_one_address_max
    }

    /// The way to an address over TCP: by a connection that is open, else by a new
    /// one; none when there is no such address or it takes none.
    pub async fn hop(self: &Arc<Self>, to: &SipAddr, flow: Option<SocketAddr>) -> Option<Hop> {
        if let Some(hop) = flow.and_then(|flow| self.existing(flow)) {
            return Some(hop);
        }
        let address = self.resolve(to).await?;
        if let Some(hop) = self.existing(address) {
            return Some(hop);
        }
        let connecting = timeout(self.settings.connect_max, TcpStream::connect(address));
        let stream = connecting.await.ok()?.ok()?;
        self.start(stream, address, false).await;
        self.existing(address)
    }

    async fn resolve(&self, to: &SipAddr) -> Option<SocketAddr> {
        if let Ok(address) = to.get_socketaddr() {
            return Some(address);
        }
        let resolver = &self.endpoint.transport_layer.inner.domain_resolver;
        let resolving = timeout(self.settings.connect_max, resolver.resolve(to));
        resolving.await.ok()?.ok()?.get_socketaddr().ok()
    }

    fn existing(&self, peer: SocketAddr) -> Option<Hop> {
        let open = self.open();
        let open = open.get(&peer).filter(|open| open.line.is_open())?;
        Some(Hop {
            connection: open.connection.clone(),
            to: address_of(peer),
        })
    }

    /// Reads and writes a connection from now on, until it ends.
    async fn start(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, came_in: bool) {
        // Small messages must not wait for each other.
        stream.set_nodelay(true).ok();
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let patience = Patience {
            idle: self.settings.idle_max,
            message: self.settings.message_max,
        };
        let closed = self.stopping.child_token();
        let started = Connection::over(stream, peer, number, patience, closed).await;
        let Some((connection, reading)) = started else {
            return;
        };
        let open = Open {
            line: connection.line.clone(),
            connection: connection.for_library.clone(),
            came_in,
        };
        self.open().insert(peer, open);
        self.gate.counters().add(Counted::ConnectionOpened);
        let tcp = self.clone();
        tokio::spawn(async move {
            if let Err(broken) = connection.serve(reading, &tcp.gate, &tcp.endpoint).await {
                tcp.gate.counters().add(Counted::ConnectionBroken);
                tracing::info!(%peer, %broken, "a SIP connection was closed");
            }
            tcp.close(peer, number);
        });
    }

    fn close(&self, peer: SocketAddr, number: u64) {
        self.gate.counters().add(Counted::ConnectionClosed);
        let mut open = self.open();
        // Another connection may have taken its place.
        if open
            .get(&peer)
            .is_some_and(|open| open.line.number() == number)
        {
            open.remove(&peer);
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<SocketAddr, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An address as the library names it.
pub(crate) fn address_of(peer: SocketAddr) -> SipAddr {
    SipAddr {
        r#type: Some(Transport::Tcp),
        addr: peer.into(),
    }
}
