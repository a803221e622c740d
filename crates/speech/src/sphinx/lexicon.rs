//! The words a language's ear has been taught, under names that the library cannot misread.

use super::dictionary::{self, Pronunciations};
use super::linking::{self, Next};
use super::search;
use crate::{SpeechError, UnknownWord};
use call_model::{EscalationWords, Language, PhraseGrammar};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One word: what the plan writes, what the library is told, how it sounds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub(super) word: String,
    /// Its name in the library: a letter and a number.
    pub(super) name: String,
    pub(super) pronunciations: Vec<String>,
}

impl Token {
    /// The phones of its shortest pronunciation.
    pub(super) fn phones(&self) -> usize {
        let counts = self.pronunciations.iter().map(|it| it.split(' ').count());
        counts.min().unwrap_or(0)
    }

    /// The most vowels that it has, as English and Mandarin models write their phones.
    pub(super) fn syllables(&self) -> usize {
        let vowels = |pronunciation: &String| {
            let phones = pronunciation.split(' ');
            phones.filter(|phone| is_vowel(phone)).count()
        };
        self.pronunciations.iter().map(vowels).max().unwrap_or(0)
    }

    /// Whether it may begin with a vowel, and whether with a consonant.
    pub(super) fn begins_with(&self, next: Next) -> bool {
        let mut begins = self.pronunciations.iter();
        begins.any(|it| is_vowel(it) == (next == Next::Vowel))
    }
}

/// Mandarin models write the beginning of a syllable that has no consonant as a phone of its own.
pub(super) fn is_vowel(phone: &str) -> bool {
    let is_beginning = matches!(phone, "as" | "es" | "os");
    !is_beginning && phone.starts_with(|letter: char| "aeiouAEIOU".contains(letter))
}

/// All words of one language that any plan has used. It only grows.
pub(super) struct Lexicon {
    dictionary: PathBuf,
    language: Language,
    words: BTreeMap<String, Arc<Token>>,
    /// Words as they are said before others, where that differs.
    linked: BTreeMap<(String, Next), Arc<Token>>,
    unknown: BTreeMap<String, UnknownWord>,
}

impl Lexicon {
    /// An ear that has been taught nothing, with this dictionary.
    pub(super) fn of(dictionary: &Path, language: Language) -> Self {
        Self {
            dictionary: dictionary.to_owned(),
            language,
            words: BTreeMap::new(),
            linked: BTreeMap::new(),
            unknown: BTreeMap::new(),
        }
    }

    /// Finds the pronunciations of words that are new.
    pub(super) fn learn(&mut self, words: &BTreeSet<String>) -> Result<(), SpeechError> {
        let fresh: BTreeSet<String> = words
            .iter()
            .filter(|word| !self.words.contains_key(*word) && !self.unknown.contains_key(*word))
            .cloned()
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let found = dictionary::look_up(&self.dictionary, self.language, &fresh)?;
        self.add(found.known);
        for unknown in found.unknown {
            self.unknown.insert(unknown.word.clone(), unknown);
        }
        Ok(())
    }

    fn add(&mut self, known: Pronunciations) {
        for (word, pronunciations) in known {
            let name = format!("w{}", self.words.len());
            if self.language == Language::En {
                self.link(&word, &name, &pronunciations);
            }
            let token = Token {
                word: word.clone(),
                name,
                pronunciations,
            };
            self.words.insert(word, Arc::new(token));
        }
    }

    fn link(&mut self, word: &str, name: &str, pronunciations: &[String]) {
        for (next, letter) in [(Next::Vowel, 'v'), (Next::Consonant, 'c')] {
            let linked = linking::said_before(next, pronunciations);
            if !linked.is_empty() {
                let token = Token {
                    word: word.to_owned(),
                    name: format!("{name}{letter}"),
                    pronunciations: linked,
                };
                self.linked.insert((word.to_owned(), next), Arc::new(token));
            }
        }
    }

    /// A word as it is said before such another one, where that differs from how it is said by itself.
    pub(super) fn linked(&self, word: &str, next: Next) -> Option<&Arc<Token>> {
        self.linked.get(&(word.to_owned(), next))
    }

    pub(super) fn token(&self, word: &str) -> Option<&Arc<Token>> {
        self.words.get(word)
    }

    /// Names those words of a plan that cannot be heard.
    pub(super) fn unknown_among(
        &self,
        grammars: &[&Arc<PhraseGrammar>],
        words: &[&Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        let mut used = search::words_of(grammars);
        used.extend(words.iter().flat_map(|list| search::spoken_words(list)));
        let unknown: Vec<UnknownWord> = used
            .iter()
            .filter_map(|word| self.unknown.get(word).cloned())
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        Err(SpeechError::UnknownWords {
            language: self.language,
            words: unknown,
        })
    }
}
