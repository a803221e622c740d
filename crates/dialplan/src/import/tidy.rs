//! A sound plan of what was read: every way leads somewhere, no way leads round in silence, nothing is
//! spoken of before it is known. What has to be given up for it is told.

use super::flatten::flatten;
use super::model::{Choice, Collect, Kind, Menu, Model, Origin, Said, Wanted};
use super::person;
use super::report::ImportReport;
use super::{Shape, keys, known, secret};
use crate::reading::usual_words;
use call_model::Language;
use spoken_text::normalise;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn tidy(model: &mut Model, language: Language, shape: Shape, report: &mut ImportReport) {
    lead_somewhere(model, report);
    pass_the_silent(model);
    take_clashes_out(model, language, report);
    match shape {
        Shape::Kept => {}
        Shape::Flat => flatten(model, language, report),
    }
    keys::lower(model, report);
    join_words(model);
    open_circles(model, report);
    drop_unreached(model, report);
    secret::keep_secrets(model, report);
    known::speak_of_what_is_known(model, report);
    pass_the_silent(model);
    find_words(model, report);
    known::begin_empty(model, report);
    one_route_each(model);
}

/// What leads to one place is one route.
fn one_route_each(model: &mut Model) {
    for place in model.places.values_mut() {
        let Kind::Menu(menu) = &mut place.kind else {
            continue;
        };
        let mut kept: Vec<Choice> = Vec::new();
        for mut choice in std::mem::take(&mut menu.choices) {
            match kept.iter_mut().find(|other| other.to == choice.to) {
                Some(other) => {
                    other.keys.append(&mut choice.keys);
                    other.words.append(&mut choice.words);
                }
                None => kept.push(choice),
            }
        }
        menu.choices = kept;
    }
}

/// A question without words gets some.
fn find_words(model: &Model, report: &mut ImportReport) {
    for (name, place) in &model.places {
        let is_mute = match &place.kind {
            Kind::Menu(Menu { say, .. }) | Kind::Collect(Collect { say, .. }) => say.is_empty(),
            _ => false,
        };
        if is_mute {
            report.changed(
                &place.at,
                format!("'{name}' asked without a word: a usual one stands in its place"),
            );
        }
    }
}

/// A place that says nothing is passed by.
fn pass_the_silent(model: &mut Model) {
    for name in model.order.clone() {
        let Some(place) = model.places.get(&name) else {
            continue;
        };
        let next = match &place.kind {
            Kind::Play { say, next, .. } if say.is_empty() => next.clone(),
            _ => continue,
        };
        if next == name {
            continue;
        }
        model.places.remove(&name);
        if model.start == name {
            model.start.clone_from(&next);
        }
        for place in model.places.values_mut() {
            for to in place.kind.targets_mut() {
                if *to == name {
                    to.clone_from(&next);
                }
            }
        }
    }
}

fn to_person(model: &mut Model, hint: &str, at: &Origin) -> String {
    model.add(hint, at, person())
}

/// A way to a place that was never found leads to a person.
fn lead_somewhere(model: &mut Model, report: &mut ImportReport) {
    let places: Vec<String> = model.places.keys().cloned().collect();
    let mut missing: BTreeMap<String, Origin> = BTreeMap::new();
    for name in &places {
        let place = &model.places[name];
        for to in place.kind.targets() {
            if !model.places.contains_key(to) {
                missing.entry(to.clone()).or_insert(place.at.clone());
            }
        }
    }
    for (name, at) in missing {
        report.changed(
            &at,
            format!("the way to '{name}', which leads nowhere, leads to a person"),
        );
        model.put(&name, &at, person());
    }
}

/// Each phrase and key leads to one place, and what asks for a person to a person alone.
fn take_clashes_out(model: &mut Model, language: Language, report: &mut ImportReport) {
    let words = usual_words(language);
    let reserved: BTreeSet<String> = words.for_person().cloned().collect();
    for name in model.order.clone() {
        let Some(place) = model.places.get(&name) else {
            continue;
        };
        let kind = match place.kind.clone() {
            Kind::Menu(mut menu) => {
                menu.choices = sorted_out(model, menu.choices, language, &reserved, report);
                Kind::Menu(menu)
            }
            Kind::Collect(mut collect) => {
                if let Wanted::OneOf(listed) = &mut collect.wanted {
                    let at = place.at.clone();
                    list_sorted_out(listed, &at, language, &reserved, report);
                }
                Kind::Collect(collect)
            }
            _ => continue,
        };
        if let Some(place) = model.places.get_mut(&name) {
            place.kind = kind;
        }
    }
}

fn sorted_out(
    model: &Model,
    choices: Vec<Choice>,
    language: Language,
    reserved: &BTreeSet<String>,
    report: &mut ImportReport,
) -> Vec<Choice> {
    let mut words: BTreeMap<String, String> = BTreeMap::new();
    let mut keys = BTreeSet::new();
    let mut kept: Vec<Choice> = Vec::new();
    for mut choice in choices {
        let person = keys::leads_to_person(model, &choice.to);
        let (at, to) = (choice.at.clone(), choice.to.clone());
        choice.keys.retain(|pressed| {
            let is_new = keys.insert(pressed.clone());
            if !is_new {
                report.left_out(
                    &at,
                    format!("{pressed:?} to '{to}': the same keys stand before"),
                );
            }
            is_new
        });
        choice.words.retain(|word| {
            let phrase = normalise(word, language);
            if phrase.is_empty() {
                return false;
            }
            let fault = if reserved.contains(&phrase) && !person {
                Some("it asks for a person everywhere".to_owned())
            } else {
                let other = words.insert(phrase, to.clone());
                other.filter(|other| *other != to).map(|other| {
                    words.insert(normalise(word, language), other.clone());
                    format!("it leads to '{other}' already")
                })
            };
            if let Some(fault) = &fault {
                report.left_out(&at, format!("the words '{word}' to '{to}': {fault}"));
            }
            fault.is_none()
        });
        kept.push(choice);
    }
    kept
}

const fn is_key(pressed: char) -> bool {
    pressed.is_ascii_digit() || matches!(pressed, '*' | '#')
}

fn list_sorted_out(
    listed: &mut [(String, Vec<String>, Option<char>)],
    at: &Origin,
    language: Language,
    reserved: &BTreeSet<String>,
    report: &mut ImportReport,
) {
    let mut taken = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for (value, words, key) in listed {
        words.retain(|word| {
            let phrase = normalise(word, language);
            let is_free = !phrase.is_empty() && !reserved.contains(&phrase) && taken.insert(phrase);
            if !is_free {
                report.left_out(
                    at,
                    format!("the words '{word}' for '{value}': taken, or no words"),
                );
            }
            is_free
        });
        if let Some(pressed) = *key
            && (pressed == '0' || !is_key(pressed) || !keys.insert(pressed))
        {
            report.left_out(
                at,
                format!("key {pressed} for '{value}': it has another meaning, or is none"),
            );
            *key = None;
        }
    }
}

/// Words after words are one wording, where no other way leads between them.
fn join_words(model: &mut Model) {
    let mut ways: BTreeMap<String, usize> = BTreeMap::new();
    for place in model.places.values() {
        for to in place.kind.targets() {
            *ways.entry(to.clone()).or_default() += 1;
        }
    }
    for name in model.order.clone() {
        while let Some(Kind::Play { say, whole, next }) = model.kind(&name) {
            let is_single = ways.get(next).is_some_and(|n| *n == 1) && *next != model.start;
            if !is_single || *next == name {
                break;
            }
            let joined = |more: &Said| say.iter().chain(more).cloned().collect::<Said>();
            let (gone, kind) = match model.kind(next) {
                Some(Kind::Play {
                    say: more,
                    whole: other,
                    next: on,
                }) if other == whole => {
                    let (whole, on) = (*whole, on.clone());
                    let say = joined(more);
                    (
                        next.clone(),
                        Kind::Play {
                            say,
                            whole,
                            next: on,
                        },
                    )
                }
                Some(Kind::End { say: more }) if !whole => {
                    (next.clone(), Kind::End { say: joined(more) })
                }
                _ => break,
            };
            model.places.remove(&gone);
            if let Some(place) = model.places.get_mut(&name) {
                place.kind = kind;
            }
        }
    }
}

/// A way that leads round without the caller being heard leads to a person instead.
fn open_circles(model: &mut Model, report: &mut ImportReport) {
    let mut done: BTreeSet<String> = BTreeSet::new();
    for root in model.order.clone() {
        let mut path: Vec<(String, usize)> = vec![(root, 0)];
        let mut on_path: BTreeSet<String> = path.iter().map(|(name, _)| name.clone()).collect();
        while let Some((name, next)) = path.last_mut() {
            let name = name.clone();
            let kind = model.kind(&name).filter(|kind| kind.runs_on());
            let to = kind.and_then(|kind| kind.targets().get(*next).map(|to| (*to).clone()));
            *next += 1;
            let Some(to) = to else {
                path.pop();
                on_path.remove(&name);
                done.insert(name);
                continue;
            };
            if on_path.contains(&to) {
                let index = path.last().map_or(0, |(_, next)| next - 1);
                let at = model.places[&name].at.clone();
                report.changed(&at, format!("from '{name}' back to '{to}' the call went round without anybody being heard: it leads to a person"));
                let person = to_person(model, "round", &at);
                if let Some(place) = model.places.get_mut(&name)
                    && let Some(target) = place.kind.targets_mut().into_iter().nth(index)
                {
                    *target = person;
                }
            } else if !done.contains(&to) && model.kind(&to).is_some() {
                on_path.insert(to.clone());
                path.push((to, 0));
            }
        }
    }
}

fn drop_unreached(model: &mut Model, report: &mut ImportReport) {
    let mut reached = BTreeSet::from([model.start.clone()]);
    let mut open = vec![model.start.clone()];
    while let Some(name) = open.pop() {
        let targets = model.kind(&name).map(Kind::targets).unwrap_or_default();
        for to in targets {
            if reached.insert(to.clone()) {
                open.push(to.clone());
            }
        }
    }
    model.places.retain(|name, place| {
        let is_reached = reached.contains(name);
        // An end that a dialog would have come to by itself was never written.
        let is_silent =
            matches!(&place.kind, Kind::End { say } | Kind::Play { say, .. } if say.is_empty());
        if !is_reached && !is_silent {
            report.left_out(&place.at, format!("'{name}': no way leads to it"));
        }
        is_reached
    });
}
