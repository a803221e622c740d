//! Menus with entries of several keys, or with keys that a question cannot take: a number is asked
//! for, and what was pressed decides.

use super::model::{Collect, Condition, Failing, Keys, Kind, Menu, Model, Origin, Test, Wanted};
use super::person;
use super::report::ImportReport;
use std::collections::BTreeMap;

/// How often what fits nothing is asked for again.
const WRONG_MAX: &str = "3";
/// The most keys that one entry may have.
const ENTRY_MAX: usize = 32;

/// Turns menus whose keys are more than single ones into numbers asked for and decided by.
pub(super) fn lower(model: &mut Model, report: &mut ImportReport) {
    for name in model.order.clone() {
        let Some(place) = model.places.get(&name) else {
            continue;
        };
        let at = place.at.clone();
        let Kind::Menu(menu) = place.kind.clone() else {
            continue;
        };
        if is_number(model, &menu) {
            decided_by_number(model, &name, &at, menu, report);
        }
    }
}

/// Whether single keys are not enough. Key 0 is one for a person, and an entry of digits takes it.
fn is_number(model: &Model, menu: &Menu) -> bool {
    menu.choices.iter().any(|choice| {
        choice.keys.iter().any(|keys| match keys {
            Keys::Range(..) => true,
            Keys::Exact(keys) if keys == "0" => !leads_to_person(model, &choice.to),
            Keys::Exact(keys) => keys.chars().count() > 1,
        })
    })
}

/// Whether a place fetches a person, with nothing but words on the way.
pub(super) fn leads_to_person(model: &Model, to: &str) -> bool {
    let mut to = to;
    for _ in 0..=model.places.len() {
        match model.kind(to) {
            Some(Kind::Play { next, .. } | Kind::Set { next, .. }) => to = next,
            Some(Kind::Person { .. }) => return true,
            Some(
                Kind::Menu(_)
                | Kind::Collect(_)
                | Kind::Decide { .. }
                | Kind::Count { .. }
                | Kind::Post { .. }
                | Kind::End { .. },
            )
            | None => return false,
        }
    }
    false
}

fn decided_by_number(
    model: &mut Model,
    name: &str,
    at: &Origin,
    menu: Menu,
    report: &mut ImportReport,
) {
    let slot = format!("{name}_keys");
    let tries = format!("{name}_tries");
    let mut lengths = Vec::new();
    let mut cases: Vec<(Condition, String)> = Vec::new();
    for choice in &menu.choices {
        if !choice.words.is_empty() {
            let words = choice.words.join("', '");
            report.left_out(
                &choice.at,
                format!("the words '{words}': this menu has entries of several keys, or key 0 for something else than a person, and takes keys alone"),
            );
        }
        let mut exact = Vec::new();
        for keys in &choice.keys {
            match keys {
                Keys::Exact(keys) if !keys.bytes().all(|b| b.is_ascii_digit()) => {
                    report.left_out(
                        &choice.at,
                        format!("key '{keys}': beside entries of several keys, or key 0 for something else than a person, only digits are taken"),
                    );
                }
                Keys::Exact(keys) => {
                    lengths.push(keys.len());
                    exact.push(keys.clone());
                }
                Keys::Range(from, to) => {
                    lengths.push(from.len());
                    let tests = vec![
                        (slot.clone(), Test::Number("at_least", from.clone())),
                        (slot.clone(), Test::Number("at_most", to.clone())),
                    ];
                    cases.push((tests, choice.to.clone()));
                }
            }
        }
        if !exact.is_empty() {
            cases.push((vec![(slot.clone(), Test::Is(exact))], choice.to.clone()));
        }
    }
    // A number that is written out goes before a range that has it too.
    cases.sort_by_key(|(tests, _)| {
        tests
            .iter()
            .any(|(_, test)| matches!(test, Test::Number(..)))
    });
    let length = |n: Option<&usize>| u8::try_from((*n.unwrap_or(&1)).clamp(1, ENTRY_MAX)).ok();
    let wanted = Wanted::Digits {
        min: length(lengths.iter().min()).unwrap_or(1),
        max: length(lengths.iter().max()).unwrap_or(1),
    };
    let decide = model.name(&format!("{name}_by_keys"));
    let again = wrong(model, name, at, &menu, &tries);
    let mut settled: BTreeMap<String, String> = BTreeMap::new();
    let cases = cases.into_iter().map(|(tests, to)| {
        let leads = settled.entry(to).or_insert_with_key(|to| {
            let slots = vec![(tries.clone(), None)];
            let next = to.clone();
            model.add(&format!("{name}_is"), at, Kind::Set { slots, next })
        });
        (tests, leads.clone())
    });
    let cases = cases.collect();
    let otherwise = again;
    model.put(&decide, at, Kind::Decide { cases, otherwise });
    let collect = Collect {
        say: menu.say,
        slot,
        wanted,
        failing: Failing {
            no_match: Vec::new(),
            ..menu.failing
        },
        timeout: menu.timeout,
        inter_digit: menu.inter_digit,
        keys_alone: true,
        next: decide,
    };
    model.put(name, at, Kind::Collect(collect));
}

/// What fits nothing is told so, twice; then a person is fetched.
fn wrong(model: &mut Model, name: &str, at: &Origin, menu: &Menu, tries: &str) -> String {
    let say = menu.failing.no_match.first().cloned().unwrap_or_default();
    let person = model.add(&format!("{name}_to_person"), at, person());
    let back = if say.is_empty() {
        name.to_owned()
    } else {
        let next = name.to_owned();
        let whole = false;
        model.add(
            &format!("{name}_wrong"),
            at,
            Kind::Play { say, whole, next },
        )
    };
    let enough = vec![(
        tries.to_owned(),
        Test::Number("at_least", WRONG_MAX.to_owned()),
    )];
    let decide = Kind::Decide {
        cases: vec![(enough, person)],
        otherwise: back,
    };
    let decide = model.add(&format!("{name}_again"), at, decide);
    let count = Kind::Count {
        slot: tries.to_owned(),
        next: decide,
    };
    model.add(&format!("{name}_count"), at, count)
}
