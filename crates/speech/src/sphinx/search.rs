//! What decoders are told to search for.

use super::common;
use super::costs::{self, WordCosts};
use super::ffi::{Segment, TokenArc, TokenGrammar};
use super::judgement;
use super::lexicon::{Lexicon, Token};
use super::linking::Next;
use super::models::Duty;
use crate::SpeechError;
use crate::automaton::PhraseAutomaton;
use call_model::{
    EscalationWord, EscalationWords, GrammarId, Language, Phrase, PhraseGrammar, WordClass,
};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// The most searches remembered for a language; those not asked for longest go.
const SEARCHES_MAX: usize = 256;
/// A request said again and again is told apart up to so many times.
const REPEATED_MAX: u8 = 6;

/// A search under a name of its own, ready to be loaded into any decoder of its language.
pub(super) struct Search {
    /// Its name in the library, used once and never again.
    pub(super) name: String,
    pub(super) kind: SearchKind,
}

/// What a search looks for.
pub(super) enum SearchKind {
    /// What a plan lets a caller say.
    Grammar {
        grammar: Arc<PhraseGrammar>,
        automaton: PhraseAutomaton,
        /// The tokens of the automaton's arcs, in their order; none for a word that cannot be heard.
        tokens: Vec<Option<Arc<Token>>>,
        /// Arcs (by their place) whose word may be said otherwise before what follows, and how.
        linked: Vec<(usize, Arc<Token>)>,
        costs: WordCosts,
        /// What may be said at a state without leaving it, while the caller thinks.
        thinking: Vec<(u32, Arc<Token>)>,
    },
    /// Escalation words among everyday ones.
    Words {
        list: Arc<EscalationWords>,
        /// Each word that can be heard.
        tokens: Vec<(EscalationWord, Arc<Token>)>,
        /// Everyday words, and the logarithm (base ten) of their shares.
        everyday: Vec<(Arc<Token>, f32)>,
        /// Each request by itself, said again and again.
        repeated: Vec<(String, Arc<Search>)>,
    },
}

/// A search in the words of the library.
pub(super) enum SearchForm<'a> {
    /// States and arcs.
    Grammar(TokenGrammar<'a>),
    /// Words in any order, and the logarithm (base ten) of each one's share.
    Shares(Vec<(&'a str, f32)>),
}

impl Search {
    /// What kind of decoder runs it.
    pub(super) const fn duty(&self) -> Duty {
        match self.kind {
            SearchKind::Grammar { .. } => Duty::Understanding,
            SearchKind::Words { .. } => Duty::Spotting,
        }
    }

    /// The tokens that a decoder must know before it loads this.
    pub(super) fn tokens(&self) -> Vec<&Arc<Token>> {
        match &self.kind {
            SearchKind::Grammar {
                tokens,
                linked,
                thinking,
                ..
            } => {
                let linked = linked.iter().map(|(_, token)| token);
                let thinking = thinking.iter().map(|(_, token)| token);
                let tokens = tokens.iter().flatten();
                tokens.chain(linked).chain(thinking).collect()
            }
            SearchKind::Words {
                tokens, everyday, ..
            } => {
                let everyday = everyday.iter().map(|(token, _)| token);
                tokens
                    .iter()
                    .map(|(_, token)| token)
                    .chain(everyday)
                    .collect()
            }
        }
    }

    /// The search as the library takes it.
    pub(super) fn form(&self) -> SearchForm<'_> {
        match &self.kind {
            SearchKind::Grammar {
                automaton,
                tokens,
                linked,
                costs,
                thinking,
                ..
            } => SearchForm::Grammar(TokenGrammar {
                states: automaton.states(),
                start: PhraseAutomaton::START,
                end: PhraseAutomaton::END,
                arcs: automaton
                    .arcs()
                    .iter()
                    .zip(tokens)
                    .filter_map(|(arc, token)| {
                        Some(between(arc.from, arc.to, token.as_ref()?, *costs))
                    })
                    .chain(linked.iter().filter_map(|(arc, token)| {
                        let arc = automaton.arcs().get(*arc)?;
                        Some(between(arc.from, arc.to, token, *costs))
                    }))
                    .chain(
                        thinking
                            .iter()
                            .map(|(at, token)| between(*at, *at, token, *costs)),
                    )
                    .collect(),
                nulls: automaton.null_closure(),
            }),
            SearchKind::Words {
                list,
                tokens,
                everyday,
                ..
            } => SearchForm::Shares(
                tokens
                    .iter()
                    .map(|(word, token)| {
                        let share = judgement::share(list.language, &word.text, token.phones());
                        (token.name.as_str(), share)
                    })
                    .chain(
                        everyday
                            .iter()
                            .map(|(token, share)| (token.name.as_str(), *share)),
                    )
                    .collect(),
            ),
        }
    }

    /// The word of a token that the library named in its path.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.tokens_by_name(name).map(|token| token.word.as_str())
    }

    /// The escalation word of a token, and the phones that it has at least.
    pub(super) fn escalation_word(&self, name: &str) -> Option<(&EscalationWord, usize)> {
        match &self.kind {
            SearchKind::Grammar { .. } => None,
            SearchKind::Words { tokens, .. } => tokens
                .iter()
                .find(|(_, token)| token.name == name)
                .map(|(word, token)| (word, token.phones())),
        }
    }

    /// The search for this request said several times in a row.
    pub(super) fn repeated(&self, word: &str) -> Option<&Arc<Search>> {
        match &self.kind {
            SearchKind::Grammar { .. } => None,
            SearchKind::Words { repeated, .. } => repeated
                .iter()
                .find(|(known, _)| known == word)
                .map(|(_, search)| search),
        }
    }

    /// What a path paid for its words, in the library's steps.
    pub(super) fn paid(&self, path: &[Segment]) -> i32 {
        let cost = |segment: &Segment| match &self.kind {
            SearchKind::Grammar { costs, .. } => {
                let word = self.word(&segment.word);
                let word = word.or_else(|| self.thinking(&segment.word));
                word.map_or(0, |word| i32::from(costs.of(word)))
            }
            SearchKind::Words { .. } => 0,
        };
        path.iter().map(cost).sum()
    }

    /// With what the caller thinks aloud, where this token is such a word.
    pub(super) fn thinking(&self, name: &str) -> Option<&str> {
        match &self.kind {
            SearchKind::Grammar { thinking, .. } => {
                let found = thinking.iter().find(|(_, token)| token.name == name);
                found.map(|(_, token)| token.word.as_str())
            }
            SearchKind::Words { .. } => None,
        }
    }

    /// The grammar's states, where this is one.
    pub(super) fn automaton(&self) -> Option<&PhraseAutomaton> {
        match &self.kind {
            SearchKind::Grammar { automaton, .. } => Some(automaton),
            SearchKind::Words { .. } => None,
        }
    }

    /// Whether digits are asked for.
    pub(super) fn asks_digits(&self) -> bool {
        self.digits_of().is_some()
    }

    /// Whether digits are asked for and this word is one, or says how often the next one comes.
    pub(super) fn is_digit(&self, word: &str) -> bool {
        self.digits_of().is_some_and(|costs| costs.is_digit(word))
    }

    fn digits_of(&self) -> Option<WordCosts> {
        match self.kind {
            SearchKind::Grammar { costs, .. } => Some(costs).filter(|it| *it != WordCosts::None),
            SearchKind::Words { .. } => None,
        }
    }

    /// The token that the library named in its path, what callers think aloud with among them; none for silence
    /// and noises.
    pub(super) fn token(&self, name: &str) -> Option<&Token> {
        let beside = match &self.kind {
            SearchKind::Grammar { thinking, .. } => {
                thinking.iter().map(|(_, it)| it).find(|it| it.name == name)
            }
            SearchKind::Words { everyday, .. } => {
                everyday.iter().map(|(it, _)| it).find(|it| it.name == name)
            }
        };
        self.tokens_by_name(name).or(beside).map(AsRef::as_ref)
    }

    fn tokens_by_name(&self, name: &str) -> Option<&Arc<Token>> {
        match &self.kind {
            SearchKind::Grammar { tokens, linked, .. } => {
                let linked = linked.iter().map(|(_, token)| token);
                let mut known = tokens.iter().flatten().chain(linked);
                known.find(|token| token.name == name)
            }
            SearchKind::Words { tokens, .. } => tokens
                .iter()
                .map(|(_, token)| token)
                .find(|token| token.name == name),
        }
    }
}

fn between(from: u32, to: u32, token: &Token, costs: WordCosts) -> TokenArc<'_> {
    TokenArc {
        from,
        to,
        token: &token.name,
        cost: costs.of(&token.word),
    }
}

/// The arcs whose word may be said otherwise because of a word that may follow.
fn linked_arcs(
    automaton: &PhraseAutomaton,
    tokens: &[Option<Arc<Token>>],
    lexicon: &Lexicon,
) -> Vec<(usize, Arc<Token>)> {
    let nulls = automaton.null_closure();
    let mut linked = Vec::new();
    for next in [Next::Vowel, Next::Consonant] {
        let arcs = automaton.arcs().iter().zip(tokens);
        let begins =
            arcs.filter(|(_, token)| token.as_ref().is_some_and(|it| it.begins_with(next)));
        let mut before: BTreeSet<u32> = begins.map(|(arc, _)| arc.from).collect();
        let leads_there = |(_, to): &&(u32, u32)| before.contains(to);
        let through: Vec<u32> = nulls
            .iter()
            .filter(leads_there)
            .map(|(from, _)| *from)
            .collect();
        before.extend(through);
        for (place, arc) in automaton.arcs().iter().enumerate() {
            if before.contains(&arc.to)
                && let Some(token) = lexicon.linked(&arc.word, next)
            {
                linked.push((place, Arc::clone(token)));
            }
        }
    }
    linked
}

/// The searches of one language, each made once.
#[derive(Default)]
pub(super) struct Searches {
    /// Those asked for last stand last.
    known: VecDeque<Arc<Search>>,
    named: u64,
}

impl Searches {
    /// The search of a grammar, whose words the lexicon has been taught.
    pub(super) fn of_grammar(
        &mut self,
        grammar: &Arc<PhraseGrammar>,
        lexicon: &Lexicon,
    ) -> Result<Arc<Search>, SpeechError> {
        let is_it = |kind: &SearchKind| match kind {
            SearchKind::Grammar { grammar: known, .. } => {
                Arc::ptr_eq(known, grammar) || known == grammar
            }
            SearchKind::Words { .. } => false,
        };
        if let Some(known) = self.find(is_it) {
            return Ok(known);
        }
        let automaton = PhraseAutomaton::of(grammar)?;
        let tokens: Vec<Option<Arc<Token>>> = automaton
            .arcs()
            .iter()
            .map(|arc| lexicon.token(&arc.word).cloned())
            .collect();
        let costs = WordCosts::in_grammar(&automaton, grammar.language);
        let linked = match costs {
            WordCosts::None => linked_arcs(&automaton, &tokens, lexicon),
            // Digits are said one by one.
            WordCosts::Digits(_) => Vec::new(),
        };
        let thinking = thinking_words(grammar.language).filter_map(|word| lexicon.token(&word));
        let thinking = thinking.flat_map(|token| {
            let between = costs.between_digits(&automaton).into_iter();
            between.map(|state| (state, Arc::clone(token)))
        });
        Ok(self.keep(SearchKind::Grammar {
            grammar: Arc::clone(grammar),
            thinking: thinking.collect(),
            automaton,
            tokens,
            linked,
            costs,
        }))
    }

    /// The search for escalation words, if it was made before.
    pub(super) fn known_words(&mut self, list: &Arc<EscalationWords>) -> Option<Arc<Search>> {
        self.find(|kind| match kind {
            SearchKind::Grammar { .. } => false,
            SearchKind::Words { list: known, .. } => Arc::ptr_eq(known, list) || known == list,
        })
    }

    /// The search for escalation words, which the lexicon has been taught.
    pub(super) fn of_words(
        &mut self,
        list: &Arc<EscalationWords>,
        lexicon: &Lexicon,
    ) -> Arc<Search> {
        if let Some(known) = self.known_words(list) {
            return known;
        }
        let tokens: Vec<(EscalationWord, Arc<Token>)> = list
            .words
            .iter()
            .filter_map(|word| Some((word.clone(), Arc::clone(lexicon.token(&word.text)?))))
            .collect();
        let is_escalation = |word: &str| list.words.iter().any(|known| known.text == word);
        let everyday = common::words(list.language)
            .filter(|(word, _)| !is_escalation(word))
            .filter_map(|(word, share)| Some((Arc::clone(lexicon.token(word)?), share)))
            .collect();
        let asks = tokens
            .iter()
            .filter(|(word, _)| word.class == WordClass::Ask);
        let repeated = asks
            .filter_map(|(word, token)| {
                let search = self.of_repeated(&word.text, token, list.language)?;
                Some((word.text.clone(), search))
            })
            .collect();
        self.keep(SearchKind::Words {
            list: Arc::clone(list),
            tokens,
            everyday,
            repeated,
        })
    }

    /// The search for one word said once or several times in a row.
    fn of_repeated(
        &mut self,
        word: &str,
        token: &Arc<Token>,
        language: Language,
    ) -> Option<Arc<Search>> {
        let grammar = PhraseGrammar {
            id: GrammarId(0),
            language,
            root: Phrase::Repeat {
                of: Box::new(Phrase::Word(word.to_owned())),
                min: 1,
                max: REPEATED_MAX,
            },
        };
        let automaton = PhraseAutomaton::of(&grammar).ok()?;
        let tokens = vec![Some(Arc::clone(token)); automaton.arcs().len()];
        Some(self.named(SearchKind::Grammar {
            grammar: Arc::new(grammar),
            automaton,
            tokens,
            linked: Vec::new(),
            costs: WordCosts::None,
            thinking: Vec::new(),
        }))
    }

    fn find(&mut self, is_it: impl Fn(&SearchKind) -> bool) -> Option<Arc<Search>> {
        let place = self.known.iter().rposition(|search| is_it(&search.kind))?;
        let search = self.known.remove(place)?;
        self.known.push_back(Arc::clone(&search));
        Some(search)
    }

    fn named(&mut self, kind: SearchKind) -> Arc<Search> {
        self.named += 1;
        Arc::new(Search {
            name: format!("s{}", self.named),
            kind,
        })
    }

    fn keep(&mut self, kind: SearchKind) -> Arc<Search> {
        let search = self.named(kind);
        self.known.push_back(Arc::clone(&search));
        if self.known.len() > SEARCHES_MAX {
            self.known.pop_front();
        }
        search
    }
}

/// Every word of these grammars.
pub(super) fn words_of(grammars: &[&Arc<PhraseGrammar>]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for grammar in grammars {
        collect(&grammar.root, &mut words);
    }
    words
}

/// Every escalation word, a phrase as one.
pub(super) fn spoken_words(list: &EscalationWords) -> BTreeSet<String> {
    list.words.iter().map(|word| word.text.clone()).collect()
}

/// What a caller may think aloud with, where digits are asked for.
pub(super) fn thinking_words(language: Language) -> impl Iterator<Item = String> {
    costs::thinking(language)
        .iter()
        .map(|word| (*word).to_owned())
}

/// The everyday words that a search for escalation words needs.
pub(super) fn everyday_words(language: Language) -> BTreeSet<String> {
    common::words(language)
        .map(|(word, _)| word.to_owned())
        .collect()
}

fn collect(phrase: &Phrase, words: &mut BTreeSet<String>) {
    match phrase {
        Phrase::Word(word) => {
            words.insert(word.clone());
        }
        Phrase::Sequence(parts) | Phrase::OneOf(parts) => {
            parts.iter().for_each(|part| collect(part, words));
        }
        Phrase::Optional(part) | Phrase::Repeat { of: part, .. } => collect(part, words),
    }
}
