//! When a plan's callers find it open: spans of the week in one fixed zone, and days off.

use serde::{Deserialize, Serialize};
use spoken_text::Day;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The hours of a plan. There is no database of zones: the offset is fixed, and whoever keeps
/// summer time writes a plan for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hours {
    /// How far local time is ahead of UTC.
    pub zone: Zone,
    /// By day of the week the spans that begin on it, in the plan's order.
    pub open: BTreeMap<Weekday, Vec<Span>>,
    /// Days on which no span begins, as `2026-12-25`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub closed_on: BTreeSet<String>,
}

/// A fixed offset from UTC: `+08:00`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    minutes: i16,
}

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs)]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// A span of a day: `09:00-18:00`. One that ends no later than it begins ends on the next day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    /// In minutes since midnight.
    from: u16,
    /// In minutes since the same midnight, beyond 1440 on the next day.
    to: u16,
}

const DAY: u16 = 24 * 60;

impl Hours {
    /// Whether it is open at a moment of Unix time, in milliseconds.
    pub fn is_open(&self, unix_millis: u64) -> bool {
        let local = self.zone.local_minutes(unix_millis);
        let (day, minute) = (
            local.div_euclid(i64::from(DAY)),
            local.rem_euclid(i64::from(DAY)),
        );
        let opened = |day: i64, minute: i64| {
            let spans = self.open.get(&Weekday::of(day)).into_iter().flatten();
            let mut spans = spans.filter(|_| !self.closed_on.contains(&Day(day).to_string()));
            spans.any(|span| (i64::from(span.from)..i64::from(span.to)).contains(&minute))
        };
        opened(day, minute) || opened(day - 1, minute + i64::from(DAY))
    }
}

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self { minutes: 0 };

    /// An offset as ISO 8601 writes it: `+08:00`, `-03:30` or `Z`. None beyond a day's half.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "Z" {
            return Some(Self::UTC);
        }
        let (is_behind, clock) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(ahead), _) => (false, ahead),
            (None, Some(behind)) => (true, behind),
            (None, None) => return None,
        };
        let minutes = i16::try_from(clock_of(clock)?)
            .ok()
            .filter(|m| *m <= 14 * 60)?;
        Some(Self {
            minutes: if is_behind { -minutes } else { minutes },
        })
    }

    /// The day there at a moment of Unix time in milliseconds, as `2026-12-25`.
    pub fn date(self, unix_millis: u64) -> String {
        self.day(unix_millis).to_string()
    }

    /// The moment of Unix time, in milliseconds, at which the clock on the wall there shows a day of
    /// the calendar, as `2026-12-25`, and a time, as `09:30`. None where one is neither, or lies before 1970.
    pub fn moment(self, date: &str, clock: &str) -> Option<u64> {
        let Day(day) = Day::parse(date)?;
        let minutes = day * i64::from(DAY) + i64::from(clock_of(clock)?) - i64::from(self.minutes);
        u64::try_from(minutes).ok()?.checked_mul(60_000)
    }

    /// The day there at a moment of Unix time in milliseconds.
    pub fn day(self, unix_millis: u64) -> Day {
        Day(self.local_minutes(unix_millis).div_euclid(i64::from(DAY)))
    }

    fn local_minutes(self, unix_millis: u64) -> i64 {
        let minutes = i64::try_from(unix_millis / 60_000).unwrap_or(i64::MAX / 2);
        minutes + i64::from(self.minutes)
    }
}

impl Weekday {
    /// From Monday to Sunday.
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    /// As a plan writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    /// 1 January 1970 was a Thursday.
    fn of(day: i64) -> Self {
        let number = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
        Self::ALL[number]
    }
}

impl Span {
    /// `09:00-18:00`, `22:00-06:00` or `00:00-24:00`. None where it is nothing of the kind.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (clock_of(from.trim())?, clock_of(to.trim())?);
        (from < DAY).then_some(Self {
            from,
            to: if to <= from { to + DAY } else { to },
        })
    }
}

/// `HH:MM` in minutes, up to 24:00.
fn clock_of(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |figures: &str| {
        let are_figures = figures.len() == 2 && figures.bytes().all(|b| b.is_ascii_digit());
        are_figures.then(|| figures.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let clock = hours * 60 + minutes;
    (minutes < 60 && clock <= DAY).then_some(clock)
}

/// Whether a text is a day of the calendar, as `2026-12-25`.
pub(crate) fn is_date(text: &str) -> bool {
    Day::parse(text).is_some()
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = if self.to > DAY {
            self.to - DAY
        } else {
            self.to
        };
        let Self { from, .. } = self;
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

impl TryFrom<String> for Zone {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("'{text}' is no offset from UTC"))
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.to_string()
    }
}

impl TryFrom<String> for Span {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("'{text}' is no span of a day"))
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds of Unix time at a local moment of +08:00.
    fn at(year: i64, month: i64, day: i64, clock: &str) -> u64 {
        let minutes = i64::from(clock_of(clock).expect("a clock")) - 8 * 60;
        let Day(day) = Day::of(year, month, day).expect("a day");
        let minutes = day * i64::from(DAY) + minutes;
        u64::try_from(minutes).expect("after 1970") * 60_000
    }

    fn hours() -> Hours {
        let spans = |texts: &[&str]| texts.iter().filter_map(|text| Span::parse(text)).collect();
        Hours {
            zone: Zone::parse("+08:00").expect("a zone"),
            open: BTreeMap::from([
                (Weekday::Wed, spans(&["09:00-12:00", "13:30-18:00"])),
                (Weekday::Fri, spans(&["22:00-06:00"])),
                (Weekday::Sun, spans(&["00:00-24:00"])),
            ]),
            closed_on: BTreeSet::from(["2026-12-23".to_owned(), "2026-12-25".to_owned()]),
        }
    }

    #[test]
    fn it_is_open_when_the_clock_on_the_wall_says_so() {
        for (day, clock, is_open) in [
            (16, "08:59", false), // a Wednesday
            (16, "09:00", true),
            (16, "12:00", false),
            (16, "13:30", true),
            (16, "17:59", true),
            (16, "18:00", false),
            (17, "10:00", false),
            (18, "22:00", true), // a Friday night, which lasts until Saturday
            (19, "05:59", true),
            (19, "06:00", false),
            (20, "00:00", true), // a whole Sunday
            (20, "23:59", true),
            (21, "00:00", false),
            (23, "10:00", false), // days off
            (25, "23:00", false),
            (26, "05:00", false),
        ] {
            let found = hours().is_open(at(2026, 12, day, clock));
            assert_eq!(found, is_open, "{day} December at {clock}");
        }
    }

    #[test]
    fn the_calendar_is_the_one_on_the_wall() {
        for (text, is) in [
            ("2026-12-25", true),
            ("2024-02-29", true),
            ("2026-02-29", false),
            ("1900-02-29", false),
            ("2000-02-29", true),
            ("2026-13-01", false),
            ("2026-4-01", false),
            ("2026-04-31", false),
            ("tomorrow", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), is, "{text}");
        }
        let zone = Zone::parse("+08:00").expect("a zone");
        assert_eq!(Zone::UTC.date(0), "1970-01-01");
        assert_eq!(zone.date(16 * 3_600_000), "1970-01-02");
        assert_eq!(Weekday::of(0), Weekday::Thu);
        assert_eq!(Weekday::of(-4), Weekday::Sun);
    }

    #[test]
    fn a_moment_is_the_one_that_the_wall_shows() {
        let zone = Zone::parse("+08:00").expect("a zone");
        let moment = zone.moment("2026-12-16", "13:30").expect("a moment");
        assert_eq!(moment, at(2026, 12, 16, "13:30"));
        assert_eq!(zone.date(moment), "2026-12-16");
        assert_eq!(Zone::UTC.moment("1970-01-01", "00:01"), Some(60_000));
        for (date, clock) in [
            ("2026-02-30", "10:00"),
            ("2026-02-20", "25:00"),
            ("1969-12-31", "10:00"),
            ("", ""),
        ] {
            assert_eq!(Zone::UTC.moment(date, clock), None, "{date} {clock}");
        }
    }

    #[test]
    fn hours_are_read_back_as_they_were_written() {
        let json = serde_json::to_string(&hours()).expect("json");
        assert!(json.contains(r#""fri":["22:00-06:00"]"#), "{json}");
        assert!(json.contains(r#""sun":["00:00-24:00"]"#), "{json}");
        assert_eq!(
            serde_json::from_str::<Hours>(&json).expect("hours"),
            hours()
        );
        for broken in [
            "25:00-26:00",
            "9:00-18:00",
            "09:00",
            "09:60-10:00",
            "24:00-02:00",
        ] {
            assert_eq!(Span::parse(broken), None, "{broken}");
        }
        for broken in ["08:00", "+8:00", "+15:00", "Asia/Shanghai"] {
            assert_eq!(Zone::parse(broken), None, "{broken}");
        }
        assert_eq!(
            Zone::parse("-03:30").map(String::from).as_deref(),
            Some("-03:30")
        );
    }
}
