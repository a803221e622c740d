//! How fast somebody may come.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// So many a second on average, with bursts of twice as many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    per_second: u32,
    /// Tokens left, in billionths.
    left: u64,
    filled: Instant,
}

const TOKEN: u64 = 1_000_000_000;

impl Bucket {
    /// A full bucket.
    pub fn full(per_second: u32, now: Instant) -> Self {
        Self {
            per_second,
            left: Self::size(per_second),
            filled: now,
        }
    }

    fn size(per_second: u32) -> u64 {
        u64::from(per_second) * 2 * TOKEN
    }

    /// Takes one if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        let nanos = now.saturating_duration_since(self.filled).as_nanos();
        let gained = nanos.saturating_mul(u128::from(self.per_second));
        let gained = u64::try_from(gained).unwrap_or(u64::MAX);
        self.left = self
            .left
            .saturating_add(gained)
            .min(Self::size(self.per_second));
        self.filled = now;
        match self.left.checked_sub(TOKEN) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

/// What one address may send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// Requests of every kind.
    pub requests: Bucket,
    /// New calls.
    pub invites: Bucket,
}

/// An allowance for each address that sends, in bounded memory.
#[derive(Debug)]
pub(crate) struct Sources {
    known: HashMap<IpAddr, Allowance>,
    /// Shared by all who found no room.
    crowd: Allowance,
    fresh: Allowance,
}

/// Addresses remembered at once.
const MAX_SOURCES: usize = 4_096;
/// After so long in silence every bucket is full again: there is nothing to remember.
const SILENCE: Duration = Duration::from_secs(3);

impl Sources {
    /// With these rates a second for each address.
    pub fn new(requests: u32, invites: u32, now: Instant) -> Self {
        let fresh = Allowance {
            requests: Bucket::full(requests, now),
            invites: Bucket::full(invites, now),
        };
        Self {
            known: HashMap::new(),
            crowd: fresh,
            fresh,
        }
    }

    /// The allowance of an address.
    pub fn of(&mut self, source: IpAddr, now: Instant) -> &mut Allowance {
        if self.known.len() >= MAX_SOURCES && !self.known.contains_key(&source) {
            self.known.retain(|_, allowance| {
                now.saturating_duration_since(allowance.requests.filled) < SILENCE
            });
            if self.known.len() >= MAX_SOURCES {
                return &mut self.crowd;
            }
        }
        self.known.entry(source).or_insert(self.fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn a_burst_of_twice_the_rate_passes_and_no_more() {
        let start = Instant::now();
        let mut bucket = Bucket::full(10, start);
        assert_eq!((0..100).filter(|_| bucket.take(start)).count(), 20);
        let later = start + Duration::from_millis(500);
        assert_eq!((0..100).filter(|_| bucket.take(later)).count(), 5);
    }

    #[test]
    fn a_crowd_of_addresses_fills_no_memory() {
        let start = Instant::now();
        let mut sources = Sources::new(10, 10, start);
        for number in 0..10_000_u32 {
            sources
                .of(Ipv4Addr::from(number).into(), start)
                .requests
                .take(start);
        }
        assert_eq!(sources.known.len(), MAX_SOURCES);
        let later = start + SILENCE;
        sources.of(Ipv4Addr::from(20_000).into(), later);
        assert_eq!(sources.known.len(), 1);
    }
}
