//! The shipped sentences that tell when a word that brings a person is meant.

use super::Problems;
use super::values;
use super::yaml::{Item, Value, parse};
use call_model::Language;

/// Sentences of one language by what they do, and the kinds of words in them.
#[derive(Clone, Default)]
pub(crate) struct MeantSentences {
    /// Names of kinds, with lists of phrases set apart by commas.
    pub kinds: Vec<(String, Vec<String>)>,
    /// A demand is made.
    pub demand: Vec<String>,
    /// A person is asked for.
    pub ask: Vec<String>,
    /// Either is only spoken of, denied or taken back.
    pub stay: Vec<String>,
}

/// The shipped ones of a language.
pub(crate) fn meant_sentences(language: Language) -> MeantSentences {
    let text = match language {
        Language::En => include_str!("../../data/meant.en.yaml"),
        Language::Zh => include_str!("../../data/meant.zh.yaml"),
    };
    let mut sentences = MeantSentences::default();
    let parsed = parse(text, &mut Problems::of("data"));
    let Some(Value::Map(entries)) = parsed.map(|item| item.value) else {
        return sentences;
    };
    for entry in entries {
        match (entry.key.as_str(), &entry.item.value) {
            ("demand", _) => sentences.demand = texts(&entry.item),
            ("ask", _) => sentences.ask = texts(&entry.item),
            ("stay", _) => sentences.stay = texts(&entry.item),
            ("kinds", Value::Map(kinds)) => {
                let kinds = kinds.iter();
                let kinds = kinds.map(|kind| (kind.key.clone(), texts(&kind.item)));
                sentences.kinds = kinds.collect();
            }
            _ => {}
        }
    }
    sentences
}

fn texts(item: &Item) -> Vec<String> {
    let texts = values::items(item).iter().filter_map(values::as_text);
    texts.cloned().collect()
}
