//! What became of an old system, line by line.

use super::model::Origin;
use std::fmt;

/// What became of one thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fate {
    /// It is in the plan.
    Imported,
    /// It is in the plan, and behaves otherwise than it did.
    Changed,
    /// It is not in the plan.
    LeftOut,
}

/// One thing of an old system, with its place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ReportLine {
    /// The old file.
    pub file: String,
    /// Its line, from 1.
    pub line: u32,
    /// What became of it.
    pub fate: Fate,
    /// What it is, and how it is otherwise.
    pub text: String,
}

/// Everything that was found in an old system, in the order of its files and lines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    lines: Vec<ReportLine>,
}

impl ImportReport {
    /// What was found.
    pub fn lines(&self) -> &[ReportLine] {
        &self.lines
    }

    /// How many things had this fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.lines.iter().filter(|line| line.fate == fate).count()
    }

    pub(super) fn tell(&mut self, at: &Origin, fate: Fate, text: impl Into<String>) {
        self.lines.push(ReportLine {
            file: at.file.clone(),
            line: at.line,
            fate,
            text: text.into(),
        });
    }

    pub(super) fn imported(&mut self, at: &Origin, text: impl Into<String>) {
        self.tell(at, Fate::Imported, text);
    }

    pub(super) fn changed(&mut self, at: &Origin, text: impl Into<String>) {
        self.tell(at, Fate::Changed, text);
    }

    pub(super) fn left_out(&mut self, at: &Origin, text: impl Into<String>) {
        self.tell(at, Fate::LeftOut, text);
    }

    /// Lines in their order, each once.
    pub(super) fn sort(&mut self) {
        self.lines.sort();
        self.lines.dedup();
    }
}

/// `menu.vxml:12: imported: …`, one line each, and the counts.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ReportLine {
            file,
            line,
            fate,
            text,
        } in &self.lines
        {
            writeln!(f, "{file}:{line}: {fate}: {text}")?;
        }
        writeln!(
            f,
            "{} imported, {} changed, {} left out",
            self.count(Fate::Imported),
            self.count(Fate::Changed),
            self.count(Fate::LeftOut)
        )
    }
}

/// `imported`, `changed` or `left out`
impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Imported => "imported",
            Self::Changed => "changed",
            Self::LeftOut => "left out",
        })
    }
}
