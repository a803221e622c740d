//! A grammar as a model writes text: which bytes may come next, and which words they are.

use super::look::Look;
use crate::PhraseAutomaton;
use call_model::Language;
use spoken_text::digits_of;
use std::rc::Rc;
use std::sync::Arc;

/// Numbers that are written in figures, beside the digits.
const NUMBERS: &[(Language, &str, &str)] = &[
    (Language::En, "ten", "10"),
    (Language::En, "eleven", "11"),
    (Language::En, "twelve", "12"),
    (Language::En, "thirteen", "13"),
    (Language::En, "fourteen", "14"),
    (Language::En, "fifteen", "15"),
    (Language::En, "sixteen", "16"),
    (Language::En, "seventeen", "17"),
    (Language::En, "eighteen", "18"),
    (Language::En, "nineteen", "19"),
    (Language::En, "twenty", "20"),
    (Language::En, "thirty", "30"),
    (Language::En, "forty", "40"),
    (Language::En, "fifty", "50"),
    (Language::En, "sixty", "60"),
    (Language::En, "seventy", "70"),
    (Language::En, "eighty", "80"),
    (Language::En, "ninety", "90"),
    (Language::Zh, "十", "10"),
];

/// A grammar by the bytes of its words.
#[derive(Debug)]
pub(super) struct Guide {
    states: Vec<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    words: Vec<Spelt>,
    is_end: bool,
}

/// A word that leads on, with the ways in which it may be written.
#[derive(Clone, Debug)]
struct Spelt {
    to: usize,
    word: Arc<str>,
    forms: Vec<Vec<u8>>,
}

/// Where in a grammar a text may have led so far; several places where it can be read in several ways.
#[derive(Clone, Debug)]
pub(super) struct Places(Vec<Spot>);

#[derive(Clone, Debug)]
struct Spot {
    state: usize,
    within: Option<Within>,
    /// The text's last byte is a letter or a figure of a word that is over.
    is_after_word: bool,
    path: Option<Rc<Step>>,
}

/// In the middle of a word: which of the state's, which of its forms, and how far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Within {
    word: usize,
    form: usize,
    bytes: usize,
}

/// A word with what stands before it.
#[derive(Debug)]
struct Step {
    word: Arc<str>,
    before: Option<Rc<Self>>,
}

impl Places {
    /// Whether everything that may follow these may follow the others, and the other way around.
    pub(super) fn are(&self, others: &Self) -> bool {
        let key = |spot: &Spot| (spot.state, spot.within, spot.is_after_word);
        self.0.iter().map(key).eq(others.0.iter().map(key))
    }
}

impl Guide {
    pub(super) fn of(automaton: &PhraseAutomaton, language: Language) -> Self {
        let count = usize::try_from(automaton.states()).unwrap_or(0);
        let mut own = vec![State::default(); count];
        for arc in automaton.arcs() {
            own[arc.from as usize].words.push(Spelt {
                to: arc.to as usize,
                word: Arc::from(arc.word.as_str()),
                forms: forms(&arc.word, language),
            });
        }
        own[PhraseAutomaton::END as usize].is_end = true;
        let mut states = own.clone();
        for (from, to) in automaton.null_closure() {
            let there = own[to as usize].clone();
            let here = &mut states[from as usize];
            here.is_end |= there.is_end;
            here.words.extend(there.words);
        }
        Self { states }
    }

    /// Before the first byte.
    pub(super) fn start() -> Places {
        Places(vec![Spot {
            state: PhraseAutomaton::START as usize,
            within: None,
            is_after_word: false,
            path: None,
        }])
    }

    /// Where some bytes lead, if they lead anywhere. Letters' case counts for nothing, nor do spaces and punctuation
    /// between words.
    pub(super) fn follow(&self, places: &Places, bytes: &[u8]) -> Option<Places> {
        let mut here = places.0.clone();
        for byte in bytes {
            let mut next: Vec<Spot> = Vec::new();
            for spot in &here {
                self.step(spot, byte.to_ascii_lowercase(), &mut next);
            }
            if next.is_empty() {
                return None;
            }
            here = next;
        }
        Some(Places(here))
    }

    fn step(&self, spot: &Spot, byte: u8, next: &mut Vec<Spot>) {
        let words = &self.states[spot.state].words;
        if let Some(within) = spot.within {
            let form = &words[within.word].forms[within.form];
            if form[within.bytes] == byte {
                let within = Within {
                    bytes: within.bytes + 1,
                    ..within
                };
                put(next, arrived(spot, &words[within.word], within));
            }
            return;
        }
        if is_between(byte) {
            put(
                next,
                Spot {
                    is_after_word: false,
                    ..spot.clone()
                },
            );
            return;
        }
        // Figures may follow each other without a space, letters may not.
        if spot.is_after_word && byte.is_ascii_alphabetic() {
            return;
        }
        for (number, word) in words.iter().enumerate() {
            for (form, bytes) in word.forms.iter().enumerate() {
                if bytes.first() == Some(&byte) {
                    let within = Within {
                        word: number,
                        form,
                        bytes: 1,
                    };
                    put(next, arrived(spot, word, within));
                }
            }
        }
    }

    /// What was seen in the grammar's words, if it has it.
    pub(super) fn words_of(&self, look: &Look) -> Option<Vec<Arc<str>>> {
        let bytes: Vec<u8> = look.bytes().collect();
        self.words_at_end(&self.follow(&Self::start(), &bytes)?)
    }

    /// The words of a text that may end here, by one of the ways to read it.
    pub(super) fn words_at_end(&self, places: &Places) -> Option<Vec<Arc<str>>> {
        let ends = |spot: &&Spot| spot.within.is_none() && self.states[spot.state].is_end;
        let spot = places.0.iter().find(ends)?;
        let (mut words, mut step) = (Vec::new(), spot.path.clone());
        while let Some(here) = step {
            words.push(Arc::clone(&here.word));
            step = here.before.clone();
        }
        words.reverse();
        (!words.is_empty()).then_some(words)
    }
}

/// The place after one more byte of a word.
fn arrived(spot: &Spot, word: &Spelt, within: Within) -> Spot {
    let form = &word.forms[within.form];
    if within.bytes < form.len() {
        return Spot {
            within: Some(within),
            ..spot.clone()
        };
    }
    Spot {
        state: word.to,
        within: None,
        is_after_word: form.last().is_some_and(u8::is_ascii_alphanumeric),
        path: Some(Rc::new(Step {
            word: Arc::clone(&word.word),
            before: spot.path.clone(),
        })),
    }
}

/// Two ways to the same place are one: the first is kept.
fn put(spots: &mut Vec<Spot>, spot: Spot) {
    let same = |it: &Spot| {
        it.state == spot.state && it.within == spot.within && it.is_after_word == spot.is_after_word
    };
    if !spots.iter().any(same) {
        spots.push(spot);
    }
}

const fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b'.' | b'?' | b'!' | b'-')
}

/// As it is spelt, and in figures where it is a number.
fn forms(word: &str, language: Language) -> Vec<Vec<u8>> {
    let mut forms = vec![word.to_lowercase().into_bytes()];
    let known = NUMBERS.iter().find(|it| it.0 == language && it.1 == word);
    let figures = match known {
        Some((_, _, figures)) => Some((*figures).to_owned()),
        None => digits_of(word, language),
    };
    forms.extend(figures.map(String::into_bytes));
    forms.retain(|form| !form.is_empty());
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};
    use call_model::{GrammarId, Phrase, PhraseGrammar};

    fn guide(language: Language, phrases: &[&str]) -> Guide {
        let sequence = |text: &&str| {
            let words = text.split(' ').map(|word| Phrase::Word(word.to_owned()));
            Phrase::Sequence(words.collect())
        };
        let grammar = PhraseGrammar {
            id: GrammarId(1),
            language,
            root: Phrase::OneOf(phrases.iter().map(sequence).collect()),
        };
        Guide::of(&PhraseAutomaton::of(&grammar).expect("small"), language)
    }

    fn words(guide: &Guide, text: &str) -> Option<String> {
        let places = guide.follow(&Guide::start(), text.as_bytes())?;
        guide.words_at_end(&places).map(|words| words.join(" "))
    }

    #[test]
    fn a_text_is_followed_whatever_its_case_punctuation_and_figures() {
        let guide = guide(En, &["twenty ounce latte", "one two", "i'd like tea"]);
        let table = [
            (" Twenty ounce latte.", Some("twenty ounce latte")),
            (" 20-ounce latte", Some("twenty ounce latte")),
            ("12", Some("one two")),
            ("1, 2.", Some("one two")),
            (" I'd like tea!", Some("i'd like tea")),
            (" one", None),
            ("onetwo", None),
            (" latte", None),
        ];
        for (text, expected) in table {
            assert_eq!(words(&guide, text).as_deref(), expected, "{text}");
        }
        assert!(guide.follow(&Guide::start(), b" twen").is_some());
        assert!(guide.follow(&Guide::start(), b" tween").is_none());
    }

    #[test]
    fn chinese_goes_byte_by_byte_with_or_without_spaces() {
        let guide = guide(Zh, &["查询 订单", "一 二"]);
        assert_eq!(words(&guide, "查询订单").as_deref(), Some("查询 订单"));
        assert_eq!(words(&guide, "12").as_deref(), Some("一 二"));
        let part = &"查".as_bytes()[..2];
        assert!(guide.follow(&Guide::start(), part).is_some());
        assert_eq!(words(&guide, "查"), None);
    }

    #[test]
    fn nothing_at_all_is_no_text_of_a_grammar_that_may_be_empty() {
        let grammar = PhraseGrammar {
            id: GrammarId(1),
            language: En,
            root: Phrase::Optional(Box::new(Phrase::Word("yes".to_owned()))),
        };
        let guide = Guide::of(&PhraseAutomaton::of(&grammar).expect("small"), En);
        assert_eq!(words(&guide, " "), None);
        assert_eq!(words(&guide, " Yes.").as_deref(), Some("yes"));
    }
}
