//! Where words and keys lead at a question.

use super::{Found, Names};
use crate::{Ask, Choice};
use call_model::{Key, Language};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn compare(node: &str, older: &Ask, newer: &Ask, names: &Names<'_>, found: &mut Found) {
    let before: BTreeSet<&str> = older.choices.iter().map(|c| names.now(&c.to)).collect();
    let now: BTreeSet<&str> = newer.choices.iter().map(|c| c.to.as_str()).collect();
    let said = Ways::of(older, |to| names.now(to));
    let says = Ways::of(newer, |to| to);
    for choice in newer
        .choices
        .iter()
        .filter(|c| !before.contains(c.to.as_str()))
    {
        let known = |phrase: &(Language, &str)| said.words.contains_key(phrase);
        let fresh = told(choice, known, |key| said.keys.contains_key(key));
        let by = if fresh.is_empty() {
            String::new()
        } else {
            format!(": {fresh}")
        };
        found.at(node, format!("a new way leads to '{}'{by}", choice.to));
    }
    for choice in older
        .choices
        .iter()
        .filter(|c| !now.contains(names.now(&c.to)))
    {
        let known = |phrase: &(Language, &str)| says.words.contains_key(phrase);
        let lost = told(choice, known, |key| says.keys.contains_key(key));
        let by = if lost.is_empty() {
            String::new()
        } else {
            format!(": {lost}")
        };
        found.at(
            node,
            format!("no way leads to '{}' any more{by}", names.now(&choice.to)),
        );
    }
    for ((language, phrase), to) in &says.words {
        match said.words.get(&(*language, phrase)) {
            Some(earlier) if earlier == to => {}
            Some(earlier) => found.at(
                node,
                format!(
                    "the phrase '{phrase}' ({language}) now leads to '{to}', not to '{earlier}'"
                ),
            ),
            None if before.contains(to) => found.at(
                node,
                format!(
                    "the phrase '{phrase}' ({language}) is understood now, and leads to '{to}'"
                ),
            ),
            None => {}
        }
    }
    for ((language, phrase), to) in &said.words {
        if !says.words.contains_key(&(*language, phrase)) && now.contains(to) {
            found.at(
                node,
                format!(
                    "the phrase '{phrase}' ({language}) is no longer understood; it led to '{to}'"
                ),
            );
        }
    }
    for (key, to) in &says.keys {
        match said.keys.get(key) {
            Some(earlier) if earlier == to => {}
            Some(earlier) => found.at(
                node,
                format!("key {key} now leads to '{to}', not to '{earlier}'"),
            ),
            None if before.contains(to) => {
                found.at(node, format!("key {key} is new, and leads to '{to}'"))
            }
            None => {}
        }
    }
    for (key, to) in &said.keys {
        if !says.keys.contains_key(key) && now.contains(to) {
            found.at(node, format!("key {key} is gone; it led to '{to}'"));
        }
    }
}

/// Every phrase and key of a question with the node it leads to.
struct Ways<'a> {
    words: BTreeMap<(Language, &'a str), &'a str>,
    keys: BTreeMap<Key, &'a str>,
}

impl<'a> Ways<'a> {
    fn of(ask: &'a Ask, named: impl Fn(&'a str) -> &'a str) -> Self {
        let mut ways = Self {
            words: BTreeMap::new(),
            keys: BTreeMap::new(),
        };
        for choice in &ask.choices {
            let to = named(&choice.to);
            for (language, phrases) in &choice.words {
                let phrases = phrases
                    .iter()
                    .map(|phrase| ((*language, phrase.as_str()), to));
                ways.words.extend(phrases);
            }
            ways.keys.extend(choice.keys.iter().map(|key| (*key, to)));
        }
        ways
    }
}

/// The words and keys of a way, but for those that the other plan gives to another way: they
/// are told as moved.
fn told(
    choice: &Choice,
    is_known: impl Fn(&(Language, &str)) -> bool,
    is_known_key: impl Fn(&Key) -> bool,
) -> String {
    let mut told = Vec::new();
    for (language, phrases) in &choice.words {
        let fresh = phrases
            .iter()
            .filter(|phrase| !is_known(&(*language, phrase.as_str())));
        told.extend(fresh.map(|phrase| format!("'{phrase}'")));
    }
    let keys = choice.keys.iter().filter(|key| !is_known_key(key));
    told.extend(keys.map(|key| format!("key {key}")));
    told.join(", ")
}
