//! How a plan treats callers of a kind.

use crate::{Slots, Test};
use call_model::Pace;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How callers of a kind are treated while its conditions hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profile {
    /// Its name, for journals.
    pub name: String,
    /// What must hold of each slot; all of it must.
    pub when: BTreeMap<String, Vec<Test>>,
    /// How long they may pause, in per cent of what others may: within a turn, between two keys,
    /// and before silence is no answer.
    pub pauses: u16,
    /// How fast words are spoken to them.
    pub pace: Pace,
    /// So many requests for a person bring them to one; none: as everybody.
    pub ask_limit: Option<u8>,
}

impl Profile {
    /// Whether a caller of whom so much is known is one of them.
    pub fn holds(&self, slots: &Slots) -> bool {
        all_hold(&self.when, slots)
    }

    /// How long they may pause where others may for `usual`.
    pub fn patience(&self, usual: Duration) -> Duration {
        usual * u32::from(self.pauses) / 100
    }
}

/// Whether all conditions hold.
pub(crate) fn all_hold(when: &BTreeMap<String, Vec<Test>>, slots: &Slots) -> bool {
    when.iter().all(|(slot, tests)| {
        let value = slots.get(slot).map_or("", |value| value.reveal());
        tests.iter().all(|test| test.holds(value))
    })
}
