//! Whether a word that brings a person is meant or only spoken of, learnt from sentences.
//!
//! "I want to complain" and "my neighbour wanted to complain" have the word in common and little else, and
//! no list of phrases ends. A logistic regression over how the word stands (see [`Scene`]) is fitted to the
//! shipped sentences once in a process, always alike. What the rules make of a word is among what it
//! looks at, so it may overrule them where the sentences say so.

use super::SetAside;
use super::escalation::{Found, core, found, ruled};
use super::lexicon::Escalating;
use super::scene::{Features, Kinds, Scene};
use super::text::{Text, comparable};
use crate::reading::{MeantSentences, meant_sentences, usual_words};
use call_model::{Language, WordClass};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How sure it must be that a word is meant, as the logarithm of the odds. A demand brings a person
/// at once; a request is only counted, and one that is missed makes a caller repeat it.
const DEMANDS: f32 = 1.0;
const ASKS: f32 = -0.6;
/// The same of words that other speech is full of.
const WITHIN: f32 = 1.2;
/// How often all sentences are gone through, how far each moves the weights at first, and how
/// much of a step the weights shrink by a round.
const ROUNDS: u16 = 30;
const STEP: f32 = 4.0;
const SHRINK: f32 = 0.003;
/// Steps through the sentences so that no class is learnt in one go; a prime.
const STRIDE: usize = 7_919;

/// What was learnt of one language.
pub(super) struct Meant {
    kinds: Kinds,
    weights: BTreeMap<u64, f32>,
}

/// What was learnt of a language.
pub(super) fn meant(language: Language) -> &'static Meant {
    match language {
        Language::En => &ENGLISH,
        Language::Zh => &CHINESE,
    }
}

/// Learns a language, if that has not been done in this process.
pub(super) fn learn(language: Language) {
    let _ = meant(language);
}

static ENGLISH: LazyLock<Meant> = LazyLock::new(|| Meant::of(Language::En));
static CHINESE: LazyLock<Meant> = LazyLock::new(|| Meant::of(Language::Zh));

/// A sentence to learn from: in one of these ways a word stands that is meant, or in all of
/// them one that is not.
struct Sentence {
    ways: Vec<Vec<(usize, f32)>>,
    is_meant: bool,
}

impl Meant {
    /// Learns from the shipped sentences, by the shipped words.
    fn of(language: Language) -> Self {
        let MeantSentences {
            kinds,
            words,
            demand,
            ask,
            stay,
            ..
        } = meant_sentences(language);
        let kinds = Kinds::of(&kinds, &words, language);
        let usual = usual_words(language);
        let classes = [
            (&usual.demand, WordClass::Demand),
            (&usual.ask, WordClass::Ask),
            (&usual.vocabulary.ask_within, WordClass::Ask),
        ];
        let listed = classes.into_iter().flat_map(|(texts, class)| {
            let texts = texts.iter();
            texts.map(move |text| Escalating::of(text, class, language))
        });
        let within = usual.vocabulary.demand_within.iter();
        let within = within.map(|text| Escalating::within(text, language));
        let listed: Vec<Escalating> = listed.chain(within).collect();
        let apart = usual.vocabulary.apart.iter();
        let apart: Vec<Vec<String>> = apart.map(|phrase| comparable(phrase, language)).collect();

        let mut known = BTreeMap::new();
        let mut sentences = Vec::new();
        let meant = [
            (&demand, Some(WordClass::Demand)),
            (&ask, Some(WordClass::Ask)),
            (&stay, None),
        ];
        for (texts, class) in meant {
            for text in texts {
                let ways = ways(text, language, &listed, &apart, &kinds);
                let ways = ways.filter(|(of, _)| class.is_none_or(|class| class == *of));
                let mut index = |features: Features| -> Vec<(usize, f32)> {
                    let features = features.into_iter();
                    features
                        .map(|(key, counts)| {
                            let next = known.len();
                            (*known.entry(key).or_insert(next), counts)
                        })
                        .collect()
                };
                let ways: Vec<_> = ways.map(|(_, features)| index(features)).collect();
                match class {
                    Some(_) if ways.is_empty() => {}
                    Some(_) => sentences.push(Sentence {
                        ways,
                        is_meant: true,
                    }),
                    None => sentences.extend(ways.into_iter().map(|way| Sentence {
                        ways: vec![way],
                        is_meant: false,
                    })),
                }
            }
        }
        let weights = learnt(&sentences, known.len());
        let weights = known.into_iter().map(|(key, at)| (key, weights[at]));
        Self {
            kinds,
            weights: weights.collect(),
        }
    }

    /// Whether the word of this number is meant, where the rules have their say as well.
    pub fn is_meant(
        &self,
        scene: &Scene,
        number: usize,
        ruled: Option<SetAside>,
        must_be_meant: bool,
    ) -> bool {
        let features = scene.features(number, ruled, &self.kinds);
        let weigh = |(key, counts): (u64, f32)| self.weights.get(&key).map(|w| w * counts);
        let odds: f32 = features.into_iter().filter_map(weigh).sum();
        match scene.words[number].1 {
            WordClass::Demand if must_be_meant => odds > WITHIN,
            WordClass::Demand => odds > DEMANDS,
            WordClass::Ask => odds > ASKS,
        }
    }
}

/// How each word of a sentence stands in it.
fn ways(
    text: &str,
    language: Language,
    listed: &[Escalating],
    apart: &[Vec<String>],
    kinds: &Kinds,
) -> impl Iterator<Item = (WordClass, Features)> {
    let cut = Text::of(text, language);
    let found: Vec<Found> = found(&cut, listed);
    let ruled = ruled(&cut, text, language, &found, apart, false);
    let spans: Vec<_> = found.iter().map(|found| core(found, listed)).collect();
    let scene = Scene {
        units: &cut.units,
        words: &spans,
        language,
    };
    let ways = ruled.iter().enumerate();
    let ways = ways.map(|(n, why)| (spans[n].1, scene.features(n, *why, kinds)));
    ways.collect::<Vec<_>>().into_iter()
}

/// The weights of so many features.
fn learnt(sentences: &[Sentence], features: usize) -> Vec<f32> {
    let mut weights = vec![0.0_f32; features];
    let stride = match sentences.len() % STRIDE {
        0 => 1,
        _ => STRIDE,
    };
    for round in 0..ROUNDS {
        let step = STEP / (1.0 + 0.3 * f32::from(round));
        for n in 0..sentences.len() {
            let sentence = &sentences[n * stride % sentences.len()];
            let odds = |way: &[(usize, f32)]| -> f32 {
                way.iter().map(|(at, counts)| weights[*at] * counts).sum()
            };
            // Of a sentence that means one of its words, the likeliest is learnt from.
            let ways = sentence.ways.iter().map(|way| (odds(way), way));
            let Some((odds, way)) = ways.max_by(|(a, _), (b, _)| a.total_cmp(b)) else {
                continue;
            };
            let wanted = f32::from(u8::from(sentence.is_meant));
            let error = 1.0 / (1.0 + (-odds).exp()) - wanted;
            for (at, counts) in way {
                weights[*at] -= step * error * counts;
            }
        }
        let keep = 1.0 - step * SHRINK;
        weights.iter_mut().for_each(|weight| *weight *= keep);
    }
    weights
}
