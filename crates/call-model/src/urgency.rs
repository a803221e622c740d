//! How urgent a plan holds a matter to be.

use serde::{Deserialize, Serialize};

/// How urgent a plan holds a caller's matter to be: from 0, the usual, to 9. Among those who wait
/// it comes after what callers are owed, a third request or too long a wait, and before the time
/// they have waited.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u8", into = "u8")]
pub struct Urgency(u8);

impl Urgency {
    /// The usual one.
    pub const USUAL: Self = Self(0);
    /// The highest.
    pub const MAX: Self = Self(9);

    /// One of 0 to 9; none of a higher number.
    pub const fn new(number: u8) -> Option<Self> {
        if number <= Self::MAX.0 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// Nothing was said of it.
    pub const fn is_usual(&self) -> bool {
        self.0 == Self::USUAL.0
    }

    /// From 0 to 9.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Urgency {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("an urgency is a number from 0 to 9")
    }
}

impl From<Urgency> for u8 {
    fn from(urgency: Urgency) -> Self {
        urgency.0
    }
}
