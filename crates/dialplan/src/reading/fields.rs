//! The fields of one group, known and unknown.

use super::yaml::{Entry, Item, Value};
use super::{Place, Problems};

/// A group of fields whose names are all known.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub at: Place,
    entries: &'a [Entry],
}

impl<'a> Fields<'a> {
    /// Reads `item` as a group with no fields but `known`; `what` names the group.
    pub fn of(item: &'a Item, what: &str, known: &[&str], problems: &mut Problems) -> Option<Self> {
        let fields = Self::open(item, what, problems)?;
        for entry in fields.entries {
            if !known.contains(&entry.key.as_str()) {
                let message = format!("{what} has no field '{}'", entry.key);
                problems.add(entry.key_at, message, suggestion(&entry.key, known));
            }
        }
        Some(fields)
    }

    /// Reads `item` as a group whose names the plan chooses.
    pub fn open(item: &'a Item, what: &str, problems: &mut Problems) -> Option<Self> {
        match &item.value {
            Value::Map(entries) => Some(Self {
                at: item.at,
                entries,
            }),
            Value::Scalar(_) | Value::List(_) => {
                let message = format!(
                    "{what} is a group of fields, and here stands {}",
                    item.kind()
                );
                problems.add(item.at, message, "write 'name: value', one field a line");
                None
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<&'a Item> {
        self.entry(name).map(|entry| &entry.item)
    }

    pub fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        self.entries.iter()
    }
}

/// A longer list helps nobody.
const LISTED_MAX: usize = 24;

/// "did you mean …", or the list of what there is.
pub(crate) fn suggestion(written: &str, known: &[&str]) -> String {
    let length = written.chars().count();
    let near = 2.max(length / 3);
    // Each character too many or too few is a step already.
    let nearest = known
        .iter()
        .filter(|name| name.chars().count().abs_diff(length) <= near)
        .map(|name| (distance(written, name), name))
        .min();
    match nearest {
        Some((steps, name)) if steps <= near => format!("did you mean '{name}'?"),
        _ if known.len() > LISTED_MAX => {
            format!("there are: {}, …", known[..LISTED_MAX].join(", "))
        }
        _ => format!("there are: {}", known.join(", ")),
    }
}

/// How many characters must be put in, taken out or changed (Levenshtein 1966).
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_told_what_was_meant() {
        let known = ["next", "say", "interruptible"];
        assert_eq!(suggestion("nxet", &known), "did you mean 'next'?");
        assert_eq!(
            suggestion("interruptable", &known),
            "did you mean 'interruptible'?"
        );
        assert_eq!(
            suggestion("wizardry", &known),
            "there are: next, say, interruptible"
        );
    }
}
