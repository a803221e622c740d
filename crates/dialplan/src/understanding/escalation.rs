//! Escalation words in running text, and whether they count.

use super::lexicon::Escalating;
use super::meant::meant;
use super::mention::{is_mentioned, is_spoken_of};
use super::patterns::{Patterns, patterns};
use super::scene::Scene;
use super::text::{Text, comparable, is_figure, word_starts};
use super::{Counts, SetAside, WordFound};
use crate::{Node, Plan, Wanted};
use call_model::{Language, WordClass};
use spoken_text::without_fillers;
use std::ops::Range;

/// The most phrases that may stand between a word and what turns it.
const BRIDGES_MAX: usize = 6;

impl Plan {
    /// The escalation words in a text said at `node`, in order of their places, each
    /// occurrence by itself, with the judgement of whether it counts.
    ///
    /// The text need not be normalised. Where words overlap, the longest that
    /// begins first is found, and it alone: 转人工 is one ask. Where there is none, a sentence like
    /// those with which callers wish for a person in other words ("could somebody ring me") is one
    /// ask at an open question that has examples, told as "a person", 真人; one like those that hold somebody
    /// to account ("who pays for my freezer") is one demand, told as "a demand", 讨公道.
    pub fn escalation(&self, node: &str, language: Language, text: &str) -> Vec<WordFound> {
        let language = self.spoken(language);
        let lexicon = self.lexicon(language);
        let cut = Text::of(text, language);
        let mut found = found(&cut, &lexicon.escalation);
        if let Some(answers) = lexicon.answers.get(node) {
            found.retain(|(_, word)| !word.must_be_meant || !answers.contains(&word.text));
        }
        if found.is_empty() {
            let wish = self.wish(node, language, &cut);
            return wish
                .map(|class| wished(class, language))
                .into_iter()
                .collect();
        }
        let collects_digits = self.node(node).is_some_and(collects_digits);
        let apart = &lexicon.apart;
        let ruled = ruled(&cut, text, language, &found, apart, collects_digits);
        let counts = match lexicon.empty.taken_from(&cut.units).len() {
            // Nothing else is said that could tell.
            rest if rest <= found.iter().map(|(span, _)| span.len()).sum()
                && !found.iter().any(|(_, word)| word.must_be_meant) =>
            {
                ruled.into_iter().map(counts).collect()
            }
            _ => weighed(&cut, language, &lexicon.escalation, &found, &ruled),
        };
        let told = found.into_iter().zip(counts);
        told.map(|((span, word), counts)| WordFound {
            word: word.text.clone(),
            class: word.class,
            at: cut.places[span.start],
            counts,
        })
        .collect()
    }
}

/// A wish for a person, or a demand, that has none of the words.
fn wished(class: WordClass, language: Language) -> WordFound {
    let word = match (class, language) {
        (WordClass::Ask, Language::En) => "a person",
        (WordClass::Ask, Language::Zh) => "真人",
        (WordClass::Demand, Language::En) => "a demand",
        (WordClass::Demand, Language::Zh) => "讨公道",
    };
    WordFound {
        word: word.to_owned(),
        class,
        at: 0,
        counts: Counts::Yes,
    }
}

/// A word of the list with its span in units.
pub(super) type Found<'l> = (Range<usize>, &'l Escalating);

fn counts(why: Option<SetAside>) -> Counts {
    why.map_or(Counts::Yes, Counts::SetAside)
}

/// What the rules alone hold against each word.
pub(super) fn ruled(
    cut: &Text,
    text: &str,
    language: Language,
    found: &[Found],
    apart: &[Vec<String>],
    collects_digits: bool,
) -> Vec<Option<SetAside>> {
    let judge = Judge {
        text: cut,
        language,
        apart: spans_apart(cut, text, language, apart),
        collects_digits,
        spoken: comparable(&without_fillers(text, language).concat(), language),
    };
    let found = found.iter();
    found
        .map(|(span, word)| judge.set_aside(span, word.class))
        .collect()
}

/// What the rules and the sentences make of each word together.
fn weighed(
    cut: &Text,
    language: Language,
    listed: &[Escalating],
    found: &[Found],
    ruled: &[Option<SetAside>],
) -> Vec<Counts> {
    let words: Vec<_> = found.iter().map(|found| core(found, listed)).collect();
    let scene = Scene {
        units: &cut.units,
        words: &words,
        language,
    };
    let each = ruled.iter().enumerate();
    let is_meant = |number: usize, why| {
        meant(language).is_meant(&scene, number, why, found[number].1.must_be_meant)
    };
    each.map(|(number, why)| match *why {
        // What is no such word at all is none however it stands.
        Some(why @ (SetAside::PartOfAnother | SetAside::AmongDigits)) => Counts::SetAside(why),
        why if is_meant(number, why) => Counts::Yes,
        why => Counts::SetAside(why.unwrap_or(SetAside::Mentioned)),
    })
    .collect()
}

/// Where words stand within which an escalation word means something else. A
/// Chinese one counts only where the word cutting agrees: 理赔 is not in 办理赔偿.
fn spans_apart(
    cut: &Text,
    text: &str,
    language: Language,
    apart: &[Vec<String>],
) -> Vec<Range<usize>> {
    let spans = apart.iter().flat_map(|phrase| {
        let places = cut.occurrences(phrase).into_iter();
        places.map(|at| at..at + phrase.len())
    });
    let mut spans: Vec<Range<usize>> = spans.collect();
    if !spans.is_empty() {
        let starts = word_starts(text, language);
        spans.retain(|span| starts.contains(&span.start));
    }
    spans
}

fn collects_digits(node: &Node) -> bool {
    match node {
        Node::Collect(collect) => match collect.wanted {
            Wanted::Digits { .. } | Wanted::Value(_) | Wanted::Grammar { .. } => true,
            Wanted::YesNo | Wanted::OneOf(_) => false,
        },
        Node::Say(_)
        | Node::Ask(_)
        | Node::Api(_)
        | Node::ApiAll(_)
        | Node::Decide(_)
        | Node::Set(_)
        | Node::Handoff(_)
        | Node::End(_) => false,
    }
}

/// Every word of the list in the text, with its span in units. Of words that compare
/// alike (幺二三幺五, 一二三一五) it is the one that was written, or the first.
pub(super) fn found<'l>(text: &Text, words: &'l [Escalating]) -> Vec<Found<'l>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.units.len() {
        let here = words.iter().rev();
        let longest = here
            .filter(|word| text.units[at..].starts_with(&word.cut.units))
            .map(|word| ((word.cut.units.len(), text.reads_at(at, &word.cut)), word))
            .max_by_key(|(fit, _)| *fit);
        match longest {
            Some(((length, _), word)) if length > 0 => {
                found.push((at..at + length, word));
                at += length;
            }
            _ => at += 1,
        }
    }
    found
}

/// What a word comes down to: the shortest of its class in it, 投诉 of 我要投诉; what stands around
/// that tells as much as what stands around the whole.
pub(super) fn core((span, word): &Found, listed: &[Escalating]) -> (Range<usize>, WordClass) {
    let units = &word.cut.units;
    let parts = listed.iter().filter(|part| {
        part.class == word.class && !part.cut.units.is_empty() && part.cut.units.len() < units.len()
    });
    let place = |part: &Escalating| {
        let length = part.cut.units.len();
        let at = units.windows(length).rposition(|w| w == part.cut.units)?;
        Some(span.start + at..span.start + at + length)
    };
    let shortest = parts
        .filter_map(place)
        .min_by_key(|part| (part.len(), std::cmp::Reverse(part.start)));
    (shortest.unwrap_or_else(|| span.clone()), word.class)
}

struct Judge<'t> {
    text: &'t Text,
    language: Language,
    apart: Vec<Range<usize>>,
    collects_digits: bool,
    /// The whole text without fillers.
    spoken: Vec<String>,
}

impl Judge<'_> {
    fn set_aside(&self, span: &Range<usize>, class: WordClass) -> Option<SetAside> {
        let units = &self.text.units;
        let (before, after) = (&units[..span.start], &units[span.end..]);
        let word = &units[span.clone()];
        let patterns = patterns(self.language);
        let is_part = |apart: &Range<usize>| apart.start < span.end && span.start < apart.end;
        if self.apart.iter().any(is_part) {
            return Some(SetAside::PartOfAnother);
        }
        if word.iter().all(|unit| is_figure(unit)) {
            if self.collects_digits && self.spoken != word {
                return Some(SetAside::AmongDigits);
            }
            let beside = [before.last(), after.first()];
            if beside.into_iter().flatten().any(|unit| is_figure(unit)) {
                return Some(SetAside::PartOfAnother);
            }
        }
        if asks_for_number(before, after, patterns) {
            Some(SetAside::AsksForNumber)
        } else if is_withdrawn(word, before, after, patterns) {
            Some(SetAside::Withdrawn)
        } else if is_negated(before, after, class, patterns) {
            Some(SetAside::Negated)
        } else {
            let is_mentioned = match class {
                WordClass::Demand => is_mentioned(word, before, after, patterns),
                WordClass::Ask => is_spoken_of(word, before, after, patterns),
            };
            is_mentioned.then_some(SetAside::Mentioned)
        }
    }
}

/// Whether what follows `before` is denied there: "I don't want to …", 我不是要….
pub(super) fn is_negated(
    before: &[String],
    after: &[String],
    class: WordClass,
    patterns: &Patterns,
) -> bool {
    if patterns.question_ends.beginning(after).is_some() {
        return false;
    }
    let mut rest = before;
    for bridge in 0..=BRIDGES_MAX {
        if patterns.guards.ending(rest).is_some() {
            return false;
        }
        if let Some(length) = patterns.negators.ending(rest) {
            let head = &rest[..rest.len() - length];
            return patterns.conditions.ending(head).is_none();
        }
        let is_demand = class == WordClass::Demand;
        if bridge == 0 && is_demand && patterns.weak_negators.ending(rest).is_some() {
            return true;
        }
        match patterns.bridges.ending(rest) {
            Some(length) => rest = &rest[..rest.len() - length],
            None => return false,
        }
    }
    false
}

/// "Forget the complaint", 投诉就算了.
fn is_withdrawn(word: &[String], before: &[String], after: &[String], patterns: &Patterns) -> bool {
    let mut rest = before;
    while let Some(length) = patterns.articles.ending(rest) {
        if patterns.withdrawals_before.ending(rest).is_some() {
            break;
        }
        rest = &rest[..rest.len() - length];
    }
    if patterns.withdrawals_before.ending(rest).is_some() {
        return true;
    }
    let mut rest = after;
    loop {
        if patterns.withdrawals_after.beginning(rest).is_some() {
            return true;
        }
        if rest.starts_with(word) {
            rest = &rest[word.len()..];
        } else if let Some(length) = patterns.afterthoughts.beginning(rest) {
            rest = &rest[length..];
        } else {
            return false;
        }
    }
}

/// "What is the number for complaints", 投诉电话是多少.
fn asks_for_number(before: &[String], after: &[String], patterns: &Patterns) -> bool {
    if !patterns.asking.stand_in(before) && !patterns.asking.stand_in(after) {
        return false;
    }
    let mut rest = after;
    loop {
        if patterns.numbers.beginning(rest).is_some() {
            return true;
        }
        match patterns.offices.beginning(rest) {
            Some(length) => rest = &rest[length..],
            None => break,
        }
    }
    let mut rest = before;
    let mut is_bridged = false;
    while let Some(length) = patterns.prepositions.ending(rest) {
        rest = &rest[..rest.len() - length];
        is_bridged = true;
    }
    is_bridged && patterns.numbers.ending(rest).is_some()
}
