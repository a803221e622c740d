//! When the next packet is due.

use std::time::Duration;

/// One packet's time.
pub const TICK: Duration = Duration::from_millis(20);

/// A 20 ms clock that is absolute: lateness within one tick is made good by the next, a whole
/// missed tick moves the clock instead, so that two packets never leave at once.
#[derive(Clone, Debug)]
pub struct Pacer {
    next: Duration,
    moved: u32,
}

impl Pacer {
    /// A clock whose first tick is due at `now`.
    pub const fn starting(now: Duration) -> Self {
        Self {
            next: now,
            moved: 0,
        }
    }

    /// When the next tick is due.
    pub const fn next_due(&self) -> Duration {
        self.next
    }

    /// Whether a tick is due at `now`; asked once a packet.
    pub fn tick(&mut self, now: Duration) -> bool {
        if now < self.next {
            return false;
        }
        if now >= self.next + TICK {
            self.next = now;
            self.moved += 1;
        }
        self.next += TICK;
        true
    }

    /// How often this machine was too late for a whole tick: what is measured beside such a
    /// number is not the server's fault alone.
    pub const fn times_moved(&self) -> u32 {
        self.moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn small_lateness_does_not_add_up() {
        let mut pacer = Pacer::starting(millis(0));
        for tick in 0..100u64 {
            assert!(pacer.tick(millis(tick * 20 + 7)));
            assert!(!pacer.tick(millis(tick * 20 + 8)), "one packet a tick");
        }
        assert_eq!(pacer.next_due(), millis(2_000));
        assert_eq!(pacer.times_moved(), 0);
    }

    #[test]
    fn a_long_stall_is_not_made_good_by_a_burst() {
        let mut pacer = Pacer::starting(millis(0));
        assert!(pacer.tick(millis(0)));
        assert!(pacer.tick(millis(130)));
        assert!(!pacer.tick(millis(149)));
        assert!(pacer.tick(millis(150)));
        assert_eq!(pacer.times_moved(), 1);
    }
}
