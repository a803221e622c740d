//! All phrases of a compiled plan, cut once, so that understanding a sentence
//! costs microseconds on the thread that also moves its sound.

use super::phrases::Phrases;
use super::text::{Text, comparable};
use crate::plan::PlanBody;
use crate::{Command, Node, Vocabulary};
use call_model::Language;
use spoken_text::fillers;
use std::collections::BTreeMap;

/// The phrases of one language of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    /// The escalation words, in the order of the plan's list.
    pub escalation: Vec<Text>,
    pub apart: Vec<Vec<String>>,
    pub repeat: Phrases,
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
    /// Of each asking node, for each choice, its phrases in the plan's order.
    pub routes: BTreeMap<String, Vec<Vec<Vec<String>>>>,
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
        let words = body
            .escalation_words
            .get(&language)
            .into_iter()
            .flat_map(|list| &list.words);
        let Vocabulary {
            repeat,
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
        Self {
            escalation: words.map(|word| Text::of(&word.text, language)).collect(),
            apart: apart
                .iter()
                .map(|phrase| comparable(phrase, language))
                .collect(),
            repeat: Phrases::of(repeat, language),
            commands: commands
                .iter()
                .map(|(command, words)| (*command, Phrases::of(words, language)))
                .collect(),
            backchannels: Phrases::of(backchannels, language),
            yes: Phrases::of(yes, language),
            no: Phrases::of(no, language),
            goodbye: Phrases::of(goodbye, language),
            angry: Phrases::of(angry, language),
            empty: Phrases::of(fillers(language).iter().chain(polite), language),
            courtesies: Phrases::of(polite, language),
            routes: body
                .nodes
                .iter()
                .filter_map(|(name, node)| Some((name.clone(), routes(node, language)?)))
                .collect(),
        }
    }
}

fn routes(node: &Node, language: Language) -> Option<Vec<Vec<Vec<String>>>> {
    let Node::Ask(ask) = node else {
        return None;
    };
    let of_choice = |words: Option<&Vec<String>>| {
        words
            .into_iter()
            .flatten()
            .map(|w| comparable(w, language))
            .collect()
    };
    Some(
        ask.choices
            .iter()
            .map(|choice| of_choice(choice.words.get(&language)))
            .collect(),
    )
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
