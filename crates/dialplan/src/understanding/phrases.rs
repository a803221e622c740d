//! Lists of phrases, cut once and held against many texts.

use super::text::comparable;
use call_model::Language;
use std::collections::BTreeSet;

/// Phrases as sequences of units, the longest first; none is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phrases(Vec<Vec<String>>);

impl Phrases {
    /// Cuts a list of phrases.
    pub fn of<S: AsRef<str>>(list: impl IntoIterator<Item = S>, language: Language) -> Self {
        let cut = list
            .into_iter()
            .map(|phrase| comparable(phrase.as_ref(), language));
        let mut phrases: Vec<Vec<String>> = cut.filter(|phrase| !phrase.is_empty()).collect();
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        Self(phrases)
    }

    /// How many units of the longest phrase end `units`.
    pub fn ending(&self, units: &[String]) -> Option<usize> {
        self.0
            .iter()
            .find(|phrase| units.ends_with(phrase))
            .map(Vec::len)
    }

    /// How many units of the longest phrase begin `units`.
    pub fn beginning(&self, units: &[String]) -> Option<usize> {
        self.0
            .iter()
            .find(|phrase| units.starts_with(phrase))
            .map(Vec::len)
    }

    /// The same of the phrases whose end is one of `ends`.
    pub fn beginning_up_to(&self, units: &[String], ends: &BTreeSet<usize>) -> Option<usize> {
        let whole =
            |phrase: &&Vec<String>| ends.contains(&phrase.len()) && units.starts_with(phrase);
        self.0.iter().find(whole).map(Vec::len)
    }

    /// Whether `units` is one of the phrases.
    pub fn has(&self, units: &[String]) -> bool {
        self.0.iter().any(|phrase| phrase == units)
    }

    /// Whether any phrase stands anywhere in `units`.
    pub fn stand_in(&self, units: &[String]) -> bool {
        (0..units.len()).any(|at| self.beginning(&units[at..]).is_some())
    }

    /// The phrases found going through `units` from the start, the longest at each
    /// place: where each begins, and its length.
    pub fn found_in(&self, units: &[String]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < units.len() {
            match self.beginning(&units[at..]) {
                Some(length) => {
                    found.push((at, length));
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    /// `units` without the phrases found in it.
    pub fn taken_from(&self, units: &[String]) -> Vec<String> {
        let mut kept = units.to_vec();
        for (at, length) in self.found_in(units).into_iter().rev() {
            kept.drain(at..at + length);
        }
        kept
    }

    /// Whether `units` is made of the phrases and nothing else, at least one of them.
    pub fn make_up(&self, units: &[String]) -> bool {
        let mut reached = vec![false; units.len() + 1];
        reached[0] = true;
        for at in 0..units.len() {
            if reached[at] {
                for phrase in self
                    .0
                    .iter()
                    .filter(|phrase| units[at..].starts_with(phrase))
                {
                    reached[at + phrase.len()] = true;
                }
            }
        }
        !units.is_empty() && reached[units.len()]
    }
}
