//! Times of day: "half past nine", 晚上八点一刻.

use super::clock;
use super::dates;
use super::numbers::{cardinal, numbers, oh_numbers};
use super::pattern::{Meaning, Part, Pattern};
use call_model::{Language, Phrase};
use std::sync::LazyLock;

/// Parts of the day, as [`Part::HalfDay`] numbers them.
const MORNING: u32 = 0;
const NOON: u32 = 1;
const AFTERNOON: u32 = 2;
/// Late hours and small ones.
const NIGHT: u32 = 3;

static EN: LazyLock<Pattern> = LazyLock::new(english);
static ZH: LazyLock<Pattern> = LazyLock::new(mandarin);

fn pattern(language: Language) -> &'static Pattern {
    match language {
        Language::En => &EN,
        Language::Zh => &ZH,
    }
}

/// A time, and perhaps a day beside it, which is nothing here.
pub(super) fn phrase(language: Language) -> Option<Phrase> {
    let texts = match language {
        Language::En => "it was|it's|it is|at|around|about|it was at|it was around|it was about",
        Language::Zh => "是|在|大概|大约|差不多",
    };
    let lead = Pattern::say(texts, language).maybe().phrase(language)?;
    let day = || Some(Phrase::Optional(Box::new(dates::bare_phrase(language)?)));
    let time = bare_phrase(language)?;
    Some(match language {
        Language::En => Phrase::Sequence(vec![lead, time, day()?]),
        Language::Zh => Phrase::Sequence(vec![day()?, lead, time]),
    })
}

pub(super) fn bare_phrase(language: Language) -> Option<Phrase> {
    pattern(language).phrase(language)
}

/// The times that a text tells.
pub(super) fn times(text: &str, language: Language) -> Vec<String> {
    pattern(language).find(text, language, Some(dates::pattern(language)), time_of)
}

fn time_of(meaning: &Meaning) -> Option<String> {
    let (mut hour, mut minute, mut part_of_day) = (None, 0_i64, None);
    for (part, number) in meaning {
        match part {
            Part::Hour => hour = Some(i64::from(*number)),
            Part::Minute => minute += i64::from(*number),
            Part::MinuteTo => minute -= i64::from(*number),
            Part::HalfDay => part_of_day = Some(*number),
            Part::Year
            | Part::ShortYear
            | Part::YearDigit
            | Part::YearAway
            | Part::Month
            | Part::MonthAway
            | Part::Day
            | Part::DayAway
            | Part::Weekday
            | Part::WeekAway
            | Part::Side
            | Part::Weak => {}
        }
    }
    let hour = hour?;
    let hour = match part_of_day {
        None => hour,
        // "fifteen o'clock in the afternoon" says the same twice.
        Some(_) if hour > 12 => hour,
        Some(MORNING) => hour % 12,
        Some(NOON) if (4..=9).contains(&hour) => return None,
        Some(NOON) if hour < 4 => hour + 12,
        Some(AFTERNOON) => hour % 12 + 12,
        Some(NIGHT) if hour == 12 => 0,
        Some(NIGHT) if (5..12).contains(&hour) => hour + 12,
        Some(_) => hour,
    };
    let minutes = (hour * 60 + minute).rem_euclid(24 * 60);
    let number = |n: i64| u32::try_from(n).ok();
    clock::written(number(minutes / 60)?, number(minutes % 60)?)
}

/// "nine thirty in the evening", 晚上九点半.
pub(super) fn read(value: &str, language: Language) -> Option<String> {
    let (hour, minute) = clock::parse(value)?;
    let on_face = match hour % 12 {
        0 => 12,
        hour => hour,
    };
    Some(match language {
        Language::En => {
            let part = match hour {
                1..12 => "in the morning",
                12..18 => "in the afternoon",
                18..21 => "in the evening",
                _ => "at night",
            };
            let face = cardinal(on_face, language);
            match minute {
                0 => format!("{face} o'clock {part}"),
                1..10 => format!("{face} oh {} {part}", cardinal(minute, language)),
                _ => format!("{face} {} {part}", cardinal(minute, language)),
            }
        }
        Language::Zh => {
            let part = match hour {
                0..6 => "凌晨",
                6..12 => "上午",
                12 => "中午",
                13..18 => "下午",
                _ => "晚上",
            };
            let face = match hour {
                0 => 0,
                _ => on_face,
            };
            let face = match face {
                2 => "两".to_owned(),
                face => cardinal(face, language),
            };
            let minutes = match minute {
                0 => String::new(),
                30 => "半".to_owned(),
                1..10 => format!("零{}分", cardinal(minute, language)),
                _ => format!("{}分", cardinal(minute, language)),
            };
            format!("{part}{face}点{minutes}")
        }
    })
}

fn english() -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::En);
    let hour = || {
        Pattern::Any(vec![
            numbers(0..=23, Part::Hour, Language::En),
            oh_numbers(Part::Hour),
        ])
    };
    let on_face = || numbers(1..=12, Part::Hour, Language::En);
    let minute = || {
        Pattern::Any(vec![
            oh_numbers(Part::Minute),
            numbers(10..=59, Part::Minute, Language::En),
            say("00"),
        ])
    };
    let part_of_day = || {
        let part = |texts: &str, part| say(texts).means(Part::HalfDay, part);
        Pattern::Any(vec![
            part("am|a.m|a m|in the morning|this morning", MORNING),
            part("pm|p.m|p m|in the afternoon|this afternoon", AFTERNOON),
            part("in the evening|this evening|at night|tonight", NIGHT),
        ])
    };
    let count = |part| {
        let quarter = say("a quarter|quarter").means(part, 15);
        let numbered = Pattern::All(vec![
            numbers(1..=29, part, Language::En),
            say("minutes|minute").maybe(),
        ]);
        Pattern::Any(vec![quarter, numbered])
    };
    let timed = Pattern::Any(vec![
        Pattern::All(vec![
            say("half past|half").means(Part::Minute, 30),
            on_face(),
        ]),
        Pattern::All(vec![count(Part::Minute), say("past|after"), on_face()]),
        Pattern::All(vec![count(Part::MinuteTo), say("to|before"), on_face()]),
        Pattern::All(vec![hour(), say("o'clock|hundred|hundred hours")]),
        Pattern::All(vec![hour(), minute()]),
    ]);
    Pattern::Any(vec![
        say("noon|midday|twelve noon").means(Part::Hour, 12),
        say("midnight|twelve midnight").means(Part::Hour, 0),
        Pattern::All(vec![timed, part_of_day().maybe()]),
        Pattern::All(vec![on_face(), part_of_day()]),
        hour().weak(),
    ])
}

fn mandarin() -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::Zh);
    let part = |texts: &str, part| say(texts).means(Part::HalfDay, part);
    let part_of_day = Pattern::Any(vec![
        part("上午|早上|早晨|清晨|今早|明早", MORNING),
        part("凌晨", MORNING),
        part("中午", NOON),
        part("下午|傍晚", AFTERNOON),
        part("晚上|夜里|夜晚|半夜|今晚|昨晚|明晚", NIGHT),
    ]);
    let hour = || {
        Pattern::All(vec![
            numbers(0..=23, Part::Hour, Language::Zh),
            say("点|时|点钟"),
        ])
    };
    let small = (1..=9).map(|minute| {
        let name = cardinal(minute, Language::Zh);
        say(&format!("零{name}|0{minute}")).means(Part::Minute, minute)
    });
    let minute = Pattern::Any(vec![
        say("半").means(Part::Minute, 30),
        say("一刻").means(Part::Minute, 15),
        say("三刻").means(Part::Minute, 45),
        say("整"),
        Pattern::All(vec![
            Pattern::Any(vec![
                Pattern::Any(small.collect()),
                numbers(10..=59, Part::Minute, Language::Zh),
            ]),
            say("分").maybe(),
        ]),
        Pattern::All(vec![numbers(1..=9, Part::Minute, Language::Zh), say("分")]),
    ]);
    let before = Pattern::All(vec![
        say("差"),
        Pattern::Any(vec![
            say("一刻").means(Part::MinuteTo, 15),
            Pattern::All(vec![
                numbers(1..=29, Part::MinuteTo, Language::Zh),
                say("分"),
            ]),
        ]),
    ]);
    let timed = Pattern::Any(vec![
        Pattern::All(vec![before, hour()]),
        Pattern::All(vec![hour(), minute.maybe()]),
        // 12:30 in figures parts at its colon.
        Pattern::All(vec![
            numbers(0..=23, Part::Hour, Language::Zh),
            figures_of_minutes(),
        ]),
    ]);
    Pattern::Any(vec![
        Pattern::All(vec![part_of_day.maybe(), timed]),
        say("正午").means(Part::Hour, 12),
    ])
}

/// Minutes in figures alone.
fn figures_of_minutes() -> Pattern {
    let each = (0..60).map(|minute| {
        Pattern::say(&format!("{minute:02}"), Language::Zh).means(Part::Minute, minute)
    });
    Pattern::Any(each.collect())
}
