//! Words that mean alike, so that an example with "parcel" tells of "package" as well.

use super::text::comparable;
use crate::reading::senses as shipped;
use call_model::Language;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Words and phrases by their first word, the longest first, each with its sense.
pub(super) struct Senses(BTreeMap<String, Vec<(Vec<String>, String)>>);

/// The shipped ones of a language.
pub(super) fn senses(language: Language) -> &'static Senses {
    match language {
        Language::En => &ENGLISH,
        Language::Zh => &CHINESE,
    }
}

static ENGLISH: LazyLock<Senses> = LazyLock::new(|| Senses::of(Language::En));
static CHINESE: LazyLock<Senses> = LazyLock::new(|| Senses::of(Language::Zh));

impl Senses {
    fn of(language: Language) -> Self {
        let mut senses = Self(BTreeMap::new());
        for (sense, phrases) in shipped(language) {
            for phrase in phrases {
                let units = comparable(&phrase, language);
                let names: Vec<String> = units
                    .iter()
                    .map(|unit| super::ranker::name(unit, language))
                    .collect();
                if let Some(first) = names.first() {
                    let starting = senses.0.entry(first.clone()).or_default();
                    starting.push((names, format!("<{sense}>")));
                }
            }
        }
        for starting in senses.0.values_mut() {
            starting.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        }
        senses
    }

    /// The senses in a sentence and where each stands, in units.
    pub fn found_in(&self, names: &[String]) -> Vec<(Range<usize>, &str)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < names.len() {
            let starting = self.0.get(&names[at]).into_iter().flatten();
            let mut fitting = starting.filter(|(phrase, _)| names[at..].starts_with(phrase));
            match fitting.next() {
                Some((phrase, sense)) => {
                    found.push((at..at + phrase.len(), sense.as_str()));
                    at += phrase.len();
                }
                None => at += 1,
            }
        }
        found
    }
}
