//! A time within which somebody calls back, as it is said.

use crate::Slots;
use call_model::{Language, Private};
use std::time::Duration;

/// The place in a line where the time stands.
pub(crate) const WITHIN: &str = "within";

/// The place in a line where the number to call back on stands.
pub(crate) const NUMBER: &str = "number";

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The slot of a line that holds the time.
pub(crate) fn time_slot(within: Duration, language: Language) -> Slots {
    let told = told(within, language);
    Slots::from([(WITHIN.to_owned(), Private::new(told))])
}

/// In whole units, rounded up: nothing is promised sooner than the plan does.
fn told(within: Duration, language: Language) -> String {
    let seconds = within.as_secs().max(1);
    let (number, unit) = if seconds > 2 * DAY || seconds == DAY {
        (seconds.div_ceil(DAY), Unit::Day)
    } else if seconds > 90 * MINUTE || seconds == HOUR {
        (seconds.div_ceil(HOUR), Unit::Hour)
    } else {
        (seconds.div_ceil(MINUTE), Unit::Minute)
    };
    match language {
        Language::En => {
            let plural = if number == 1 { "" } else { "s" };
            format!("within {number} {}{plural}", unit.english())
        }
        Language::Zh if number == 2 => format!("在两{}内", unit.chinese()),
        Language::Zh => format!("在{number}{}内", unit.chinese()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unit {
    Minute,
    Hour,
    Day,
}

impl Unit {
    const fn english(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    const fn chinese(self) -> &'static str {
        match self {
            Self::Minute => "分钟",
            Self::Hour => "小时",
            Self::Day => "天",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_told_in_whole_units_and_never_sooner_than_it_is() {
        for (seconds, en, zh) in [
            (30 * 60, "within 30 minutes", "在30分钟内"),
            (90 * 60, "within 90 minutes", "在90分钟内"),
            (3_600, "within 1 hour", "在1小时内"),
            (2 * 3_600, "within 2 hours", "在两小时内"),
            (4 * 3_600, "within 4 hours", "在4小时内"),
            (4 * 3_600 + 1, "within 5 hours", "在5小时内"),
            (24 * 3_600, "within 1 day", "在1天内"),
            (3 * 24 * 3_600, "within 3 days", "在3天内"),
        ] {
            let within = Duration::from_secs(seconds);
            assert_eq!(told(within, Language::En), en);
            assert_eq!(told(within, Language::Zh), zh);
        }
    }
}
