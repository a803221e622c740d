//! A [`PhraseGrammar`] as states and arcs: what the recogniser searches, and
//! what tells whether an utterance may end here or go on.

mod folding;

use crate::SpeechError;
use call_model::{Phrase, PhraseGrammar};
use std::collections::BTreeSet;

/// The most states a grammar may unfold into.
const STATES_MAX: u32 = 4_096;
/// The most words that a grammar may unfold into.
const ARCS_MAX: usize = 16_384;

/// A grammar unfolded. It has no cycles, because every repetition is bounded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhraseAutomaton {
    states: u32,
    arcs: Vec<WordArc>,
    nulls: BTreeSet<(u32, u32)>,
}

/// One word that leads from a state to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct WordArc {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) word: String,
}

/// Where in a grammar some words have led.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The grammar could end here.
    pub is_complete: bool,
    /// The grammar could go on from here.
    pub can_continue: bool,
}

impl PhraseAutomaton {
    pub(crate) const START: u32 = 0;
    pub(crate) const END: u32 = 1;

    /// Unfolds a grammar.
    ///
    /// # Errors
    /// [`SpeechError::GrammarTooLarge`] when its repetitions make too much of it.
    pub fn of(grammar: &PhraseGrammar) -> Result<Self, SpeechError> {
        Self::unfold(grammar).map_err(|what| SpeechError::GrammarTooLarge {
            grammar: grammar.id.0,
            what,
        })
    }

    /// Whether a grammar can be searched.
    ///
    /// # Errors
    /// Which limit it passes, in words.
    pub fn can_hold(grammar: &PhraseGrammar) -> Result<(), String> {
        let (states, arcs) = size_unfolded(&grammar.root);
        if 2 + states <= STATES_MAX as usize && arcs <= ARCS_MAX {
            return Ok(());
        }
        Self::unfold(grammar).map(drop)
    }

    fn unfold(grammar: &PhraseGrammar) -> Result<Self, String> {
        let mut unfolding = Unfolding {
            automaton: Self {
                states: 2,
                arcs: Vec::new(),
                nulls: BTreeSet::new(),
            },
        };
        unfolding.lay(&grammar.root, Self::START, Self::END)?;
        Ok(unfolding.automaton)
    }

    /// How many states there are; [`Self::START`] and [`Self::END`] are among them.
    pub(crate) const fn states(&self) -> u32 {
        self.states
    }

    /// The words with the states they lead between.
    pub(crate) fn arcs(&self) -> &[WordArc] {
        &self.arcs
    }

    /// Every pair of states of which the second is reached from the first
    /// without a word, over any number of steps.
    pub(crate) fn null_closure(&self) -> Vec<(u32, u32)> {
        let sources: BTreeSet<u32> = self.nulls.iter().map(|&(from, _)| from).collect();
        sources
            .into_iter()
            .flat_map(|from| {
                let mut reached = BTreeSet::from([from]);
                self.spread(&mut reached);
                reached.into_iter().map(move |to| (from, to))
            })
            .filter(|(from, to)| from != to)
            .collect()
    }

    /// Where these words lead, or nothing when the grammar has no such beginning.
    pub fn place<W: AsRef<str>>(&self, words: &[W]) -> Option<Place> {
        let mut here = self.start();
        for word in words {
            here = self
                .arcs
                .iter()
                .filter(|arc| here.contains(&arc.from) && arc.word == word.as_ref())
                .map(|arc| arc.to)
                .collect();
            self.spread(&mut here);
        }
        self.describe(&here)
    }

    /// As [`Self::place`], of a text whose words need not be parted.
    pub fn place_of_text(&self, text: &str) -> Option<Place> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut at: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); text.len() + 1];
        at[0] = self.start();
        for offset in 0..text.len() {
            let mut here = std::mem::take(&mut at[offset]);
            self.spread(&mut here);
            for arc in self.arcs.iter().filter(|arc| here.contains(&arc.from)) {
                let fits = text.is_char_boundary(offset) && text[offset..].starts_with(&*arc.word);
                if fits && !arc.word.is_empty() {
                    at[offset + arc.word.len()].insert(arc.to);
                }
            }
        }
        let mut end = std::mem::take(&mut at[text.len()]);
        self.spread(&mut end);
        self.describe(&end)
    }

    fn start(&self) -> BTreeSet<u32> {
        let mut start = BTreeSet::from([Self::START]);
        self.spread(&mut start);
        start
    }

    fn describe(&self, here: &BTreeSet<u32>) -> Option<Place> {
        (!here.is_empty()).then(|| Place {
            is_complete: here.contains(&Self::END),
            can_continue: self.arcs.iter().any(|arc| here.contains(&arc.from)),
        })
    }

    fn spread(&self, states: &mut BTreeSet<u32>) {
        let mut open: Vec<u32> = states.iter().copied().collect();
        while let Some(state) = open.pop() {
            for &(_, to) in self.nulls.range((state, 0)..=(state, u32::MAX)) {
                if states.insert(to) {
                    open.push(to);
                }
            }
        }
    }
}

/// A grammar half unfolded.
/// The states between a phrase's two ends and the arcs, were nothing of it shared: no fewer than there will be.
fn size_unfolded(phrase: &Phrase) -> (usize, usize) {
    let of_all = |parts: &[Phrase]| {
        parts.iter().map(size_unfolded).fold((0, 0), |all, part| {
            (
                usize::saturating_add(all.0, part.0),
                usize::saturating_add(all.1, part.1),
            )
        })
    };
    match phrase {
        Phrase::Word(_) => (0, 1),
        Phrase::Sequence(parts) => {
            let (states, arcs) = of_all(parts);
            (states.saturating_add(parts.len().saturating_sub(1)), arcs)
        }
        Phrase::OneOf(parts) => of_all(parts),
        Phrase::Optional(part) => size_unfolded(part),
        Phrase::Repeat { of, min, max } => {
            let rounds = usize::from((*max).max(*min));
            let (states, arcs) = size_unfolded(of);
            let inside = states.saturating_mul(rounds);
            (
                inside.saturating_add(rounds.saturating_sub(1)),
                arcs.saturating_mul(rounds),
            )
        }
    }
}

struct Unfolding {
    automaton: PhraseAutomaton,
}

impl Unfolding {
    /// Lays `phrase` between two states. They may be shared with other
    /// phrases: without cycles no path can come back and leave by another's arc.
    fn lay(&mut self, phrase: &Phrase, from: u32, to: u32) -> Result<(), String> {
        match phrase {
            Phrase::Word(word) => self.word(word, from, to),
            Phrase::Sequence(parts) => self.chain(parts.iter(), parts.len(), from, to),
            Phrase::OneOf(parts) if parts.len() < folding::LONG => {
                parts.iter().try_for_each(|part| self.lay(part, from, to))
            }
            Phrase::OneOf(parts) => {
                let plain: Vec<Vec<&str>> = parts.iter().filter_map(folding::words).collect();
                self.fold(&plain, from, to)?;
                let mut others = parts.iter().filter(|part| folding::words(part).is_none());
                others.try_for_each(|part| self.lay(part, from, to))
            }
            Phrase::Optional(part) => {
                self.automaton.nulls.insert((from, to));
                self.lay(part, from, to)
            }
            Phrase::Repeat { of, min, max } => {
                let (min, max) = (usize::from(*min), usize::from((*max).max(*min)));
                self.repeat(of, min, max, from, to)
            }
        }
    }

    fn word(&mut self, word: &str, from: u32, to: u32) -> Result<(), String> {
        if self.automaton.arcs.len() == ARCS_MAX {
            return Err(format!("it unfolds into more than {ARCS_MAX} words"));
        }
        self.automaton.arcs.push(WordArc {
            from,
            to,
            word: word.to_owned(),
        });
        Ok(())
    }

    fn chain<'a>(
        &mut self,
        parts: impl Iterator<Item = &'a Phrase>,
        count: usize,
        from: u32,
        to: u32,
    ) -> Result<(), String> {
        if count == 0 {
            self.automaton.nulls.insert((from, to));
            return Ok(());
        }
        let mut here = from;
        for (index, part) in parts.enumerate() {
            let next = if index + 1 == count {
                to
            } else {
                self.state()?
            };
            self.lay(part, here, next)?;
            here = next;
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        of: &Phrase,
        min: usize,
        max: usize,
        from: u32,
        to: u32,
    ) -> Result<(), String> {
        if min == 0 || max == 0 {
            self.automaton.nulls.insert((from, to));
        }
        let mut here = from;
        for round in 1..=max {
            let next = if round == max { to } else { self.state()? };
            self.lay(of, here, next)?;
            if round >= min && round < max {
                self.automaton.nulls.insert((next, to));
            }
            here = next;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<u32, String> {
        let fresh = self.automaton.states;
        if fresh == STATES_MAX {
            return Err(format!("it unfolds into more than {STATES_MAX} states"));
        }
        self.automaton.states += 1;
        Ok(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{GrammarId, Language};
    use proptest::prelude::*;

    fn word(text: &str) -> Phrase {
        Phrase::Word(text.to_owned())
    }

    fn grammar(root: Phrase) -> PhraseGrammar {
        PhraseGrammar {
            id: GrammarId(1),
            language: Language::En,
            root,
        }
    }

    fn automaton(root: Phrase) -> PhraseAutomaton {
        PhraseAutomaton::of(&grammar(root)).expect("small")
    }

    fn up_to_four_digits() -> PhraseAutomaton {
        automaton(Phrase::Repeat {
            of: Box::new(Phrase::OneOf(vec![word("one"), word("two")])),
            min: 2,
            max: 4,
        })
    }

    const fn place(is_complete: bool, can_continue: bool) -> Option<Place> {
        Some(Place {
            is_complete,
            can_continue,
        })
    }

    #[test]
    fn a_collection_is_complete_from_its_least_and_goes_on_to_its_most() {
        let digits = up_to_four_digits();
        for (said, expected) in [
            ("", place(false, true)),
            ("one", place(false, true)),
            ("one two", place(true, true)),
            ("one two one", place(true, true)),
            ("one two one two", place(true, false)),
            ("one two one two one", None),
            ("three", None),
        ] {
            let words: Vec<&str> = said.split_whitespace().collect();
            assert_eq!(digits.place(&words), expected, "{said}");
            assert_eq!(digits.place_of_text(said), expected, "{said}");
        }
    }

    #[test]
    fn a_chinese_text_is_followed_without_spaces_between_its_words() {
        let bill = automaton(Phrase::Sequence(vec![
            Phrase::Optional(Box::new(word("我要"))),
            Phrase::OneOf(vec![word("查询"), word("查")]),
            Phrase::Optional(Box::new(word("账单"))),
        ]));
        assert_eq!(bill.place_of_text("我要查询账单"), place(true, false));
        assert_eq!(bill.place_of_text("查"), place(true, true));
        assert_eq!(bill.place_of_text("我要"), place(false, true));
        assert_eq!(bill.place_of_text("账单"), None);
    }

    #[test]
    fn a_grammar_that_unfolds_without_end_is_refused() {
        let mut phrase = word("la");
        for _ in 0..3 {
            phrase = Phrase::Repeat {
                of: Box::new(phrase),
                min: 0,
                max: 255,
            };
        }
        let refused = PhraseAutomaton::of(&grammar(phrase));
        assert!(matches!(refused, Err(SpeechError::GrammarTooLarge { .. })));
    }

    #[test]
    fn states_reached_without_a_word_are_all_named() {
        let optional = automaton(Phrase::Sequence(vec![
            Phrase::Optional(Box::new(word("a"))),
            Phrase::Optional(Box::new(word("b"))),
        ]));
        assert_eq!(optional.null_closure(), [(0, 1), (0, 2), (2, 1)]);
    }

    fn phrases() -> impl Strategy<Value = Phrase> {
        let leaf = prop::sample::select(vec!["a", "b", "ab"]).prop_map(word);
        leaf.prop_recursive(3, 12, 3, |inner| {
            let parts = prop::collection::vec(inner.clone(), 0..3);
            prop_oneof![
                parts.clone().prop_map(Phrase::Sequence),
                parts.prop_map(Phrase::OneOf),
                inner
                    .clone()
                    .prop_map(|part| Phrase::Optional(Box::new(part))),
                (inner, 0_u8..3, 0_u8..3).prop_map(|(of, min, more)| Phrase::Repeat {
                    of: Box::new(of),
                    min,
                    max: min + more,
                }),
            ]
        })
    }

    /// Some sentence of the phrase, chosen by the numbers in `picks`.
    fn sentence(
        phrase: &Phrase,
        picks: &mut impl Iterator<Item = usize>,
        out: &mut Vec<String>,
    ) -> bool {
        let pick = picks.next().unwrap_or(0);
        match phrase {
            Phrase::Word(word) => {
                out.push(word.clone());
                true
            }
            Phrase::Sequence(parts) => parts.iter().all(|part| sentence(part, picks, out)),
            Phrase::OneOf(parts) if parts.is_empty() => false,
            Phrase::OneOf(parts) => sentence(&parts[pick % parts.len()], picks, out),
            Phrase::Optional(part) => pick.is_multiple_of(2) || sentence(part, picks, out),
            Phrase::Repeat { of, min, max } => {
                let span = usize::from(max - min) + 1;
                (0..usize::from(*min) + pick % span).all(|_| sentence(of, picks, out))
            }
        }
    }

    proptest! {
        #[test]
        fn every_sentence_of_a_grammar_is_a_complete_place(
            phrase in phrases(),
            picks in prop::collection::vec(0_usize..7, 40),
        ) {
            let mut words = Vec::new();
            if sentence(&phrase, &mut picks.into_iter(), &mut words) {
                let automaton = automaton(phrase);
                prop_assert!(automaton.place(&words).is_some_and(|place| place.is_complete));
                prop_assert!(automaton.place_of_text(&words.concat()).is_some_and(|place| place.is_complete));
            }
        }

        #[test]
        fn no_grammar_unfolds_into_more_than_was_reckoned(
            phrase in phrases(),
            lists in prop::collection::vec(prop::collection::vec("[abc]", 1..4), folding::LONG..240),
        ) {
            let listed = lists.into_iter().map(|words| {
                Phrase::Sequence(words.into_iter().map(Phrase::Word).collect())
            });
            let phrase = Phrase::Sequence(vec![phrase, Phrase::OneOf(listed.collect())]);
            let (states, arcs) = size_unfolded(&phrase);
            let automaton = automaton(phrase);
            prop_assert!(automaton.states() as usize <= 2 + states);
            prop_assert!(automaton.arcs().len() <= arcs);
        }

        #[test]
        fn no_text_makes_the_matcher_panic(phrase in phrases(), text in "\\PC{0,12}") {
            let _ = automaton(phrase).place_of_text(&text);
        }
    }
}
