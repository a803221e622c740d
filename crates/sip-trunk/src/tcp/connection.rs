//! One connection: read into the gate, written from the library.

use super::address_of;
use super::frame::{Broken, Frame, Framer};
use crate::gate::{Gate, Verdict};
use rsipstack::platform::mpsc::unbounded_channel;
use rsipstack::sip::{SipMessage, Transport};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transport::channel::ChannelConnection;
use rsipstack::transport::{SipConnection, TransportEvent};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

/// Messages that may wait to be written; a peer that lets more wait is closed.
const MAX_WAITING: usize = 256;
/// Read at once.
const CHUNK: usize = 4_096;

/// How long a connection may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Between two messages.
    pub idle: Duration,
    /// For one message, in either direction.
    pub message: Duration,
}

/// Why a connection was closed by us.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    #[error("{0}")]
    Broken(#[from] Broken),
    #[error("a message was not whole in time")]
    Slow,
}

/// What is written to a connection, and whether it is open.
#[derive(Clone)]
pub(crate) struct Line {
    number: u64,
    waiting: mpsc::Sender<Vec<u8>>,
    closed: CancellationToken,
}

impl Line {
    /// Tells it from every other, of the same peer too.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether anything can be written.
    pub fn is_open(&self) -> bool {
        !self.closed.is_cancelled()
    }

    /// Has a message written; a peer that takes none is closed.
    fn write(&self, message: Vec<u8>) {
        if self.waiting.try_send(message).is_err() {
            self.closed.cancel();
        }
    }
}

/// A connection as the trunk keeps it.
pub(crate) struct Connection {
    /// What is written to it.
    pub line: Line,
    /// The same as the library sees it.
    pub for_library: SipConnection,
    peer: SocketAddr,
    patience: Patience,
}

impl Connection {
    /// Begins to write; the half to be read is given back.
    pub async fn over(
        stream: TcpStream,
        peer: SocketAddr,
        number: u64,
        patience: Patience,
        closed: CancellationToken,
    ) -> Option<(Self, OwnedReadHalf)> {
        let (reading, writing) = stream.into_split();
        let (waiting, to_write) = mpsc::channel(MAX_WAITING);
        let line = Line {
            number,
            waiting,
            closed: closed.clone(),
        };
        let for_library = library_end(peer, line.clone()).await?;
        tokio::spawn(write(writing, to_write, patience.message, closed));
        let connection = Self {
            for_library,
            line,
            peer,
            patience,
        };
        Some((connection, reading))
    }

    /// Reads until the peer ends it, or must be ended.
    pub async fn serve(
        &self,
        mut reading: OwnedReadHalf,
        gate: &Gate,
        endpoint: &EndpointInnerRef,
    ) -> Result<(), Ended> {
        let closed = self.line.closed.clone();
        // Whatever ends the reading ends the writing.
        let _guard = closed.clone().drop_guard();
        let work = self.read(&mut reading, gate, endpoint);
        closed.run_until_cancelled(work).await.unwrap_or(Ok(()))
    }

    async fn read(
        &self,
        reading: &mut OwnedReadHalf,
        gate: &Gate,
        endpoint: &EndpointInnerRef,
    ) -> Result<(), Ended> {
        let mut framer = Framer::default();
        let mut chunk = [0; CHUNK];
        let mut idle_since = Instant::now();
        let mut begun: Option<Instant> = None;
        loop {
            let until = match begun {
                Some(begun) => begun + self.patience.message,
                None => idle_since + self.patience.idle,
            };
            let length = match timeout_at(until, reading.read(&mut chunk)).await {
                Ok(Ok(0) | Err(_)) => return Ok(()),
                Ok(Ok(length)) => length,
                Err(_) if begun.is_some() => return Err(Ended::Slow),
                Err(_) => return Ok(()),
            };
            framer.push(&chunk[..length]);
            let mut was_whole = false;
            while let Some(frame) = framer.next_frame()? {
                was_whole = true;
                match frame {
                    Frame::Ping => self.line.write(b"\r\n".to_vec()),
                    Frame::Message(message) => self.take(message, gate, endpoint).await,
                }
            }
            let now = Instant::now();
            if was_whole {
                idle_since = now;
                begun = None;
            }
            begun = framer.is_amid_message().then(|| begun.unwrap_or(now));
        }
    }

    /// One message, judged as a datagram would be.
    async fn take(&self, message: Vec<u8>, gate: &Gate, endpoint: &EndpointInnerRef) {
        let verdict = gate.judge(std::time::Instant::now(), self.peer, &message);
        match verdict {
            Verdict::Drop => {}
            Verdict::Answer { response, .. } => self.line.write(response),
            Verdict::Deliver { message, branch } => gate.deliver(&branch, &message),
            Verdict::Pass { message, .. } => {
                let read = SipMessage::try_from(message.as_slice()).ok();
                let marked = read.and_then(|message| {
                    SipConnection::update_msg_received(message, self.peer, Transport::Tcp).ok()
                });
                let Some(message) = marked else { return };
                let connection = self.for_library.clone();
                let from = address_of(self.peer);
                if let Err(error) = endpoint
                    .on_received_message(message, connection, &from)
                    .await
                {
                    tracing::debug!(%error, "a message could not be taken");
                }
            }
        }
    }
}

/// The library's end of a line. It has no limit of its own, so what it says is
/// passed on at once to where there is one.
async fn library_end(peer: SocketAddr, line: Line) -> Option<SipConnection> {
    let (says, mut said) = unbounded_channel();
    let (_, hears_nothing) = unbounded_channel();
    let closed = line.closed.clone();
    tokio::spawn(closed.clone().run_until_cancelled_owned(async move {
        while let Some(event) = said.recv().await {
            if let TransportEvent::Incoming(message, ..) = event {
                line.write(message.to_bytes());
            }
        }
    }));
    let address = address_of(peer);
    let made = ChannelConnection::create_connection(hears_nothing, says, address, Some(closed));
    made.await.ok().map(SipConnection::from)
}

/// Writes what waits, in order; a peer that does not take a message in time is
/// closed.
async fn write(
    mut writing: OwnedWriteHalf,
    mut to_write: mpsc::Receiver<Vec<u8>>,
    message_max: Duration,
    closed: CancellationToken,
) {
    let _guard = closed.clone().drop_guard();
    let work = async {
        while let Some(message) = to_write.recv().await {
            let written = timeout(message_max, writing.write_all(&message)).await;
            if !matches!(written, Ok(Ok(()))) {
                return;
            }
        }
    };
    closed.run_until_cancelled(work).await;
}
