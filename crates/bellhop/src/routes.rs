//! Which plan answers a call: the `[[route]]` table, first match wins.

use jiff::civil::{Time, Weekday};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use std::str::FromStr;

/// One row of the table. A condition that is not given holds for every call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The trunk the call came over.
    pub trunk: Option<String>,
    /// The called number, `*` standing for any run of characters.
    pub called: Option<String>,
    /// The caller's number, `*` standing for any run of characters.
    pub caller: Option<String>,
    /// Days and hours, e.g. `mon-fri 09:00-18:00`, in the configuration's time zone.
    pub time: Option<String>,
    /// The plan, by name.
    pub plan: String,
    /// A version of the plan: the beginning of a digest that the archive keeps; without it, today's.
    pub version: Option<String>,
    /// The language the call begins in; without it, the plan's first.
    pub language: Option<call_model::Language>,
}

/// What a route is chosen by.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    pub trunk: &'a str,
    pub called: &'a str,
    pub caller: &'a str,
    pub at: Timestamp,
}

impl Route {
    /// Why this row does not fit the call; nothing where it fits.
    pub fn mismatch(&self, call: &Arrival<'_>, zone: &TimeZone) -> Option<String> {
        let pattern = |name: &str, pattern: &Option<String>, value: &str| match pattern {
            Some(pattern) if !fits(pattern, value) => Some(format!("{name} is not '{pattern}'")),
            _ => None,
        };
        match &self.trunk {
            Some(trunk) if trunk != call.trunk => return Some(format!("trunk is not '{trunk}'")),
            _ => {}
        }
        pattern("called number", &self.called, call.called)
            .or_else(|| pattern("caller", &self.caller, call.caller))
            .or_else(|| self.outside_hours(call.at, zone))
    }

    fn outside_hours(&self, at: Timestamp, zone: &TimeZone) -> Option<String> {
        let text = self.time.as_ref()?;
        match text.parse::<Schedule>() {
            Ok(schedule) if schedule.holds(at, zone) => None,
            Ok(_) => Some(format!("the time is not within '{text}'")),
            Err(error) => Some(error.to_string()),
        }
    }
}

/// The place (from 0) of the first row that fits.
pub fn choose<'a>(
    table: impl IntoIterator<Item = &'a Route>,
    call: &Arrival<'_>,
    zone: &TimeZone,
) -> Option<usize> {
    table
        .into_iter()
        .position(|route| route.mismatch(call, zone).is_none())
}

/// Whether `value` fits a pattern in which `*` stands for any run of characters.
fn fits(pattern: &str, value: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = value.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            match rest.find(middle) {
                Some(at) => rest = &rest[at + middle.len()..],
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

/// Days of the week and hours of the day: `mon-fri 09:00-18:00`, `sat,sun`, `22:00-06:00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    days: Vec<Weekday>,
    hours: Option<(Time, Time)>,
}

/// Text that is no schedule.
#[derive(Debug, thiserror::Error)]
#[error(
    "'{0}' is no schedule: days such as mon-fri or sat,sun and hours such as 09:00-18:00 are expected"
)]
pub struct NoSchedule(String);

impl Schedule {
    /// Whether the moment lies within it. Hours that end before they begin
    /// reach past midnight and belong to the day they begin on.
    pub fn holds(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let local = at.to_zoned(zone.clone());
        let (day, time) = (local.weekday(), local.time());
        match self.hours {
            None => self.days.contains(&day),
            Some((from, to)) if from < to => self.days.contains(&day) && from <= time && time < to,
            Some((from, to)) => {
                self.days.contains(&day) && from <= time
                    || self.days.contains(&day.previous()) && time < to
            }
        }
    }
}

impl FromStr for Schedule {
    type Err = NoSchedule;
    fn from_str(text: &str) -> Result<Self, NoSchedule> {
        let wrong = || NoSchedule(text.chars().take(64).collect());
        let mut schedule = Self {
            days: Vec::new(),
            hours: None,
        };
        for word in text.split_whitespace() {
            if word.contains(':') {
                let (from, to) = word.split_once('-').ok_or_else(wrong)?;
                let hour = |text: &str| Time::strptime("%H:%M", text).map_err(|_| wrong());
                schedule.hours = Some((hour(from)?, hour(to)?));
            } else {
                schedule.days.extend(days(word).ok_or_else(wrong)?);
            }
        }
        if schedule.days.is_empty() {
            if schedule.hours.is_none() {
                return Err(wrong());
            }
            schedule.days.extend(WEEK);
        }
        Ok(schedule)
    }
}

const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn days(word: &str) -> Option<Vec<Weekday>> {
    let place = |name: &str| DAY_NAMES.iter().position(|day| *day == name);
    let mut found = Vec::new();
    for part in word.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (place(from)?, place(to)?);
        let length = (to + 7 - from) % 7;
        found.extend((0..=length).map(|step| WEEK[(from + step) % 7]));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_from_end_to_end() {
        let cases = [
            ("4000", "4000", true),
            ("4000", "40001", false),
            ("400*", "4000", true),
            ("*00", "4000", true),
            ("*12*34*", "0120340", true),
            ("*34*12*", "0120340", false),
            ("*", "", true),
        ];
        for (pattern, value, expected) in cases {
            assert_eq!(fits(pattern, value), expected, "{pattern} {value}");
        }
    }

    #[test]
    fn a_schedule_knows_days_hours_and_the_night() {
        let friday_23 = "2026-11-20T23:30:00Z".parse().expect("a time");
        let saturday_05 = "2026-11-21T05:30:00Z".parse().expect("a time");
        let zone = TimeZone::UTC;
        let holds = |text: &str, at| text.parse::<Schedule>().expect(text).holds(at, &zone);
        assert!(holds("fri", friday_23) && !holds("mon-thu", friday_23));
        assert!(holds("sat-mon,fri 22:00-23:59", friday_23));
        assert!(holds("fri 22:00-06:00", friday_23) && holds("fri 22:00-06:00", saturday_05));
        assert!(!holds("sat 22:00-06:00", saturday_05) && holds("05:00-06:00", saturday_05));
        for wrong in ["", "noon", "mon-", "9-17", "25:00-26:00"] {
            assert!(wrong.parse::<Schedule>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_row_that_fits_wins() {
        let row = |called: &str, plan: &str| Route {
            trunk: None,
            called: Some(called.into()),
            caller: None,
            time: None,
            plan: plan.into(),
            version: None,
            language: None,
        };
        let table = [row("40*", "forty"), row("*", "rest")];
        let at = Timestamp::UNIX_EPOCH;
        let plan = |called: &str| {
            let call = Arrival {
                trunk: "t",
                called,
                caller: "c",
                at,
            };
            choose(&table, &call, &TimeZone::UTC).map(|place| table[place].plan.as_str())
        };
        assert_eq!((plan("4012"), plan("5")), (Some("forty"), Some("rest")));
    }
}
