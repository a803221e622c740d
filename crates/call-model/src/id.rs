//! The name of a call.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Names one call for ever, on every node: 48 bits of wall-clock milliseconds,
/// then 80 bits drawn by the shell, written as 32 hexadecimal digits, so that
/// names sort by the time their calls began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(u128);

/// Text that is no [`CallId`].
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no call id: 32 hexadecimal digits are expected")]
pub struct CallIdError(String);

impl CallId {
    /// Composes an id; only the low 48 bits of the time and 80 of the draw count.
    pub const fn new(unix_millis: u64, draw: u128) -> Self {
        Self((unix_millis as u128 & 0xffff_ffff_ffff) << 80 | draw & ((1 << 80) - 1))
    }

    /// When the call began, in milliseconds of Unix time.
    pub const fn unix_millis(self) -> u64 {
        (self.0 >> 80) as u64
    }

    /// The whole number, for hashing or as a seed.
    pub const fn as_u128(self) -> u128 {
        self.0
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CallId {
    type Err = CallIdError;
    fn from_str(text: &str) -> Result<Self, CallIdError> {
        let hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        match u128::from_str_radix(text, 16) {
            Ok(number) if hex => Ok(Self(number)),
            _ => Err(CallIdError(text.chars().take(64).collect())),
        }
    }
}

impl Serialize for CallId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CallId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_sorts_by_time() {
        let early = CallId::new(1_700_000_000_000, u128::MAX);
        let late = CallId::new(1_700_000_000_001, 0);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse::<CallId>().ok(), Some(early));
        assert_eq!(late.unix_millis(), 1_700_000_000_001);
        assert!("+1".parse::<CallId>().is_err());
    }
}
