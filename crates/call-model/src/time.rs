//! Time inside a call.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment of a call: microseconds since the call began (the INVITE's arrival).
///
/// The engine is told the time and never asks for it; two `CallTime`s of
/// different calls have nothing to do with each other.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct CallTime(u64);

impl CallTime {
    /// The moment the call began.
    pub const ZERO: Self = Self(0);

    /// A moment so many microseconds into the call.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A moment so many milliseconds into the call.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the call began.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the call began.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// How long after `earlier` this moment is; zero if it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The moment `by` earlier, at the earliest the call's beginning.
    pub fn back(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(micros(by)))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Add<Duration> for CallTime {
    type Output = Self;
    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(micros(later)))
    }
}

impl Sub for CallTime {
    type Output = Duration;
    /// The same as [`CallTime::since`]: never negative.
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// Seconds with three decimals, as a timeline shows them: `12.340`.
impl fmt::Display for CallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = format!("{}.{:03}", self.0 / 1_000_000, self.0 / 1_000 % 1_000);
        f.pad(&shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_seconds_and_never_runs_backwards() {
        let later = CallTime::from_millis(12_340);
        assert_eq!(later.to_string(), "12.340");
        assert_eq!(CallTime::ZERO - later, Duration::ZERO);
        assert_eq!(
            later + Duration::from_millis(1),
            CallTime::from_millis(12_341)
        );
    }
}
