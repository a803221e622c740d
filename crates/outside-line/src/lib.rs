//! How services elsewhere are reached: TCP, TLS over it where the address wants it, and the
//! greeting of WebSocket. All parts that leave this machine trust and connect in this one way.

mod address;
mod socket;

pub use address::{Address, AddressError, Connector, connector, system_roots};
pub use rustls::RootCertStore;
pub use socket::{GreetingError, Socket, connect};
