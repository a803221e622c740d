//! The kinds of values that have a shape of their own.

use super::{Day, Plates, ReadAs, amounts, clock, dates, letters, plates, times};
use call_model::{Language, Phrase};
use serde::{Deserialize, Serialize};

/// A kind of value, and how it is said and keyed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// A day, as `2026-11-25`.
    Date(When),
    /// A time of day, as `21:30`.
    Time,
    /// An amount of money, as `1234.50`; which money the plan knows.
    Amount,
    /// Letters that are spelt out, as `BMW`.
    Letters {
        /// At least so many.
        min: u8,
        /// At most so many.
        max: u8,
    },
    /// A number plate, as `粤B12345`.
    Plate(Plates),
}

/// On which side of today a day lies; today itself lies on both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Today or before.
    Past,
    /// Today or later.
    Future,
    /// Wherever; what is said without a year is the nearest such day.
    Any,
}

/// What an entry of keys amounts to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Keyed {
    /// A value; further keys may change it if `can_continue`.
    Value {
        /// The value.
        value: String,
        /// Whether a longer entry may be one too.
        can_continue: bool,
    },
    /// The beginning of one.
    Beginning,
}

impl ValueKind {
    /// What an ear listens for.
    pub fn phrase(self, language: Language) -> Phrase {
        let phrase = match self {
            Self::Date(_) => dates::phrase(language),
            Self::Time => times::phrase(language),
            Self::Amount => amounts::phrase(language),
            Self::Letters { min, max } => letters::phrase(language, min, max),
            Self::Plate(of) => plates::phrase(language, of),
        };
        phrase.unwrap_or_else(|| Phrase::Sequence(Vec::new()))
    }

    /// The value that a text tells; none where it tells none, or more than one. The text is not
    /// normalised, for that closes up the points of figures.
    ///
    /// What else is said does not matter, unless the value is a bare number.
    pub fn understand(self, text: &str, language: Language, today: Day) -> Option<String> {
        let mut found: Vec<String> = match self {
            Self::Date(when) => {
                let days = dates::days(text, language, today, when).into_iter();
                days.map(|day| day.to_string()).collect()
            }
            Self::Time => times::times(text, language),
            Self::Amount => amounts::amounts(text, language),
            Self::Letters { min, max } => letters::letters(text, language, min, max),
            Self::Plate(of) => plates::plates(text, language, of),
        };
        found.sort();
        found.dedup();
        match found.len() {
            1 => found.pop(),
            _ => None,
        }
    }

    /// What keys amount to; none where they are no value and never will be. A day is keyed as
    /// month, day and year in English and year, month and day in Mandarin; a time on the clock of
    /// 24 hours; an amount with `*` for its point.
    pub fn of_keys(self, keys: &str, language: Language, today: Day) -> Option<Keyed> {
        if keys.is_empty() || !keys.chars().all(|key| self.takes_key(key)) {
            return None;
        }
        let (length, value) = match self {
            Self::Date(when) => (8, dates::of_keys(keys, language, today, when)),
            Self::Time => (4, clock::of_keys(keys)),
            Self::Amount => return amounts::of_keys(keys),
            Self::Letters { .. } | Self::Plate(_) => return None,
        };
        if keys.len() < length {
            return Some(Keyed::Beginning);
        }
        Some(Keyed::Value {
            value: value.filter(|_| keys.len() == length)?,
            can_continue: false,
        })
    }

    /// Whether a key may be part of a value.
    pub const fn takes_key(self, face: char) -> bool {
        match self {
            Self::Date(_) | Self::Time => face.is_ascii_digit(),
            Self::Amount => amounts::takes_key(face),
            Self::Letters { .. } | Self::Plate(_) => false,
        }
    }

    /// Whether keys can enter such a value.
    pub const fn is_keyable(self) -> bool {
        match self {
            Self::Date(_) | Self::Time | Self::Amount => true,
            Self::Letters { .. } | Self::Plate(_) => false,
        }
    }

    /// Whether what is keyed may be a value and also the beginning of another.
    pub const fn may_go_on(self) -> bool {
        match self {
            Self::Date(_) | Self::Time | Self::Letters { .. } | Self::Plate(_) => false,
            Self::Amount => true,
        }
    }

    /// How it is read out.
    pub const fn read_as(self) -> ReadAs {
        match self {
            Self::Date(_) => ReadAs::Date,
            Self::Time => ReadAs::Time,
            Self::Amount => ReadAs::Amount,
            Self::Letters { .. } | Self::Plate(_) => ReadAs::Letters,
        }
    }
}
