//! Amounts of money: "twelve fifty", "a hundred and five dollars", 三百五十块五毛.
//!
//! They are read by hand and not from a pattern: of numbers without end the longest reading has to
//! win ("a hundred and five dollars" is no 100), and how a number goes on tells what it was.

use super::numbers::cardinal;
use super::pattern::is_carrier;
use super::{Keyed, amounts_en, amounts_zh};
use crate::{fillers, units};
use call_model::{Language, Phrase};

/// The most that is understood, in whole units.
const WHOLE_MAX: u64 = 999_999_999;
/// Its length in keys.
const KEYS_MAX: usize = 9;
/// The key that stands for the point.
const POINT: char = '*';

/// An amount somewhere in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// The unit after its last.
    pub(super) end: usize,
    /// In hundredths; none where it can be read in two ways.
    pub(super) cents: Option<u64>,
    /// A number with nothing that makes money of it counts only where nothing else was said.
    pub(super) is_bare: bool,
}

/// What an ear listens for.
pub(super) fn phrase(language: Language) -> Option<Phrase> {
    match language {
        Language::En => amounts_en::pattern().phrase(language),
        Language::Zh => amounts_zh::pattern().phrase(language),
    }
}

/// The amounts that a text tells.
pub(super) fn amounts(text: &str, language: Language) -> Vec<String> {
    let mut units = units(&with_points(text, language), language);
    units.retain(|unit| !fillers(language).contains(&unit.as_str()));
    let (mut found, mut at, mut is_alone) = (Vec::new(), 0, true);
    while at < units.len() {
        let here = match language {
            Language::En => amounts_en::at(&units, at),
            Language::Zh => amounts_zh::at(&units, at),
        };
        if let Some(here) = here {
            at = here.end;
            found.push(here);
        } else {
            is_alone &= is_carrier(&units[at], language) || is_beside(&units[at]);
            at += 1;
        }
    }
    found.retain(|found| is_alone || !found.is_bare);
    let values: Option<Vec<String>> = found.into_iter().map(|f| written(f.cents?)).collect();
    values.unwrap_or_default()
}

/// Words that stand beside an amount and say nothing.
fn is_beside(unit: &str) -> bool {
    matches!(unit, "总" | "共" | "exactly" | "altogether")
}

/// The text with the points of its figures as words: the normaliser would close them up.
fn with_points(text: &str, language: Language) -> String {
    let text = text.replace("人民币", "");
    let chars: Vec<char> = text.chars().map(crate::fold::half_width).collect();
    let is_figure = |place: Option<usize>| {
        let c = place.and_then(|place| chars.get(place));
        c.is_some_and(char::is_ascii_digit)
    };
    let mut pointed = String::new();
    for (place, c) in chars.iter().enumerate() {
        let is_point = *c == '.' && is_figure(place.checked_sub(1)) && is_figure(Some(place + 1));
        match language {
            _ if !is_point => pointed.push(*c),
            Language::En => pointed.push_str(" point "),
            Language::Zh => pointed.push('点'),
        }
    }
    pointed
}

/// As `1234.50`; none where it is too much.
fn written(cents: u64) -> Option<String> {
    (cents / 100 <= WHOLE_MAX).then(|| format!("{}.{:02}", cents / 100, cents % 100))
}

/// Keys, `*` for the point; a lone 0 is no amount yet, for it may ask for a person.
pub(super) fn of_keys(keys: &str) -> Option<Keyed> {
    let (whole, cents) = match keys.split_once(POINT) {
        Some((whole, cents)) => (whole, Some(cents)),
        None => (keys, None),
    };
    let are_figures = |keys: &str| keys.bytes().all(|b| b.is_ascii_digit());
    let is_one = are_figures(whole) && cents.is_none_or(are_figures) && whole.len() <= KEYS_MAX;
    if !is_one || cents.is_some_and(|cents| cents.len() > 2) {
        return None;
    }
    let is_begun = match cents {
        Some(cents) => cents.is_empty(),
        None => whole.bytes().all(|b| b == b'0'),
    };
    if is_begun {
        return Some(Keyed::Beginning);
    }
    let cents = cents.unwrap_or_default();
    Some(Keyed::Value {
        value: written(format!("{whole}{cents:0<2}").parse().ok()?)?,
        can_continue: cents.len() < 2,
    })
}

/// A key of an amount.
pub(super) const fn takes_key(face: char) -> bool {
    face.is_ascii_digit() || face == POINT
}

/// "one thousand two hundred point five zero", 一千二百点五; which money it is the plan says.
pub(super) fn read(value: &str, language: Language) -> Option<String> {
    let (is_owed, value) = match value.strip_prefix('-') {
        Some(value) => (true, value),
        None => (false, value),
    };
    let (whole, cents) = value.split_once('.').unwrap_or((value, "0"));
    let are_figures = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let whole = whole.replace(',', "");
    if !are_figures(&whole) || !are_figures(cents) || cents.len() > 2 {
        return None;
    }
    let whole: u64 = whole.parse().ok().filter(|whole| *whole <= WHOLE_MAX)?;
    let cents = format!("{cents:0<2}");
    let figures = |cents: &str| crate::read_digits(cents, language);
    Some(match language {
        Language::En => {
            let minus = if is_owed { "minus " } else { "" };
            let point = match cents.as_str() {
                "00" => String::new(),
                cents => format!(" point {}", figures(cents)),
            };
            format!("{minus}{}{point}", amounts_en::spoken(whole))
        }
        Language::Zh => {
            let minus = if is_owed { "负" } else { "" };
            let (whole, point) = match cents.trim_end_matches('0') {
                "" => (amounts_zh::spoken(whole), String::new()),
                cents => (amounts_zh::in_words(whole), format!("点{}", figures(cents))),
            };
            format!("{minus}{whole}{point}")
        }
    })
}

/// A number below 100 in words.
pub(super) fn small(number: u64, language: Language) -> String {
    cardinal(u32::try_from(number).unwrap_or_default(), language)
}

/// A unit that is figures alone; none where they are too many.
pub(super) fn figures(unit: &str) -> Option<u64> {
    let are_figures = !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_digit());
    (are_figures && unit.len() <= KEYS_MAX).then(|| unit.parse().ok())?
}
