//! Escalation words in running text, and whether they count.

use super::patterns::{Patterns, beginning, contains, ending, patterns};
use super::text::{Text, comparable, is_figure};
use super::{Counts, SetAside, WordFound};
use crate::{Node, Plan, Wanted};
use call_model::{EscalationWord, Language, WordClass};
use spoken_text::{without_fillers, words};
use std::collections::BTreeSet;

/// The most phrases that may stand between a word and what turns it.
const BRIDGES_MAX: usize = 6;

impl Plan {
    /// The escalation words in a text said at `node`, in order of their places, each
    /// occurrence by itself, with the judgement of whether it counts.
    ///
    /// The text need not be normalised. Where words overlap, the longest that
    /// begins first is found, and it alone: 转人工 is one ask.
    pub fn escalation(&self, node: &str, language: Language, text: &str) -> Vec<WordFound> {
        let language = self.spoken(language);
        let cut = Text::of(text, language);
        let judge = Judge {
            text: &cut,
            language,
            apart: self.spans_apart(&cut, text, language),
            collects_digits: self.node(node).is_some_and(collects_digits),
            spoken: without_fillers(text, language).concat(),
        };
        let list = &self.escalation_words(language).words;
        found(&cut, list, language)
            .into_iter()
            .map(|(at, length, word)| WordFound {
                word: word.text.clone(),
                class: word.class,
                at: cut.places[at],
                counts: judge.counts(at, length, word),
            })
            .collect()
    }

    /// Where words stand within which an escalation word means something else.
    /// A Chinese one counts only where the word cutting agrees: 理赔 is not in 办理赔偿.
    fn spans_apart(&self, cut: &Text, text: &str, language: Language) -> Vec<(usize, usize)> {
        let Some(vocabulary) = self.body.vocabularies.get(&language) else {
            return Vec::new();
        };
        let starts = word_starts(text, language);
        let mut spans = Vec::new();
        for phrase in &vocabulary.apart {
            let units = comparable(phrase, language);
            let places = cut.occurrences(&units).into_iter();
            let whole = places.filter(|at| starts.contains(at));
            spans.extend(whole.map(|at| (at, at + units.len())));
        }
        spans
    }
}

/// The units at which a word of the text begins.
fn word_starts(text: &str, language: Language) -> BTreeSet<usize> {
    let mut start = 0;
    let mut starts = BTreeSet::new();
    for word in words(text, language) {
        starts.insert(start);
        start += comparable(&word, language).len();
    }
    starts
}

fn collects_digits(node: &Node) -> bool {
    match node {
        Node::Collect(collect) => match collect.wanted {
            Wanted::Digits { .. } | Wanted::Grammar { .. } => true,
            Wanted::YesNo | Wanted::OneOf(_) => false,
        },
        Node::Say(_) | Node::Ask(_) | Node::Handoff(_) | Node::End(_) => false,
    }
}

/// Every word of the list in the text: place, length in units, and which. Of words
/// that compare alike (幺二三幺五, 一二三一五) it is the one that was written, or the first.
fn found<'w>(
    text: &Text,
    list: &'w [EscalationWord],
    language: Language,
) -> Vec<(usize, usize, &'w EscalationWord)> {
    let list: Vec<(Text, &EscalationWord)> = list
        .iter()
        .map(|word| (Text::of(&word.text, language), word))
        .filter(|(phrase, _)| !phrase.units.is_empty())
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.units.len() {
        let longest = list
            .iter()
            .rev()
            .filter(|(phrase, _)| text.units[at..].starts_with(&phrase.units))
            .max_by_key(|(phrase, _)| (phrase.units.len(), text.reads_at(at, phrase)));
        match longest {
            Some((phrase, word)) => {
                found.push((at, phrase.units.len(), *word));
                at += phrase.units.len();
            }
            None => at += 1,
        }
    }
    found
}

struct Judge<'t> {
    text: &'t Text,
    language: Language,
    apart: Vec<(usize, usize)>,
    collects_digits: bool,
    /// The whole text without fillers.
    spoken: String,
}

impl Judge<'_> {
    fn counts(&self, at: usize, length: usize, word: &EscalationWord) -> Counts {
        match self.set_aside(at, at + length, word) {
            Some(why) => Counts::SetAside(why),
            None => Counts::Yes,
        }
    }

    fn set_aside(&self, from: usize, to: usize, word: &EscalationWord) -> Option<SetAside> {
        let units = &self.text.units;
        let (before, after) = (&units[..from], &units[to..]);
        let patterns = patterns(self.language);
        if self
            .apart
            .iter()
            .any(|(start, end)| from < *end && *start < to)
        {
            return Some(SetAside::PartOfAnother);
        }
        if units[from..to].iter().all(|unit| is_figure(unit)) {
            if self.collects_digits && !self.is_whole(word) {
                return Some(SetAside::AmongDigits);
            }
            let beside = [before.last(), after.first()];
            if beside.into_iter().flatten().any(|unit| is_figure(unit)) {
                return Some(SetAside::PartOfAnother);
            }
        }
        if asks_for_number(units, from, to, patterns) {
            Some(SetAside::AsksForNumber)
        } else if is_withdrawn(&units[from..to], before, after, patterns) {
            Some(SetAside::Withdrawn)
        } else if is_negated(before, after, word.class, patterns) {
            Some(SetAside::Negated)
        } else {
            None
        }
    }

    fn is_whole(&self, word: &EscalationWord) -> bool {
        comparable(&self.spoken, self.language) == comparable(&word.text, self.language)
    }
}

/// Whether what follows `before` is denied there: "I don't want to …", 我不是要….
pub(super) fn is_negated(
    before: &[String],
    after: &[String],
    class: WordClass,
    patterns: &Patterns,
) -> bool {
    if beginning(after, &patterns.question_ends).is_some() {
        return false;
    }
    let mut rest = before;
    for bridge in 0..=BRIDGES_MAX {
        if ending(rest, &patterns.guards).is_some() {
            return false;
        }
        if let Some(length) = ending(rest, &patterns.negators) {
            let head = &rest[..rest.len() - length];
            return ending(head, &patterns.conditions).is_none();
        }
        let is_demand = class == WordClass::Demand;
        if bridge == 0 && is_demand && ending(rest, &patterns.weak_negators).is_some() {
            return true;
        }
        match ending(rest, &patterns.bridges) {
            Some(length) => rest = &rest[..rest.len() - length],
            None => return false,
        }
    }
    false
}

/// "Forget the complaint", 投诉就算了.
fn is_withdrawn(word: &[String], before: &[String], after: &[String], patterns: &Patterns) -> bool {
    let mut rest = before;
    while let Some(length) = ending(rest, &patterns.articles) {
        if ending(rest, &patterns.withdrawals_before).is_some() {
            break;
        }
        rest = &rest[..rest.len() - length];
    }
    if ending(rest, &patterns.withdrawals_before).is_some() {
        return true;
    }
    let mut rest = after;
    loop {
        if beginning(rest, &patterns.withdrawals_after).is_some() {
            return true;
        }
        if rest.starts_with(word) {
            rest = &rest[word.len()..];
        } else if let Some(length) = beginning(rest, &patterns.afterthoughts) {
            rest = &rest[length..];
        } else {
            return false;
        }
    }
}

/// "What is the number for complaints", 投诉电话是多少.
fn asks_for_number(units: &[String], from: usize, to: usize, patterns: &Patterns) -> bool {
    let (before, after) = (&units[..from], &units[to..]);
    if !contains(before, &patterns.asking) && !contains(after, &patterns.asking) {
        return false;
    }
    let mut rest = after;
    loop {
        if beginning(rest, &patterns.numbers).is_some() {
            return true;
        }
        match beginning(rest, &patterns.offices) {
            Some(length) => rest = &rest[length..],
            None => break,
        }
    }
    let mut rest = before;
    let mut is_bridged = false;
    while let Some(length) = ending(rest, &patterns.prepositions) {
        rest = &rest[..rest.len() - length];
        is_bridged = true;
    }
    is_bridged && ending(rest, &patterns.numbers).is_some()
}
