//! As much of JSGF as the measured grammars use: rules, alternatives, groups, options and `*`.

use call_model::Phrase;
use std::collections::{BTreeMap, BTreeSet};

/// `*` is taken as up to so many times.
const STAR_MAX: u8 = 3;

/// The public rule of a grammar.
pub fn parse(text: &str) -> Phrase {
    let mut rules = BTreeMap::new();
    let mut public = String::new();
    for statement in text.split(';') {
        let Some((head, body)) = statement.split_once('=') else {
            continue;
        };
        let name = head.trim().trim_start_matches("public").trim();
        if head.contains("public") {
            public = name.to_owned();
        }
        rules.insert(name.to_owned(), tokens(body));
    }
    rule(&public, &rules)
}

/// Every word of a phrase.
pub fn words(phrase: &Phrase) -> BTreeSet<String> {
    match phrase {
        Phrase::Word(word) => BTreeSet::from([word.clone()]),
        Phrase::Sequence(parts) | Phrase::OneOf(parts) => parts.iter().flat_map(words).collect(),
        Phrase::Optional(part) | Phrase::Repeat { of: part, .. } => words(part),
    }
}

fn rule(name: &str, rules: &BTreeMap<String, Vec<String>>) -> Phrase {
    let mut rest = rules[name].iter().map(String::as_str);
    alternatives(&mut rest, rules)
}

fn tokens(body: &str) -> Vec<String> {
    let spaced = ["(", ")", "[", "]", "|", "*"]
        .iter()
        .fold(body.to_owned(), |body, mark| {
            body.replace(mark, &format!(" {mark} "))
        });
    spaced.split_whitespace().map(str::to_owned).collect()
}

fn alternatives(
    rest: &mut dyn Iterator<Item = &str>,
    rules: &BTreeMap<String, Vec<String>>,
) -> Phrase {
    let mut all = Vec::new();
    let mut sequence = Vec::new();
    while let Some(token) = rest.next() {
        match token {
            ")" | "]" => break,
            "|" => all.push(Phrase::Sequence(std::mem::take(&mut sequence))),
            "(" => sequence.push(alternatives(rest, rules)),
            "[" => sequence.push(Phrase::Optional(Box::new(alternatives(rest, rules)))),
            "*" => {
                let of = Box::new(sequence.pop().expect("something to repeat"));
                sequence.push(Phrase::Repeat {
                    of,
                    min: 0,
                    max: STAR_MAX,
                });
            }
            name if name.starts_with('<') => sequence.push(rule(name, rules)),
            word => sequence.push(Phrase::Word(word.to_owned())),
        }
    }
    all.push(Phrase::Sequence(sequence));
    Phrase::OneOf(all)
}
