//! What happened, counted.

use std::time::Duration;

/// Counts of one room, or of many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueueTally {
    /// Callers who entered; who came again counts again.
    pub callers: u64,
    /// Callers whom an agent had.
    pub served: u64,
    /// Callers whom the overflow target had.
    pub overflowed: u64,
    /// Callers who were told that nobody was to be had.
    pub told: u64,
    /// Callers who left by themselves.
    pub left: u64,
    /// Phones that were rung, the overflow target's among them.
    pub rings: u64,
    /// Phones that were not taken.
    pub in_vain: u64,
    /// Third requests of callers who waited.
    pub third_requests: u64,
    /// Waiters who stood before one who asked a third time, and after them then.
    pub overtaken: u64,
    /// The longest wait of a caller whom an agent had.
    pub longest_wait: Duration,
}

impl QueueTally {
    pub(super) fn add(&mut self, other: &Self) {
        self.callers += other.callers;
        self.served += other.served;
        self.overflowed += other.overflowed;
        self.told += other.told;
        self.left += other.left;
        self.rings += other.rings;
        self.in_vain += other.in_vain;
        self.third_requests += other.third_requests;
        self.overtaken += other.overtaken;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
    }
}
