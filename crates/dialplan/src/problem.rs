//! What is wrong with a plan, for the one who wrote it.

mod excerpt;
mod kind;

pub use kind::{ProblemKind, Severity};

use serde::Serialize;
use std::fmt;

/// One fault of a plan, with its place and its remedy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Problem {
    /// The file, relative to the plan's folder.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What sort of fault it is; says how grave it is too.
    pub kind: ProblemKind,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// Whether it refuses the plan or is only told.
    pub const fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

/// `flow.yaml:7:53: 'bill' leads to 'bil_api', which is no node` and, on a line
/// of its own, the remedy. A warning says so behind its place.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            kind,
            message,
            remedy,
        } = self;
        let mark = match kind.severity() {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        write!(f, "{file}:{line}:{column}: {mark}{message}")?;
        if remedy.is_empty() {
            return Ok(());
        }
        write!(f, "\n    {remedy}")
    }
}
