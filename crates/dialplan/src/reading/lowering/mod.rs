//! Nodes that are made of simpler ones: each is read where it stands, and what callers meet are
//! the nodes that calls know already.

mod call;
mod confirm;
mod menu;
mod message;
mod survey;
mod verify;

pub(super) use call::{FIELDS as PART_FIELDS, Scope};

use super::Place;
use super::fields::Fields;
use super::flow::{Reading, Target};
use crate::{LadderEnd, Node};

/// A node that is made of several: its name, its place, and what stands there.
#[derive(Clone, Copy)]
struct Whole<'a> {
    name: &'a str,
    fields: Fields<'a>,
}

impl Whole<'_> {
    /// The name of one of its parts. No node that is written has a full stop in its name.
    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }
}

impl Reading<'_> {
    /// Adds a node that another is made of.
    fn add_part(
        &mut self,
        whole: Whole<'_>,
        part: &str,
        read: impl FnOnce(&mut Self, &str) -> Option<Node>,
    ) {
        let name = whole.part(part);
        let written = (name.clone(), whole.name.to_owned());
        self.marks.parts.extend([written]);
        self.add_node(&name, whole.fields.at, |reading| read(reading, &name));
    }

    /// Notes a way between parts.
    fn link(&mut self, from: &str, to: &str, at: Place) {
        self.marks.targets.push(Target {
            at,
            from: from.to_owned(),
            to: to.to_owned(),
            written: to.to_owned(),
            ends_ladder: false,
        });
    }

    /// Where a field of the whole leads from one of its parts; `missing` and its remedy where the
    /// field is not there.
    fn way_of_part(
        &mut self,
        from: &str,
        whole: Whole<'_>,
        field: &str,
        [missing, remedy]: [&str; 2],
    ) -> Option<String> {
        if let Some(item) = whole.fields.get(field) {
            return self.target_of(from, item);
        }
        let message = format!("node '{}' {missing}", whole.name);
        self.problems.add(whole.fields.at, message, remedy);
        None
    }

    /// `error: person`, or a node, from one of the parts.
    fn error_of_part(&mut self, from: &str, whole: Whole<'_>) -> Option<LadderEnd> {
        let name = match whole.fields.get("error") {
            Some(_) => from,
            None => whole.name,
        };
        self.read_error(name, whole.fields)
    }
}
