//! What the sentences of a question's routes have in common, learnt from examples.
//!
//! Phrases hold what a designer thought of; callers say it otherwise. Where a question has examples, a
//! multinomial logistic regression over its words, their pairs, their beginnings and their senses (of Chinese
//! over characters) is fitted to its phrases and examples when the plan is cut, always alike.

use super::senses::senses;
use super::text::{comparable, is_figure, key};
use super::weight::{nature, root};
use crate::Ask;
use crate::reading::meant_sentences;
use call_model::Language;
use std::collections::BTreeMap;
use std::ops::Range;

/// So many phrases of a route are learnt from, evenly chosen; examples all.
const PHRASES_MAX: usize = 60;
/// How often all sentences are gone through, and how far each moves the weights at first.
const ROUNDS: u16 = 16;
const STEP: f32 = 4.0;
/// How much of a step the weights shrink by a round, so that no rare word decides alone.
const SHRINK: f32 = 0.01;
/// What a word that tells nothing by its nature counts beside one that tells much; a pair counts as that does.
const EMPTY: f32 = 0.4;
/// What the beginning of a longer English word counts, and how many letters it has.
const BEGINNING: f32 = 0.7;
const BEGINNING_LETTERS: usize = 4;
/// What a sense counts, and a pair of it and its neighbour.
const SENSE: f32 = 0.8;
/// How far a word that no example has lowers the likelihood.
const UNKNOWN: f32 = 0.05;
/// What the last request in a sentence counts once more, beside the whole.
const REQUEST: f32 = 0.5;
/// Kinds of features: a word or a sense, and two of them side by side.
const WORD: &str = "word";
const PAIR: &str = "pair";
/// Steps through the sentences so that no route is learnt in one go; a prime.
const STRIDE: usize = 7_919;

/// The weights of one question in one language.
#[derive(Clone, Debug)]
pub(crate) struct Ranker {
    /// The number of each feature, by its hash.
    features: BTreeMap<u64, usize>,
    /// Of each feature, its weight for each of the classes: the choices, "nowhere", "a person", and last "a demand".
    weights: Vec<Vec<f32>>,
    classes: usize,
    language: Language,
}

/// What a sentence is most likely about.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Likely {
    /// What it is about.
    pub aim: Aim,
    /// How likely, between 0 and 1, lowered by the words that no example has.
    pub surely: f32,
}

/// What a sentence may be about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Aim {
    /// The choice of this number.
    Choice(usize),
    /// None of them.
    Nowhere,
    /// A person is wished for.
    Person,
    /// Somebody is held to account.
    Demand,
}

/// A sentence to learn from: its features with what they count, and its class.
struct Sentence {
    features: Vec<(usize, f32)>,
    class: usize,
}

impl Ranker {
    /// Learns from the phrases and examples of a question; none where it has no examples.
    pub fn of(ask: &Ask, language: Language) -> Option<Self> {
        let examples = ask
            .choices
            .iter()
            .any(|choice| choice.examples.contains_key(&language));
        if !examples {
            return None;
        }
        let mut ranker = Self {
            classes: ask.choices.len() + 3,
            language,
            features: BTreeMap::new(),
            weights: Vec::new(),
        };
        let mut sentences = Vec::new();
        for (class, choice) in ask.choices.iter().enumerate() {
            let phrases = choice.words.get(&language).map_or(&[][..], Vec::as_slice);
            let every = phrases.len().div_ceil(PHRASES_MAX).max(1);
            let examples = choice.examples.get(&language).into_iter().flatten();
            for text in phrases.iter().step_by(every).chain(examples) {
                sentences.push(ranker.sentence(text, class));
            }
        }
        for text in ask.nowhere.get(&language).into_iter().flatten() {
            sentences.push(ranker.sentence(text, ask.choices.len()));
        }
        let meant = meant_sentences(language);
        for (texts, class) in [(meant.calm, 0), (meant.wish, 1), (meant.protest, 2)] {
            let class = ask.choices.len() + class;
            sentences.extend(texts.iter().map(|text| ranker.sentence(text, class)));
        }
        ranker.learn(&sentences);
        Some(ranker)
    }

    fn sentence(&mut self, text: &str, class: usize) -> Sentence {
        let units = comparable(text, self.language);
        let cut = Cut::of(units.iter().map(String::as_str), self.language);
        let mut features = Vec::new();
        for (feature, counts) in cut.features() {
            let next = self.features.len();
            features.push((*self.features.entry(feature).or_insert(next), counts));
        }
        Sentence {
            features: of_one_length(features),
            class,
        }
    }

    fn learn(&mut self, sentences: &[Sentence]) {
        self.weights = vec![vec![0.0; self.classes]; self.features.len()];
        let stride = match sentences.len() % STRIDE {
            0 => 1,
            _ => STRIDE,
        };
        for round in 0..ROUNDS {
            let step = STEP / (1.0 + 0.3 * f32::from(round));
            for n in 0..sentences.len() {
                let sentence = &sentences[n * stride % sentences.len()];
                let mut likely = likelihoods(self.weighed(&sentence.features));
                likely[sentence.class] -= 1.0;
                for (feature, counts) in &sentence.features {
                    for (weight, error) in self.weights[*feature].iter_mut().zip(&likely) {
                        *weight -= step * counts * error;
                    }
                }
            }
            let keep = 1.0 - step * SHRINK;
            self.weights
                .iter_mut()
                .flatten()
                .for_each(|weight| *weight *= keep);
        }
    }

    /// What the units of a sentence are most likely about, of which `request` is what is asked for last;
    /// none where no example has any of them.
    pub fn likely<'u>(
        &self,
        units: impl Iterator<Item = &'u str>,
        request: Option<impl Iterator<Item = &'u str>>,
    ) -> Option<Likely> {
        let cut = Cut::of(units, self.language);
        let mut scores = self.scores(&cut)?;
        let request = request.and_then(|units| self.scores(&Cut::of(units, self.language)));
        if let Some(request) = request {
            for (score, more) in scores.iter_mut().zip(request) {
                *score = (*score + REQUEST * more) / (1.0 + REQUEST);
            }
        }
        let likelihoods = likelihoods(scores).into_iter().enumerate();
        let (class, likelihood) = likelihoods.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        Some(Likely {
            aim: match self.classes - class {
                1 => Aim::Demand,
                2 => Aim::Person,
                3 => Aim::Nowhere,
                _ => Aim::Choice(class),
            },
            surely: likelihood - UNKNOWN * self.unknown(&cut),
        })
    }

    /// How much is said that no example has, in words.
    fn unknown(&self, cut: &Cut<'_>) -> f32 {
        let known = |name: &str| self.features.contains_key(&key(WORD, &[name]));
        let is_meant = |at: usize| {
            let mut found = cut.senses.iter();
            found.any(|(span, sense)| span.contains(&at) && known(sense))
        };
        let words = cut.words.iter().zip(&cut.natures).enumerate();
        words
            .filter(|(at, (word, _))| !known(word) && !is_meant(*at))
            .map(|(_, (_, nature))| nature.max(0.25))
            .sum()
    }

    /// What speaks for each class; none where no example has anything of it.
    fn scores(&self, cut: &Cut<'_>) -> Option<Vec<f32>> {
        let found = cut.features().into_iter();
        let known = found.filter_map(|(key, counts)| Some((*self.features.get(&key)?, counts)));
        let features = of_one_length(known.collect());
        (!features.is_empty()).then(|| self.weighed(&features))
    }

    fn weighed(&self, features: &[(usize, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0_f32; self.classes];
        for (feature, counts) in features {
            for (score, weight) in scores.iter_mut().zip(&self.weights[*feature]) {
                *score += counts * weight;
            }
        }
        scores
    }
}

/// A sentence cut into what is learnt from it.
struct Cut<'s> {
    words: Vec<String>,
    /// Of each word what it tells by its nature, between 0 and 1.
    natures: Vec<f32>,
    /// Where senses stand, in words.
    senses: Vec<(Range<usize>, &'s str)>,
    language: Language,
}

impl Cut<'_> {
    fn of<'u>(units: impl Iterator<Item = &'u str>, language: Language) -> Self {
        let thousandths = |unit| u16::try_from(nature(unit, language)).unwrap_or(u16::MAX);
        let each = units.map(|unit| {
            let nature = f32::from(thousandths(unit)) / 1_000.0;
            (name(unit, language), nature)
        });
        let (words, natures): (Vec<String>, Vec<f32>) = each.unzip();
        Self {
            senses: senses(language).found_in(&words),
            words,
            natures,
            language,
        }
    }

    /// The words, their senses, the pairs of both, and how words begin, each once, by their hashes.
    fn features(&self) -> BTreeMap<u64, f32> {
        let pair_key = |pair: &[&str]| key(PAIR, pair);
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let pairs = words.windows(2).map(|pair| (pair_key(pair), 1.0));
        let counts = |nature: &f32| EMPTY + (1.0 - EMPTY) * nature;
        let single = words.iter().zip(&self.natures);
        let single = single.map(|(word, nature)| (key(WORD, &[word]), counts(nature)));
        let beginnings = words.iter().filter_map(|word| {
            let beginning = word.get(..BEGINNING_LETTERS)?;
            let is_longer = self.language == Language::En && word.len() > BEGINNING_LETTERS;
            is_longer.then(|| (key("beginning", &[beginning]), BEGINNING))
        });
        let mut features: BTreeMap<u64, f32> = single.chain(pairs).chain(beginnings).collect();

        let mut meant: Vec<&str> = Vec::new();
        let mut at = 0;
        for (span, sense) in &self.senses {
            features.insert(key(WORD, &[sense]), SENSE);
            meant.extend(&words[at..span.start]);
            meant.push(sense);
            at = span.end;
        }
        meant.extend(&words[at..]);
        let is_sense = |word: &&str| word.starts_with('<');
        for pair in meant.windows(2).filter(|pair| pair.iter().any(is_sense)) {
            features.insert(pair_key(pair), SENSE);
        }
        features
    }
}

fn likelihoods(mut scores: Vec<f32>) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    scores
        .iter_mut()
        .for_each(|score| *score = (*score - most).exp());
    let whole: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= whole);
    scores
}

/// Words by their roots, and one figure as another.
pub(super) fn name(unit: &str, language: Language) -> String {
    match is_figure(unit) {
        true => "#".to_owned(),
        false => root(unit, language).into_owned(),
    }
}

/// Long sentences weigh no more than short ones.
fn of_one_length(mut features: Vec<(usize, f32)>) -> Vec<(usize, f32)> {
    let length: f32 = features.iter().map(|(_, counts)| counts * counts).sum();
    let length = length.sqrt().max(f32::MIN_POSITIVE);
    features
        .iter_mut()
        .for_each(|(_, counts)| *counts /= length);
    features
}
