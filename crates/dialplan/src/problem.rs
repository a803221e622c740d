//! What is wrong with a plan, for the one who wrote it.

use std::fmt;

/// One fault of a plan, with its place and its remedy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// The file, relative to the plan's folder.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// `flow.yaml:7:53: 'bill' leads to 'bil_api', which is no node` and, on a line
/// of its own, the remedy.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            remedy,
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")?;
        if remedy.is_empty() {
            return Ok(());
        }
        write!(f, "\n    {remedy}")
    }
}
