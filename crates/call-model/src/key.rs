//! Telephone keys.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One key of a telephone: `0`–`9`, `*`, `#`, `A`–`D` (RFC 4733 §3.2, events 0 to 15).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct Key(u8);

/// A character or event that is no telephone key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no telephone key: 0 to 9, *, # or A to D is expected")]
pub struct KeyError(String);

const FACES: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
];

impl Key {
    /// The key 0, which asks for a person like a word.
    pub const ZERO: Self = Self(0);

    /// The key of an RFC 4733 event number, 0 to 15.
    pub fn from_event(event: u8) -> Result<Self, KeyError> {
        if usize::from(event) < FACES.len() {
            Ok(Self(event))
        } else {
            Err(KeyError(format!("event {event}")))
        }
    }

    /// Its RFC 4733 event number, 0 to 15.
    pub const fn event(self) -> u8 {
        self.0
    }

    /// The character on the key.
    pub const fn face(self) -> char {
        FACES[self.0 as usize]
    }
}

impl TryFrom<char> for Key {
    type Error = KeyError;
    fn try_from(face: char) -> Result<Self, KeyError> {
        let upper = face.to_ascii_uppercase();
        match FACES.iter().position(|&known| known == upper) {
            Some(event) => Ok(Self(event as u8)),
            None => Err(KeyError(format!("{face:?}"))),
        }
    }
}

impl From<Key> for char {
    fn from(key: Key) -> Self {
        key.face()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.face())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_events_are_each_others_names() {
        for event in 0..16 {
            let key = Key::from_event(event).expect("a key");
            assert_eq!(Key::try_from(key.face()), Ok(key));
        }
        assert_eq!(Key::try_from('a').map(Key::event), Ok(12));
        assert!(Key::from_event(16).is_err() && Key::try_from('x').is_err());
    }
}
