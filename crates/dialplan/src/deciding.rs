//! Nodes that neither speak nor listen: one goes on by what is known, one notes something.

use crate::Slots;
use crate::api::TemplatePiece;
use crate::profile::all_hold;
use call_model::Private;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A node that goes on by what is known: the first case that holds leads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decide {
    /// The cases, in the plan's order.
    pub cases: Vec<Case>,
    /// Where it leads when none of them holds.
    pub otherwise: String,
}

/// One case of a [`Decide`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Case {
    /// What must hold of each slot; all of it must.
    pub when: BTreeMap<String, Vec<Test>>,
    /// Where it leads then.
    pub to: String,
}

/// What may be asked of a slot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// It holds one of these texts, whatever their case; `true` is `yes` and `false` is `no`.
    OneOf(Vec<String>),
    /// It holds none of these, or nothing.
    NoneOf(Vec<String>),
    /// It holds a number smaller than this.
    Below(Decimal),
    /// It holds a number greater than this.
    Above(Decimal),
    /// It holds this number or a smaller one.
    AtMost(Decimal),
    /// It holds this number or a greater one.
    AtLeast(Decimal),
    /// It holds something, or nothing.
    Filled(bool),
}

/// A number with up to four decimals, in ten-thousandths: money and counts compare exactly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(i64);

impl Decimal {
    const PLACES: usize = 4;
    const ONE: i64 = 10_000;

    /// The number that a text writes: `12`, `-3.5`, `1200.00`. None where it writes none, one of
    /// more than four decimals, or one beyond what can be counted.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (is_less, figures) = match text.strip_prefix('-') {
            Some(figures) => (true, figures),
            None => (false, text),
        };
        let (whole, part) = figures.split_once('.').unwrap_or((figures, ""));
        let are_figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_bare = figures.ends_with('.') || whole.is_empty();
        if is_bare || !are_figures(whole) || !are_figures(part) || part.len() > Self::PLACES {
            return None;
        }
        let part: i64 = format!("{part:0<places$}", places = Self::PLACES)
            .parse()
            .ok()?;
        let amount = whole
            .parse::<i64>()
            .ok()?
            .checked_mul(Self::ONE)?
            .checked_add(part)?;
        Some(Self(if is_less { -amount } else { amount }))
    }

    /// The sum, written as short as it can be. None beyond what can be counted.
    pub fn plus(self, more: i32) -> Option<Self> {
        let more = i64::from(more).checked_mul(Self::ONE)?;
        self.0.checked_add(more).map(Self)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, amount) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, part) = (amount / Self::ONE as u64, amount % Self::ONE as u64);
        write!(f, "{sign}{whole}")?;
        if part == 0 {
            return Ok(());
        }
        let part = format!("{part:0>places$}", places = Self::PLACES);
        write!(f, ".{}", part.trim_end_matches('0'))
    }
}

impl Decide {
    /// Where these slots lead.
    pub fn target(&self, slots: &Slots) -> &str {
        let holding = self.cases.iter().find(|case| case.holds(slots));
        holding.map_or(&self.otherwise, |case| &case.to)
    }

    /// Every node it may lead to, in the plan's order.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        let cases = self.cases.iter().map(|case| case.to.as_str());
        cases.chain([self.otherwise.as_str()])
    }

    /// The slots that it holds against numbers.
    pub(crate) fn counters(&self) -> impl Iterator<Item = &str> {
        let conditions = self.cases.iter().flat_map(|case| &case.when);
        let counted = conditions.filter(|(_, tests)| tests.iter().any(Test::counts));
        counted.map(|(slot, _)| slot.as_str())
    }
}

impl Case {
    /// Whether all of it holds.
    pub fn holds(&self, slots: &Slots) -> bool {
        all_hold(&self.when, slots)
    }
}

impl Test {
    /// Whether it holds of a slot's value; empty where nothing fills it.
    pub fn holds(&self, value: &str) -> bool {
        let is_in = |texts: &[String]| {
            let value = folded(value);
            !value.is_empty() && texts.iter().any(|text| folded(text) == value)
        };
        let number = || Decimal::parse(value);
        match self {
            Self::OneOf(texts) => is_in(texts),
            Self::NoneOf(texts) => !is_in(texts),
            Self::Below(least) => number().is_some_and(|number| number < *least),
            Self::Above(most) => number().is_some_and(|number| number > *most),
            Self::AtMost(most) => number().is_some_and(|number| number <= *most),
            Self::AtLeast(least) => number().is_some_and(|number| number >= *least),
            Self::Filled(is_filled) => value.is_empty() != *is_filled,
        }
    }

    /// Whether it holds of a slot that nothing fills.
    pub(crate) const fn holds_of_nothing(&self) -> bool {
        match self {
            Self::NoneOf(_) | Self::Filled(false) => true,
            Self::OneOf(_)
            | Self::Below(_)
            | Self::Above(_)
            | Self::AtMost(_)
            | Self::AtLeast(_)
            | Self::Filled(true) => false,
        }
    }

    /// Whether it holds of filled slots alone.
    pub(crate) const fn needs_a_value(&self) -> bool {
        !self.holds_of_nothing()
    }

    /// Whether it counts: it can tell that a number has been reached.
    pub(crate) const fn counts(&self) -> bool {
        match self {
            Self::Below(_) | Self::Above(_) | Self::AtMost(_) | Self::AtLeast(_) => true,
            Self::OneOf(_) | Self::NoneOf(_) | Self::Filled(_) => false,
        }
    }
}

/// As on a whiteboard: `risk = high, tries ≥ 3`.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = self.when.iter().flat_map(|(slot, tests)| {
            let told = move |test: &Test| match test {
                Test::OneOf(texts) => format!("{slot} = {}", texts.join("/")),
                Test::NoneOf(texts) => format!("{slot} ≠ {}", texts.join("/")),
                Test::Below(number) => format!("{slot} < {number}"),
                Test::Above(number) => format!("{slot} > {number}"),
                Test::AtMost(number) => format!("{slot} ≤ {number}"),
                Test::AtLeast(number) => format!("{slot} ≥ {number}"),
                Test::Filled(true) => format!("{slot} ?"),
                Test::Filled(false) => format!("no {slot}"),
            };
            tests.iter().map(told)
        });
        f.write_str(&conditions.collect::<Vec<_>>().join(", "))
    }
}

/// What JSON calls true, callers call yes.
fn folded(text: &str) -> String {
    match text.trim().to_lowercase() {
        text if text == "true" => "yes".to_owned(),
        text if text == "false" => "no".to_owned(),
        text => text,
    }
}

/// A node that fills slots with what the plan knows, and goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// What each slot is set to; all are reckoned from what stood before.
    pub set: BTreeMap<String, SetTo>,
    /// The node that follows.
    pub next: String,
}

/// What a slot is set to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetTo {
    /// A text, slots in it.
    Text(Vec<TemplatePiece>),
    /// What it holds and so much more; a slot that holds no number counts from 0.
    Add(i32),
}

impl Note {
    /// The slots that it adds to.
    pub(crate) fn counters(&self) -> impl Iterator<Item = &str> {
        let added = |to: &SetTo| matches!(to, SetTo::Add(more) if *more != 0);
        let slots = self.set.iter().filter(move |(_, to)| added(to));
        slots.map(|(slot, _)| slot.as_str())
    }

    /// The slots' new values.
    pub fn values(&self, slots: &Slots) -> Slots {
        let held = |slot: &str| slots.get(slot).map_or("", |value| value.reveal());
        let value = |slot: &str, to: &SetTo| match to {
            SetTo::Text(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    TemplatePiece::Text(text) => text.as_str(),
                    TemplatePiece::Slot(slot) => held(slot),
                })
                .collect(),
            SetTo::Add(more) => {
                let before = Decimal::parse(held(slot)).unwrap_or(Decimal(0));
                before.plus(*more).unwrap_or(before).to_string()
            }
        };
        self.set
            .iter()
            .map(|(slot, to)| (slot.clone(), Private::new(value(slot, to))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(pairs: &[(&str, &str)]) -> Slots {
        let pair =
            |(slot, value): &(&str, &str)| ((*slot).to_owned(), Private::new((*value).to_owned()));
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn numbers_compare_as_numbers_and_are_written_short() {
        for (text, written) in [
            ("12", Some("12")),
            ("007", Some("7")),
            ("-3.50", Some("-3.5")),
            ("1200.00", Some("1200")),
            ("0.0001", Some("0.0001")),
            ("0.00001", None),
            ("1.", None),
            (".5", None),
            ("", None),
            ("twelve", None),
            ("1e3", None),
            ("99999999999999999999", None),
        ] {
            let parsed = Decimal::parse(text).map(|number| number.to_string());
            assert_eq!(parsed.as_deref(), written, "{text}");
        }
        assert!(Test::Below(Decimal(100 * Decimal::ONE)).holds("99.99"));
        assert!(!Test::Below(Decimal(100 * Decimal::ONE)).holds("100"));
        assert!(!Test::AtMost(Decimal(0)).holds(""), "nothing is no number");
    }

    #[test]
    fn a_text_is_held_against_texts_whatever_its_case() {
        let one_of = |texts: &[&str]| Test::OneOf(texts.iter().map(|t| (*t).to_owned()).collect());
        let none_of =
            |texts: &[&str]| Test::NoneOf(texts.iter().map(|t| (*t).to_owned()).collect());
        for (test, value, holds) in [
            (one_of(&["high"]), "High", true),
            (one_of(&["yes"]), "true", true),
            (one_of(&["yes", "一次"]), "一次", true),
            (one_of(&["high"]), "", false),
            (none_of(&["high"]), "", true),
            (none_of(&["no"]), "false", false),
            (Test::Filled(true), "0", true),
            (Test::Filled(false), "", true),
        ] {
            assert_eq!(test.holds(value), holds, "{test:?} of '{value}'");
        }
    }

    #[test]
    fn the_first_case_that_holds_leads() {
        let case = |when: &[(&str, Test)], to: &str| Case {
            when: when
                .iter()
                .map(|(slot, test)| ((*slot).to_owned(), vec![test.clone()]))
                .collect(),
            to: to.to_owned(),
        };
        let decide = Decide {
            cases: vec![
                case(
                    &[
                        ("risk", Test::OneOf(vec!["high".to_owned()])),
                        ("tries", Test::AtLeast(Decimal(2 * Decimal::ONE))),
                    ],
                    "specialist",
                ),
                case(&[("risk", Test::Filled(true))], "known"),
            ],
            otherwise: "menu".to_owned(),
        };
        assert_eq!(
            decide.target(&slots(&[("risk", "high"), ("tries", "2")])),
            "specialist"
        );
        assert_eq!(
            decide.target(&slots(&[("risk", "high"), ("tries", "1")])),
            "known"
        );
        assert_eq!(decide.target(&slots(&[])), "menu");
        assert_eq!(decide.cases[0].to_string(), "risk = high, tries ≥ 2");
    }

    #[test]
    fn all_is_reckoned_from_what_stood_before() {
        let note = Note {
            set: BTreeMap::from([
                (
                    "first".to_owned(),
                    SetTo::Text(vec![TemplatePiece::Slot("second".to_owned())]),
                ),
                (
                    "second".to_owned(),
                    SetTo::Text(vec![
                        TemplatePiece::Slot("first".to_owned()),
                        TemplatePiece::Text("!".to_owned()),
                    ]),
                ),
                ("tries".to_owned(), SetTo::Add(1)),
            ]),
            next: "menu".to_owned(),
        };
        let values = note.values(&slots(&[("first", "a"), ("second", "b")]));
        let shown: Vec<&str> = values
            .values()
            .map(|value| value.reveal().as_str())
            .collect();
        assert_eq!(shown, ["b", "a!", "1"]);
    }
}
