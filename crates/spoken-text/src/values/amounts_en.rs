//! Amounts as English says them.

use super::amounts::{Found, figures, small};
use super::numbers::{ONES, TENS};
use super::pattern::Pattern;
use call_model::Language;

const MONEY: [&str; 10] = [
    "dollars", "dollar", "bucks", "buck", "pounds", "pound", "quid", "euros", "euro", "yuan",
];
const CENTS: [&str; 5] = ["cents", "cent", "pence", "penny", "pennies"];
const SCALES: [(&str, u64); 2] = [("million", 1_000_000), ("thousand", 1_000)];

/// The longest amount that begins here.
pub(super) fn at(units: &[String], at: usize) -> Option<Found> {
    if let Some((end, cents)) = minor(units, at)
        && is_any(units, end, &CENTS)
    {
        return Some(money(end + 1, cents));
    }
    if is(units, at, "a") && is_any(units, at + 1, &MONEY) {
        return Some(with_minor(units, at + 2, 1));
    }
    let (end, whole) = whole(units, at)?;
    if is(units, end, "point")
        && let Some(found) = pointed(units, end + 1, whole)
    {
        return Some(found);
    }
    if is_any(units, end, &MONEY) {
        return Some(with_minor(units, end + 1, whole));
    }
    let bare = |end, cents| Found {
        end,
        cents: Some(cents),
        is_bare: true,
    };
    // "twelve fifty", but "twelve fifty dollars" is nobody knows what.
    match two_digits(units, end) {
        Some((end, cents)) if !goes_on(units, end) => Some(bare(end, whole * 100 + cents)),
        Some(_) | None => Some(bare(end, whole * 100)),
    }
}

fn money(end: usize, cents: u64) -> Found {
    Found {
        end,
        cents: Some(cents),
        is_bare: false,
    }
}

/// What follows "twelve dollars": "fifty", "and fifty cents".
fn with_minor(units: &[String], at: usize, whole: u64) -> Found {
    let after_and = at + usize::from(is(units, at, "and"));
    let named = minor(units, after_and).filter(|(end, _)| is_any(units, *end, &CENTS));
    if let Some((end, cents)) = named {
        return money(end + 1, whole * 100 + cents);
    }
    match two_digits(units, at) {
        Some((end, cents)) if !goes_on(units, end) => money(end, whole * 100 + cents),
        Some(_) | None => money(at, whole * 100),
    }
}

/// What follows "twelve point".
fn pointed(units: &[String], at: usize, whole: u64) -> Option<Found> {
    let (mut end, hundredths) = decimals(units, at)?;
    let mut cents = hundredths.map(|hundredths| whole * 100 + hundredths);
    let scale = SCALES.iter().find(|(name, _)| is(units, end, name));
    if let Some((_, scale)) = scale {
        cents = cents.map(|cents| cents * scale);
        end += 1;
    }
    let is_money = is_any(units, end, &MONEY);
    Some(Found {
        end: end + usize::from(is_money),
        cents,
        is_bare: scale.is_none() && !is_money,
    })
}

/// Hundredths after a point: "five", "five oh", "fifty", 5, 50; no value where there are more than two figures.
fn decimals(units: &[String], at: usize) -> Option<(usize, Option<u64>)> {
    if let Some((end, cents)) = minor(units, at).filter(|(_, cents)| *cents >= 10) {
        return Some((end, Some(cents)));
    }
    let digit = |at: usize| {
        let unit = units.get(at)?;
        match unit.as_str() {
            "oh" | "o" => Some("0".to_owned()),
            unit if figures(unit).is_some() => Some(unit.to_owned()),
            unit => ONES[..10]
                .iter()
                .position(|one| *one == unit)
                .map(|place| place.to_string()),
        }
    };
    let mut end = at;
    let mut said = String::new();
    while let Some(digits) = digit(end) {
        said.push_str(&digits);
        end += 1;
    }
    let hundredths = match said.len() {
        0 => return None,
        1 | 2 => format!("{said:0<2}").parse().ok(),
        _ => None,
    };
    Some((end, hundredths))
}

/// Cents that need no "cents": "fifty", "oh five", figures of two.
fn two_digits(units: &[String], at: usize) -> Option<(usize, u64)> {
    let unit = units.get(at)?;
    if matches!(unit.as_str(), "oh" | "o" | "zero") {
        let (end, ones) = below_hundred(units, at + 1)?;
        return (ones < 10).then_some((end, ones));
    }
    if let Some(cents) = figures(unit) {
        return (unit.len() == 2).then_some((at + 1, cents));
    }
    below_hundred(units, at).filter(|(_, cents)| *cents >= 10)
}

/// Whether what stands here makes more than cents of the number before it.
fn goes_on(units: &[String], at: usize) -> bool {
    is_any(units, at, &MONEY)
        || is_any(units, at, &CENTS)
        || ["hundred", "thousand", "million", "point"]
            .iter()
            .any(|word| is(units, at, word))
}

/// A number below 100, in words or figures.
fn minor(units: &[String], at: usize) -> Option<(usize, u64)> {
    let in_figures = units.get(at).and_then(|unit| figures(unit));
    match in_figures {
        Some(number) if number < 100 => Some((at + 1, number)),
        Some(_) => None,
        None => below_hundred(units, at),
    }
}

/// A whole number.
fn whole(units: &[String], at: usize) -> Option<(usize, u64)> {
    if is(units, at, "zero") {
        return Some((at + 1, 0));
    }
    let (mut total, mut at, mut least) = (0, at, u64::MAX);
    let mut reached = None;
    while let Some((end, number)) = group(units, at) {
        let scale = SCALES.iter().find(|(name, _)| is(units, end, name));
        match scale {
            Some((_, scale)) if *scale < least => {
                total += number * scale;
                least = *scale;
                reached = Some((end + 1, total));
                at = end + 1 + usize::from(is(units, end + 1, "and"));
            }
            // "two thousand five thousand" are two numbers.
            Some(_) if reached.is_some() => break,
            Some(_) | None => return Some((end, total + number)),
        }
    }
    reached
}

/// What stands before "thousand": "a", "a hundred and five", "twelve hundred", 1200.
fn group(units: &[String], at: usize) -> Option<(usize, u64)> {
    let is_one = is(units, at, "a")
        && ["hundred", "thousand", "million"]
            .iter()
            .any(|word| is(units, at + 1, word));
    let (end, number) = match units.get(at).and_then(|unit| figures(unit)) {
        _ if is_one => (at + 1, 1),
        Some(number) => (at + 1, number),
        None => below_hundred(units, at)?,
    };
    if !is(units, end, "hundred") {
        return Some((end, number));
    }
    let end = end + 1;
    let after_and = end + usize::from(is(units, end, "and"));
    match below_hundred(units, after_and) {
        Some((end, rest)) => Some((end, number * 100 + rest)),
        None => Some((end, number * 100)),
    }
}

/// A number from 1 to 99 in words.
fn below_hundred(units: &[String], at: usize) -> Option<(usize, u64)> {
    let unit = units.get(at)?;
    let number = |place: usize| u64::try_from(place).unwrap_or_default();
    let one = |at: usize, below: usize| {
        let unit = units.get(at)?;
        let place = ONES[..below].iter().position(|one| one == unit)?;
        (place > 0).then(|| number(place))
    };
    if let Some(tens) = TENS[2..].iter().position(|ten| ten == unit) {
        let tens = number(tens + 2) * 10;
        return Some(match one(at + 1, 10) {
            Some(ones) => (at + 2, tens + ones),
            None => (at + 1, tens),
        });
    }
    one(at, 20).map(|number| (at + 1, number))
}

fn is(units: &[String], at: usize, word: &str) -> bool {
    units.get(at).is_some_and(|unit| unit == word)
}

fn is_any(units: &[String], at: usize, words: &[&str]) -> bool {
    units
        .get(at)
        .is_some_and(|unit| words.contains(&unit.as_str()))
}

/// A whole number in words.
pub(super) fn spoken(number: u64) -> String {
    for (name, scale) in SCALES.into_iter().chain([("hundred", 100)]) {
        if number >= scale {
            let head = format!("{} {name}", spoken(number / scale));
            return match number % scale {
                0 => head,
                rest => format!("{head} {}", spoken(rest)),
            };
        }
    }
    small(number, Language::En)
}

/// What an ear listens for: up to 999,999 and its cents.
pub(super) fn pattern() -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::En);
    let and = || say("and").maybe();
    let ones = || say(&ONES[1..10].join("|"));
    let below_hundred = || {
        let tens = Pattern::All(vec![say(&TENS[2..].join("|")), ones().maybe()]);
        Pattern::Any(vec![tens, say(&ONES[1..].join("|"))])
    };
    let below_thousand = || {
        let hundreds = say(&format!(
            "a|{}|{}",
            ONES[1..10].join("|"),
            ONES[11..].join("|")
        ));
        let rest = Pattern::All(vec![and(), below_hundred()]);
        let hundreds = Pattern::All(vec![hundreds, say("hundred"), rest.maybe()]);
        Pattern::Any(vec![hundreds, below_hundred()])
    };
    let thousands = Pattern::All(vec![
        Pattern::Any(vec![below_thousand(), say("a")]),
        say("thousand"),
        Pattern::All(vec![and(), below_thousand()]).maybe(),
    ]);
    let whole = Pattern::Any(vec![thousands, below_thousand(), say("zero")]);
    // Of words that sound like parts of numbers the ear listens for the fewest: it would hear "pound
    // ten" for "thousand".
    let money = || say("dollars|bucks|pounds|euros|yuan");
    let cents = || say("cents|pence");
    let tens = || Pattern::All(vec![say(&TENS[2..].join("|")), ones().maybe()]);
    let unnamed = || {
        let oh = Pattern::All(vec![say("oh"), ones()]);
        Pattern::Any(vec![tens(), say(&ONES[10..].join("|")), oh])
    };
    let named = || Pattern::All(vec![and(), below_hundred(), cents()]);
    let digit = || say(&format!("oh|{}", ONES[..10].join("|")));
    let after = Pattern::Any(vec![
        Pattern::All(vec![money(), Pattern::Any(vec![named(), tens()]).maybe()]),
        Pattern::All(vec![
            say("point"),
            digit(),
            digit().maybe(),
            money().maybe(),
        ]),
        unnamed(),
    ]);
    let lead = say("it's|about").maybe();
    let amount = Pattern::Any(vec![
        Pattern::All(vec![whole, after.maybe()]),
        Pattern::All(vec![below_hundred(), cents()]),
    ]);
    Pattern::All(vec![lead, amount])
}
