//! The agent's side of a call: a socket of its own beside the caller's.

use super::ports::PortLease;
use super::remote::RemoteAddress;
use call_model::{CallId, PayloadMap};
use mio::net::UdpSocket;
use sip_trunk::LegId;
use std::io;
use std::net::SocketAddr;

/// The largest RTP packet that is read whole.
const PACKET_MAX: usize = 2_048;

/// An agent's phone that was answered.
pub struct NewAgent {
    pub call: CallId,
    pub leg: LegId,
    /// Bound, not blocking.
    pub socket: UdpSocket,
    pub lease: PortLease,
    pub remote: SocketAddr,
    pub payloads: PayloadMap,
    /// Whether the first valid packets may correct `remote`.
    pub is_nat: bool,
}

/// The agent who has the caller, or is about to.
pub struct AgentSide {
    leg: LegId,
    socket: UdpSocket,
    _lease: PortLease,
    remote: RemoteAddress,
}

/// What one look at the socket brought.
pub enum Arrived {
    /// So many bytes of the agent's.
    Packet(usize),
    /// A stranger's packet, or an error that the next packet may mend.
    Foreign,
    /// Nothing waits.
    Nothing,
}

impl AgentSide {
    pub fn new(agent: NewAgent) -> Self {
        Self {
            leg: agent.leg,
            socket: agent.socket,
            _lease: agent.lease,
            remote: RemoteAddress::new(Some(agent.remote), agent.is_nat),
        }
    }

    pub fn leg(&self) -> LegId {
        self.leg
    }

    /// SDP named an address, again or anew.
    pub fn agree(&mut self, remote: SocketAddr) {
        self.remote.agree(remote);
    }

    /// Reads one packet; one from elsewhere than the agent is a stranger's.
    pub fn read(&mut self, buffer: &mut [u8; PACKET_MAX]) -> Arrived {
        match self.socket.recv_from(buffer) {
            Ok((length, from)) if self.remote.is_caller(from, &buffer[..length]) => {
                Arrived::Packet(length)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Arrived::Nothing,
            // A peer that closed its port answers with ICMP; sound may come back.
            Ok(_) | Err(_) => Arrived::Foreign,
        }
    }

    /// Sends one packet; an unreachable phone is noticed by the silence that comes back.
    pub fn send(&self, packet: &[u8]) -> bool {
        self.remote
            .target()
            .is_some_and(|remote| self.socket.send_to(packet, remote).is_ok())
    }
}
