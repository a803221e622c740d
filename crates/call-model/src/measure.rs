//! Measures that a journal can carry: whole numbers with a unit.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A score from 0.0 to 100.0, held in tenths of a point.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Score(u16);

impl Score {
    /// The lowest score.
    pub const ZERO: Self = Self(0);
    /// The highest score.
    pub const MAX: Self = Self(1_000);

    /// A score of whole points; more than 100 counts as 100.
    pub const fn from_points(points: u16) -> Self {
        Self::from_tenths(points.saturating_mul(10))
    }

    /// A score in tenths of a point; more than 1,000 counts as 1,000.
    pub const fn from_tenths(tenths: u16) -> Self {
        if tenths > 1_000 {
            Self::MAX
        } else {
            Self(tenths)
        }
    }

    /// Tenths of a point, 0 to 1,000.
    pub const fn tenths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// A share or a confidence in thousandths, 0 to 1,000.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct PerMille(u16);

impl PerMille {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All.
    pub const ONE: Self = Self(1_000);

    /// So many thousandths; more than 1,000 counts as 1,000.
    pub const fn new(thousandths: u16) -> Self {
        if thousandths > 1_000 {
            Self::ONE
        } else {
            Self(thousandths)
        }
    }

    /// The nearest thousandth to `share`; what is below 0, above 1 or not a
    /// number counts as the nearer end (not a number: 0).
    pub fn from_share(share: f32) -> Self {
        Self((share.clamp(0.0, 1.0) * 1_000.0).round() as u16)
    }

    /// Thousandths, 0 to 1,000.
    pub const fn thousandths(self) -> u16 {
        self.0
    }

    /// As a share of one.
    pub fn share(self) -> f32 {
        f32::from(self.0) / 1_000.0
    }
}

/// Two decimals: `0.87`.
impl fmt::Display for PerMille {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.share())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_stay_within_their_ends() {
        assert_eq!(Score::from_points(120), Score::MAX);
        assert_eq!(Score::from_tenths(805).to_string(), "80.5");
        assert!(Score::from_tenths(800) == Score::from_points(80));
        assert_eq!(PerMille::from_share(f32::NAN), PerMille::ZERO);
        assert_eq!(PerMille::from_share(0.8704).to_string(), "0.87");
    }
}
