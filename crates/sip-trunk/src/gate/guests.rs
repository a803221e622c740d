//! Sides that we called: their requests inside that call are let in, although their
//! addresses may stand on no allow-list.

use crate::dialog::DialogKey;
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// The dialogs of our own calls. What proves a request to be of one is our tag,
/// which only that side was told.
#[derive(Debug)]
pub(crate) struct Guests {
    known: HashMap<DialogKey, Guest>,
    /// Ends of memories, in the order of time.
    leaving: VecDeque<(Instant, DialogKey)>,
    memory: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Guest {
    stay: Stay,
    /// Where it was called.
    at: IpAddr,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stay {
    Up,
    /// Over; remembered, so that late repetitions are answered as before.
    Over,
}

impl Guests {
    /// Nobody; what is over is remembered for so long.
    pub fn new(memory: Duration) -> Self {
        Self {
            known: HashMap::new(),
            leaving: VecDeque::new(),
            memory,
        }
    }

    /// A call of ours to this address was answered.
    pub fn welcome(&mut self, key: DialogKey, at: IpAddr) {
        let stay = Stay::Up;
        self.known.insert(key, Guest { stay, at });
    }

    /// That call is over.
    pub fn see_off(&mut self, now: Instant, key: &DialogKey) {
        if let Some(guest) = self.known.get_mut(key)
            && guest.stay == Stay::Up
        {
            guest.stay = Stay::Over;
            self.leaving.push_back((now + self.memory, key.clone()));
        }
    }

    /// Whether a call of ours to this address is up: its phone may connect to us.
    pub fn has_called(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.known
            .values()
            .any(|guest| guest.stay == Stay::Up && guest.at.to_canonical() == address)
    }

    /// Whether this is, or lately was, a call of ours.
    pub fn knows(&mut self, now: Instant, key: &DialogKey) -> bool {
        while self.leaving.front().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, gone)) = self.leaving.pop_front() {
                self.known.remove(&gone);
            }
        }
        self.known.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_we_called_is_known_until_a_while_after_the_call() {
        let now = Instant::now();
        let memory = Duration::from_secs(32);
        let mut guests = Guests::new(memory);
        let key = |tag: &str| {
            DialogKey::read(
                "call",
                &format!("<sip:7@h>;tag={tag}"),
                "<sip:b@h>;tag=mine",
            )
            .expect("a key")
        };
        assert!(!guests.knows(now, &key("a")));
        let [home, away] = ["192.0.2.1", "192.0.2.2"].map(|at| at.parse().expect("an address"));
        guests.welcome(key("a"), home);
        guests.welcome(key("b"), away);
        assert!(guests.has_called(home));
        assert!(guests.knows(now + memory * 100, &key("a")));
        guests.see_off(now, &key("a"));
        guests.see_off(now, &key("a"));
        assert!(guests.knows(now, &key("a")));
        assert!(!guests.has_called(home) && guests.has_called(away));
        assert!(!guests.knows(now + memory, &key("a")));
        assert!(guests.knows(now + memory, &key("b")));
        assert_eq!((guests.known.len(), guests.leaving.len()), (1, 0));
    }
}
