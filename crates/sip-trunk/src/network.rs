//! Whose calls a trunk takes: ranges of IP addresses.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A range of IP addresses in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3):
/// `192.0.2.0/24`, `2001:db8::/32`, or one address alone.
///
/// An IPv4 range also covers the IPv4-mapped IPv6 form of its addresses, in
/// which a dual-stack socket shows IPv4 peers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// A text that is no [`Network`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no network: an address such as 192.0.2.7 or a range such as 192.0.2.0/24 is expected"
)]
pub struct NetworkError(String);

impl Network {
    /// Whether the address lies in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(theirs)) => {
                let differing = u32::from(mine) ^ u32::from(theirs);
                u32::from(self.prefix) <= differing.leading_zeros()
            }
            (IpAddr::V6(mine), IpAddr::V6(theirs)) => {
                let differing = u128::from(mine) ^ u128::from(theirs);
                u32::from(self.prefix) <= differing.leading_zeros()
            }
            _ => false,
        }
    }

    /// How many leading bits are fixed: the more, the narrower.
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            prefix: address_bits(address),
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.chars().take(64).collect());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let bits = address_bits(address);
        let prefix = match prefix {
            Some(prefix) => prefix.trim().parse().map_err(|_| wrong())?,
            None => bits,
        };
        if prefix > bits || matches!(address, IpAddr::V6(v6) if is_mapped(v6)) {
            return Err(wrong());
        }
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

const fn address_bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn is_mapped(address: Ipv6Addr) -> bool {
    address.to_ipv4_mapped().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        let network: Network = network.parse().expect("a network");
        network.contains(address.parse().expect("an address"))
    }

    #[test]
    fn a_network_holds_its_own_addresses_and_no_others() {
        assert!(holds("192.0.2.0/24", "192.0.2.255"));
        assert!(!holds("192.0.2.0/24", "192.0.3.0"));
        assert!(holds("192.0.2.7", "192.0.2.7") && !holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(holds("192.0.2.0/24", "::ffff:192.0.2.1"));
    }

    #[test]
    fn what_is_no_network_is_named_in_the_error() {
        for text in [
            "",
            "trunk.example",
            "192.0.2.0/33",
            "192.0.2.0/x",
            "::ffff:1.2.3.4/100",
        ] {
            let error = text.parse::<Network>().expect_err("no network");
            assert!(error.to_string().starts_with(&format!("'{text}'")));
        }
    }
}
