//! One clock of time unserved.

use call_model::CallTime;
use std::time::Duration;

/// Time unserved in this episode: it runs while the wait is ours, stands while
/// the caller speaks, thinks or holds us, and begins anew only when the caller
/// got something or somebody.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaitClock {
    gathered: Duration,
    running_since: Option<CallTime>,
}

impl WaitClock {
    /// Starts or stands still, from `now` on.
    pub(crate) fn run(&mut self, now: CallTime, is_ours: bool) {
        match (self.running_since, is_ours) {
            (None, true) => self.running_since = Some(now),
            (Some(since), false) => {
                self.gathered += now.since(since);
                self.running_since = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    /// A new episode begins.
    pub(crate) fn reset(&mut self, now: CallTime) {
        self.gathered = Duration::ZERO;
        self.running_since = self.running_since.map(|_| now);
    }

    /// Unserved so far.
    pub(crate) fn unserved(&self, now: CallTime) -> Duration {
        let running = self.running_since.map(|since| now.since(since));
        self.gathered + running.unwrap_or_default()
    }

    /// When `limit` will be passed, if the clock runs on.
    pub(crate) fn passes(&self, limit: Duration) -> Option<CallTime> {
        let left = limit.saturating_sub(self.gathered);
        self.running_since
            .map(|since| since + left + Duration::from_micros(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> CallTime {
        CallTime::from_millis(seconds * 1_000)
    }

    #[test]
    fn waits_add_up_and_the_time_between_does_not_count() {
        let mut clock = WaitClock::default();
        clock.run(at(0), true);
        clock.run(at(40), false);
        clock.run(at(100), true);
        assert_eq!(clock.unserved(at(110)), Duration::from_secs(50));
        let passes = clock.passes(Duration::from_secs(90)).expect("it runs");
        assert_eq!(passes.as_millis(), 150_000);
    }

    #[test]
    fn only_service_begins_a_new_episode() {
        let mut clock = WaitClock::default();
        clock.run(at(0), true);
        clock.run(at(10), true);
        assert_eq!(clock.unserved(at(80)), Duration::from_secs(80));
        clock.reset(at(80));
        assert_eq!(clock.unserved(at(85)), Duration::from_secs(5));
    }

    #[test]
    fn a_clock_that_stands_has_no_deadline() {
        let mut clock = WaitClock::default();
        clock.run(at(0), true);
        clock.run(at(89), false);
        assert_eq!(clock.passes(Duration::from_secs(90)), None);
    }
}
