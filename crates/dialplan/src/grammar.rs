//! From a plan's words to the grammars that the ear listens with.

use crate::reading::{ReadWords, usual_words};
use crate::understanding::courtesies;
use crate::{AnswerBy, Ask, Collect, Node, Wanted};
use call_model::{
    EscalationWord, EscalationWords, GrammarId, Language, Phrase, PhraseGrammar, WordClass,
};
use spoken_text::{digit_words, read_digits, words};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Up to so many digits, every way of saying "double" and "triple" is spelt out
/// so that a fixed length stays fixed; longer ones are said digit by digit.
const SPELT_OUT_MAX: u8 = 6;

/// The grammars of a plan, numbered as they are made.
#[derive(Default)]
pub(crate) struct Grammars {
    made: BTreeMap<GrammarId, Arc<PhraseGrammar>>,
    /// What may be said at every place: made once a language, since plans have many places.
    everywhere: BTreeMap<Language, Everywhere>,
}

/// What may be said at every place of a plan.
struct Everywhere {
    globals: Phrase,
    /// The same with what answers an offer of a person.
    offer: Phrase,
}

impl Everywhere {
    fn of(words: &ReadWords, language: Language, has_tier: bool) -> Self {
        // Where an intent tier may want to end the call, the caller may agree.
        let goodbye = words.vocabulary.goodbye.iter().filter(|_| has_tier);
        let small = globals(words).into_iter().chain(yes_no(words));
        let small = small.chain(goodbye.map(String::as_str));
        Self {
            globals: one_of(globals(words), language),
            offer: one_of(small.collect(), language),
        }
    }
}

impl Grammars {
    pub fn into_made(self) -> BTreeMap<GrammarId, Arc<PhraseGrammar>> {
        self.made
    }

    fn add(&mut self, language: Language, root: Phrase) -> GrammarId {
        let id = GrammarId(u32::try_from(self.made.len()).unwrap_or(u32::MAX));
        self.made
            .insert(id, Arc::new(PhraseGrammar { id, language, root }));
        id
    }

    /// The grammar of yes and no alone.
    pub fn add_yes_no(&mut self, language: Language, words: &ReadWords) -> GrammarId {
        self.add(language, one_of(yes_no(words), language))
    }

    /// Gives a listening node its grammars.
    pub fn add_node(
        &mut self,
        node: &mut Node,
        all: &BTreeMap<Language, ReadWords>,
        has_globals: bool,
        has_tier: bool,
    ) {
        let own: BTreeMap<Language, Phrase> = all
            .keys()
            .filter_map(|language| Some((*language, own(node, *language, &all[language])?)))
            .collect();
        let listening = match node {
            Node::Ask(ask) => &mut ask.listening,
            Node::Collect(collect) => &mut collect.listening,
            Node::Say(_)
            | Node::Api(_)
            | Node::ApiAll(_)
            | Node::Decide(_)
            | Node::Set(_)
            | Node::Handoff(_)
            | Node::End(_) => return,
        };
        for (language, words) in all {
            let everywhere = self
                .everywhere
                .entry(*language)
                .or_insert_with(|| Everywhere::of(words, *language, has_tier));
            let own = own.get(language).filter(|_| listening.by != AnswerBy::Keys);
            let mut whole: Vec<Phrase> = own.cloned().into_iter().collect();
            if has_globals || whole.is_empty() {
                whole.push(everywhere.globals.clone());
            }
            let offer = everywhere.offer.clone();
            let with_offer = own.cloned().into_iter().chain([offer]).collect();
            let id = self.add(*language, alternatives(whole));
            listening.grammars.insert(*language, id);
            let id = self.add(*language, alternatives(with_offer));
            listening.offer_grammars.insert(*language, id);
        }
    }
}

/// What a node itself wants to hear.
fn own(node: &Node, language: Language, words: &ReadWords) -> Option<Phrase> {
    let texts: Vec<&str> = match node {
        Node::Ask(ask) => return Some(routes_and_open(ask, language)),
        Node::Collect(Collect { wanted, .. }) => match wanted {
            Wanted::Digits { min, max } => return Some(digits(*min, *max, language)),
            Wanted::YesNo => return Some(one_of(yes_no(words), language)),
            Wanted::Value(kind) => return Some(with_courtesies(kind.phrase(language), language)),
            Wanted::Grammar { phrases, .. } => return phrases.get(&language).cloned(),
            Wanted::OneOf(listed) => listed
                .iter()
                .flat_map(|l| in_language(&l.words, language))
                .collect(),
        },
        Node::Say(_)
        | Node::Api(_)
        | Node::ApiAll(_)
        | Node::Decide(_)
        | Node::Set(_)
        | Node::Handoff(_)
        | Node::End(_) => return None,
    };
    Some(with_courtesies(one_of(texts, language), language))
}

/// The phrases of an open question's routes, and those that the rules leave open.
fn routes_and_open(ask: &Ask, language: Language) -> Phrase {
    let routes = ask
        .choices
        .iter()
        .flat_map(|choice| in_language(&choice.words, language));
    let open = ask.open.get(&language);
    let words = open.iter().flat_map(|open| &open.words);
    let texts = routes.chain(words.map(String::as_str)).collect();
    let plain = with_courtesies(one_of(texts, language), language);
    let files = open.iter().flat_map(|open| open.grammars.iter().cloned());
    alternatives(std::iter::once(plain).chain(files).collect())
}

fn in_language(
    words: &BTreeMap<Language, Vec<String>>,
    language: Language,
) -> impl Iterator<Item = &str> {
    words
        .get(&language)
        .into_iter()
        .flatten()
        .map(String::as_str)
}

/// "I'd like … please".
fn with_courtesies(phrase: Phrase, language: Language) -> Phrase {
    let before = courtesies(language)
        .iter()
        .filter(|c| !is_last_word(c))
        .copied();
    let after = courtesies(language)
        .iter()
        .filter(|c| is_last_word(c))
        .copied();
    Phrase::Sequence(vec![
        Phrase::Optional(Box::new(one_of(before.collect(), language))),
        phrase,
        Phrase::Optional(Box::new(one_of(after.collect(), language))),
    ])
}

/// Courtesies that stand after a request rather than before.
fn is_last_word(courtesy: &str) -> bool {
    matches!(
        courtesy,
        "please" | "thanks" | "thank you" | "谢谢" | "一下"
    )
}

fn yes_no(words: &ReadWords) -> Vec<&str> {
    let vocabulary = &words.vocabulary;
    vocabulary
        .yes
        .iter()
        .chain(&vocabulary.no)
        .map(String::as_str)
        .collect()
}

/// What may be said at every place, as a whole utterance.
fn globals(words: &ReadWords) -> Vec<&str> {
    let vocabulary = &words.vocabulary;
    let lists = [
        &vocabulary.backchannels,
        &vocabulary.repeat,
        &vocabulary.hold_on,
        &words.ask,
        &words.demand,
    ];
    let commands = vocabulary.commands.values();
    let lists = lists.into_iter().chain(commands);
    lists.flatten().map(String::as_str).collect()
}

/// Any of some texts, each once, in the order of the list.
fn one_of(texts: Vec<&str>, language: Language) -> Phrase {
    let mut seen = BTreeSet::new();
    let phrases = texts
        .into_iter()
        .filter(|text| seen.insert(*text))
        .map(|text| spoken(text, language));
    alternatives(phrases.collect())
}

fn alternatives(mut phrases: Vec<Phrase>) -> Phrase {
    match phrases.len() {
        1 => phrases.remove(0),
        _ => Phrase::OneOf(phrases),
    }
}

/// A text as the sequence of its words, figures as they are spoken.
pub(crate) fn spoken(text: &str, language: Language) -> Phrase {
    let mut parts = Vec::new();
    for word in words(text, language) {
        if word.bytes().all(|b| b.is_ascii_digit()) {
            let digits: Vec<String> = word
                .chars()
                .map(|c| read_digits(&c.to_string(), language))
                .collect();
            parts.extend(digits.into_iter().map(Phrase::Word));
        } else {
            parts.push(Phrase::Word(word));
        }
    }
    match parts.len() {
        1 => parts.remove(0),
        _ => Phrase::Sequence(parts),
    }
}

fn digit(language: Language) -> Phrase {
    let words = digit_words(language)
        .iter()
        .map(|(word, _)| Phrase::Word((*word).to_owned()));
    Phrase::OneOf(words.collect())
}

/// From `min` to `max` digits.
fn digits(min: u8, max: u8, language: Language) -> Phrase {
    if min == max && max <= SPELT_OUT_MAX && language == Language::En {
        return exactly(max);
    }
    Phrase::Repeat {
        of: Box::new(digit(language)),
        min,
        max,
    }
}

/// So many English digits, "double" and "triple" counted as what they stand for.
fn exactly(count: u8) -> Phrase {
    let times =
        |word: &str| Phrase::Sequence(vec![Phrase::Word(word.to_owned()), digit(Language::En)]);
    let mut ways = Vec::new();
    for (length, first) in [
        (1, digit(Language::En)),
        (2, times("double")),
        (3, times("triple")),
    ] {
        match count.checked_sub(length) {
            Some(0) => ways.push(first),
            Some(rest) => ways.push(Phrase::Sequence(vec![first, exactly(rest)])),
            None => {}
        }
    }
    alternatives(ways)
}

/// The escalation words of the shipped lists, as a plan that changes none of them has.
pub fn usual_escalation_words(language: Language) -> EscalationWords {
    escalation_words(language, &usual_words(language))
}

/// The escalation words of a language as the ear searches for them: figures in
/// every way they are spoken, each word once.
pub(crate) fn escalation_words(language: Language, words: &ReadWords) -> EscalationWords {
    let classes = [
        (&words.demand, WordClass::Demand),
        (&words.ask, WordClass::Ask),
    ];
    let mut seen = BTreeSet::new();
    let mut list = Vec::new();
    for (texts, class) in classes {
        for text in texts.iter().flat_map(|text| spoken_ways(text, language)) {
            if seen.insert(text.clone()) {
                list.push(EscalationWord { text, class });
            }
        }
    }
    EscalationWords {
        language,
        words: list,
    }
}

fn spoken_ways(text: &str, language: Language) -> Vec<String> {
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return vec![text.to_owned()];
    }
    let parts: Vec<String> = words(text, language)
        .into_iter()
        .map(|word| {
            if word.bytes().all(|b| b.is_ascii_digit()) {
                read_digits(&word, language)
            } else {
                word
            }
        })
        .collect();
    match language {
        Language::En => vec![parts.join(" ")],
        Language::Zh => {
            let plain = parts.concat();
            let telephonic = plain.replace('一', "幺");
            vec![plain, telephonic]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_listened_for_as_they_are_spoken() {
        assert_eq!(
            spoken_ways("12315", Language::Zh),
            ["一二三一五", "幺二三幺五"]
        );
        assert_eq!(spoken_ways("call 911", Language::En), ["call nine one one"]);
        assert_eq!(spoken_ways("投诉", Language::Zh), ["投诉"]);
    }

    #[test]
    fn four_digits_are_four_however_they_are_said() {
        fn lengths(phrase: &Phrase) -> BTreeSet<usize> {
            match phrase {
                Phrase::Word(word) => BTreeSet::from([match word.as_str() {
                    "double" => 1,
                    "triple" => 2,
                    _ => 1,
                }]),
                Phrase::Sequence(parts) => parts.iter().fold(BTreeSet::from([0]), |all, part| {
                    let part = lengths(part);
                    all.iter()
                        .flat_map(|a| part.iter().map(move |b| a + b))
                        .collect()
                }),
                Phrase::OneOf(parts) => parts.iter().flat_map(lengths).collect(),
                Phrase::Optional(_) | Phrase::Repeat { .. } => BTreeSet::new(),
            }
        }
        assert_eq!(lengths(&digits(4, 4, Language::En)), BTreeSet::from([4]));
    }
}
