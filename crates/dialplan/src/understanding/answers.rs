//! What collecting nodes and small questions make of an answer.

use super::text::{Text, comparable};
use super::{Answer, Collected};
use crate::{Collect, Node, Plan, Wanted};
use call_model::{Key, Language, Phrase};
use spoken_text::{digits_of, digits_within, is_backchannel_of, normalise};
use std::collections::BTreeSet;

impl Plan {
    /// What a collecting node makes of spoken words; none where nothing fits or
    /// `node` is no [`Node::Collect`]. The text need not be normalised.
    pub fn collect(&self, node: &str, language: Language, text: &str) -> Option<Collected> {
        let collect = self.collecting(node)?;
        let language = self.spoken(language);
        match &collect.wanted {
            Wanted::Digits { min, max } => {
                let digits = digits_of(text, language).or_else(|| only_run(text, language))?;
                Some(measured(digits, *min, *max))
            }
            Wanted::YesNo => self.yes_no(language, text).map(|answer| {
                whole(match answer {
                    Answer::Yes => "yes",
                    Answer::No => "no",
                })
            }),
            Wanted::OneOf(listed) => {
                let said = Text::of(text, language);
                let stands =
                    |phrase: &String| !said.occurrences(&comparable(phrase, language)).is_empty();
                let named = |words: &[String]| words.iter().any(stands);
                let mut fitting = listed
                    .iter()
                    .filter(|l| l.words.get(&language).is_some_and(|w| named(w)));
                match (fitting.next(), fitting.next()) {
                    (Some(only), None) => Some(whole(&only.value)),
                    _ => None,
                }
            }
            Wanted::Grammar { phrases, .. } => accepts(phrases.get(&language)?, text, language)
                .then(|| whole(&normalise(text, language))),
        }
    }

    /// What a collecting node makes of the keys so far, its terminator left out;
    /// none where they mean nothing there.
    pub fn collect_keys(&self, node: &str, keys: &[Key]) -> Option<Collected> {
        let collect = self.collecting(node)?;
        match &collect.wanted {
            Wanted::Digits { min, max } => {
                let faces: String = keys.iter().map(|key| key.face()).collect();
                let are_digits = !faces.is_empty() && faces.bytes().all(|b| b.is_ascii_digit());
                are_digits.then(|| measured(faces, *min, *max))
            }
            Wanted::YesNo => match keys {
                [key] if key.face() == '1' => Some(whole("yes")),
                [key] if key.face() == '2' => Some(whole("no")),
                _ => None,
            },
            Wanted::OneOf(listed) => match keys {
                [key] => listed
                    .iter()
                    .find(|l| l.key == Some(*key))
                    .map(|l| whole(&l.value)),
                _ => None,
            },
            Wanted::Grammar { .. } => None,
        }
    }

    /// Whether key 0 asks for a person at `node`: it does unless the node routes or
    /// collects it. A 0 that is the whole entry of a longer number is for the engine
    /// to weigh: [`Plan::collect_keys`] calls it too short.
    pub fn key_zero_asks(&self, node: &str) -> bool {
        match self.node(node) {
            Some(Node::Ask(ask)) => ask.by_key(Key::ZERO).is_none(),
            Some(Node::Collect(_)) => self.collect_keys(node, &[Key::ZERO]).is_none(),
            Some(Node::Say(_) | Node::Handoff(_) | Node::End(_)) | None => true,
        }
    }

    /// Whether a text says yes or no, and nothing of both.
    pub fn yes_no(&self, language: Language, text: &str) -> Option<Answer> {
        let language = self.spoken(language);
        let vocabulary = self.body.vocabularies.get(&language)?;
        let said = normalise(text, language);
        if is_backchannel_of(&said, language, &vocabulary.no) {
            return Some(Answer::No);
        }
        if is_backchannel_of(&said, language, &vocabulary.yes) {
            return Some(Answer::Yes);
        }
        let begins = |words: &[String]| words.iter().map(|w| leading(&said, w, language)).max();
        let (yes, no) = (begins(&vocabulary.yes), begins(&vocabulary.no));
        match yes.cmp(&no) {
            std::cmp::Ordering::Greater => Some(Answer::Yes),
            std::cmp::Ordering::Less => Some(Answer::No),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// Whether a text asks to hear the last prompt again.
    pub fn wants_repeat(&self, language: Language, text: &str) -> bool {
        let language = self.spoken(language);
        let words = self
            .body
            .vocabularies
            .get(&language)
            .map(|v| v.repeat.as_slice());
        let mut said = Text::of(text, language).units;
        let polite = super::routes::courtesies(language)
            .iter()
            .map(|c| comparable(c, language));
        for courtesy in polite {
            if said.len() > courtesy.len() {
                said = said
                    .strip_suffix(courtesy.as_slice())
                    .map_or(said.clone(), <[String]>::to_vec);
            }
        }
        words
            .unwrap_or_default()
            .iter()
            .any(|word| comparable(word, language) == said)
    }

    /// Whether a text is a mere "uh-huh", or several.
    pub fn is_backchannel(&self, language: Language, text: &str) -> bool {
        let language = self.spoken(language);
        let vocabulary = self.body.vocabularies.get(&language);
        vocabulary.is_some_and(|v| is_backchannel_of(text, language, &v.backchannels))
    }

    /// How many words of anger a text holds, those within longer ones not counted.
    pub fn angry_words(&self, language: Language, text: &str) -> usize {
        let language = self.spoken(language);
        let said = Text::of(text, language).units;
        let vocabulary = self.body.vocabularies.get(&language);
        let words: Vec<Vec<String>> = vocabulary
            .iter()
            .flat_map(|v| &v.angry)
            .map(|word| comparable(word, language))
            .collect();
        let mut rest = said.as_slice();
        let mut count = 0;
        while let Some((_, tail)) = rest.split_first() {
            let longest = words
                .iter()
                .filter(|w| rest.starts_with(w))
                .map(Vec::len)
                .max();
            count += usize::from(longest.is_some());
            rest = longest.map_or(tail, |length| &rest[length..]);
        }
        count
    }

    fn collecting(&self, node: &str) -> Option<&Collect> {
        match self.node(node)? {
            Node::Collect(collect) => Some(collect),
            Node::Say(_) | Node::Ask(_) | Node::Handoff(_) | Node::End(_) => None,
        }
    }
}

fn whole(value: &str) -> Collected {
    Collected::Value {
        value: value.to_owned(),
        can_continue: false,
    }
}

fn measured(digits: String, min: u8, max: u8) -> Collected {
    let (min, max) = (usize::from(min), usize::from(max));
    if digits.len() < min {
        Collected::TooShort(digits)
    } else if digits.len() > max {
        Collected::TooLong(digits)
    } else {
        Collected::Value {
            can_continue: digits.len() < max,
            value: digits,
        }
    }
}

/// The digits of a text that says other things too, if it says digits once.
fn only_run(text: &str, language: Language) -> Option<String> {
    let mut runs = digits_within(text, language);
    match runs.len() {
        1 => runs.pop(),
        _ => None,
    }
}

/// How many units of `word` begin the text; 0 where it does not begin with it.
fn leading(said: &str, word: &str, language: Language) -> usize {
    let (said, word) = (comparable(said, language), comparable(word, language));
    if said.starts_with(&word) {
        word.len()
    } else {
        0
    }
}

/// Whether a phrase accepts the whole of a text.
fn accepts(phrase: &Phrase, text: &str, language: Language) -> bool {
    let units = spoken_text::units(text, language);
    let ends = ends(phrase, &units, &BTreeSet::from([0]), language);
    !units.is_empty() && ends.contains(&units.len())
}

/// Where a phrase can end in `units` if it begins at one of `starts`.
fn ends(
    phrase: &Phrase,
    units: &[String],
    starts: &BTreeSet<usize>,
    language: Language,
) -> BTreeSet<usize> {
    match phrase {
        Phrase::Word(word) => {
            let word = spoken_text::units(word, language);
            let fitting = starts.iter().filter(|at| units[**at..].starts_with(&word));
            fitting.map(|at| at + word.len()).collect()
        }
        Phrase::Sequence(parts) => {
            let begin = starts.clone();
            parts
                .iter()
                .fold(begin, |starts, part| ends(part, units, &starts, language))
        }
        Phrase::OneOf(parts) => parts
            .iter()
            .flat_map(|part| ends(part, units, starts, language))
            .collect(),
        Phrase::Optional(part) => {
            let with = ends(part, units, starts, language);
            starts.union(&with).copied().collect()
        }
        Phrase::Repeat { of, min, max } => {
            let mut reached = starts.clone();
            let mut all = if *min == 0 {
                starts.clone()
            } else {
                BTreeSet::new()
            };
            for round in 1..=*max {
                reached = ends(of, units, &reached, language);
                if round >= *min {
                    all.extend(&reached);
                }
            }
            all
        }
    }
}
