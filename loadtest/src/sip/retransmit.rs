//! Sending again over UDP until something comes back (RFC 3261 §17.1).

use std::time::Duration;

/// The estimate of a round trip.
const T1: Duration = Duration::from_millis(500);
/// The longest pause between two sendings of a request other than INVITE.
const T2: Duration = Duration::from_secs(4);
/// Timers B and F: how long a request is sent at all.
const GIVE_UP: Duration = Duration::from_secs(32);

/// A request under way, and when it is sent again.
#[derive(Clone, Debug)]
pub struct Retransmit {
    bytes: Vec<u8>,
    pause: Duration,
    longest: Option<Duration>,
    next: Duration,
    gives_up: Duration,
}

/// What a due timer asks for.
#[derive(PartialEq, Eq, Debug)]
pub enum Due {
    /// Nothing yet.
    NotYet,
    /// Send these bytes once more.
    Again(Vec<u8>),
    /// Nobody answered in 64·T1.
    GaveUp,
}

impl Retransmit {
    /// An INVITE just sent: the pause doubles without end (timers A and B).
    pub fn invite(now: Duration, bytes: Vec<u8>) -> Self {
        Self::new(now, bytes, None)
    }

    /// Another request just sent: the pause doubles up to T2 (timers E and F).
    pub fn other(now: Duration, bytes: Vec<u8>) -> Self {
        Self::new(now, bytes, Some(T2))
    }

    fn new(now: Duration, bytes: Vec<u8>, longest: Option<Duration>) -> Self {
        Self {
            bytes,
            pause: T1,
            longest,
            next: now + T1,
            gives_up: now + GIVE_UP,
        }
    }

    /// When to ask again.
    pub fn wakes(&self) -> Duration {
        self.next.min(self.gives_up)
    }

    /// What is to be done at `now`.
    pub fn fire(&mut self, now: Duration) -> Due {
        if now >= self.gives_up {
            return Due::GaveUp;
        }
        if now < self.next {
            return Due::NotYet;
        }
        self.pause = (self.pause * 2).min(self.longest.unwrap_or(GIVE_UP));
        self.next = now + self.pause;
        Due::Again(self.bytes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sendings(mut request: Retransmit) -> Vec<u128> {
        let mut times = Vec::new();
        for _ in 0..100 {
            let now = request.wakes();
            match request.fire(now) {
                Due::Again(_) => times.push(now.as_millis()),
                Due::GaveUp => return times,
                Due::NotYet => unreachable!("it asked to be woken"),
            }
        }
        unreachable!("it never gives up")
    }

    #[test]
    fn an_invite_doubles_its_pause_and_gives_up_after_32_seconds() {
        let times = sendings(Retransmit::invite(Duration::ZERO, vec![1]));
        assert_eq!(times, [500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    }

    #[test]
    fn another_request_waits_four_seconds_at_most() {
        let times = sendings(Retransmit::other(Duration::ZERO, vec![1]));
        assert_eq!(times[..5], [500, 1_500, 3_500, 7_500, 11_500]);
        assert_eq!(times.last(), Some(&31_500));
    }
}
