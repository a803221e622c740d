//! What the sentences of a question's routes have in common, learnt from examples.
//!
//! Phrases hold what a designer thought of; callers say it otherwise. Where a question has examples, a
//! multinomial logistic regression over its words and their pairs (of Chinese over characters and theirs)
//! is fitted to its phrases and examples when the plan is cut, always alike, and stands beside the rules.

use super::senses::senses;
use super::text::{comparable, is_figure};
use super::weight::{nature, root};
use crate::Ask;
use crate::reading::meant_sentences;
use call_model::Language;
use std::collections::BTreeMap;
use std::ops::Range;

/// So many phrases of a route are learnt from, evenly chosen; examples all.
const PHRASES_MAX: usize = 300;
/// How often all sentences are gone through, and how far each moves the weights at first.
const ROUNDS: u16 = 24;
const STEP: f32 = 4.0;
/// How much of a step the weights shrink by a round, so that no rare word decides alone.
const SHRINK: f32 = 0.02;
/// What a pair counts beside a word.
const PAIR: f32 = 0.7;
/// What a sense counts beside a word, and a pair of it and its neighbour.
const SENSE: f32 = 0.8;
/// How far a word that no example has lowers the likelihood.
const UNKNOWN: f32 = 0.15;
/// Steps through the sentences so that no route is learnt in one go; a prime.
const STRIDE: usize = 7_919;

/// The weights of one question in one language.
#[derive(Clone, Debug)]
pub(crate) struct Ranker {
    features: BTreeMap<String, usize>,
    /// Of each feature, its weight for each of the classes: the choices, "nowhere", and last "a person".
    weights: Vec<Vec<f32>>,
    classes: usize,
    language: Language,
}

/// What a sentence is most likely about.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Likely {
    /// What it is about.
    pub aim: Aim,
    /// Between 0 and 1.
    pub likelihood: f32,
    /// The same, lowered by the words that no example has.
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
            classes: ask.choices.len() + 2,
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
        for text in meant_sentences(language).wish {
            sentences.push(ranker.sentence(&text, ask.choices.len() + 1));
        }
        ranker.learn(&sentences);
        Some(ranker)
    }

    fn sentence(&mut self, text: &str, class: usize) -> Sentence {
        let units = comparable(text, self.language);
        let words: Vec<String> = units.iter().map(|unit| name(unit, self.language)).collect();
        let found = senses(self.language).found_in(&words);
        let names = of_words(&words, &found);
        let mut features = Vec::new();
        for (name, counts) in names {
            let next = self.features.len();
            features.push((*self.features.entry(name).or_insert(next), counts));
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
                let mut likely = self.likelihoods(&sentence.features);
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

    /// What the units of a sentence are most likely about; none where no example has any of them.
    pub fn likely<'u>(&self, units: impl Iterator<Item = &'u str> + Clone) -> Option<Likely> {
        let language = self.language;
        let known = |name: &str| self.features.contains_key(name);
        let words: Vec<String> = units.clone().map(|unit| name(unit, language)).collect();
        let found = senses(language).found_in(&words);
        let is_meant = |at: usize| {
            let mut found = found.iter();
            found.any(|(span, sense)| span.contains(&at) && known(sense))
        };
        let unknown: u32 = units
            .enumerate()
            .filter(|(at, _)| !known(&words[*at]) && !is_meant(*at))
            .map(|(_, unit)| nature(unit, language).max(250))
            .sum();
        let names = of_words(&words, &found).into_iter();
        let features =
            names.filter_map(|(name, counts)| Some((*self.features.get(&name)?, counts)));
        let features = of_one_length(features.collect());
        if features.is_empty() {
            return None;
        }
        let likelihoods = self.likelihoods(&features).into_iter().enumerate();
        let (class, likelihood) = likelihoods.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        let unknown = f32::from(u16::try_from(unknown).unwrap_or(u16::MAX)) / 1_000.0;
        Some(Likely {
            aim: match self.classes - class {
                1 => Aim::Person,
                2 => Aim::Nowhere,
                _ => Aim::Choice(class),
            },
            likelihood,
            surely: likelihood - UNKNOWN * unknown,
        })
    }

    fn likelihoods(&self, features: &[(usize, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0_f32; self.classes];
        for (feature, counts) in features {
            for (score, weight) in scores.iter_mut().zip(&self.weights[*feature]) {
                *score += counts * weight;
            }
        }
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        scores
            .iter_mut()
            .for_each(|score| *score = (*score - most).exp());
        let whole: f32 = scores.iter().sum();
        scores.iter_mut().for_each(|score| *score /= whole);
        scores
    }
}

/// The words of a sentence, their senses, and the pairs of both, each once.
fn of_words(words: &[String], senses: &[(Range<usize>, &str)]) -> BTreeMap<String, f32> {
    let pairs = words.windows(2).map(|pair| (pair.join(" "), PAIR));
    let single = words.iter().map(|word| (word.clone(), 1.0));
    let mut names: BTreeMap<String, f32> = single.chain(pairs).collect();

    let mut meant: Vec<&str> = Vec::new();
    let mut at = 0;
    for (span, sense) in senses {
        names.insert((*sense).to_owned(), SENSE);
        meant.extend(words[at..span.start].iter().map(String::as_str));
        meant.push(sense);
        at = span.end;
    }
    meant.extend(words[at..].iter().map(String::as_str));
    for pair in meant.windows(2).filter(|pair| pair.concat().contains('<')) {
        names.insert(pair.join(" "), SENSE * PAIR);
    }
    names
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
