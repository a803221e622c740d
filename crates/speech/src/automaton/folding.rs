//! Lists of phrases, laid so that what phrases begin or end with is laid once.
//!
//! What a question may be answered with is a list of hundreds of phrases, and most of them are
//! made of the same few pieces.

use super::Unfolding;
use call_model::Phrase;
use std::collections::{BTreeMap, BTreeSet};

/// How many phrases a list must have to be folded. The search keeps apart what short lists have
/// apart, and hears some of it a little better.
pub(super) const LONG: usize = 200;

/// What may still be said of some phrases.
type Rests<'w> = BTreeSet<&'w [&'w str]>;

/// The words of a phrase that is nothing but words, one after another.
pub(super) fn words(phrase: &Phrase) -> Option<Vec<&str>> {
    match phrase {
        Phrase::Sequence(parts) if !parts.is_empty() => parts.iter().map(word).collect(),
        other => word(other).map(|word| vec![word]),
    }
}

fn word(phrase: &Phrase) -> Option<&str> {
    match phrase {
        Phrase::Word(word) => Some(word),
        Phrase::Sequence(_) | Phrase::OneOf(_) | Phrase::Optional(_) | Phrase::Repeat { .. } => {
            None
        }
    }
}

impl Unfolding {
    /// Lays phrases between two states. From places that may go on in the same ways the
    /// same state leads on.
    pub(super) fn fold(&mut self, phrases: &[Vec<&str>], from: u32, to: u32) -> Result<(), String> {
        let mut known: BTreeMap<Rests<'_>, u32> = BTreeMap::new();
        let whole: Rests<'_> = phrases.iter().map(Vec::as_slice).collect();
        let mut open = vec![(whole, from)];
        while let Some((rests, from)) = open.pop() {
            for (word, rests) in by_first_word(rests) {
                if rests.contains(&[][..]) {
                    self.word(word, from, to)?;
                }
                let rests: Rests<'_> = rests.into_iter().filter(|rest| !rest.is_empty()).collect();
                if rests.is_empty() {
                    continue;
                }
                let state = match known.get(&rests) {
                    Some(state) => *state,
                    None => {
                        let state = self.state()?;
                        known.insert(rests.clone(), state);
                        open.push((rests, state));
                        state
                    }
                };
                self.word(word, from, state)?;
            }
        }
        Ok(())
    }
}

fn by_first_word<'w>(phrases: Rests<'w>) -> BTreeMap<&'w str, Rests<'w>> {
    let mut groups: BTreeMap<&str, Rests<'_>> = BTreeMap::new();
    for phrase in phrases {
        if let Some((first, rest)) = phrase.split_first() {
            groups.entry(first).or_default().insert(rest);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::PhraseAutomaton;
    use call_model::{GrammarId, Language, Phrase, PhraseGrammar};

    fn of(phrases: &[String]) -> PhraseAutomaton {
        let sequence = |text: &String| {
            let words = text.split(' ').map(|word| Phrase::Word(word.to_owned()));
            Phrase::Sequence(words.collect())
        };
        let grammar = PhraseGrammar {
            id: GrammarId(1),
            language: Language::En,
            root: Phrase::OneOf(phrases.iter().map(sequence).collect()),
        };
        PhraseAutomaton::of(&grammar).expect("small")
    }

    #[test]
    fn a_list_of_many_phrases_of_few_pieces_is_small_and_accepts_them_alone() {
        let verbs = [
            "lost", "find", "block", "stop", "see", "get", "want", "send",
        ];
        let whose = ["my", "the", "our", "his", "your"];
        let cards = ["credit card", "debit card", "bank card", "card", "purse"];
        let all: Vec<String> = verbs
            .iter()
            .flat_map(|verb| whose.map(|whose| format!("{verb} {whose}")))
            .flat_map(|begin| cards.map(|card| format!("{begin} {card}")))
            .collect();
        let automaton = of(&all);
        assert!(automaton.states() < 8, "{} states", automaton.states());
        for phrase in &all {
            let words: Vec<&str> = phrase.split(' ').collect();
            let place = automaton.place(&words).expect("a place");
            assert!(place.is_complete && !place.can_continue, "{phrase}");
        }
        for other in ["lost", "lost my credit", "my card", "lost my card card"] {
            let words: Vec<&str> = other.split(' ').collect();
            let is_complete = automaton
                .place(&words)
                .is_some_and(|place| place.is_complete);
            assert!(!is_complete, "{other}");
        }
    }

    #[test]
    fn a_phrase_that_another_goes_on_from_is_complete_and_may_go_on() {
        let some = (0..super::LONG).map(|n| format!("word{n}"));
        let both = ["order".to_owned(), "order status".to_owned()];
        let automaton = of(&some.chain(both).collect::<Vec<_>>());
        let place = automaton.place(&["order"]).expect("a place");
        assert!(place.is_complete && place.can_continue);
    }
}
