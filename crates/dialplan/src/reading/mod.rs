//! From text to a plan's parts: every part read where it stands, every fault
//! noted with its place, and the reading goes on.

mod api;
mod api_all;
mod collecting;
mod deciding;
mod examples;
mod fields;
mod flow;
mod hours;
pub(crate) mod jsgf;
mod kinds;
mod listening;
mod lowering;
mod meant;
mod nodes;
mod open;
mod people;
mod policy;
mod profiles;
mod say_as;
mod schema;
mod titles;
mod value_kinds;
mod values;
mod wordings;
mod words;
pub(crate) mod yaml;

pub(crate) use fields::{distance, suggestion};
pub(crate) use flow::{Answer, AnsweredBy, Marks, ReadPlan, read};
pub(crate) use meant::{MeantSentences, meant_sentences, senses};
pub(crate) use policy::{is_transfer_address, read_alone};
pub use schema::{part_schema, schema};
pub(crate) use words::{ReadWords, usual_words};

use crate::{Problem, ProblemKind, Severity};

/// A place in a file; line and column from 1, in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// Which of the files that are read together, from 0.
    pub file: usize,
    pub line: u32,
    pub column: u32,
}

impl Place {
    pub fn new(line: usize, column: usize) -> Self {
        let number = |n: usize| u32::try_from(n.max(1)).unwrap_or(u32::MAX);
        Self {
            file: 0,
            line: number(line),
            column: number(column),
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new(1, 1)
    }
}

/// The faults so far of a file, and of those that are read as parts of it.
pub(crate) struct Problems {
    files: Vec<String>,
    /// The file that is parsed.
    current: usize,
    found: Vec<Problem>,
}

impl Problems {
    pub fn of(file: &str) -> Self {
        Self {
            files: vec![file.to_owned()],
            current: 0,
            found: Vec::new(),
        }
    }

    /// What is parsed within stands in another file; its places say so ever after.
    pub fn within<T>(&mut self, file: &str, parse: impl FnOnce(&mut Self) -> T) -> T {
        let place = self.files.iter().position(|known| known == file);
        let number = place.unwrap_or_else(|| {
            self.files.push(file.to_owned());
            self.files.len() - 1
        });
        let before = std::mem::replace(&mut self.current, number);
        let parsed = parse(self);
        self.current = before;
        parsed
    }

    /// A place in the file that is parsed.
    pub fn place(&self, line: usize, column: usize) -> Place {
        Place {
            file: self.current,
            ..Place::new(line, column)
        }
    }

    /// Tells of something that is not written as the language of plans asks.
    pub fn add(&mut self, at: Place, message: impl Into<String>, remedy: impl Into<String>) {
        self.tell(ProblemKind::Form, at, message, remedy);
    }

    /// Tells of a fault of a kind.
    pub fn tell(
        &mut self,
        kind: ProblemKind,
        at: Place,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Problem {
            file: self.files.get(at.file).cloned().unwrap_or_default(),
            line: at.line,
            column: at.column,
            kind,
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    /// Takes over the faults of another file.
    pub fn take_over(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// All of them, sorted by place, each once.
    pub fn into_sorted(self) -> Vec<Problem> {
        let mut found = self.found;
        found.sort();
        found.dedup();
        found
    }

    /// How many there are so far.
    pub const fn count(&self) -> usize {
        self.found.len()
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether one of them refuses the plan.
    pub fn refuse(&self) -> bool {
        let is_error = |problem: &Problem| problem.severity() == Severity::Error;
        self.found.iter().any(is_error)
    }
}
