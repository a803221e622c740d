//! The Gregorian calendar, counted in days.

use std::fmt;

/// A day, counted from 1 January 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day(pub i64);

impl Day {
    /// A day of the calendar; none where it has no such day, or the year is not of four digits.
    ///
    /// H. Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.
    pub fn of(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1000..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day)
        {
            return None;
        }
        let since_march = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (since_march.div_euclid(400), since_march.rem_euclid(400));
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        let found = Self(days);
        (found.civil() == (year, month, day)).then_some(found)
    }

    /// A day as ISO 8601 writes it: `2026-11-25`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut next = |length: usize| {
            let part = parts.next().filter(|part| part.len() == length)?;
            let are_figures = part.bytes().all(|b| b.is_ascii_digit());
            are_figures.then(|| part.parse::<i64>().ok()).flatten()
        };
        let (year, month, day) = (next(4)?, next(2)?, next(2)?);
        parts
            .next()
            .is_none()
            .then(|| Self::of(year, month, day))
            .flatten()
    }

    /// Year, month and day.
    pub const fn civil(self) -> (i64, i64, i64) {
        let day = self.0.saturating_add(719_468);
        let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
        let years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * years + years / 4 - years / 100);
        let part = (5 * of_year + 2) / 153;
        let month = if part < 10 { part + 3 } else { part - 9 };
        let january = if month <= 2 { 1 } else { 0 };
        (
            years + era * 400 + january,
            month,
            of_year - (153 * part + 2) / 5 + 1,
        )
    }

    /// The day of the week, Monday 0.
    pub const fn weekday(self) -> i64 {
        (self.0 + 3).rem_euclid(7)
    }

    /// So many days later.
    pub const fn later(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}
