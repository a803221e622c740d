//! What words cost a path where digits are asked for.
//!
//! Digits are the shortest words there are. Free of cost the search fills every pause and every drawn-out sound with
//! them ("oh", "eight", 一; 六 as 零幺), and a number is full before it was said. And a short digit fits one of
//! some hundred words that a caller may say anywhere as well as itself, though most say the number.

use crate::automaton::PhraseAutomaton;
use call_model::Language;
use spoken_text::digit_words;
use std::collections::BTreeSet;

/// What each word pays, in steps of 0.1024 nats. Of 90 numbers of 4, 6 and 8 shared digits in groups 10 were taken to
/// be over too early at 300 and 7 at 450, with more time for numbers that are not full than plans usually give.
const WORD: u16 = 400;
/// What a word that is no digit pays on top.
const OTHER_WORD: u16 = 450;

/// What the words of a grammar cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WordCosts {
    /// Nothing.
    None,
    /// As where digits are asked for in this language.
    Digits(Language),
}

impl WordCosts {
    /// Where all ten digits may follow at one place and no tens do, digits are asked for.
    pub(super) fn in_grammar(automaton: &PhraseAutomaton, language: Language) -> Self {
        let arcs = automaton.arcs();
        let has_tens = arcs.iter().any(|arc| arc.word == ten(language));
        let digits = arcs
            .iter()
            .filter_map(|arc| Some((arc.from, digit(&arc.word, language)?)));
        let digits: BTreeSet<(u32, char)> = digits.collect();
        let at = |state: u32| digits.range((state, '0')..=(state, '9')).count();
        let is_asked = digits.iter().any(|(state, _)| at(*state) == 10);
        match is_asked && !has_tens {
            true => Self::Digits(language),
            false => Self::None,
        }
    }

    /// The states between two digits, where digits are asked for: a caller who has begun may think aloud there.
    pub(super) fn between_digits(self, automaton: &PhraseAutomaton) -> BTreeSet<u32> {
        let digits = || {
            automaton
                .arcs()
                .iter()
                .filter(|arc| self.is_digit(&arc.word))
        };
        let from: BTreeSet<u32> = digits().map(|arc| arc.from).collect();
        let to = digits().map(|arc| arc.to);
        to.filter(|state| from.contains(state)).collect()
    }

    /// What a word costs.
    pub(super) fn of(self, word: &str) -> u16 {
        match self {
            Self::None => 0,
            Self::Digits(language) if digit(word, language).is_some() => WORD,
            Self::Digits(language) if thinking(language).contains(&word) => WORD,
            Self::Digits(_) => WORD + OTHER_WORD,
        }
    }

    /// Whether a word is a digit where digits are asked for, or says how often the next one comes.
    pub(super) fn is_digit(self, word: &str) -> bool {
        match self {
            Self::None => false,
            Self::Digits(language) => {
                digit(word, language).is_some() || matches!(word, "double" | "triple")
            }
        }
    }
}

/// What callers say between digits while they look for the next one.
pub(super) const fn thinking(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &["um", "uh"],
        Language::Zh => &["嗯", "呃", "那个"],
    }
}

const fn ten(language: Language) -> &'static str {
    match language {
        Language::En => "ten",
        Language::Zh => "十",
    }
}

fn digit(word: &str, language: Language) -> Option<char> {
    let known = digit_words(language)
        .iter()
        .find(|(known, _)| *known == word);
    known.map(|(_, digit)| *digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{GrammarId, Phrase, PhraseGrammar};

    fn costs(language: Language, further: &[&str], digits: usize) -> WordCosts {
        let words = digit_words(language).iter().map(|(word, _)| *word);
        let words = words.take(digits).chain(further.iter().copied());
        let root = Phrase::Repeat {
            of: Box::new(Phrase::OneOf(
                words.map(|word| Phrase::Word(word.to_owned())).collect(),
            )),
            min: 4,
            max: 4,
        };
        let grammar = PhraseGrammar {
            id: GrammarId(1),
            language,
            root,
        };
        let automaton = PhraseAutomaton::of(&grammar).expect("small");
        WordCosts::in_grammar(&automaton, language)
    }

    #[test]
    fn words_cost_where_digits_are_asked_for_and_nowhere_else() {
        for (language, one, other, ten) in [
            (Language::En, "one", "agent", "ten"),
            (Language::Zh, "幺", "人工", "十"),
        ] {
            let asked = costs(language, &[other], 12);
            assert_eq!(asked, WordCosts::Digits(language));
            assert!(0 < asked.of(one) && asked.of(one) < asked.of(other));
            assert_eq!(costs(language, &[other], 5), WordCosts::None);
            assert_eq!(costs(language, &[ten], 12), WordCosts::None, "an amount");
        }
    }
}
