//! Every word that callers may answer with is one that the recogniser can hear.

use super::Whole;
use crate::grammar::spoken;
use crate::reading::{AnsweredBy, Place, Problems};
use crate::{AnswerBy, Dictionaries, Dictionary, ProblemKind};
use call_model::{Language, Phrase};
use std::collections::BTreeSet;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    if whole.dictionaries.is_empty() {
        return;
    }
    for answer in &whole.marks.answers {
        let AnsweredBy::Words(language, text) = &answer.by else {
            continue;
        };
        let node = whole.node(&answer.node).and_then(crate::Node::listening);
        if node.is_none_or(|listening| listening.by != AnswerBy::Keys) {
            words(
                &spoken(text, *language),
                *language,
                answer.at,
                whole.dictionaries,
                problems,
            );
        }
    }
    for (at, language, text) in &whole.marks.plan_words {
        words(
            &spoken(text, *language),
            *language,
            *at,
            whole.dictionaries,
            problems,
        );
    }
    for (file, language, phrase) in &whole.marks.grammars {
        let text = whole
            .sources
            .texts
            .get(file)
            .map(String::as_str)
            .unwrap_or_default();
        let mut own = Problems::of(file);
        for word in words_of(phrase) {
            tell(
                word,
                *language,
                place_in(text, word),
                whole.dictionaries,
                &mut own,
            );
        }
        problems.take_over(own);
    }
}

fn words(
    phrase: &Phrase,
    language: Language,
    at: Place,
    dictionaries: &Dictionaries,
    problems: &mut Problems,
) {
    for word in words_of(phrase) {
        tell(word, language, at, dictionaries, problems);
    }
}

fn tell(
    word: &str,
    language: Language,
    at: Place,
    dictionaries: &Dictionaries,
    problems: &mut Problems,
) {
    let Some(dictionary) = dictionaries.get(&language) else {
        return;
    };
    for word in word
        .split(' ')
        .filter(|word| !dictionary.knows(word, language))
    {
        let message = format!("'{word}' is no word that the recogniser of '{language}' can hear");
        problems.tell(
            ProblemKind::UnknownWord,
            at,
            message,
            remedy(word, language, dictionary),
        );
    }
}

fn remedy(word: &str, language: Language, dictionary: &Dictionary) -> String {
    match (language, dictionary.nearest(word)) {
        (Language::En, Some(near)) => format!("did you mean '{near}'?"),
        (Language::En, None) => "say it with other words, or spell it as it sounds".to_owned(),
        (Language::Zh, _) => {
            let parts = dictionary.unknown_parts(word, language);
            let parts: Vec<String> = parts.iter().map(|part| format!("'{part}'")).collect();
            match parts.is_empty() {
                true => "say it with other words".to_owned(),
                false => format!("say it without {}", parts.join(", ")),
            }
        }
    }
}

fn words_of(phrase: &Phrase) -> BTreeSet<&str> {
    let mut words = BTreeSet::new();
    let mut open = vec![phrase];
    while let Some(phrase) = open.pop() {
        match phrase {
            Phrase::Word(word) => {
                words.insert(word.as_str());
            }
            Phrase::Sequence(parts) | Phrase::OneOf(parts) => open.extend(parts),
            Phrase::Optional(of) | Phrase::Repeat { of, .. } => open.push(of),
        }
    }
    words
}

/// Where a word first stands in a grammar's text; the text's beginning where it is written
/// otherwise than it is said.
fn place_in(text: &str, word: &str) -> Place {
    for (line, number) in text.lines().zip(1..) {
        let lower = line.to_lowercase();
        let is_word = |at: &usize| {
            let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            !is_letter(lower[..*at].chars().next_back())
                && !is_letter(lower[at + word.len()..].chars().next())
        };
        let mut found = lower.match_indices(word).map(|(at, _)| at);
        if let Some(at) = found.find(is_word) {
            return Place::new(number, lower[..at].chars().count() + 1);
        }
    }
    Place::default()
}
