//! What a trunk is told before it starts.

use crate::{Network, TcpSettings};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Everything a [`Trunk`](crate::Trunk) needs to know.
#[derive(Clone, Debug)]
pub struct TrunkSettings {
    /// The UDP address to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Whether TCP is spoken too, on the same port, and how much of it.
    pub tcp: Option<TcpSettings>,
    /// The address peers reach us by, where it differs from `listen`: it stands
    /// in Contact, Via and SDP. Needed when `listen` is unspecified (`0.0.0.0`)
    /// on a machine with several addresses, or behind a NAT.
    pub public_address: Option<IpAddr>,
    /// Whose calls are taken, and how many of each. Where two trunks list the
    /// same address, the narrower range wins, then the earlier entry.
    pub trunks: Vec<TrunkEntry>,
    /// The most calls at once over all trunks.
    pub max_calls: usize,
    /// Our User-Agent and Server name.
    pub user_agent: String,
    /// What a refused caller's server is told to wait before it tries again.
    pub retry_after: Duration,
    /// Requests one address may send in a second, over which they are dropped;
    /// a burst of twice as many is let through.
    pub requests_per_second: u32,
    /// New calls one address may place in a second, over which they are refused
    /// with 503; a burst of twice as many is let through.
    pub invites_per_second: u32,
    /// The longest a call may stay unanswered before it is refused with 480.
    pub answer_wait: Duration,
    /// The longest a transfer may go without news before it counts as failed.
    pub transfer_wait: Duration,
    /// The timers of the protocol.
    pub timing: SipTiming,
}

impl TrunkSettings {
    /// Settings for a listener that takes calls from nobody yet.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            tcp: None,
            public_address: None,
            trunks: Vec::new(),
            max_calls: 500,
            user_agent: concat!("Bellhop/", env!("CARGO_PKG_VERSION")).to_owned(),
            retry_after: Duration::from_secs(5),
            requests_per_second: 1_000,
            invites_per_second: 200,
            answer_wait: Duration::from_secs(180),
            transfer_wait: Duration::from_secs(60),
            timing: SipTiming::default(),
        }
    }
}

/// One trunk: a peer, or several, under one name and one limit.
#[derive(Clone, Debug)]
pub struct TrunkEntry {
    /// Its name in events, logs and routes.
    pub name: String,
    /// The addresses its calls come from.
    pub allow: Vec<Network>,
    /// The most calls at once.
    pub max_calls: usize,
    /// The most new calls in a second; none: no such limit.
    pub max_calls_per_second: Option<u32>,
}

/// The base timers of RFC 3261 §17.1.1.1; every other timer is made of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SipTiming {
    /// T1, the round-trip estimate: a missing ACK ends a call after 64 of it.
    pub t1: Duration,
    /// T2, the longest pause between retransmissions.
    pub t2: Duration,
    /// T4, how long a message may linger in the network.
    pub t4: Duration,
}

impl Default for SipTiming {
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
        }
    }
}

impl SipTiming {
    /// 64 × T1: how long a transaction waits before it gives up.
    pub fn patience(&self) -> Duration {
        self.t1 * 64
    }
}
