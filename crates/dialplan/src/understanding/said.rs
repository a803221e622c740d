//! What was said, ready to be held against phrases: what is denied in it, and what is taken back.

use super::evidence::{Evidence, NO_FEATURE};
use super::patterns::{Patterns, patterns};
use super::text::Text;
use super::weight::{is_negative, nature, root};
use call_model::Language;
use std::ops::Range;

/// The most units that one "I don't want" denies.
const DENIED_MAX: usize = 9;
/// How far behind a "not" a word is turned by it.
const TURNED_MAX: usize = 4;

/// What was said.
pub(super) struct Said<'t> {
    pub units: &'t [String],
    language: Language,
    /// Of each unit, whether it is denied.
    denied: Vec<bool>,
    /// Of each unit, whether it is what denies others.
    denies: Vec<bool>,
    /// The features that stand right behind a "not".
    turned: Vec<usize>,
    /// The feature of each unit, and of each with the one behind it where the language has such.
    alone: Vec<usize>,
    pairs: Vec<usize>,
}

impl<'t> Said<'t> {
    pub fn of(units: &'t [String], language: Language, knows: &Evidence) -> Self {
        let mut said = Self {
            units,
            language,
            denied: vec![false; units.len()],
            denies: vec![false; units.len()],
            turned: Vec::new(),
            alone: units
                .iter()
                .map(|unit| knows.feature(&root(unit, language)))
                .collect(),
            pairs: match language {
                Language::En => Vec::new(),
                Language::Zh => units
                    .windows(2)
                    .map(|pair| knows.feature(&pair.concat()))
                    .collect(),
            },
        };
        said.deny(patterns(language), knows);
        said.turned = said.turned();
        said
    }

    /// Whether a phrase at this place is denied. One that begins before its denial holds
    /// the "not" itself and is about it.
    pub fn is_denied(&self, span: &Range<usize>) -> bool {
        self.denied.get(span.start).copied().unwrap_or(false)
    }

    /// Of each feature, whether it stands in what was said; what is denied as well, if `all`.
    pub fn features(&self, evidence: &Evidence, all: bool) -> Vec<bool> {
        let mut found = vec![false; evidence.features()];
        let counts =
            |at: usize| !self.denies[at] && !self.is_asked(at) && (all || !self.denied[at]);
        for at in (0..self.units.len()).filter(|at| counts(*at)) {
            found[self.alone[at]] = true;
            if let Some(pair) = self.pairs.get(at)
                && counts(at + 1)
            {
                found[*pair] = true;
            }
        }
        found[NO_FEATURE] = false;
        found
    }

    /// The units that are not denied.
    pub fn kept(&self) -> impl Iterator<Item = &'t str> + Clone {
        let kept = (0..self.units.len()).filter(|at| !self.denied[*at] && !self.denies[*at]);
        kept.map(|at| self.units[at].as_str())
    }

    /// Whether one of these stands right behind a "not".
    pub fn has_turned<'f>(
        &self,
        mut features: impl Iterator<Item = &'f [(usize, u32); 2]>,
    ) -> bool {
        self.language == Language::Zh
            || features.any(|pair| {
                pair.iter()
                    .any(|(feature, _)| self.turned.contains(feature))
            })
    }

    /// 要不要, 开不开: asks, and denies nothing.
    fn is_asked(&self, at: usize) -> bool {
        let is_not = self.language == Language::Zh && self.units[at] == "不";
        is_not && at > 0 && self.units.get(at + 1) == Some(&self.units[at - 1])
    }

    /// What was said besides, in thousandths of a word.
    pub fn unknown(&self) -> u32 {
        let is_known = |at: usize| self.alone[at] != NO_FEATURE;
        let unknown = (0..self.units.len()).filter(|at| !self.denied[*at] && !is_known(*at));
        let whole: u32 = unknown
            .map(|at| nature(&self.units[at], self.language))
            .sum();
        match self.language {
            Language::En => whole,
            // Most words have two characters.
            Language::Zh => whole / 2,
        }
    }

    fn turned(&self) -> Vec<usize> {
        let nots = (0..self.units.len()).filter(|at| is_negative(&self.units[*at], self.language));
        let behind = nots.flat_map(|at| {
            let end = (at + 1 + TURNED_MAX).min(self.units.len());
            &self.alone[at + 1..end]
        });
        behind
            .copied()
            .filter(|feature| *feature != NO_FEATURE)
            .collect()
    }

    fn deny(&mut self, patterns: &Patterns, knows: &Evidence) {
        let mut at = 0;
        while at < self.units.len() {
            let rest = &self.units[at..];
            if let Some(length) = patterns.undenied.beginning(rest) {
                at += length;
            } else if let Some(length) = patterns.denials.beginning(rest) {
                self.denies[at..at + length].fill(true);
                at = self.deny_from(at + length, patterns, false);
            } else if let Some(length) = patterns.namings.beginning(rest) {
                self.denies[at..at + length].fill(true);
                at = self.deny_from(at + length, patterns, true);
            } else {
                at += self.deny_word(at, knows);
            }
        }
    }

    /// Denies what follows, until something else is said; where a thing alone is named
    /// ("not the balance"), up to the next article. Tells where it ends.
    fn deny_from(&mut self, start: usize, patterns: &Patterns, one_thing: bool) -> usize {
        let mut has_begun = false;
        let mut at = start;
        while at < self.units.len() && at - start < DENIED_MAX {
            let rest = &self.units[at..];
            let ends = patterns.contrasts.beginning(rest).is_some()
                || one_thing && patterns.openings.beginning(rest).is_some();
            let denies_anew = patterns.denials.beginning(rest).is_some()
                || patterns.namings.beginning(rest).is_some();
            if denies_anew || has_begun && ends {
                break;
            }
            let bridge = patterns.denial_bridges.beginning(rest);
            has_begun |= bridge.is_none();
            for _ in 0..bridge.unwrap_or(1) {
                self.denied[at] = true;
                at += 1;
            }
        }
        at
    }

    /// 不 before a word that phrases have: 我不预约. Tells how many units are done.
    fn deny_word(&mut self, at: usize, knows: &Evidence) -> usize {
        let is_not = self.language == Language::Zh && self.units[at] == "不";
        let pair =
            |at: usize| Some([self.units.get(at)?.as_str(), self.units.get(at + 1)?].concat());
        let is_known = |pair: Option<String>| pair.is_some_and(|p| knows.feature(&p) != NO_FEATURE);
        if is_not && is_known(pair(at + 1)) && !is_known(pair(at)) {
            let before = at.checked_sub(1).map(|b| self.units[b].as_str());
            // 能不能, 要不要: a question.
            if before != self.units.get(at + 1).map(String::as_str) {
                self.denied[at + 1] = true;
                self.denied[at + 2] = true;
                return 3;
            }
        }
        1
    }
}

/// The places behind words with which callers correct themselves, the last first.
pub(super) fn corrections(text: &Text, language: Language) -> Vec<usize> {
    let found = patterns(language).corrections.found_in(&text.units);
    let behind = found.into_iter().map(|(at, length)| at + length);
    behind.rev().collect()
}

/// The place behind the last words with which callers ask for something.
pub(super) fn last_request(text: &Text, language: Language) -> Option<usize> {
    let found = patterns(language).requests.found_in(&text.units);
    found.last().map(|(at, length)| at + length)
}
