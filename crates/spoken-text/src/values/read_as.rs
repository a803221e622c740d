//! Values back into words.

use super::{amounts, dates, spelling, times};
use crate::read_digits;
use call_model::Language;
use serde::{Deserialize, Serialize};

/// A way of reading a value out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadAs {
    /// `2026-11-25` as "November twenty fifth, twenty twenty six", 二零二六年十一月二十五号.
    Date,
    /// `21:30` as "nine thirty at night", 晚上九点半.
    Time,
    /// `1234.50` as "one thousand two hundred thirty four point five zero", 一千两百三十四点五.
    Amount,
    /// `BMW` as "B, M, W", `粤B12345` as "Guangdong, B, one two three four five", 粤B、一二三四五.
    Letters,
    /// Figures one by one, whatever stands between them.
    Digits,
}

impl ReadAs {
    /// Every way.
    pub const ALL: [Self; 5] = [
        Self::Date,
        Self::Time,
        Self::Amount,
        Self::Letters,
        Self::Digits,
    ];

    /// Its name, as a plan writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Time => "time",
            Self::Amount => "amount",
            Self::Letters => "letters",
            Self::Digits => "digits",
        }
    }

    /// A value in words; none where it is nothing of the kind.
    pub fn read(self, value: &str, language: Language) -> Option<String> {
        match self {
            Self::Date => dates::read(value, language),
            Self::Time => times::read(value, language),
            Self::Amount => amounts::read(value, language),
            Self::Letters => spelling::read(value, language),
            Self::Digits => Some(read_digits(value, language)).filter(|words| !words.is_empty()),
        }
    }
}
