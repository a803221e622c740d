//! The proof of the escape: every reason for which a caller is owed a person,
//! under every fault a server knows. Whoever was owed a person must have reached
//! one, or have a call back booked; nobody may be lost.

mod caller;
mod faults;
mod people;
mod services;
mod table;
mod world;

pub use faults::Trouble;
pub use table::{Cell, EscapeTable};

use crate::fault::PlantedFault;
use call_model::EscalationReason;
use faults::Chance;
use std::ops::Range;

/// Runs one caller a seed, the cells of the table in turn, over an engine with a planted
/// fault or none.
pub fn escape(seeds: Range<u64>, fault: Option<PlantedFault>) -> EscapeTable {
    let mut table = EscapeTable::default();
    let cells: Vec<(EscalationReason, Trouble)> = EscalationReason::ALL
        .into_iter()
        .flat_map(|reason| Trouble::ALL.map(|trouble| (reason, trouble)))
        .filter(|(reason, trouble)| trouble.chance(*reason) == Chance::Can)
        .collect();
    for seed in seeds {
        let place = usize::try_from(seed % cells.len() as u64).unwrap_or(0);
        let (reason, trouble) = cells[place];
        let end = world::run(seed, reason, trouble, fault);
        table.add(seed, reason, trouble, end);
    }
    table
}
