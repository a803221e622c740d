//! Digits, from speech and to speech.

use crate::values::numbers::{ONES, TENS};
use crate::{fillers, units};
use call_model::Language;

/// The words for the digits 0 to 9, each with its digit; some digits have two.
pub const fn digit_words(language: Language) -> &'static [(&'static str, char)] {
    match language {
        Language::En => &[
            ("zero", '0'),
            ("oh", '0'),
            ("one", '1'),
            ("two", '2'),
            ("three", '3'),
            ("four", '4'),
            ("five", '5'),
            ("six", '6'),
            ("seven", '7'),
            ("eight", '8'),
            ("nine", '9'),
        ],
        Language::Zh => &[
            ("零", '0'),
            ("一", '1'),
            ("幺", '1'),
            ("二", '2'),
            ("两", '2'),
            ("三", '3'),
            ("四", '4'),
            ("五", '5'),
            ("六", '6'),
            ("七", '7'),
            ("八", '8'),
            ("九", '9'),
        ],
    }
}

/// Words that may stand before a number and mean nothing beside it.
pub(crate) const fn carriers(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "it's", "it", "is", "that's", "that", "my", "the", "order", "number", "code", "and",
            "yes", "please", "sure", "ok", "okay",
        ],
        Language::Zh => &[
            "是", "我", "的", "号", "码", "单", "订", "这", "个", "请", "查",
        ],
    }
}

/// The digits of a text that says digits and nothing else, but for fillers
/// ("um") and what may stand around a number ("it's …", "my number is …", 我的号码是…).
///
/// Understands figures, 0 as "oh" and "o", "double five", "triple oh", "forty seven
/// twelve", "four hundred"; 零 〇 幺 两, 二十三. None where the text says anything
/// else, or no digit.
pub fn digits_of(text: &str, language: Language) -> Option<String> {
    let runs = runs(text, language);
    let is_digits_only = runs
        .iter()
        .all(|run| matches!(run, Run::Digits(_) | Run::Empty));
    let digits: String = digits_in(&runs).collect();
    (is_digits_only && !digits.is_empty()).then_some(digits)
}

/// Every run of digits in a text that may also say other things, in order; words
/// that may stand around a number part no run.
pub fn digits_within(text: &str, language: Language) -> Vec<String> {
    let runs = runs(text, language);
    runs.split(|run| matches!(run, Run::Other))
        .map(|part| digits_in(part).collect::<String>())
        .filter(|digits| !digits.is_empty())
        .collect()
}

/// A text of figures as it is read out, one by one: `4712` as "four seven one two",
/// 四七一二. Other characters are left out.
pub fn read_digits(figures: &str, language: Language) -> String {
    let spoken: Vec<&str> = figures
        .chars()
        .filter_map(|figure| word_of(figure, language))
        .collect();
    spoken.join(match language {
        Language::En => " ",
        Language::Zh => "",
    })
}

fn word_of(figure: char, language: Language) -> Option<&'static str> {
    let known = digit_words(language).iter();
    known
        .clone()
        .find(|(_, digit)| *digit == figure)
        .map(|(word, _)| *word)
}

/// What one stretch of a text is.
enum Run {
    Digits(String),
    /// A filler or a carrier.
    Empty,
    Other,
}

fn digits_in(runs: &[Run]) -> impl Iterator<Item = &str> {
    runs.iter().filter_map(|run| match run {
        Run::Digits(digits) => Some(digits.as_str()),
        Run::Empty | Run::Other => None,
    })
}

fn runs(text: &str, language: Language) -> Vec<Run> {
    let units = units(text, language);
    let mut rest: Vec<&str> = units.iter().map(String::as_str).collect();
    rest.reverse();
    let mut runs = Vec::new();
    while let Some(unit) = rest.pop() {
        let digits = match language {
            Language::En => english(unit, &mut rest),
            Language::Zh => chinese(unit, &mut rest),
        };
        runs.push(match digits {
            Some(digits) => Run::Digits(digits),
            None if carriers(language).contains(&unit) || fillers(language).contains(&unit) => {
                Run::Empty
            }
            None => Run::Other,
        });
    }
    runs
}

/// Reads one number from `unit` on; takes what belongs to it from the end of `rest`.
pub(crate) fn english(unit: &str, rest: &mut Vec<&str>) -> Option<String> {
    let repeats = match unit {
        "double" => 2,
        "triple" | "treble" => 3,
        _ => return english_number(unit, rest),
    };
    let digit = one_digit(rest.last()?, Language::En)?;
    rest.pop();
    Some(digit.to_string().repeat(repeats))
}

fn english_number(unit: &str, rest: &mut Vec<&str>) -> Option<String> {
    let mut digits = if let Some(place) = ONES[10..].iter().position(|teen| *teen == unit) {
        format!("{}", place + 10)
    } else if let Some(place) = TENS[2..].iter().position(|ten| *ten == unit) {
        let one = rest
            .last()
            .and_then(|next| one_digit(next, Language::En))
            .filter(|digit| *digit != '0');
        if one.is_some() {
            rest.pop();
        }
        format!("{}{}", place + 2, one.unwrap_or('0'))
    } else {
        figures(unit, Language::En)?
    };
    if rest.last() == Some(&"hundred") {
        rest.pop();
        digits.push_str("00");
    }
    Some(digits)
}

fn chinese(unit: &str, rest: &mut Vec<&str>) -> Option<String> {
    let tens = if unit == "十" {
        '1'
    } else if rest.last() == Some(&"十") && one_digit(unit, Language::Zh).is_some() {
        rest.pop();
        one_digit(unit, Language::Zh)?
    } else {
        return figures(unit, Language::Zh);
    };
    let one = rest.last().and_then(|next| one_digit(next, Language::Zh));
    if one.is_some() {
        rest.pop();
    }
    Some(format!("{tens}{}", one.unwrap_or('0')))
}

fn figures(unit: &str, language: Language) -> Option<String> {
    if unit.bytes().all(|b| b.is_ascii_digit()) {
        return Some(unit.to_owned());
    }
    one_digit(unit, language).map(String::from)
}

pub(crate) fn one_digit(unit: &str, language: Language) -> Option<char> {
    if matches!(unit, "o" | "nought" | "〇") {
        return Some('0');
    }
    let mut chars = unit.chars();
    if let (Some(figure @ '0'..='9'), None) = (chars.next(), chars.next()) {
        return Some(figure);
    }
    let known = digit_words(language).iter();
    known
        .clone()
        .find(|(word, _)| *word == unit)
        .map(|(_, digit)| *digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};
    use proptest::prelude::*;

    #[test]
    fn digits_are_understood_as_people_say_them() {
        let table = [
            (En, "four seven one two", Some("4712")),
            (En, "Double five, oh, one.", Some("5501")),
            (En, "triple o nine", Some("0009")),
            (En, "forty-seven twelve", Some("4712")),
            (En, "twenty oh five", Some("2005")),
            (En, "twelve hundred", Some("1200")),
            (En, "um it's 4 7 1 2 please", Some("4712")),
            (
                En,
                "my order number is four seven, um, one two",
                Some("4712"),
            ),
            (En, "4712", Some("4712")),
            (En, "double", None),
            (En, "hundred", None),
            (En, "one agent please", None),
            (En, "yes", None),
            (Zh, "四七一二", Some("4712")),
            (Zh, "幺两零三", Some("1203")),
            (Zh, "二十三", Some("23")),
            (Zh, "十", Some("10")),
            (Zh, "十二", Some("12")),
            (Zh, "一二三一五", Some("12315")),
            (Zh, "号码是，四 七 幺 二。", Some("4712")),
            (Zh, "嗯四七一二", Some("4712")),
            (Zh, "４７１２", Some("4712")),
            (Zh, "转人工", None),
            (Zh, "四个律师", None),
            (Zh, "", None),
        ];
        for (language, text, wanted) in table {
            assert_eq!(digits_of(text, language).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn runs_of_digits_are_found_among_words() {
        assert_eq!(
            digits_within("order four seven or was it one two", En),
            ["47", "12"]
        );
        assert_eq!(digits_within("我的订单四七一二到哪里了", Zh), ["4712"]);
        assert!(digits_within("where is it", En).is_empty());
    }

    proptest! {
        #[test]
        fn digits_read_out_are_understood_again(figures in "[0-9]{1,12}") {
            for language in Language::ALL {
                let spoken = read_digits(&figures, language);
                prop_assert_eq!(digits_of(&spoken, language), Some(figures.clone()));
            }
        }
    }
}
