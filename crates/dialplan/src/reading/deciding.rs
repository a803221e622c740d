//! `decide` and `set`: nodes that neither speak nor listen.

use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::{Item, Value};
use crate::{Case, Decide, Decimal, Note, SetTo, Test};
use std::collections::BTreeMap;

/// What may stand in place of a value.
pub(super) const TESTS: [&str; 6] = ["not", "below", "above", "at_most", "at_least", "filled"];
/// A condition on nothing always holds.
const CONDITION: &str = "write 'when: { slot: value }'; what always holds stands under 'otherwise'";

impl Reading<'_> {
    pub(super) fn read_decide(&mut self, name: &str, fields: Fields<'_>) -> Option<Decide> {
        let mut cases = Vec::new();
        let written = fields.get("decide").map(values::items).unwrap_or_default();
        for item in written {
            cases.extend(self.read_case(name, item));
        }
        let Some(item) = fields.get("otherwise") else {
            self.problems.add(
                fields.at,
                format!("node '{name}' leads nowhere when none of its cases holds"),
                "add 'otherwise: a-node'",
            );
            return None;
        };
        let otherwise = self.target_of(name, item)?;
        (cases.len() == written.len()).then_some(Decide { cases, otherwise })
    }

    /// `{ when: { risk: high }, to: specialist }`.
    fn read_case(&mut self, name: &str, item: &Item) -> Option<Case> {
        let fields = Fields::of(item, "a case", &["when", "to"], &mut self.problems)?;
        let to = match fields.get("to") {
            Some(item) => self.target_of(name, item),
            None => {
                let message = "a case leads nowhere";
                self.problems.add(fields.at, message, "add 'to: a-node'");
                None
            }
        };
        let Some(item) = fields.get("when") else {
            self.problems
                .add(fields.at, "a case asks nothing", CONDITION);
            return None;
        };
        let when = self.read_conditions(item, "a case")?;
        Some(Case { when, to: to? })
    }

    /// `when: { risk: high, tries: { at_least: 3 } }` of something that `what` names.
    pub(super) fn read_conditions(
        &mut self,
        item: &Item,
        what: &str,
    ) -> Option<BTreeMap<String, Vec<Test>>> {
        let conditions = Fields::open(item, "'when'", &mut self.problems)?;
        let mut when = BTreeMap::new();
        for entry in conditions.iter() {
            self.marks
                .slots_used
                .push((entry.key_at, entry.key.clone()));
            when.insert(entry.key.clone(), self.read_tests(&entry.item)?);
        }
        if when.is_empty() {
            let message = format!("{what} asks nothing");
            self.problems.add(item.at, message, CONDITION);
            return None;
        }
        Some(when)
    }

    /// A value, a list of values, or a group such as `{ at_least: 3 }`.
    fn read_tests(&mut self, item: &Item) -> Option<Vec<Test>> {
        let Value::Map(_) = &item.value else {
            return Some(vec![Test::OneOf(self.read_texts(item)?)]);
        };
        let fields = Fields::of(item, "a condition", &TESTS, &mut self.problems)?;
        let mut tests = Vec::new();
        if fields
            .iter()
            .any(|entry| !TESTS.contains(&entry.key.as_str()))
        {
            return None;
        }
        for entry in fields.iter() {
            let item = &entry.item;
            tests.push(match entry.key.as_str() {
                "not" => Test::NoneOf(self.read_texts(item)?),
                "below" => Test::Below(self.read_decimal(item)?),
                "above" => Test::Above(self.read_decimal(item)?),
                "at_most" => Test::AtMost(self.read_decimal(item)?),
                "at_least" => Test::AtLeast(self.read_decimal(item)?),
                "filled" => {
                    let choices = [
                        ("yes", true),
                        ("true", true),
                        ("no", false),
                        ("false", false),
                    ];
                    let is = values::choice(item, "'filled'", &choices, &mut self.problems);
                    Test::Filled(is?)
                }
                _ => return None,
            });
        }
        if tests.is_empty() {
            let remedy = format!("write one of {}", TESTS.join(", "));
            self.problems
                .add(item.at, "a condition asks nothing", remedy);
            return None;
        }
        Some(tests)
    }

    fn read_texts(&mut self, item: &Item) -> Option<Vec<String>> {
        let texts = values::items(item).iter().map(|item| {
            let text = values::text(item, "a value", &mut self.problems)?;
            Some(text.to_owned())
        });
        texts.collect()
    }

    fn read_decimal(&mut self, item: &Item) -> Option<Decimal> {
        let text = values::text(item, "a number", &mut self.problems)?;
        let number = Decimal::parse(text);
        if number.is_none() {
            let message = format!("'{text}' is no number");
            let remedy = "write figures, such as 3 or 99.50, with four decimals at most";
            self.problems.add(item.at, message, remedy);
        }
        number
    }

    /// `set: { kind: lost, tries: { add: 1 } }`.
    pub(super) fn read_set(&mut self, name: &str, fields: Fields<'_>) -> Option<Note> {
        let set = self.read_notes(fields.get("set")?, "'set'")?;
        let next = self.required_target(name, fields)?;
        Some(Note { set, next })
    }

    /// Slots with what fills them.
    pub(super) fn read_notes(
        &mut self,
        item: &Item,
        what: &str,
    ) -> Option<BTreeMap<String, SetTo>> {
        let slots = Fields::open(item, what, &mut self.problems)?;
        let mut set = BTreeMap::new();
        for entry in slots.iter() {
            if !values::is_name(&entry.key) {
                let message = format!("'{}' cannot be the name of a slot", entry.key);
                let remedy = "a name has letters, figures, '_' and '-'";
                self.problems.add(entry.key_at, message, remedy);
                continue;
            }
            if !self.slot_to_fill(entry.key_at, &entry.key) {
                continue;
            }
            if let Some(to) = self.read_set_to(&entry.item) {
                set.insert(entry.key.clone(), to);
            }
        }
        Some(set)
    }

    fn read_set_to(&mut self, item: &Item) -> Option<SetTo> {
        if let Value::Map(_) = &item.value {
            let fields = Fields::of(item, "a slot's value", &["add"], &mut self.problems)?;
            let more = fields.get("add").and_then(values::as_text);
            let more = more.and_then(|text| text.parse().ok());
            let is_known = fields.iter().all(|entry| entry.key == "add");
            if more.is_none() && is_known {
                let message = "it is not said how much is added";
                self.problems.add(item.at, message, "write '{ add: 1 }'");
            }
            return more.map(SetTo::Add);
        }
        // `null` empties the slot.
        if values::as_text(item).is_some_and(String::is_empty) {
            return Some(SetTo::Text(Vec::new()));
        }
        let text = values::text(item, "a slot's value", &mut self.problems)?;
        self.pieces_of(text, item).map(SetTo::Text)
    }
}
