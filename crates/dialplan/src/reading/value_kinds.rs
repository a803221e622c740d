//! Values of a shape of their own: `date: past`, `time: any`, `amount: any`, `letters: 3`, `plate: zh`.

use super::flow::Reading;
use super::values;
use super::yaml::Entry;
use spoken_text::{Plates, ValueKind, When};

/// The most letters that anybody spells.
const LETTERS_MAX: u16 = 20;

impl Reading<'_> {
    /// Where it is wrong the problem is told, and some kind stands in its place.
    pub(super) fn read_value_kind(&mut self, entry: &Entry) -> ValueKind {
        if entry.key == "letters" {
            let (min, max) = self
                .read_lengths(&entry.item, "letters", LETTERS_MAX)
                .unwrap_or((1, 1));
            return ValueKind::Letters { min, max };
        }
        let text = values::as_text(&entry.item);
        match (entry.key.as_str(), text.map(String::as_str)) {
            ("date", Some("past")) => ValueKind::Date(When::Past),
            ("date", Some("future")) => ValueKind::Date(When::Future),
            ("date", Some("any")) => ValueKind::Date(When::Any),
            ("time", Some("" | "any")) => ValueKind::Time,
            ("amount", Some("" | "any")) => ValueKind::Amount,
            ("plate", Some("zh")) => ValueKind::Plate(Plates::Zh),
            ("plate", Some("any")) => ValueKind::Plate(Plates::Any),
            ("plate", _) => {
                self.problems.add(
                    entry.item.at,
                    "there are no such number plates",
                    "say 'zh' for those of China, or 'any'",
                );
                ValueKind::Plate(Plates::Any)
            }
            ("date", _) => {
                self.problems.add(
                    entry.item.at,
                    "a date is on no such side of today",
                    "say 'past', 'future' or 'any'; today is on both sides",
                );
                ValueKind::Date(When::Any)
            }
            _ => {
                let message = format!("'{}' is no such kind of value", entry.key);
                self.problems
                    .add(entry.item.at, message, format!("say '{}: any'", entry.key));
                ValueKind::Time
            }
        }
    }
}
