//! Values of a shape of their own: `date: past`, `time: any`, `amount: any`.

use super::flow::Reading;
use super::values;
use super::yaml::Entry;
use spoken_text::{ValueKind, When};

impl Reading<'_> {
    /// Where it is wrong the problem is told, and some kind stands in its place.
    pub(super) fn read_value_kind(&mut self, entry: &Entry) -> ValueKind {
        let text = values::as_text(&entry.item);
        match (entry.key.as_str(), text.map(String::as_str)) {
            ("date", Some("past")) => ValueKind::Date(When::Past),
            ("date", Some("future")) => ValueKind::Date(When::Future),
            ("date", Some("any")) => ValueKind::Date(When::Any),
            ("time", Some("" | "any")) => ValueKind::Time,
            ("amount", Some("" | "any")) => ValueKind::Amount,
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
