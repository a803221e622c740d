//! The phrases of one asking node, weighed against each other.
//!
//! A word that few targets share tells more than one that many do, and a word of every trade
//! ("get", "my") tells next to nothing. English words compare by their roots; of Chinese, which
//! is not parted, a character counts where it stands beside the same neighbour as in the phrase.

use super::phrases::Phrases;
use super::said::Said;
use super::text::comparable;
use super::weight::{is_negative, nature, root};
use crate::Ask;
use call_model::Language;
use std::collections::{BTreeMap, BTreeSet};

/// A feature that nothing has.
pub(super) const NO_FEATURE: usize = 0;
/// What a lone Chinese character counts, away from its neighbour; in thousandths.
const LONE: u32 = 200;
/// What it counts beside a neighbour that tells nothing by itself.
const BESIDE_EMPTY: u32 = 700;
/// Words that weigh less do so in every plan.
const SLIGHT_BELOW: u32 = 500;
/// The least share of a phrase's weight that must stand in what was said.
const SHARE_MIN: u32 = 750;
/// What each word of a phrase that stands there whole counts beside its weight, and what if
/// the phrase has no weight: "where are you".
const IN_PLACE: u32 = 60;
const IN_PLACE_ALONE: u32 = 200;
/// What other words of a choice add to its best phrase, in thousandths of their weight.
const SUPPORT: u32 = 300;
/// How much what no phrase knows takes from what they know, in thousandths.
const UNKNOWN: u32 = 100;

/// The phrases of one asking node in one language.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    features: BTreeMap<String, usize>,
    whole: BTreeMap<Vec<String>, Vec<Place>>,
    core: BTreeMap<Vec<String>, Vec<Place>>,
    phrases: BTreeMap<String, Vec<Whole>>,
    rules: Vec<Rule>,
    /// Of each feature, the choices that have it, and what it weighs.
    belongs: Vec<(Vec<usize>, u32)>,
    choices: usize,
}

/// A phrase of the plan: of which choice, and which of its phrases.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub choice: usize,
    pub phrase: usize,
}

/// How strongly what was said speaks for a choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fit {
    pub place: Place,
    /// In thousandths of a word that one choice alone has.
    pub strength: u32,
    pub is_whole: bool,
}

/// A phrase as it is found whole.
#[derive(Clone, Debug)]
struct Whole {
    place: Place,
    units: Vec<String>,
    weight: u32,
}

/// The same as it is found in parts, in any order.
#[derive(Clone, Debug)]
struct Rule {
    place: Place,
    parts: Vec<Part>,
    weight: u32,
    /// Holds a "not" of its own: what callers deny is what it is about.
    is_turned: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Part {
    /// Each with what of the weight it counts, in thousandths.
    features: [(usize, u32); 2],
    lone: usize,
    weight: u32,
}

impl Evidence {
    /// Weighs the phrases of a node, those that `is_small` left out but as whole answers.
    pub fn of(
        ask: &Ask,
        language: Language,
        empty: &Phrases,
        is_small: impl Fn(&[String]) -> bool,
    ) -> Self {
        let mut evidence = Self::default();
        let mut cut: Vec<(Place, Vec<String>)> = Vec::new();
        for (choice, told) in ask.choices.iter().enumerate() {
            for (phrase, words) in told.words.get(&language).into_iter().flatten().enumerate() {
                let place = Place { choice, phrase };
                let units = comparable(words, language);
                let core = empty.taken_from(&units);
                if !core.is_empty() {
                    evidence.core.entry(core).or_default().push(place);
                }
                if !units.is_empty() && !is_small(&units) {
                    cut.push((place, units.clone()));
                }
                evidence.whole.entry(units).or_default().push(place);
            }
        }
        evidence.weigh(cut, ask.choices.len(), language);
        evidence
    }

    fn weigh(&mut self, cut: Vec<(Place, Vec<String>)>, choices: usize, language: Language) {
        let mut sharing: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (place, units) in &cut {
            for name in names(units, language).into_iter().flatten() {
                sharing.entry(name).or_default().insert(place.choice);
            }
        }
        self.choices = choices;
        self.belongs.push((Vec::new(), 0));
        for (number, (name, having)) in sharing.iter().enumerate() {
            self.features.insert(name.clone(), number + 1);
            let weight = nature_of(name, language) * rarity(having.len(), choices) / 1_000;
            self.belongs
                .push((having.iter().copied().collect(), weight));
        }
        let rarity = |name: &String| {
            let sharing = sharing.get(name).map_or(1, BTreeSet::len);
            rarity(sharing, choices)
        };
        let mut known = BTreeSet::new();
        for (place, units) in cut {
            let parts: Vec<Part> = units
                .iter()
                .zip(names(&units, language))
                .map(|(unit, names)| self.part(unit, &names, language, rarity))
                .filter(|part| part.weight > 0)
                .collect();
            let weight = parts.iter().map(|part| part.weight).sum();
            let is_turned = units.iter().any(|unit| is_negative(unit, language));
            // "How do I get there" tells something as a whole alone.
            let tells = units
                .iter()
                .any(|unit| nature(unit, language) > SLIGHT_BELOW);
            if let Some(first) = units.first() {
                self.phrases.entry(first.clone()).or_default().push(Whole {
                    place,
                    units,
                    weight,
                });
            }
            let mut sorted = parts.clone();
            sorted.sort();
            if tells && weight > 0 && known.insert((place.choice, sorted)) {
                self.rules.push(Rule {
                    place,
                    parts,
                    weight,
                    is_turned,
                });
            }
        }
    }

    fn part(
        &self,
        unit: &str,
        names: &[String],
        language: Language,
        rarity: impl Fn(&String) -> u32,
    ) -> Part {
        let number = |name: &String| self.features.get(name).copied().unwrap_or(NO_FEATURE);
        let (lone, beside) = match (names, language) {
            ([lone, beside @ ..], Language::Zh) => (number(lone), beside),
            (all, _) => (NO_FEATURE, all),
        };
        let rarest = names.iter().map(rarity).max().unwrap_or(0);
        let feature = |at: usize| match beside.get(at) {
            Some(name) => (number(name), beside_counts(unit, name, language)),
            None => (NO_FEATURE, 0),
        };
        Part {
            features: [feature(0), feature(1)],
            lone,
            // What tells little by itself tells as little wherever it stands: without its
            // "where" a phrase is not all there.
            weight: match nature(unit, language) {
                slight if slight < SLIGHT_BELOW && language == Language::En => slight,
                weight => weight * rarest / 1_000,
            },
        }
    }

    /// The number of a feature; [`NO_FEATURE`] where no phrase has it.
    pub fn feature(&self, name: &str) -> usize {
        self.features.get(name).copied().unwrap_or(NO_FEATURE)
    }

    /// How many numbers features may have.
    pub fn features(&self) -> usize {
        self.features.len() + 1
    }

    /// How much of each choice stands in what was said, by whatever words.
    fn support(&self, said: &[bool]) -> Vec<u32> {
        let mut support = vec![0; self.choices];
        let standing = self.belongs.iter().zip(said).filter(|(_, stands)| **stands);
        for ((choices, weight), _) in standing {
            for choice in choices {
                support[*choice] += weight;
            }
        }
        support
    }

    /// The phrases that are all that was said, but for what tells nothing.
    pub(super) fn exactly(&self, units: &[String], core: &[String]) -> BTreeSet<Place> {
        let places = [self.whole.get(units), self.core.get(core)];
        places.into_iter().flatten().flatten().copied().collect()
    }

    /// Of each choice the phrase that stands best in what was said.
    pub(super) fn fits(&self, said: &Said<'_>) -> Vec<Fit> {
        let mut best: BTreeMap<usize, Fit> = BTreeMap::new();
        let mut take = |fit: Fit| {
            let held = best.entry(fit.place.choice).or_insert(fit);
            if fit.strength > held.strength {
                *held = fit;
            }
        };
        for at in 0..said.units.len() {
            let here = self.phrases.get(&said.units[at]).into_iter().flatten();
            for whole in here.filter(|w| said.units[at..].starts_with(&w.units)) {
                let span = at..at + whole.units.len();
                if !said.is_denied(&span) {
                    let length = u32::try_from(span.len()).unwrap_or(u32::MAX);
                    let each = match whole.weight {
                        0 => IN_PLACE_ALONE,
                        _ => IN_PLACE,
                    };
                    take(Fit {
                        place: whole.place,
                        strength: whole.weight + length * each,
                        is_whole: true,
                    });
                }
            }
        }
        let (plain, turned) = (said.features(self, false), said.features(self, true));
        for rule in &self.rules {
            let found = if !rule.is_turned {
                rule.strength(&plain)
            } else if said.has_turned(rule.parts.iter().map(|part| &part.features)) {
                rule.strength(&turned)
            } else {
                None
            };
            if let Some(strength) = found {
                take(Fit {
                    place: rule.place,
                    strength,
                    is_whole: false,
                });
            }
        }
        let support = self.support(&plain);
        let unknown = said.unknown();
        for fit in best.values_mut() {
            let more = support[fit.place.choice].saturating_sub(fit.strength);
            fit.strength += more * SUPPORT / 1_000;
            fit.strength = fit.strength * 1_000 / (1_000 + unknown * UNKNOWN / 1_000);
        }
        best.into_values().collect()
    }
}

impl Rule {
    fn strength(&self, said: &[bool]) -> Option<u32> {
        let found: u32 = self.parts.iter().map(|part| part.found(said)).sum();
        let share = found * 1_000 / self.weight;
        (share >= SHARE_MIN).then(|| found * share / 1_000)
    }
}

impl Part {
    fn found(&self, said: &[bool]) -> u32 {
        let stands = |feature: usize| said.get(feature).copied().unwrap_or(false);
        let beside = self.features.iter().filter(|(feature, _)| stands(*feature));
        let lone = if stands(self.lone) { LONE } else { 0 };
        self.weight * beside.map(|(_, counts)| *counts).fold(lone, u32::max) / 1_000
    }
}

/// What a unit counts where it stands in this pair.
fn beside_counts(unit: &str, pair: &str, language: Language) -> u32 {
    let neighbour = pair.strip_prefix(unit).or_else(|| pair.strip_suffix(unit));
    match (language, neighbour) {
        (Language::Zh, Some(other)) if nature(other, language) < 400 => BESIDE_EMPTY,
        (Language::Zh | Language::En, _) => 1_000,
    }
}

/// The nature of a feature: that of a pair is the greater of its characters'.
fn nature_of(name: &str, language: Language) -> u32 {
    let mut characters = name.chars();
    match (language, characters.next(), characters.next()) {
        (Language::Zh, Some(_), Some(_)) => {
            let of = |c: char| nature(c.encode_utf8(&mut [0; 4]), language);
            name.chars().map(of).max().unwrap_or(0)
        }
        // Lone characters support nothing.
        (Language::Zh, ..) => 0,
        (Language::En, ..) => nature(name, language),
    }
}

/// The features of each unit of a phrase: of an English word its root, of a Chinese
/// character itself and the pairs it makes with its neighbours.
fn names(units: &[String], language: Language) -> Vec<Vec<String>> {
    let of = |at: usize| match language {
        Language::En => vec![root(&units[at], language).into_owned()],
        Language::Zh => {
            let pairs = units[at.saturating_sub(1)..(at + 2).min(units.len())].windows(2);
            let mut names = vec![units[at].clone()];
            names.extend(pairs.map(<[String]>::concat));
            names
        }
    };
    (0..units.len()).map(of).collect()
}

/// 1000 for what one of many choices has, 0 for what they all have.
fn rarity(sharing: usize, choices: usize) -> u32 {
    let logarithm = |of: usize| f64::from(u32::try_from(of).unwrap_or(u32::MAX)).ln();
    let all = logarithm(choices + 1);
    if all <= 0.0 {
        return 1_000;
    }
    let share = (all - logarithm(sharing.max(1))) / all;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1"
    )]
    let thousandths = (share.clamp(0.0, 1.0) * 1_000.0) as u32;
    thousandths
}
