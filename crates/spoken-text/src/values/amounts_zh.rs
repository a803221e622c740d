//! Amounts as Mandarin says them.

use super::amounts::{Found, figures};
use super::pattern::Pattern;
use call_model::Language;

const FIGURES: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const SCALES: [(&str, u64); 3] = [("千", 1_000), ("百", 100), ("十", 10)];
/// Ways of naming money, the longer of two first.
const MONEY: [&[&str]; 11] = [
    &["块", "钱"],
    &["块"],
    &["元"],
    &["圆"],
    &["美", "元"],
    &["美", "金"],
    &["欧", "元"],
    &["英", "镑"],
    &["港", "币"],
    &["港", "元"],
    &["日", "元"],
];

/// The longest amount that begins here.
pub(super) fn at(units: &[String], at: usize) -> Option<Found> {
    let number = Number::at(units, at)?;
    let money = |end, cents| Found {
        end,
        cents,
        is_bare: false,
    };
    let tail = |end: usize| end + usize::from(is(units, end, "钱"));
    if is(units, number.end, "点")
        && let Some(found) = pointed(units, &number)
    {
        return Some(found);
    }
    let of_number = |factor: u64| number.value.map(|value| value * factor);
    if let Some(end) = money_at(units, number.end) {
        let (end, cents) = minor(units, end);
        let cents = of_number(100).map(|whole| whole + cents);
        return Some(money(tail(end), cents));
    }
    if is_jiao(units, number.end) {
        let (end, cents) = fen(units, number.end + 1);
        let cents = of_number(10).map(|jiao| jiao + cents);
        return Some(money(tail(end), cents));
    }
    // 五分 may be time.
    if is(units, number.end, "分") && is(units, number.end + 1, "钱") {
        return Some(money(number.end + 2, of_number(1)));
    }
    Some(Found {
        end: number.end,
        cents: of_number(100),
        is_bare: true,
    })
}

/// A whole number: 一千二, 三百五十, 1万2千.
struct Number {
    end: usize,
    /// None where it is none: 三五百 is about four hundred, 一二三四 are figures.
    value: Option<u64>,
    /// Whether the last figure stands for tens, hundreds or thousands: 三百五.
    is_shortened: bool,
}

impl Number {
    fn at(units: &[String], start: usize) -> Option<Self> {
        let (mut total, mut section, mut at) = (0_u64, 0_u64, start);
        let mut pending: Option<u64> = None;
        let mut last: Option<u64> = None;
        let (mut has_gap, mut is_clear) = (false, true);
        while let Some(unit) = units.get(at) {
            let scale = SCALES.iter().find(|(name, _)| name == unit);
            if matches!(unit.as_str(), "零" | "〇") {
                let goes_on = figure(units, at + 1).is_some() || is(units, at + 1, "十");
                if at > start && (pending.is_some() || !goes_on) {
                    break;
                }
                has_gap = true;
            } else if let Some(number) = figure(units, at) {
                is_clear &= pending.is_none();
                pending = Some(number);
            } else if let Some((_, scale)) = scale {
                let many = match (pending, *scale) {
                    (Some(many), _) => many,
                    (None, 10) => 1,
                    (None, _) => break,
                };
                is_clear &= last.is_none_or(|last| *scale < last);
                section += many * scale;
                (pending, last, has_gap) = (None, Some(*scale), false);
            } else if let Some(scale) = big_scale(unit) {
                let many = section + pending.unwrap_or_default();
                if many == 0 {
                    break;
                }
                total = total.saturating_add(many.saturating_mul(scale));
                (section, pending, last, has_gap) = (0, None, Some(scale), false);
            } else {
                break;
            }
            at += 1;
        }
        if at == start {
            return None;
        }
        let (ones, is_shortened) = match (pending, last) {
            (Some(ones), Some(last)) if !has_gap && last > 10 && ones < 10 => {
                (ones * last / 10, true)
            }
            (ones, _) => (ones.unwrap_or_default(), false),
        };
        let value = total.saturating_add(section).saturating_add(ones);
        Some(Self {
            end: at,
            value: is_clear
                .then_some(value)
                .filter(|value| *value < 1_000_000_000_000),
            is_shortened,
        })
    }
}

fn big_scale(unit: &str) -> Option<u64> {
    match unit {
        "万" => Some(10_000),
        "亿" => Some(100_000_000),
        _ => None,
    }
}

/// What follows 十二点.
fn pointed(units: &[String], number: &Number) -> Option<Found> {
    let mut end = number.end + 1;
    let mut said = String::new();
    while let Some(unit) = units.get(end) {
        if figures(unit).is_some() {
            said.push_str(unit);
        } else if let Some(one) = figure(units, end) {
            said.push_str(&one.to_string());
        } else if matches!(unit.as_str(), "零" | "〇") {
            said.push('0');
        } else {
            break;
        }
        end += 1;
    }
    let hundredths: Option<u64> = match said.len() {
        0 => return None,
        1 | 2 => format!("{said:0<2}").parse().ok(),
        _ => None,
    };
    let whole = number.value.filter(|_| !number.is_shortened);
    let mut cents = hundredths.and_then(|hundredths| Some(whole? * 100 + hundredths));
    let scale = units.get(end).and_then(|unit| big_scale(unit));
    if let Some(scale) = scale {
        cents = cents.map(|cents| cents.saturating_mul(scale));
        end += 1;
    }
    let after = money_at(units, end);
    Some(Found {
        end: after.unwrap_or(end),
        cents,
        is_bare: scale.is_none() && after.is_none(),
    })
}

/// What follows 十二块: 五, 五毛, 五毛三分, 零五分, 半, 50.
fn minor(units: &[String], at: usize) -> (usize, u64) {
    if is(units, at, "半") {
        return (at + 1, 50);
    }
    if is(units, at, "整") {
        return (at + 1, 0);
    }
    if is(units, at, "零")
        && let Some(cents) = figure(units, at + 1).filter(|cents| *cents < 10)
    {
        return (at + 2 + usize::from(is(units, at + 2, "分")), cents);
    }
    let Some(number) = figure(units, at) else {
        return (at, 0);
    };
    let are_cents = units[at].len() == 2 && figures(&units[at]).is_some();
    if are_cents {
        return (at + 1, number);
    }
    if number > 9 {
        return (at, 0);
    }
    match is_jiao(units, at + 1) {
        true => {
            let (end, cents) = fen(units, at + 2);
            (end, number * 10 + cents)
        }
        // 十二块五十: not said so.
        false if is_number(units, at + 1) => (at, 0),
        false if is(units, at + 1, "分") => (at + 2, number),
        false => (at + 1, number * 10),
    }
}

/// What follows 五毛: 三分, or 三.
fn fen(units: &[String], at: usize) -> (usize, u64) {
    match figure(units, at) {
        Some(cents) if cents < 10 && !is_number(units, at + 1) => {
            (at + 1 + usize::from(is(units, at + 1, "分")), cents)
        }
        Some(_) | None => (at, 0),
    }
}

/// A figure from 1 on, or a number in figures.
fn figure(units: &[String], at: usize) -> Option<u64> {
    let unit = units.get(at)?;
    if unit == "两" {
        return Some(2);
    }
    let place = FIGURES[1..].iter().position(|figure| figure == unit);
    place
        .and_then(|place| u64::try_from(place + 1).ok())
        .or_else(|| figures(unit))
}

fn is_number(units: &[String], at: usize) -> bool {
    figure(units, at).is_some()
        || ["零", "十", "百", "千", "万"]
            .iter()
            .any(|word| is(units, at, word))
}

fn is_jiao(units: &[String], at: usize) -> bool {
    is(units, at, "毛") || is(units, at, "角")
}

fn money_at(units: &[String], at: usize) -> Option<usize> {
    let rest = units.get(at..)?;
    let begins = |name: &&[&str]| {
        name.len() <= rest.len() && name.iter().zip(rest).all(|(word, unit)| word == unit)
    };
    MONEY
        .iter()
        .copied()
        .find(begins)
        .map(|name| at + name.len())
}

fn is(units: &[String], at: usize, word: &str) -> bool {
    units.get(at).is_some_and(|unit| unit == word)
}

/// A whole number in words: 一千零五十, 两百.
pub(super) fn spoken(number: u64) -> String {
    match number {
        2 => "两".to_owned(),
        number => in_words(number),
    }
}

/// The same before a point: 二点五.
pub(super) fn in_words(number: u64) -> String {
    if number == 0 {
        return FIGURES[0].to_owned();
    }
    let mut words = String::new();
    let mut rest = number;
    for (name, scale) in [("亿", 100_000_000), ("万", 10_000)] {
        if rest >= scale {
            words.push_str(&below_ten_thousand(rest / scale, words.is_empty(), true));
            words.push_str(name);
            rest %= scale;
            if rest > 0 && rest < scale / 10 {
                words.push_str(FIGURES[0]);
            }
        }
    }
    let is_first = words.is_empty();
    words.push_str(&below_ten_thousand(rest, is_first, false));
    words
}

/// 十二 and not 一十二 where nothing stands before it; 两 before 千 and 百 and what is bigger.
fn below_ten_thousand(number: u64, is_first: bool, before_scale: bool) -> String {
    let name = |figure: u64| FIGURES[usize::try_from(figure).unwrap_or_default() % 10];
    if number == 2 && before_scale {
        return "两".to_owned();
    }
    let mut words = String::new();
    let mut rest = number;
    for (scale_name, scale) in SCALES {
        let figure = rest / scale;
        if figure == 0 {
            continue;
        }
        rest %= scale;
        match (figure, scale) {
            (1, 10) if words.is_empty() && is_first => {}
            (2, 100 | 1_000) => words.push('两'),
            (figure, _) => words.push_str(name(figure)),
        }
        words.push_str(scale_name);
        if rest > 0 && rest < scale / 10 {
            words.push_str(FIGURES[0]);
        }
    }
    if rest > 0 {
        words.push_str(name(rest));
    }
    words
}

/// What an ear listens for: below a hundred million, and its cents.
pub(super) fn pattern() -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::Zh);
    let figure = || say("一|二|两|三|四|五|六|七|八|九");
    let zero = |rest: Pattern| Pattern::All(vec![say("零"), rest]);
    let tens = || Pattern::All(vec![figure(), say("十"), figure().maybe()]);
    let below_hundred = || {
        let teens = Pattern::All(vec![say("十"), figure().maybe()]);
        Pattern::Any(vec![teens, tens(), figure()])
    };
    let hundreds = || {
        let rest = Pattern::Any(vec![zero(figure()), tens(), figure()]);
        Pattern::All(vec![figure(), say("百"), rest.maybe()])
    };
    let thousands = || {
        let rest = Pattern::Any(vec![zero(below_hundred()), hundreds(), figure()]);
        Pattern::All(vec![figure(), say("千"), rest.maybe()])
    };
    let small = || Pattern::Any(vec![thousands(), hundreds(), below_hundred()]);
    let rest = Pattern::Any(vec![
        thousands(),
        zero(Pattern::Any(vec![hundreds(), below_hundred()])),
        figure(),
    ]);
    let big = Pattern::All(vec![small(), say("万"), rest.maybe()]);
    let whole = || Pattern::Any(vec![big.clone(), small(), say("零")]);
    let money = || say("块钱|块|元|美元|欧元");
    let jiao = || {
        let fen = Pattern::All(vec![figure(), say("分").maybe()]);
        Pattern::All(vec![figure(), say("毛|角"), fen.maybe()])
    };
    let minor = Pattern::Any(vec![
        jiao(),
        zero(Pattern::All(vec![figure(), say("分")])),
        figure(),
        say("半"),
    ]);
    let named = Pattern::All(vec![
        Pattern::Any(vec![
            Pattern::All(vec![whole(), money(), minor.maybe()]),
            jiao(),
        ]),
        say("钱").maybe(),
    ]);
    let digit = || say("零|一|二|三|四|五|六|七|八|九");
    let point = Pattern::All(vec![
        below_hundred(),
        say("点"),
        digit(),
        digit().maybe(),
        say("万").maybe(),
        money().maybe(),
    ]);
    let lead = say("是|大概|大约|差不多").maybe();
    let amount = Pattern::Any(vec![named, point, whole()]);
    Pattern::All(vec![lead, amount])
}
