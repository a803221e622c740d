//! All phrases of a compiled plan, cut once, so that understanding a sentence
//! costs microseconds on the thread that also moves its sound.

use super::evidence::Evidence;
use super::meant::learn;
use super::phrases::Phrases;
use super::ranker::Ranker;
use super::text::{Text, comparable};
use crate::plan::PlanBody;
use crate::{Ask, Command, Node, Vocabulary};
use call_model::{Language, WordClass};
use spoken_text::fillers;
use std::collections::{BTreeMap, BTreeSet};

/// The phrases of one language of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    /// The escalation words, in the order of the plan's list, and behind them the parts of
    /// sentences that ask for a person.
    pub escalation: Vec<Escalating>,
    /// Of each asking node, those of them that its own answers have; only words that must be meant.
    pub answers: BTreeMap<String, BTreeSet<String>>,
    pub apart: Vec<Vec<String>>,
    pub repeat: Phrases,
    pub hold_on: Phrases,
    pub commands: BTreeMap<Command, Phrases>,
    pub backchannels: Phrases,
    pub yes: Phrases,
    pub no: Phrases,
    pub goodbye: Phrases,
    pub angry: Phrases,
    /// Fillers and courtesies.
    pub empty: Phrases,
    /// Courtesies alone.
    pub courtesies: Phrases,
    /// Of each asking node, what speaks for its choices.
    pub routes: BTreeMap<String, Evidence>,
    /// Of each asking node that has examples, what was learnt from them.
    pub rankers: BTreeMap<String, Ranker>,
}

/// A word that asks for a person or demands one.
#[derive(Clone, Debug)]
pub(crate) struct Escalating {
    pub cut: Text,
    pub text: String,
    pub class: WordClass,
    /// It counts only where its sentence means it.
    pub must_be_meant: bool,
}

impl Escalating {
    pub fn of(text: &str, class: WordClass, language: Language) -> Self {
        Self {
            cut: Text::of(text, language),
            text: text.to_owned(),
            class,
            must_be_meant: false,
        }
    }

    /// A word that demands a person where its sentence means it.
    pub fn within(text: &str, language: Language) -> Self {
        Self {
            must_be_meant: true,
            ..Self::of(text, WordClass::Demand, language)
        }
    }
}

/// Which of these words stand in the phrases of a question: "I want a refund" is an answer where
/// refunds are one.
fn answers(ask: &Ask, words: &[Escalating], language: Language) -> BTreeSet<String> {
    let phrases = ask.choices.iter();
    let phrases = phrases.filter_map(|choice| choice.words.get(&language));
    let phrases = phrases.flatten().map(|text| Text::of(text, language));
    let phrases: Vec<Text> = phrases.collect();
    let is_answer = |word: &&Escalating| {
        let mut phrases = phrases.iter();
        phrases.any(|phrase| !phrase.occurrences(&word.cut.units).is_empty())
    };
    let words = words.iter().filter(is_answer);
    words.map(|word| word.text.clone()).collect()
}

impl Lexicon {
    /// Cuts the phrases of every language of a plan.
    pub fn of_plan(body: &PlanBody) -> BTreeMap<Language, Self> {
        let languages = body.languages.iter();
        languages
            .map(|language| (*language, Self::of(body, *language)))
            .collect()
    }

    fn of(body: &PlanBody, language: Language) -> Self {
        // Learnt now, not while the first caller waits.
        learn(language);
        let words = body
            .escalation_words
            .get(&language)
            .into_iter()
            .flat_map(|list| &list.words);
        let Vocabulary {
            ask_within,
            demand_within,
            repeat,
            hold_on,
            backchannels,
            yes,
            no,
            goodbye,
            angry,
            commands,
            apart,
        } = body
            .vocabularies
            .get(&language)
            .cloned()
            .unwrap_or_default();
        let polite = courtesies(language);
        let empty = Phrases::of(fillers(language).iter().chain(polite), language);
        let (yes, no) = (Phrases::of(yes, language), Phrases::of(no, language));
        let is_small = |phrase: &[String]| {
            let is_one_character = language == Language::Zh && phrase.len() == 1;
            is_one_character || yes.has(phrase) || no.has(phrase)
        };
        let asks = body.nodes.iter().filter_map(|(name, node)| match node {
            Node::Ask(ask) => Some((name, ask)),
            Node::Say(_)
            | Node::Collect(_)
            | Node::Api(_)
            | Node::ApiAll(_)
            | Node::Decide(_)
            | Node::Set(_)
            | Node::Handoff(_)
            | Node::End(_) => None,
        });
        let routes = asks.clone().map(|(name, ask)| {
            let evidence = Evidence::of(ask, language, &empty, is_small);
            (name.clone(), evidence)
        });
        let routes = routes.collect();
        let rankers = asks.filter_map(|(name, ask)| {
            let ranker = Ranker::of(ask, language)?;
            Some((name.clone(), ranker))
        });
        let words = words.map(|word| Escalating::of(&word.text, word.class, language));
        let asks = ask_within.iter();
        let asks = asks.map(|text| Escalating::of(text, WordClass::Ask, language));
        let demands = demand_within.iter();
        let demands: Vec<_> = demands
            .map(|text| Escalating::within(text, language))
            .collect();
        let answers = body.nodes.iter().filter_map(|(name, node)| {
            let Node::Ask(ask) = node else {
                return None;
            };
            Some((name.clone(), answers(ask, &demands, language)))
        });
        Self {
            routes,
            rankers: rankers.collect(),
            answers: answers.collect(),
            escalation: words.chain(asks).chain(demands).collect(),
            apart: apart
                .iter()
                .map(|phrase| comparable(phrase, language))
                .collect(),
            repeat: Phrases::of(repeat, language),
            hold_on: Phrases::of(hold_on, language),
            commands: commands
                .iter()
                .map(|(command, words)| (*command, Phrases::of(words, language)))
                .collect(),
            backchannels: Phrases::of(backchannels, language),
            yes,
            no,
            goodbye: Phrases::of(goodbye, language),
            angry: Phrases::of(angry, language),
            empty,
            courtesies: Phrases::of(polite, language),
        }
    }
}

/// Phrases around an answer that tell nothing.
pub(crate) const fn courtesies(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "please",
            "thanks",
            "thank you",
            "i want",
            "i want to",
            "i'd like",
            "i'd like to",
            "i would like",
            "i would like to",
            "i need",
            "i need to",
            "can i",
            "can you",
            "could you",
            "could i",
            "hello",
            "hi",
            "i'm calling about",
            "i am calling about",
            "it's about",
            "yes",
        ],
        Language::Zh => &[
            "请",
            "请问",
            "谢谢",
            "我要",
            "我想",
            "我想要",
            "我需要",
            "帮我",
            "请帮我",
            "麻烦",
            "麻烦帮我",
            "你好",
            "您好",
            "我想问",
            "我想问一下",
            "问一下",
            "一下",
        ],
    }
}
