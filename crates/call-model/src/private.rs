//! What belongs to the caller.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What is shown in the place of something sensitive.
pub const MASK: &str = "••••";

/// A caller's words or number: it can be stored in the call's own journal, but
/// shows itself as `<private>` wherever it is formatted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Puts a value under cover.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the place that must act on it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The value itself, given away.
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<private>")
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<private>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_value_never_shows_itself() {
        let number = Private::new("+4915112345678".to_owned());
        assert_eq!(format!("{number} {number:?}"), "<private> <private>");
        assert_eq!(number.reveal(), "+4915112345678");
    }
}
