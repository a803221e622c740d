//! Reasons by faults, and what became of those who were owed a person.

use super::faults::{Chance, Trouble};
use call_model::EscalationReason;
use std::collections::BTreeMap;
use std::fmt;

/// What became of one caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// A person had them.
    Person,
    /// A call back was booked, with its time.
    Booked,
    /// Neither.
    Lost,
    /// The reason never came about: nothing is shown by this caller.
    Unreached,
}

/// Counts of one reason under one fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// Callers whom a person had.
    pub person: u64,
    /// Callers for whom a call back was booked.
    pub booked: u64,
    /// Callers who got neither.
    pub lost: u64,
    /// Callers to whom the reason did not happen; none of them counts as a success.
    pub unreached: u64,
}

/// The whole table.
#[derive(Clone, Debug, Default)]
pub struct EscapeTable {
    cells: BTreeMap<(EscalationReason, Trouble), Cell>,
    failed: Vec<(u64, EscalationReason, Trouble)>,
}

impl EscapeTable {
    pub(super) fn add(
        &mut self,
        seed: u64,
        reason: EscalationReason,
        trouble: Trouble,
        fate: Fate,
    ) {
        let cell = self.cells.entry((reason, trouble)).or_default();
        match fate {
            Fate::Person => cell.person += 1,
            Fate::Booked => cell.booked += 1,
            Fate::Lost => cell.lost += 1,
            Fate::Unreached => cell.unreached += 1,
        }
        if matches!(fate, Fate::Lost | Fate::Unreached) {
            self.failed.push((seed, reason, trouble));
        }
    }

    /// The counts of one reason under one fault; none where the two cannot meet.
    pub fn cell(&self, reason: EscalationReason, trouble: Trouble) -> Option<Cell> {
        match trouble.chance(reason) {
            Chance::Can => Some(
                self.cells
                    .get(&(reason, trouble))
                    .copied()
                    .unwrap_or_default(),
            ),
            Chance::Cannot => None,
        }
    }

    /// All cells together.
    pub fn sum(&self) -> Cell {
        self.cells.values().fold(Cell::default(), |sum, cell| Cell {
            person: sum.person + cell.person,
            booked: sum.booked + cell.booked,
            lost: sum.lost + cell.lost,
            unreached: sum.unreached + cell.unreached,
        })
    }

    /// The seeds of callers who got neither, or to whom the reason never happened.
    pub fn failed(&self) -> &[(u64, EscalationReason, Trouble)] {
        &self.failed
    }
}

/// `reached a person/booked`, and `!lost` where somebody was.
impl fmt::Display for EscapeTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<17}", "person / booked")?;
        for trouble in Trouble::ALL {
            write!(f, "{trouble:>11}")?;
        }
        writeln!(f)?;
        for reason in EscalationReason::ALL {
            write!(f, "{reason:<17}")?;
            for trouble in Trouble::ALL {
                let shown = match self.cell(reason, trouble) {
                    None => "cannot be".to_owned(),
                    Some(cell) => shown(cell),
                };
                write!(f, "{shown:>11}")?;
            }
            writeln!(f)?;
        }
        let sum = self.sum();
        let all = sum.person + sum.booked + sum.lost + sum.unreached;
        write!(
            f,
            "\n{} of {all} reached a person or a booked way: {} a person, {} a call back; {} lost, {} whose reason never came",
            sum.person + sum.booked,
            sum.person,
            sum.booked,
            sum.lost,
            sum.unreached
        )?;
        for (seed, reason, trouble) in self.failed.iter().take(5) {
            write!(f, "\n  seed {seed}: {reason} under '{trouble}'")?;
        }
        Ok(())
    }
}

fn shown(cell: Cell) -> String {
    let mut shown = format!("{}/{}", cell.person, cell.booked);
    if cell.lost > 0 {
        shown += &format!("!{}", cell.lost);
    }
    if cell.unreached > 0 {
        shown += &format!("?{}", cell.unreached);
    }
    shown
}
