//! The UDP ports that calls receive RTP at.

use mio::net::UdpSocket;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The even ports of a range, given out in turn, so that a port rests as long as
/// can be before another call hears its late packets.
#[derive(Clone)]
pub struct Ports {
    address: IpAddr,
    free: Arc<Mutex<VecDeque<u16>>>,
}

/// One port in use; free again when dropped.
pub struct PortLease {
    port: u16,
    free: Arc<Mutex<VecDeque<u16>>>,
}

impl Ports {
    /// The even ports from `first` to `last`.
    pub fn new(address: IpAddr, first: u16, last: u16) -> Self {
        let even = (first..=last).filter(|port| port % 2 == 0).collect();
        Self {
            address,
            free: Arc::new(Mutex::new(even)),
        }
    }

    /// Binds the next free port. A port that another program holds is passed over.
    ///
    /// # Errors
    /// When no port is left, or every one that is left cannot be bound.
    pub fn bind(&self) -> io::Result<(UdpSocket, SocketAddr, PortLease)> {
        let count = lock(&self.free).len();
        let mut failure = None;
        for _ in 0..count {
            let Some(port) = lock(&self.free).pop_front() else {
                break;
            };
            let lease = PortLease {
                port,
                free: Arc::clone(&self.free),
            };
            let address = SocketAddr::new(self.address, port);
            match UdpSocket::bind(address) {
                Ok(socket) => return Ok((socket, address, lease)),
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or_else(|| {
            io::Error::new(io::ErrorKind::AddrNotAvailable, "every RTP port is in use")
        }))
    }
}

impl Drop for PortLease {
    fn drop(&mut self) {
        lock(&self.free).push_back(self.port);
    }
}

fn lock(ports: &Mutex<VecDeque<u16>>) -> MutexGuard<'_, VecDeque<u16>> {
    ports.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn a_port_in_use_is_passed_over_and_comes_back_when_free() {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let other = std::net::UdpSocket::bind((local, 0)).expect("a port");
        let taken = other.local_addr().expect("an address").port() & !1;
        let ports = Ports::new(local, taken, taken);
        let blocker = std::net::UdpSocket::bind((local, taken));
        assert!(ports.bind().is_err(), "held by another program");
        drop((blocker, other));
        let (_, _, lease) = ports.bind().expect("free again");
        assert!(ports.bind().is_err(), "every port is in use");
        drop(lease);
        assert!(ports.bind().is_ok());
    }
}
