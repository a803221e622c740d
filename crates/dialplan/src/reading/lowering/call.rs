//! `call`: a part of a plan that stands in a file of its own, and may be used at several places.
//! Its nodes become nodes of the plan, each named after the node that calls.

use crate::reading::Place;
use crate::reading::fields::{Fields, suggestion};
use crate::reading::flow::{Reading, Target};
use crate::reading::values;
use crate::reading::yaml::{Item, parse};
use crate::{Note, ProblemKind, SetTo};
use std::collections::BTreeMap;

/// The fields of a part.
pub(in crate::reading) const FIELDS: [&str; 3] = ["start", "params", "nodes"];
/// In a part: on to what follows the call.
const RETURN: &str = "return";
/// More calls than this make a plan that nobody can follow; two parts that call each other twice
/// over would grow without end.
const CALLS_MAX: usize = 200;

/// The part of a plan that is being read: how its nodes are named, and what follows it.
#[derive(Default)]
pub(in crate::reading) struct Scope {
    /// Stands before the names of its nodes.
    prefix: String,
    /// Where its `return` leads, where the call says so.
    back: Option<Way>,
    /// The files that are open, the outermost first.
    files: Vec<String>,
    /// Calls so far in the whole plan.
    calls: usize,
}

/// A way to a node.
#[derive(Clone)]
pub(in crate::reading) struct Way {
    pub at: Place,
    /// The node's name in the whole plan.
    pub to: String,
    /// Its name as it is written there.
    pub written: String,
}

impl Scope {
    /// The name that a node has in the whole plan.
    pub fn name(&self, written: &str) -> String {
        format!("{}{written}", self.prefix)
    }

    /// The name as the part has it.
    pub fn written<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(&self.prefix).unwrap_or(name)
    }

    /// Whether a name means something else already.
    pub fn is_taken(&self, written: &str) -> bool {
        written == "person" || self.is_part() && written == RETURN
    }

    /// The names that mean something else, for a remedy.
    pub const fn taken(&self) -> &'static str {
        match self.is_part() {
            true => "'person' and 'return' are taken",
            false => "'person' is taken",
        }
    }

    const fn is_part(&self) -> bool {
        !self.files.is_empty()
    }

    /// Where a name leads that is written at a place.
    pub fn way(&self, at: Place, written: &str) -> Way {
        match &self.back {
            Some(back) if written == RETURN => back.clone(),
            Some(_) | None => Way {
                at,
                to: self.name(written),
                written: written.to_owned(),
            },
        }
    }
}

impl Reading<'_> {
    /// `call: flows/pin.yaml`, `with: { card: "{card}" }`, `next: menu`.
    pub(in crate::reading) fn read_part_call(
        &mut self,
        name: &str,
        fields: Fields<'_>,
    ) -> Option<Note> {
        let item = fields.get("call")?;
        let file = values::text(item, "'call'", &mut self.problems)?.to_owned();
        let given = self.read_with(fields);
        let back = self.read_back(fields);
        let text = self.part(item, &file)?;
        let mut given = given?;
        let part = self
            .problems
            .within(&file, |problems| parse(&text, problems))?;
        let part = Fields::of(&part, "a part of a plan", &FIELDS, &mut self.problems)?;
        self.compare_params(fields, part, &mut given);
        let (ways, faults) = (self.marks.targets.len(), self.problems.count());
        let outer = self.enter(name, &file, back.clone());
        let start = self.read_nodes_of_part(name, part);
        self.leave(outer);
        // A node that cannot be read may be the one that returns.
        if let Some(back) = back
            && self.problems.count() == faults
        {
            self.check_return(&back, ways);
        }
        Some(Note {
            set: given,
            next: start?,
        })
    }

    /// `with: { card: "{card}" }`: slots that are filled as the part begins.
    fn read_with(&mut self, fields: Fields<'_>) -> Option<BTreeMap<String, SetTo>> {
        match fields.get("with") {
            Some(item) => self.read_notes(item, "'with'"),
            None => Some(BTreeMap::new()),
        }
    }

    fn read_back(&mut self, fields: Fields<'_>) -> Option<Way> {
        let item = fields.get("next")?;
        let written = values::text(item, "a node's name", &mut self.problems)?;
        Some(self.scope.way(item.at, written))
    }

    /// A way that no part goes back by is a slip of the pen.
    fn check_return(&mut self, back: &Way, since: usize) {
        let mut ways = self.marks.targets.iter().skip(since);
        // One that leads to no node is told of anyway.
        let returns = |way: &Target| way.at == back.at || !self.marks.nodes.contains_key(&way.to);
        if !ways.any(returns) {
            let message = "the part never returns";
            let remedy = "lead one of its ways to 'return', or take 'next' out";
            self.problems.add(back.at, message, remedy);
        }
    }

    /// The text of a part that may be called here.
    fn part(&mut self, item: &Item, file: &str) -> Option<String> {
        if self.scope.files.iter().any(|open| open == file) {
            let message = format!("'{file}' calls itself");
            let remedy = "ask again with a way back within the part";
            self.problems.add(item.at, message, remedy);
            return None;
        }
        if self.scope.calls >= CALLS_MAX {
            let message = format!("the plan makes more than {CALLS_MAX} calls of its parts");
            let remedy = "lead several ways to one node that calls";
            self.problems.add(item.at, message, remedy);
            return None;
        }
        let text = self.sources.texts.get(file).cloned();
        if text.is_none() {
            let message = format!("there is no file '{file}'");
            let remedy = "a part is a .yaml file in the plan's folder";
            self.problems
                .tell(ProblemKind::MissingFile, item.at, message, remedy);
        }
        text
    }

    /// What a part wants to be told is told, and nothing else.
    fn compare_params(
        &mut self,
        call: Fields<'_>,
        part: Fields<'_>,
        given: &mut BTreeMap<String, SetTo>,
    ) {
        let mut wanted: Vec<&str> = Vec::new();
        for item in part.get("params").map(values::items).unwrap_or_default() {
            wanted.extend(values::name(item, "a slot", &mut self.problems));
        }
        let place = call.get("with").map_or(call.at, |item| item.at);
        for slot in given.keys().filter(|slot| !wanted.contains(&slot.as_str())) {
            let message = format!("the part does not want to be told '{slot}'");
            let remedy = match wanted.is_empty() {
                true => "take it out, or name it in the part's 'params'".to_owned(),
                false => suggestion(slot, &wanted),
            };
            self.problems.add(place, message, remedy);
        }
        for slot in wanted {
            if !given.contains_key(slot) {
                let message = format!("the part wants to be told '{slot}'");
                let remedy = format!("add 'with: {{ {slot}: … }}'");
                self.problems.add(place, message, remedy);
                // So that nothing is told of where the part speaks of it.
                given.insert(slot.to_owned(), SetTo::Text(Vec::new()));
            }
        }
    }

    /// The nodes of a part; the one at which it begins.
    fn read_nodes_of_part(&mut self, name: &str, part: Fields<'_>) -> Option<String> {
        match part.get("nodes") {
            Some(nodes) => self.read_nodes(nodes),
            None => {
                let message = "a part without nodes";
                let remedy = "add 'nodes:' with the places of the conversation";
                self.problems.add(part.at, message, remedy);
            }
        }
        let Some(start) = part.get("start") else {
            let message = "nothing says where the part begins";
            self.problems.add(part.at, message, "add 'start: a-node'");
            return None;
        };
        self.target_of(name, start)
    }

    fn enter(&mut self, name: &str, file: &str, back: Option<Way>) -> Scope {
        let outer = std::mem::take(&mut self.scope);
        let mut files = outer.files.clone();
        files.push(file.to_owned());
        self.scope = Scope {
            prefix: format!("{name}."),
            back,
            files,
            calls: outer.calls + 1,
        };
        outer
    }

    fn leave(&mut self, outer: Scope) {
        let calls = self.scope.calls;
        self.scope = Scope { calls, ..outer };
    }
}
