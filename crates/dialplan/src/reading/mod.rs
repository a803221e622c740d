//! From text to a plan's parts: every part read where it stands, every fault
//! noted with its place, and the reading goes on.

mod api;
mod api_all;
mod deciding;
mod fields;
mod flow;
mod hours;
pub(crate) mod jsgf;
mod kinds;
mod listening;
mod lowering;
mod nodes;
mod open;
mod people;
mod policy;
mod titles;
mod values;
mod wordings;
mod words;
pub(crate) mod yaml;

pub(crate) use fields::{distance, suggestion};
pub(crate) use flow::{Answer, AnsweredBy, Marks, ReadPlan, read};
pub(crate) use policy::read_alone;
pub(crate) use words::{ReadWords, usual_words};

use crate::{Problem, ProblemKind, Severity};

/// A place in a file; line and column from 1, in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    pub fn new(line: usize, column: usize) -> Self {
        let number = |n: usize| u32::try_from(n.max(1)).unwrap_or(u32::MAX);
        Self {
            line: number(line),
            column: number(column),
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

/// The faults of one file so far.
pub(crate) struct Problems {
    file: String,
    found: Vec<Problem>,
}

impl Problems {
    pub fn of(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            found: Vec::new(),
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
            file: self.file.clone(),
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

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether one of them refuses the plan.
    pub fn refuse(&self) -> bool {
        let is_error = |problem: &Problem| problem.severity() == Severity::Error;
        self.found.iter().any(is_error)
    }
}
