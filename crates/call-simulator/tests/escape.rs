//! Whoever is owed a person reaches one, or a call back is booked.

use call_model::EscalationReason;
use call_simulator::PlantedFault;
use call_simulator::escape::{Trouble, escape};

#[test]
fn nobody_who_is_owed_a_person_is_lost_whatever_fails() {
    let table = escape(0..2_940, None);
    assert!(table.failed().is_empty(), "\n{table}");
    for reason in EscalationReason::ALL {
        for trouble in Trouble::ALL {
            let Some(cell) = table.cell(reason, trouble) else {
                continue;
            };
            assert!(cell.person + cell.booked >= 29, "{reason} under {trouble}");
        }
    }
    let sum = table.sum();
    assert!(sum.person > 1_000 && sum.booked > 500, "{table}");
}

#[test]
fn a_caller_who_is_forgotten_shows_in_the_table() {
    for fault in [
        PlantedFault::EscalationForgotten,
        PlantedFault::CallBackForgotten,
    ] {
        let table = escape(0..490, Some(fault));
        assert!(table.sum().lost > 0, "{fault:?}\n{table}");
    }
}
