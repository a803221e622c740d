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
    /// The same of the words themselves that bring a person.
    pub words: Vec<(String, Vec<String>)>,
    /// A demand is made.
    pub demand: Vec<String>,
    /// A person is asked for.
    pub ask: Vec<String>,
    /// Either is only spoken of, denied or taken back.
    pub stay: Vec<String>,
    /// A person is wished for without any of the words.
    pub wish: Vec<String>,
    /// Somebody is held to account without any of the words.
    pub protest: Vec<String>,
    /// Neither, though it sounds a little like it.
    pub calm: Vec<String>,
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
            ("wish", _) => sentences.wish = texts(&entry.item),
            ("protest", _) => sentences.protest = texts(&entry.item),
            ("calm", _) => sentences.calm = texts(&entry.item),
            ("kinds", _) => sentences.kinds = named(&entry.item),
            ("words", _) => sentences.words = named(&entry.item),
            _ => {}
        }
    }
    sentences
}

/// Words and phrases that mean alike, by the names of their senses.
pub(crate) fn senses(language: Language) -> Vec<(String, Vec<String>)> {
    let text = match language {
        Language::En => include_str!("../../data/senses.en.yaml"),
        Language::Zh => include_str!("../../data/senses.zh.yaml"),
    };
    let parsed = parse(text, &mut Problems::of("data"));
    parsed.map_or_else(Vec::new, |item| named(&item))
}

fn texts(item: &Item) -> Vec<String> {
    let texts = values::items(item).iter().filter_map(values::as_text);
    texts.cloned().collect()
}

fn named(item: &Item) -> Vec<(String, Vec<String>)> {
    let Value::Map(entries) = &item.value else {
        return Vec::new();
    };
    let each = |list: &String| -> Vec<String> {
        list.split(',')
            .map(|phrase| phrase.trim().to_owned())
            .collect()
    };
    let lists = entries.iter().map(|entry| {
        let phrases = texts(&entry.item).iter().flat_map(each).collect();
        (entry.key.clone(), phrases)
    });
    lists.collect()
}
