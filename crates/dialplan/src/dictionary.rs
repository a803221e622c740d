//! The words that a recogniser can hear.

use call_model::Language;
use std::collections::BTreeMap;

/// A word this many letters away may be what was meant.
const NEAR: usize = 2;

/// The dictionaries at hand, by language.
pub type Dictionaries = BTreeMap<Language, Dictionary>;

/// The words of a recogniser's pronouncing dictionary, without their sounds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dictionary {
    /// Sorted, each once.
    words: Vec<String>,
    /// The most bytes of a word.
    longest: usize,
}

impl Dictionary {
    /// The words of a dictionary as CMU Sphinx writes it: one a line, before its phones;
    /// `word(2)` is another way to say the same. An English word counts without its
    /// apostrophes too.
    pub fn of_text(text: &str, language: Language) -> Self {
        let mut words = Vec::new();
        for line in text.lines() {
            let mut parts = line.split_whitespace();
            let (Some(word), Some(_)) = (parts.next(), parts.next()) else {
                continue;
            };
            let word = word.split_once('(').map_or(word, |(word, _)| word);
            if language == Language::En && word.contains('\'') {
                words.push(bare(word));
            }
            words.push(word.to_owned());
        }
        words.retain(|word| !word.is_empty());
        words.sort();
        words.dedup();
        let longest = words.iter().map(String::len).max().unwrap_or_default();
        Self { words, longest }
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn holds(&self, word: &str) -> bool {
        self.words
            .binary_search_by(|known| known.as_str().cmp(word))
            .is_ok()
    }

    /// Whether a word can be heard: as it stands, an English one without its apostrophes too,
    /// a Chinese one put together from parts too.
    pub fn knows(&self, word: &str, language: Language) -> bool {
        self.holds(word)
            || match language {
                Language::En => self.holds(&bare(word)),
                Language::Zh => self.is_made_of_parts(word),
            }
    }

    fn is_made_of_parts(&self, word: &str) -> bool {
        let mut is_made = vec![false; word.len() + 1];
        is_made[0] = true;
        for end in 1..=word.len() {
            if !word.is_char_boundary(end) {
                continue;
            }
            let least = end.saturating_sub(self.longest);
            is_made[end] = (least..end).any(|from| {
                is_made[from] && word.get(from..end).is_some_and(|part| self.holds(part))
            });
        }
        is_made[word.len()]
    }

    /// The parts of a word that cannot be heard: the whole English word, the characters of a Chinese one.
    pub(crate) fn unknown_parts(&self, word: &str, language: Language) -> Vec<String> {
        let characters = || {
            word.chars()
                .map(String::from)
                .filter(|part| !self.holds(part))
        };
        match language {
            Language::En => vec![word.to_owned()],
            Language::Zh => characters().collect(),
        }
    }

    /// The nearest English word that can be heard, if one is near.
    pub(crate) fn nearest(&self, word: &str) -> Option<&str> {
        let first = word.chars().next()?;
        let from = self
            .words
            .partition_point(|known| known.as_str() < first.encode_utf8(&mut [0; 4]) as &str);
        let alike = self.words[from..]
            .iter()
            .take_while(|known| known.starts_with(first));
        let near = alike
            .filter(|known| known.len().abs_diff(word.len()) <= NEAR)
            .map(|known| (crate::reading::distance(word, known), known.as_str()))
            .min()?;
        (near.0 <= NEAR).then_some(near.1)
    }
}

fn bare(word: &str) -> String {
    word.replace('\'', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_as_the_recogniser_would_find_it() {
        let text =
            "agent EY JH AH N T\nagent(2) EY JH IH N T\ndon't D OW N T\nyesterday Y EH\nempty\n";
        let english = Dictionary::of_text(text, Language::En);
        assert_eq!(english.len(), 4, "{english:?}");
        for (word, is_known) in [
            ("agent", true),
            ("don't", true),
            ("dont", true),
            ("agent's", false),
            ("empty", false),
        ] {
            assert_eq!(english.knows(word, Language::En), is_known, "{word}");
        }
        assert_eq!(english.nearest("yestarday"), Some("yesterday"));
        assert_eq!(english.nearest("xylophone"), None);
        assert_eq!(english.nearest(""), None);
    }

    #[test]
    fn a_chinese_word_may_be_put_together() {
        let text = "查 ch a\n订单 d ing d an\n单 d an\n";
        let mandarin = Dictionary::of_text(text, Language::Zh);
        for (word, is_known) in [
            ("查订单", true),
            ("查单", true),
            ("订", false),
            ("查订", false),
        ] {
            assert_eq!(mandarin.knows(word, Language::Zh), is_known, "{word}");
        }
        assert_eq!(mandarin.unknown_parts("查龘", Language::Zh), ["龘"]);
    }
}
