//! What is otherwise in a plan's head: its rules, its lines, its words.

use super::{Found, Names, values};
use crate::{Line, Plan};
use call_model::{Language, WordClass};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn compare(older: &Plan, newer: &Plan, names: &Names<'_>, found: &mut Found) {
    if older.name() != newer.name() {
        found.of_plan(format!(
            "the plan is called '{}' now, not '{}'",
            newer.name(),
            older.name()
        ));
    }
    let begins = names.now(older.start());
    if begins != newer.start() {
        found.of_plan(format!(
            "a call begins at '{}' now, not at '{begins}'",
            newer.start()
        ));
    }
    let [before, now] = [older, newer].map(|plan| {
        plan.languages()
            .iter()
            .map(|l| l.tag())
            .collect::<Vec<_>>()
            .join(", ")
    });
    if before != now {
        found.of_plan(format!("the plan speaks {now} now, not {before}"));
    }
    if older.purpose() != newer.purpose() {
        found.of_plan(format!("its purpose is {:?} now", newer.purpose()).to_lowercase());
    }
    for change in values::changes(&older.body.hours, &newer.body.hours) {
        found.of_plan(format!("hours {change}"));
    }
    for change in values::changes(&older.body.profiles, &newer.body.profiles) {
        found.of_plan(format!("profile {change}"));
    }
    for change in values::changes(&older.body.say_as, &newer.body.say_as) {
        found.of_plan(format!("said as {change}"));
    }
    for change in values::changes(&older.body.policy, &newer.body.policy) {
        found.of_plan(format!("rule {change}"));
    }
    for line in Line::ALL {
        let wordings = [older, newer].map(|plan| plan.body.lines.get(&line));
        if let [Some(before), Some(now)] = wordings {
            for change in values::wordings(before, now) {
                found.of_plan(format!(
                    "the line '{}' is worded otherwise {change}",
                    line.name()
                ));
            }
        }
    }
    for language in newer.languages() {
        if older.languages().contains(language) {
            words(older, newer, *language, found);
        }
    }
}

/// The words that mean the same everywhere.
fn words(older: &Plan, newer: &Plan, language: Language, found: &mut Found) {
    let [before, now] = [older, newer].map(|plan| {
        let words = &plan.escalation_words(language).words;
        words
            .iter()
            .map(|word| (word.text.as_str(), word.class))
            .collect::<BTreeMap<_, _>>()
    });
    let told = |class: WordClass| match class {
        WordClass::Ask => "asks for a person",
        WordClass::Demand => "demands a person",
    };
    for (word, class) in &now {
        if before.get(word) != Some(class) {
            found.of_plan(format!("'{word}' ({language}) {} now", told(*class)));
        }
    }
    for (word, class) in &before {
        if !now.contains_key(word) {
            found.of_plan(format!("'{word}' ({language}) no longer {}", told(*class)));
        }
    }
    let [before, now] = [older, newer].map(|plan| lists(plan, language));
    for (list, words) in &now {
        let empty = BTreeSet::new();
        let earlier = before.get(list).unwrap_or(&empty);
        for word in words.difference(earlier) {
            found.of_plan(format!(
                "'{word}' ({language}) is one of the words of '{list}' now"
            ));
        }
        for word in earlier.difference(words) {
            found.of_plan(format!(
                "'{word}' ({language}) is none of the words of '{list}' any more"
            ));
        }
    }
}

fn lists(plan: &Plan, language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let vocabulary = plan.body.vocabularies.get(&language);
    let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, word) in vocabulary.map(values::leaves).unwrap_or_default() {
        let path = path.strip_prefix("commands.").unwrap_or(&path);
        let list = path.split('.').next().unwrap_or_default().to_owned();
        lists.entry(list).or_default().insert(word);
    }
    lists
}
