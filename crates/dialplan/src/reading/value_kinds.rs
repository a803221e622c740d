//! Values of a shape of their own: `date: past`, `time: any`.

use super::flow::Reading;
use super::values;
use super::yaml::Entry;
use spoken_text::{ValueKind, When};

impl Reading<'_> {
    pub(super) fn read_value_kind(&mut self, entry: &Entry) -> Option<ValueKind> {
        let text = values::as_text(&entry.item);
        match (entry.key.as_str(), text.map(String::as_str)) {
            ("date", Some("past")) => Some(ValueKind::Date(When::Past)),
            ("date", Some("future")) => Some(ValueKind::Date(When::Future)),
            ("date", Some("any")) => Some(ValueKind::Date(When::Any)),
            ("time", Some("" | "~" | "null" | "any")) => Some(ValueKind::Time),
            ("date", _) => {
                self.problems.add(
                    entry.item.at,
                    "a date is on no such side of today",
                    "say 'past', 'future' or 'any'; today is on both sides",
                );
                None
            }
            _ => {
                let message = format!("'{}' is no such kind of value", entry.key);
                self.problems
                    .add(entry.item.at, message, format!("say '{}: any'", entry.key));
                None
            }
        }
    }
}
