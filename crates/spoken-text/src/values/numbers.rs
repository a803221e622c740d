//! Small numbers in words.

use super::pattern::{Part, Pattern};
use call_model::Language;

/// Each stands at its number.
pub(crate) const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
/// Each stands at its number of tens; there are none below twenty.
pub(crate) const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const ORDINALS: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];
const FIGURES: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A number below 100 in words: "twenty one", 二十一.
pub(super) fn cardinal(number: u32, language: Language) -> String {
    let place = |n: u32| usize::try_from(n).unwrap_or_default();
    let (tens, ones) = (number / 10 % 10, number % 10);
    match language {
        Language::En if number < 20 => ONES[place(number)].to_owned(),
        Language::En if ones == 0 => TENS[place(tens)].to_owned(),
        Language::En => format!("{} {}", TENS[place(tens)], ONES[place(ones)]),
        Language::Zh if number < 10 => FIGURES[place(number)].to_owned(),
        Language::Zh => {
            let tens = match tens {
                1 => "",
                tens => FIGURES[place(tens)],
            };
            let ones = match ones {
                0 => "",
                ones => FIGURES[place(ones)],
            };
            format!("{tens}十{ones}")
        }
    }
}

/// An English ordinal below 100: "twenty first".
pub(super) fn ordinal(number: u32) -> String {
    let place = |n: u32| usize::try_from(n).unwrap_or_default();
    let (tens, ones) = (number / 10 % 10, number % 10);
    match (number < 20, ones) {
        (true, _) => ORDINALS[place(number)].to_owned(),
        (false, 0) => format!("{}ieth", TENS[place(tens)].trim_end_matches('y')),
        (false, ones) => format!("{} {}", TENS[place(tens)], ORDINALS[place(ones)]),
    }
}

/// A number from a range, spoken or in figures, as `part`.
pub(super) fn numbers(
    range: std::ops::RangeInclusive<u32>,
    part: Part,
    language: Language,
) -> Pattern {
    let each = range.map(|number| {
        let mut ways = cardinal(number, language);
        if language == Language::Zh && number == 2 {
            ways.push_str("|两");
        }
        Pattern::say(&format!("{ways}|{number}"), language).means(part, number)
    });
    Pattern::Any(each.collect())
}

/// English numbers of two digits of which the first is nought: "oh five", 05.
pub(super) fn oh_numbers(part: Part) -> Pattern {
    let each = (1..=9).map(|number| {
        let name = cardinal(number, Language::En);
        let ways = format!("oh {name}|zero {name}|o {name}|0{number}");
        Pattern::say(&ways, Language::En).means(part, number)
    });
    Pattern::Any(each.collect())
}

/// The day of a month as English says it: "[the] third", 3rd.
pub(super) fn ordinals(part: Part) -> Pattern {
    let each = (1..=31).map(|number| {
        let end = match (number, number % 10) {
            (11..=13, _) => "th",
            (_, 1) => "st",
            (_, 2) => "nd",
            (_, 3) => "rd",
            _ => "th",
        };
        let ways = format!("{}|{number}{end}", ordinal(number));
        Pattern::say(&ways, Language::En).means(part, number)
    });
    Pattern::Any(each.collect())
}
