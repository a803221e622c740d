//! Days: "the third of october", 昨天, 上周五.

use super::When;
use super::calendar::Day;
use super::numbers::{cardinal, numbers, oh_numbers, ordinal, ordinals};
use super::pattern::{Meaning, Part, Pattern};
use super::times;
use call_model::{Language, Phrase};
use std::sync::LazyLock;

/// What stands for "none" where a number counts both ways.
const HERE: u32 = 1000;
const EN_MONTHS: [&str; 12] = [
    "january|jan",
    "february|feb",
    "march|mar",
    "april|apr",
    "may",
    "june|jun",
    "july|jul",
    "august|aug",
    "september|sept",
    "october|oct",
    "november|nov",
    "december|dec",
];
const EN_DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

static EN: LazyLock<Pattern> = LazyLock::new(english);
static ZH: LazyLock<Pattern> = LazyLock::new(mandarin);

pub(super) fn pattern(language: Language) -> &'static Pattern {
    match language {
        Language::En => &EN,
        Language::Zh => &ZH,
    }
}

/// A day, and perhaps a time beside it, which is nothing here.
pub(super) fn phrase(language: Language) -> Option<Phrase> {
    let day = bare_phrase(language)?;
    let time = || Some(Phrase::Optional(Box::new(times::bare_phrase(language)?)));
    let lead = lead_in(language).maybe().phrase(language)?;
    Some(match language {
        Language::En => {
            let at = Pattern::say("at|around|about|in the", language)
                .maybe()
                .phrase(language)?;
            let time = Phrase::Sequence(vec![at, times::bare_phrase(language)?]);
            Phrase::Sequence(vec![lead, day, Phrase::Optional(Box::new(time))])
        }
        Language::Zh => Phrase::Sequence(vec![lead, day, time()?]),
    })
}

pub(super) fn bare_phrase(language: Language) -> Option<Phrase> {
    pattern(language).phrase(language)
}

fn lead_in(language: Language) -> Pattern {
    let texts = match language {
        Language::En => "it was|it's|it is|on|that was|i think it was",
        Language::Zh => "是|在|就是|好像是",
    };
    Pattern::say(texts, language)
}

/// The days that a text tells of.
pub(super) fn days(text: &str, language: Language, today: Day, when: When) -> Vec<Day> {
    pattern(language).find(text, language, None, |meaning| day_of(meaning, today, when))
}

/// Eight keys.
pub(super) fn of_keys(keys: &str, language: Language, today: Day, when: When) -> Option<String> {
    let number = |from: usize, to: usize| keys.get(from..to)?.parse::<i64>().ok();
    let day = match language {
        Language::En => Day::of(number(4, 8)?, number(0, 2)?, number(2, 4)?),
        Language::Zh => Day::of(number(0, 4)?, number(4, 6)?, number(6, 8)?),
    };
    day.filter(|day| fits(*day, today, when))
        .map(|day| day.to_string())
}

/// "november the twenty fifth, twenty twenty six", 二零二六年十一月二十五号.
pub(super) fn read(value: &str, language: Language) -> Option<String> {
    let (year, month, day) = Day::parse(value)?.civil();
    let small = |number: i64| u32::try_from(number).unwrap_or_default();
    let place = usize::try_from(month - 1).ok()?;
    Some(match language {
        Language::En => {
            let name = EN_MONTHS.get(place)?.split('|').next()?;
            let mut letters = name.chars();
            let first = letters.next()?.to_ascii_uppercase();
            let name = format!("{first}{}", letters.as_str());
            format!(
                "{name} {}, {}",
                ordinal(small(day)),
                english_year(small(year))
            )
        }
        Language::Zh => {
            let year = crate::read_digits(&year.to_string(), language);
            let (month, day) = (
                cardinal(small(month), language),
                cardinal(small(day), language),
            );
            format!("{year}年{month}月{day}号")
        }
    })
}

fn english_year(year: u32) -> String {
    let (century, rest) = (year / 100, year % 100);
    let word = |number| cardinal(number, Language::En);
    match (century % 10, rest) {
        (0, 0) => format!("{} thousand", word(century / 10)),
        (0, 1..=9) => format!("{} thousand {}", word(century / 10), word(rest)),
        (_, 0) => format!("{} hundred", word(century)),
        (_, 1..=9) => format!("{} oh {}", word(century), word(rest)),
        _ => format!("{} {}", word(century), word(rest)),
    }
}

/// What is said of the day, part by part.
#[derive(Default)]
struct Said {
    year: Option<i64>,
    digits: Vec<i64>,
    month: Option<i64>,
    months_away: Option<i64>,
    day: Option<i64>,
    days_away: Option<i64>,
    weekday: Option<i64>,
    weeks_away: Option<i64>,
    is_after: Option<bool>,
}

fn day_of(meaning: &Meaning, today: Day, when: When) -> Option<Day> {
    let (this_year, this_month, _) = today.civil();
    let mut said = Said::default();
    for (part, number) in meaning {
        let number = i64::from(*number);
        let away = number - i64::from(HERE);
        match part {
            Part::Year => said.year = Some(number),
            Part::ShortYear => said.year = Some(full_year(number, this_year, when)),
            Part::YearDigit => said.digits.push(number),
            Part::YearAway => said.year = Some(this_year + away),
            Part::Month => said.month = Some(number),
            Part::MonthAway => said.months_away = Some(away),
            Part::Day => said.day = Some(number),
            Part::DayAway => said.days_away = Some(away),
            Part::Weekday => said.weekday = Some(number),
            Part::WeekAway => said.weeks_away = Some(away),
            Part::Side => said.is_after = Some(number == 1),
            Part::Hour | Part::Minute | Part::MinuteTo | Part::HalfDay | Part::Weak => {}
        }
    }
    match said.digits.as_slice() {
        [tens, ones] => said.year = Some(full_year(tens * 10 + ones, this_year, when)),
        [_, _, _, _] => said.year = said.digits.iter().copied().reduce(|all, d| all * 10 + d),
        _ => {}
    }
    if let Some(away) = said.months_away {
        let months = this_year * 12 + this_month - 1 + away;
        said.year = Some(months.div_euclid(12));
        said.month = Some(months.rem_euclid(12) + 1);
    }
    said.day(today, when).filter(|day| fits(*day, today, when))
}

impl Said {
    fn day(&self, today: Day, when: When) -> Option<Day> {
        if let Some(days) = self.days_away {
            return Some(today.later(days));
        }
        if let Some(weekday) = self.weekday {
            return Some(self.of_week(weekday, today, when));
        }
        let (this_year, this_month, _) = today.civil();
        let day = self.day?;
        match (self.year, self.month) {
            (Some(year), Some(month)) => Day::of(year, month, day),
            // Leap days are eight years apart at most.
            (None, Some(month)) => {
                nearest(today, when, |away| Day::of(this_year + away, month, day))
            }
            (_, None) => nearest(today, when, |away| {
                let months = this_year * 12 + this_month - 1 + away;
                Day::of(months.div_euclid(12), months.rem_euclid(12) + 1, day)
            }),
        }
    }

    fn of_week(&self, weekday: i64, today: Day, when: When) -> Day {
        let ahead = (weekday - today.weekday()).rem_euclid(7);
        if let Some(weeks) = self.weeks_away {
            return today.later(weekday - today.weekday() + weeks * 7);
        }
        match (self.is_after, when) {
            (Some(true), _) if ahead == 0 => today.later(7),
            (Some(true), _) | (None, When::Future) => today.later(ahead),
            (Some(false), _) => today.later(ahead - 7),
            (None, When::Past) if ahead == 0 => today,
            (None, When::Past) => today.later(ahead - 7),
            (None, When::Any) if ahead > 3 => today.later(ahead - 7),
            (None, When::Any) => today.later(ahead),
        }
    }
}

/// The nearest day to today of those that years or months away have, on the right side.
fn nearest(today: Day, when: When, of: impl Fn(i64) -> Option<Day>) -> Option<Day> {
    let days = (-8..=8).filter_map(of);
    days.filter(|day| fits(*day, today, when))
        .min_by_key(|day| (day.0 - today.0).abs())
}

const fn fits(day: Day, today: Day, when: When) -> bool {
    match when {
        When::Past => day.0 <= today.0,
        When::Future => day.0 >= today.0,
        When::Any => true,
    }
}

/// A year of two digits: on the right side of this one.
const fn full_year(short: i64, this_year: i64, when: When) -> i64 {
    let here = this_year - this_year.rem_euclid(100) + short;
    match when {
        When::Past if here > this_year => here - 100,
        When::Future if here < this_year => here + 100,
        When::Any if here > this_year + 50 => here - 100,
        When::Past | When::Future | When::Any => here,
    }
}

fn english() -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::En);
    let away = |texts: &str, days: u32| say(texts).means(Part::DayAway, days);
    let the = || say("the").maybe();
    let months = || {
        let each = (1..).zip(EN_MONTHS);
        Pattern::Any(
            each.map(|(n, name)| say(name).means(Part::Month, n))
                .collect(),
        )
    };
    let weekdays = || {
        let each = (0..).zip(EN_DAYS);
        Pattern::Any(
            each.map(|(n, name)| say(name).means(Part::Weekday, n))
                .collect(),
        )
    };
    // The day of the week beside a date says nothing new.
    let beside = || say("monday|tuesday|wednesday|thursday|friday|saturday|sunday").maybe();
    let day = || {
        Pattern::Any(vec![
            ordinals(Part::Day),
            numbers(1..=31, Part::Day, Language::En),
        ])
    };
    let counted = |one: &str, many: &str, days: u32, is_ahead: bool| {
        let each = (1..=12).map(|count| {
            let words = match count {
                1 => format!("a {one}|one {one}|1 {one}"),
                count => format!("{} {many}|{count} {many}", cardinal(count, Language::En)),
            };
            let away = count * days;
            let place = if is_ahead { HERE + away } else { HERE - away };
            say(&words).means(Part::DayAway, place)
        });
        Pattern::Any(each.collect())
    };
    Pattern::Any(vec![
        away(
            "today|tonight|this morning|this afternoon|this evening|just now",
            HERE,
        ),
        away("the day before yesterday|day before yesterday", HERE - 2),
        away("the day after tomorrow|day after tomorrow", HERE + 2),
        away("yesterday|last night", HERE - 1),
        away("tomorrow", HERE + 1),
        Pattern::All(vec![counted("day", "days", 1, false), say("ago")]),
        Pattern::All(vec![counted("week", "weeks", 7, false), say("ago")]),
        Pattern::All(vec![say("in"), counted("day", "days", 1, true)]),
        Pattern::All(vec![say("in"), counted("week", "weeks", 7, true)]),
        Pattern::All(vec![
            beside(),
            months(),
            the(),
            day(),
            english_years().maybe(),
        ]),
        Pattern::All(vec![
            beside(),
            the(),
            day(),
            say("of").maybe(),
            months(),
            english_years().maybe(),
        ]),
        Pattern::All(vec![say("this").maybe(), weekdays()]),
        Pattern::All(vec![say("last").means(Part::Side, 0), weekdays()]),
        Pattern::All(vec![say("next").means(Part::Side, 1), weekdays()]),
        Pattern::All(vec![beside(), the(), ordinals(Part::Day)]),
    ])
}

fn english_years() -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::En);
    let century = |century: u32, words: &str| {
        let oh = (1..=9).map(|year| {
            let name = cardinal(year, Language::En);
            say(&format!("{words} oh {name}")).means(Part::Year, century * 100 + year)
        });
        let whole = (10..=99).map(|year| {
            let name = cardinal(year, Language::En);
            say(&format!("{words} {name}")).means(Part::Year, century * 100 + year)
        });
        Pattern::Any(oh.chain(whole).collect())
    };
    let thousand = (0..=99).map(|year| {
        let name = cardinal(year, Language::En);
        let words = match year {
            0 => "two thousand".to_owned(),
            _ => format!("two thousand {name}|two thousand and {name}"),
        };
        say(&words).means(Part::Year, 2000 + year)
    });
    let written = (1900..=2099).map(|year| say(&year.to_string()).means(Part::Year, year));
    Pattern::Any(vec![
        century(19, "nineteen"),
        century(20, "twenty"),
        say("nineteen hundred").means(Part::Year, 1900),
        Pattern::Any(thousand.collect()),
        Pattern::Any(written.collect()),
        oh_numbers(Part::ShortYear),
        numbers(10..=99, Part::ShortYear, Language::En),
    ])
}

fn mandarin() -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::Zh);
    let away = |texts: &str, days: u32| say(texts).means(Part::DayAway, days);
    let week = |texts: &str, weeks: u32| say(texts).means(Part::WeekAway, weeks);
    let weekdays = Pattern::Any(
        (0..)
            .zip(["一|1", "二|2", "三|3", "四|4", "五|5", "六|6", "日|天|7"])
            .map(|(n, name)| say(name).means(Part::Weekday, n))
            .collect(),
    );
    let day = || Pattern::All(vec![numbers(1..=31, Part::Day, Language::Zh), say("号|日")]);
    let bare_day = Pattern::Any(vec![day(), numbers(1..=31, Part::Day, Language::Zh)]);
    let month = Pattern::All(vec![numbers(1..=12, Part::Month, Language::Zh), say("月")]);
    let month_away = Pattern::Any(vec![
        say("上个月|上月").means(Part::MonthAway, HERE - 1),
        say("这个月|本月").means(Part::MonthAway, HERE),
        say("下个月|下月").means(Part::MonthAway, HERE + 1),
    ]);
    let days_away = (1..=31).map(|count| {
        let mut name = cardinal(count, Language::Zh);
        if count == 2 {
            name = "两".to_owned();
        }
        Pattern::Any(vec![
            away(
                &format!("{name}天前|{name}天以前|{count}天前"),
                HERE - count,
            ),
            away(
                &format!("{name}天后|{name}天以后|{count}天后"),
                HERE + count,
            ),
        ])
    });
    Pattern::Any(vec![
        away("大前天", HERE - 3),
        away("大后天", HERE + 3),
        away("前天|前晚", HERE - 2),
        away("后天", HERE + 2),
        away("昨天|昨日|昨晚|昨儿", HERE - 1),
        away("明天|明日|明早|明晚|明儿", HERE + 1),
        away("今天|今日|今早|今晚|今儿|刚才|刚刚", HERE),
        Pattern::Any(days_away.collect()),
        away("一周前|一星期前|一个星期前", HERE - 7),
        away("一周后|一星期后|一个星期后", HERE + 7),
        Pattern::All(vec![mandarin_years().maybe(), month, bare_day]),
        Pattern::All(vec![month_away, day()]),
        Pattern::All(vec![
            Pattern::Any(vec![
                week("上周|上个周|上星期|上个星期|上礼拜|上个礼拜", HERE - 1),
                week("下周|下个周|下星期|下个星期|下礼拜|下个礼拜", HERE + 1),
                week("这周|本周|这个周|这星期|这个星期|这礼拜|这个礼拜", HERE),
                say("周|星期|礼拜"),
            ]),
            weekdays,
        ]),
        day(),
    ])
}

fn mandarin_years() -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::Zh);
    let digit = || {
        let names = [
            "零|〇", "一|幺", "二", "三", "四", "五", "六", "七", "八", "九",
        ];
        let each = (0..).zip(names);
        Pattern::Any(
            each.map(|(n, name)| say(name).means(Part::YearDigit, n))
                .collect(),
        )
    };
    let written = (1900..=2099).map(|year| say(&year.to_string()).means(Part::Year, year));
    let digits = Pattern::All(vec![
        digit(),
        digit(),
        Pattern::All(vec![digit(), digit()]).maybe(),
    ]);
    Pattern::Any(vec![
        Pattern::All(vec![
            Pattern::Any(vec![digits, Pattern::Any(written.collect())]),
            say("年"),
        ]),
        say("今年").means(Part::YearAway, HERE),
        say("去年").means(Part::YearAway, HERE - 1),
        say("前年").means(Part::YearAway, HERE - 2),
        say("明年").means(Part::YearAway, HERE + 1),
    ])
}
