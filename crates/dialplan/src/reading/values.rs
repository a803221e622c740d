//! Single values: texts, numbers, durations, choices.

use super::fields::suggestion;
use super::yaml::{Item, Value};
use super::{Place, Problems};
use call_model::{Key, Score};
use std::ops::RangeInclusive;
use std::time::Duration;

/// The longest time a plan may speak of.
const DURATION_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A text that is not empty.
pub(super) fn text<'a>(item: &'a Item, what: &str, problems: &mut Problems) -> Option<&'a str> {
    match &item.value {
        Value::Scalar(text) if !text.is_empty() => Some(text),
        _ => {
            let message = format!("{what} is a text, and here stands {}", item.kind());
            problems.add(item.at, message, "write a text after the colon");
            None
        }
    }
}

/// A name of ours: Latin letters, figures, `_` and `-`.
pub(super) fn name<'a>(item: &'a Item, what: &str, problems: &mut Problems) -> Option<&'a str> {
    let text = text(item, what, problems)?;
    if is_name(text) {
        return Some(text);
    }
    let message = format!("'{text}' is no name for {what}");
    problems.add(
        item.at,
        message,
        "a name has letters, figures, '_' and '-', 64 at most",
    );
    None
}

pub(super) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A whole number within a range.
pub(super) fn number(
    item: &Item,
    what: &str,
    range: RangeInclusive<u16>,
    problems: &mut Problems,
) -> Option<u16> {
    let text = text(item, what, problems)?;
    match text.parse() {
        Ok(number) if range.contains(&number) => Some(number),
        _ => {
            let message = format!("{what} is '{text}'");
            let remedy = format!(
                "write a whole number from {} to {}",
                range.start(),
                range.end()
            );
            problems.add(item.at, message, remedy);
            None
        }
    }
}

/// Points from 0 to 100, with one decimal at most.
pub(super) fn score(item: &Item, what: &str, problems: &mut Problems) -> Option<Score> {
    let text = text(item, what, problems)?;
    let tenths = match text.split_once('.') {
        None => text
            .parse()
            .ok()
            .and_then(|points: u16| points.checked_mul(10)),
        Some((points, tenth)) if tenth.len() == 1 => format!("{points}{tenth}").parse().ok(),
        Some(_) => None,
    };
    match tenths {
        Some(tenths) if tenths <= Score::MAX.tenths() => Some(Score::from_tenths(tenths)),
        _ => {
            let message = format!("{what} is '{text}'");
            problems.add(
                item.at,
                message,
                "write points from 0 to 100, such as 80 or 62.5",
            );
            None
        }
    }
}

/// A time with its unit: `400ms`, `90s`, `3m`, `24h`.
pub(super) fn duration(item: &Item, what: &str, problems: &mut Problems) -> Option<Duration> {
    let text = text(item, what, problems)?;
    let figures = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[figures.len()..] {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let millis = figures.trim_end().parse::<u64>().ok().zip(unit);
    match millis
        .and_then(|(number, unit)| number.checked_mul(unit))
        .map(Duration::from_millis)
    {
        Some(duration) if duration <= DURATION_MAX => Some(duration),
        _ => {
            let message = format!("{what} is '{text}', which is no time");
            problems.add(
                item.at,
                message,
                "write a number with its unit: 400ms, 90s, 3m or 24h (7 days at most)",
            );
            None
        }
    }
}

/// One of some words, each with what it means.
pub(super) fn choice<T: Clone>(
    item: &Item,
    what: &str,
    choices: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let text = text(item, what, problems)?;
    if let Some((_, meaning)) = choices.iter().find(|(word, _)| *word == text) {
        return Some(meaning.clone());
    }
    let known: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    problems.add(
        item.at,
        format!("{what} cannot be '{text}'"),
        suggestion(text, &known),
    );
    None
}

/// `true` or `false`.
pub(super) fn flag(item: &Item, what: &str, problems: &mut Problems) -> Option<bool> {
    choice(item, what, &[("true", true), ("false", false)], problems)
}

/// A telephone key.
pub(super) fn key(item: &Item, what: &str, problems: &mut Problems) -> Option<Key> {
    let text = text(item, what, problems)?;
    key_of(text, item.at, problems)
}

/// The key whose face is written at a place.
pub(super) fn key_of(face: &str, at: Place, problems: &mut Problems) -> Option<Key> {
    let mut chars = face.chars();
    let key = match (chars.next(), chars.next()) {
        (Some(face), None) => Key::try_from(face).ok(),
        _ => None,
    };
    if key.is_none() {
        let message = format!("'{face}' is no telephone key");
        problems.add(at, message, "there are 0 to 9, \"*\", \"#\" and A to D");
    }
    key
}

/// A list, or one thing in place of a list of one.
pub(super) fn items(item: &Item) -> &[Item] {
    match &item.value {
        Value::List(items) => items,
        Value::Scalar(_) | Value::Map(_) => std::slice::from_ref(item),
    }
}

/// The text of a scalar, if it is one.
pub(super) const fn as_text(item: &Item) -> Option<&String> {
    match &item.value {
        Value::Scalar(text) => Some(text),
        Value::List(_) | Value::Map(_) => None,
    }
}
