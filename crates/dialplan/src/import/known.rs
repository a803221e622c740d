//! What is known when: slots are spoken of where they are filled, and compared where they may be.

use super::model::{Kind, Model, Origin, Piece};
use super::report::ImportReport;
use std::collections::{BTreeMap, BTreeSet};

/// Slots are spoken of only where every way has filled them.
pub(super) fn speak_of_what_is_known(model: &mut Model, report: &mut ImportReport) {
    let sure = sure_slots(model);
    let nothing = BTreeSet::new();
    for (name, place) in &mut model.places {
        let known = sure.get(name).unwrap_or(&nothing);
        let is_known = |slot: &String| {
            known.contains(slot) || matches!(slot.as_str(), "call_number" | "call_open")
        };
        let at = place.at.clone();
        let mut lost = |slot: &String, what: &str| {
            report.left_out(
                &at,
                format!("'{slot}' in {what}: a caller may come here before it is known"),
            );
        };
        for said in place.kind.said_mut() {
            said.retain(|piece| match piece {
                Piece::Slot(slot) if !is_known(slot) => {
                    lost(slot, "what is said");
                    false
                }
                _ => true,
            });
        }
        match &mut place.kind {
            Kind::Post { slots, .. } => slots.retain(|slot| {
                let keep = is_known(slot);
                if !keep {
                    lost(slot, "what is sent");
                }
                keep
            }),
            Kind::Set { slots, .. } => {
                for (_, said) in slots {
                    let unknown = said.iter().flatten().find_map(|piece| match piece {
                        Piece::Slot(slot) if !is_known(slot) => Some(slot.clone()),
                        _ => None,
                    });
                    if let Some(slot) = unknown {
                        lost(&slot, "a value that is kept");
                        *said = None;
                    }
                }
            }
            _ => {}
        }
    }
}

/// The slots that are filled when a call comes to each place, whatever its way.
fn sure_slots(model: &Model) -> BTreeMap<String, BTreeSet<String>> {
    let mut sure = BTreeMap::from([(model.start.clone(), BTreeSet::new())]);
    let mut open = vec![model.start.clone()];
    while let Some(name) = open.pop() {
        let Some(kind) = model.kind(&name) else {
            continue;
        };
        let mut after: BTreeSet<String> = sure.get(&name).cloned().unwrap_or_default();
        match kind {
            Kind::Collect(collect) => {
                after.insert(collect.slot.clone());
            }
            Kind::Set { slots, .. } => {
                for (slot, said) in slots {
                    if said.as_ref().is_some_and(|said| !said.is_empty()) {
                        after.insert(slot.clone());
                    } else {
                        after.remove(slot);
                    }
                }
            }
            Kind::Count { slot, .. } => {
                after.insert(slot.clone());
            }
            Kind::Play { .. }
            | Kind::Menu(_)
            | Kind::Decide { .. }
            | Kind::Post { .. }
            | Kind::Person { .. }
            | Kind::End { .. } => {}
        }
        for to in kind.targets() {
            let both = match sure.get(to) {
                Some(before) => before.intersection(&after).cloned().collect(),
                None => after.clone(),
            };
            if sure.get(to) != Some(&both) {
                sure.insert(to.clone(), both);
                open.push(to.clone());
            }
        }
    }
    sure
}

/// What is decided by and nothing fills is empty from the beginning on, as it was.
pub(super) fn begin_empty(model: &mut Model, report: &mut ImportReport) {
    let mut filled = BTreeSet::from(["call_number".to_owned(), "call_open".to_owned()]);
    let mut asked: BTreeMap<String, Origin> = BTreeMap::new();
    for place in model.places.values() {
        match &place.kind {
            Kind::Collect(collect) => drop(filled.insert(collect.slot.clone())),
            Kind::Count { slot, .. } => drop(filled.insert(slot.clone())),
            Kind::Set { slots, .. } => filled.extend(slots.iter().map(|(slot, _)| slot.clone())),
            Kind::Decide { cases, .. } => {
                for (slot, _) in cases.iter().flat_map(|(tests, _)| tests) {
                    asked.entry(slot.clone()).or_insert(place.at.clone());
                }
            }
            Kind::Play { .. }
            | Kind::Menu(_)
            | Kind::Post { .. }
            | Kind::Person { .. }
            | Kind::End { .. } => {}
        }
    }
    asked.retain(|slot, _| !filled.contains(slot));
    let Some(at) = asked.values().next().cloned() else {
        return;
    };
    for (slot, at) in &asked {
        let told = format!("'{slot}' is compared and nothing that is read fills it: it is empty");
        report.changed(at, told);
    }
    let slots = asked.into_keys().map(|slot| (slot, None)).collect();
    let next = model.start.clone();
    model.start = model.add("start_empty", &at, Kind::Set { slots, next });
}
