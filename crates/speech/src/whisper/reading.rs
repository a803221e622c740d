//! From a look's pieces of text to words in time, as the rest of the house wants them.

use super::look::{Guided, Look};
use crate::PhraseAutomaton;
use call_model::{
    CallTime, EscalationWords, Hypothesis, Language, PerMille, Private, SpottedWord, WordSpan,
};
use spoken_text::{fillers, normalise, read_digits, units};
use std::sync::Arc;
use std::time::Duration;

/// What an utterance says: its words or characters, normalised, with their times.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Reading {
    language: Language,
    units: Vec<Unit>,
    /// The geometric mean of the pieces' probabilities.
    likelihood: f32,
}

/// A word, or a Chinese character.
#[derive(Clone, PartialEq, Debug)]
struct Unit {
    text: String,
    from: CallTime,
    to: CallTime,
    probability: f32,
}

impl Reading {
    /// Reads a look at sound that began at that moment.
    pub(super) fn of(look: &Look, began: CallTime) -> Self {
        let mut units = Vec::new();
        let mut group: Option<Unit> = None;
        for (c, spot) in characters(look, began) {
            let stands_alone = !c.is_whitespace() && is_own_unit(c);
            if c.is_whitespace() || stands_alone {
                close(group.take(), look.language, &mut units);
            }
            if c.is_whitespace() {
                continue;
            }
            let now = Unit {
                text: c.to_string(),
                ..spot
            };
            group = Some(match group.take() {
                None => now,
                Some(before) => joined(before, &now),
            });
            if stands_alone {
                close(group.take(), look.language, &mut units);
            }
        }
        close(group, look.language, &mut units);
        Self {
            language: look.language,
            units,
            likelihood: look.mean_log().exp(),
        }
    }

    /// Reads what a look saw as words of a grammar. When each was said is told by its length: what the look wrote may
    /// have been something else.
    pub(super) fn guided(look: &Look, guided: &Guided, began: CallTime) -> Self {
        let likelihood = guided.mean_log.exp();
        let from = look.pieces.first().map_or(0, |piece| piece.from_ms);
        let to = look.pieces.last().map_or(from, |piece| piece.to_ms);
        let whole = Duration::from_millis(to.saturating_sub(from));
        let letters = |words: &[Arc<str>]| -> u32 {
            let letters = words.iter().map(|word| word.chars().count());
            u32::try_from(letters.sum::<usize>()).unwrap_or(u32::MAX)
        };
        let all = letters(&guided.words).max(1);
        let at = |count: usize| {
            let share = whole * letters(&guided.words[..count]) / all;
            began + Duration::from_millis(from) + share
        };
        let mut units = Vec::new();
        for (place, word) in guided.words.iter().enumerate() {
            let whole = Unit {
                text: word.to_string(),
                from: at(place),
                to: at(place + 1),
                probability: likelihood,
            };
            split(&whole, word, look.language, &mut units);
        }
        Self {
            language: look.language,
            units,
            likelihood,
        }
    }

    /// The text, normalised.
    pub(super) fn text(&self) -> String {
        written(self.units.iter(), self.language)
    }

    /// The first so many words or characters alone.
    pub(super) fn first(mut self, count: usize) -> Self {
        self.units.truncate(count);
        self
    }

    /// The reading as the grammar has it, where it has it: with figures as words, or without "um". The
    /// text as it was written otherwise, which the rules of a plan understand as well.
    pub(super) fn placed(self, automaton: Option<&PhraseAutomaton>) -> (Self, bool) {
        let Some(automaton) = automaton else {
            return (self, false);
        };
        let spoken = self.with_spoken_figures();
        let (bare, spoken_bare) = (self.without_fillers(), spoken.without_fillers());
        let accepted = |reading: &Self| {
            let place = automaton.place_of_text(&reading.text());
            !reading.units.is_empty() && place.is_some_and(|place| place.is_complete)
        };
        let mut ways = [self.clone(), spoken, bare, spoken_bare].into_iter();
        match ways.find(accepted) {
            Some(placed) => (placed, true),
            None => (self, false),
        }
    }

    fn with_spoken_figures(&self) -> Self {
        let mut spoken = self.clone();
        spoken.units.clear();
        for unit in &self.units {
            let is_figures = unit.text.chars().all(|c| c.is_ascii_digit());
            if is_figures {
                split(
                    unit,
                    &read_digits(&unit.text, self.language),
                    self.language,
                    &mut spoken.units,
                );
            } else {
                spoken.units.push(unit.clone());
            }
        }
        spoken
    }

    fn without_fillers(&self) -> Self {
        let mut bare = self.clone();
        let known = fillers(self.language);
        bare.units
            .retain(|unit| !known.contains(&unit.text.as_str()));
        bare
    }

    /// The reading as one that was expected, which makes it likelier: the pieces' own probabilities are shared out
    /// among all ways to write the same, with a capital letter, a full stop, in figures.
    pub(super) fn expected(mut self) -> Self {
        self.likelihood = self.likelihood.cbrt();
        for unit in &mut self.units {
            unit.probability = unit.probability.cbrt();
        }
        self
    }

    /// The reading as everybody else knows it.
    pub(super) fn hypothesis(&self) -> Hypothesis {
        let span = |unit: &Unit| WordSpan {
            word: Private::new(unit.text.clone()),
            from: unit.from,
            to: unit.to,
            confidence: PerMille::from_share(unit.probability),
        };
        Hypothesis {
            text: Private::new(self.text()),
            confidence: PerMille::from_share(self.likelihood),
            words: self.units.iter().map(span).collect(),
        }
    }

    /// The escalation words in it, each by its place. Where one is a part of another (人工 of 转人工) the
    /// longer counts.
    pub(super) fn spotted(&self, list: &EscalationWords) -> Vec<SpottedWord> {
        if list.language != self.language {
            return Vec::new();
        }
        let mut words: Vec<(Vec<String>, usize)> = Vec::new();
        for (number, word) in list.words.iter().enumerate() {
            words.push((units(&word.text, list.language), number));
        }
        words.sort_by_key(|(parts, number)| (std::cmp::Reverse(parts.len()), *number));
        let (mut found, mut at) = (Vec::new(), 0);
        while at < self.units.len() {
            let rest = &self.units[at..];
            let stands = |(parts, _): &&(Vec<String>, usize)| {
                let same = |(unit, part): (&Unit, &String)| unit.text == *part;
                !parts.is_empty() && parts.len() <= rest.len() && rest.iter().zip(parts).all(same)
            };
            let Some((parts, number)) = words.iter().find(stands) else {
                at += 1;
                continue;
            };
            let covered = &rest[..parts.len()];
            let sure = covered.iter().map(|unit| unit.probability);
            found.push(SpottedWord {
                word: list.words[*number].text.clone(),
                class: list.words[*number].class,
                from: covered[0].from,
                to: covered[covered.len() - 1].to,
                confidence: PerMille::from_share(sure.fold(1.0, f32::min)),
            });
            at += parts.len();
        }
        found
    }
}

/// Every character with its place in time; bytes that are none are left out.
fn characters(look: &Look, began: CallTime) -> Vec<(char, Unit)> {
    let owners: Vec<usize> = look
        .pieces
        .iter()
        .enumerate()
        .flat_map(|(number, piece)| std::iter::repeat_n(number, piece.bytes.len()))
        .collect();
    let bytes: Vec<u8> = look.bytes().collect();
    let (mut all, mut offset) = (Vec::new(), 0);
    for chunk in bytes.utf8_chunks() {
        for (within, c) in chunk.valid().char_indices() {
            let first = offset + within;
            let last = first + c.len_utf8() - 1;
            let (first, last) = (&look.pieces[owners[first]], &look.pieces[owners[last]]);
            let spot = Unit {
                text: String::new(),
                from: began + Duration::from_millis(first.from_ms),
                to: began + Duration::from_millis(last.to_ms.max(first.from_ms)),
                probability: first.probability.min(last.probability),
            };
            all.push((c, spot));
        }
        offset += chunk.valid().len() + chunk.invalid().len();
    }
    all
}

/// Whether a character is a word to the cutter: two of them are two units.
fn is_own_unit(c: char) -> bool {
    !c.is_ascii() && units(&format!("{c}{c}"), Language::Zh).len() == 2
}

fn joined(mut before: Unit, next: &Unit) -> Unit {
    before.text.push_str(&next.text);
    before.to = before.to.max(next.to);
    before.probability = before.probability.min(next.probability);
    before
}

/// Normalises a group of characters between spaces.
fn close(group: Option<Unit>, language: Language, units: &mut Vec<Unit>) {
    if let Some(group) = group {
        split(&group, &group.text, language, units);
    }
}

/// The units of a text in the time of one.
fn split(whole: &Unit, text: &str, language: Language, into: &mut Vec<Unit>) {
    let parts = units(text, language);
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX).max(1);
    let each = whole.to.since(whole.from) / count;
    for (place, text) in (0..).zip(parts) {
        let from = whole.from + each * place;
        into.push(Unit {
            text,
            from,
            to: from + each,
            probability: whole.probability,
        });
    }
}

fn written<'u>(units: impl Iterator<Item = &'u Unit>, language: Language) -> String {
    let words: Vec<&str> = units.map(|unit| unit.text.as_str()).collect();
    normalise(&words.join(" "), language)
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
