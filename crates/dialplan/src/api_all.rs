//! A node that asks several back ends at the same time, and knows which of them did it.

use crate::api::ApiCall;
use crate::{LadderEnd, Slots, Wording};
use call_model::{Language, Private};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A node that asks several back ends at once and waits for all of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApiAll {
    /// Said while the answers keep the caller waiting.
    pub holding: Wording,
    /// Who is asked, in the plan's order; never empty.
    pub parts: Vec<ApiPart>,
    /// The slot that holds the names of those that did it.
    pub done: String,
    /// The slot that holds the names of those that did not.
    pub failed: String,
    /// The node that follows when all did.
    pub next: String,
    /// The node that follows when some did.
    pub partly: String,
    /// What happens when none did.
    pub error: LadderEnd,
}

/// One of those who are asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApiPart {
    /// As the plan writes it.
    pub part: String,
    /// As a caller is told of it, per language.
    pub name: BTreeMap<Language, String>,
    /// What is asked.
    pub call: ApiCall,
}

/// What all the answers come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AllOutcome<'a> {
    /// On to this node.
    Next(&'a str),
    /// The way for when nobody did it.
    Error(&'a LadderEnd),
}

impl ApiAll {
    /// Every node it leads to.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &str> {
        let error = match &self.error {
            LadderEnd::Person => None,
            LadderEnd::Goto(node) => Some(node),
        };
        [&self.next, &self.partly]
            .into_iter()
            .chain(error)
            .map(String::as_str)
    }

    /// The slots that it fills whichever way it goes.
    pub(crate) fn told(&self) -> [&str; 2] {
        [&self.done, &self.failed]
    }

    /// The slots that its answers fill.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &str> {
        let kept = self.parts.iter().flat_map(|part| part.call.keep.keys());
        kept.map(String::as_str)
    }

    /// Where it leads when these parts, by number, did it.
    pub fn outcome(&self, is_done: impl Fn(usize) -> bool) -> AllOutcome<'_> {
        let done = (0..self.parts.len()).filter(|part| is_done(*part)).count();
        match done {
            0 => AllOutcome::Error(&self.error),
            all if all == self.parts.len() => AllOutcome::Next(&self.next),
            _ => AllOutcome::Next(&self.partly),
        }
    }

    /// The names of those that did it, and of those that did not, by slot.
    pub fn names(&self, language: Language, is_done: impl Fn(usize) -> bool) -> Slots {
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for (number, part) in self.parts.iter().enumerate() {
            let first = || part.name.values().next();
            let name = part.name.get(&language).or_else(first);
            let name = name.map_or(part.part.as_str(), String::as_str);
            match is_done(number) {
                true => done.push(name),
                false => failed.push(name),
            }
        }
        let told = |names: &[&str]| Private::new(listed(names, language));
        Slots::from([
            (self.done.clone(), told(&done)),
            (self.failed.clone(), told(&failed)),
        ])
    }
}

/// As people read out a list: `the card, the wallet and the account`, `银行卡、钱包和账户`.
fn listed(names: &[&str], language: Language) -> String {
    let (comma, and) = match language {
        Language::En => (", ", " and "),
        Language::Zh => ("、", "和"),
    };
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{}{and}{last}", some.join(comma)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_out_as_people_do() {
        for (names, en, zh) in [
            (&[][..], "", ""),
            (&["a"], "a", "a"),
            (&["a", "b"], "a and b", "a和b"),
            (&["a", "b", "c"], "a, b and c", "a、b和c"),
        ] {
            assert_eq!(listed(names, Language::En), en);
            assert_eq!(listed(names, Language::Zh), zh);
        }
    }
}
