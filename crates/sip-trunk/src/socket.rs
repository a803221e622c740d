//! The socket the SIP library reads and writes, with the gate in it.

use crate::gate::{Counted, Gate, MAX_MESSAGE, Verdict};
use async_trait::async_trait;
use rsipstack::platform::net::UdpSocket as LibrarySocket;
use rsipstack::transaction::endpoint::TransportEventInspector;
use rsipstack::transport::TransportEvent;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

/// Messages that may wait inside the library; its own queue has no limit.
const MAX_BACKLOG: u64 = 4_096;
/// A pause after the system refused to read, so that a lasting fault burns no core.
const FAULT_PAUSE: Duration = Duration::from_millis(20);

/// Counts messages between the socket and the library's own reading.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    handed: AtomicU64,
    taken: AtomicU64,
}

impl Backlog {
    fn is_full(&self) -> bool {
        let handed = self.handed.load(Ordering::Relaxed);
        handed.saturating_sub(self.taken.load(Ordering::Relaxed)) >= MAX_BACKLOG
    }
}

/// Tells the backlog that the library took a message from its queue.
pub(crate) struct Taker(pub Arc<Backlog>);

#[async_trait]
impl TransportEventInspector for Taker {
    async fn handle(&self, event: TransportEvent) -> Option<TransportEvent> {
        match &event {
            TransportEvent::Incoming(..) => {
                self.0.taken.fetch_add(1, Ordering::Relaxed);
            }
            TransportEvent::New(_) | TransportEvent::Closed(_) => {}
        }
        Some(event)
    }
}

/// A UDP socket behind the gate.
pub(crate) struct GatedSocket {
    socket: UdpSocket,
    gate: Arc<Gate>,
    backlog: Arc<Backlog>,
}

impl GatedSocket {
    /// Puts the gate in front of a bound socket.
    pub fn new(socket: UdpSocket, gate: Arc<Gate>, backlog: Arc<Backlog>) -> Self {
        Self {
            socket,
            gate,
            backlog,
        }
    }

    /// Judges what arrived in `buffer`; a message that passes stands there
    /// cleaned, and its length and the address of its answers are returned.
    async fn admit(
        &self,
        buffer: &mut [u8],
        length: usize,
        source: SocketAddr,
    ) -> Option<(usize, SocketAddr)> {
        match self.gate.judge(Instant::now(), source, &buffer[..length]) {
            Verdict::Drop => None,
            Verdict::Answer { response, to } => {
                self.send(&response, to).await.ok();
                None
            }
            Verdict::Deliver { message, branch } => {
                self.gate.deliver(&branch, &message);
                None
            }
            Verdict::Pass { .. } if self.backlog.is_full() => {
                self.gate.counters().add(Counted::Backlog);
                None
            }
            Verdict::Pass { message, reply_to } => {
                buffer.get_mut(..message.len())?.copy_from_slice(&message);
                self.backlog.handed.fetch_add(1, Ordering::Relaxed);
                Some((message.len(), reply_to))
            }
        }
    }

    async fn send(&self, message: &[u8], to: SocketAddr) -> std::io::Result<usize> {
        let sent = self.socket.send_to(message, to).await;
        self.gate.counters().add(match sent {
            Ok(_) => Counted::Sent,
            Err(_) => Counted::SendFailed,
        });
        sent
    }
}

#[async_trait]
impl LibrarySocket for GatedSocket {
    /// The next message that passed the gate. The address returned is the one
    /// its answers go to: the library sends them where it believes the request
    /// came from.
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        debug_assert!(buffer.len() >= MAX_MESSAGE, "the library's buffer shrank");
        loop {
            match self.socket.recv_from(buffer).await {
                Ok((length, source)) => {
                    if let Some(admitted) = self.admit(buffer, length, source).await {
                        return Ok(admitted);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "reading from the SIP socket failed");
                    tokio::time::sleep(FAULT_PAUSE).await;
                }
            }
        }
    }

    async fn send_to(&self, message: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        Ok(self.send(message, to).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}
