//! What is said, per language, with places for what the caller told.

use crate::within::{NUMBER, time_slot};
use crate::{Line, Node, Plan, Wanted};
use call_model::{EscalationReason, Language, Pace, Private, PromptPiece, PromptText};
use serde::{Deserialize, Serialize};
use spoken_text::{ReadAs, read_digits};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The values a caller gave, by slot.
pub type Slots = BTreeMap<String, Private<String>>;

/// One thing to say, in every language of the plan.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wording(pub BTreeMap<Language, Vec<WordingPiece>>);

/// One piece of a wording.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordingPiece {
    /// Words.
    Text(String),
    /// What a slot holds; digits are read one by one.
    Slot(String),
    /// What a slot holds, read out in this way where it can be.
    Read {
        /// The slot.
        slot: String,
        /// The way.
        how: ReadAs,
    },
    /// An audio file, relative to the plan's folder.
    File(String),
    /// Nothing, for so many milliseconds.
    Pause(u32),
}

impl Plan {
    /// The words of `wording` with the slots' values in their places. Digits are
    /// read one by one; a slot not yet filled is passed over.
    pub fn render(&self, wording: &Wording, slots: &Slots, language: Language) -> PromptText {
        let language = self.spoken(language);
        let mut rendered = Rendered::default();
        for piece in wording.0.get(&language).into_iter().flatten() {
            match piece {
                WordingPiece::Text(text) => rendered.say(text, language),
                WordingPiece::Slot(slot) => {
                    if let Some(value) = slots.get(slot) {
                        rendered.say(&told(value.reveal(), language), language);
                    }
                }
                WordingPiece::Read { slot, how } => {
                    if let Some(value) = slots.get(slot).map(|value| value.reveal()) {
                        let words = how.read(value, language);
                        let words = words.unwrap_or_else(|| told(value, language));
                        rendered.say(&words, language);
                    }
                }
                WordingPiece::File(file) => rendered.put(PromptPiece::File(file.clone())),
                WordingPiece::Pause(millis) => rendered.put(PromptPiece::Pause(*millis)),
            }
        }
        PromptText {
            language,
            pieces: rendered.finish(),
            pace: Pace::USUAL,
        }
    }

    /// A line of the system, in the plan's own wording or the usual one.
    pub fn line(&self, line: Line, language: Language) -> PromptText {
        match self.body.lines.get(&line) {
            Some(wording) => self.render(wording, &Slots::new(), language),
            None => PromptText {
                language: self.spoken(language),
                pieces: Vec::new(),
                pace: Pace::USUAL,
            },
        }
    }

    /// A line that tells the time within which somebody calls back.
    pub fn line_within(&self, line: Line, within: Duration, language: Language) -> PromptText {
        let language = self.spoken(language);
        match self.body.lines.get(&line) {
            Some(wording) => self.render(wording, &time_slot(within, language), language),
            None => self.line(line, language),
        }
    }

    /// A line that tells the number to call back on, digit by digit.
    pub fn line_on(&self, line: Line, number: &str, language: Language) -> PromptText {
        let language = self.spoken(language);
        let slots = Slots::from([(NUMBER.to_owned(), Private::new(number.to_owned()))]);
        match self.body.lines.get(&line) {
            Some(wording) => self.render(wording, &slots, language),
            None => self.line(line, language),
        }
    }

    /// Every prompt whose words no slot changes, each once, so that it can be made
    /// before the first call; also as slowly as a profile has them.
    pub fn all_prompts(&self) -> Vec<PromptText> {
        let mut prompts: Vec<PromptText> = Vec::new();
        let of_nodes = self.nodes().flat_map(|(_, node)| node.wordings());
        for wording in of_nodes.chain(self.body.lines.values()) {
            for language in self.languages() {
                let pieces = wording
                    .0
                    .get(language)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                if pieces.iter().any(|piece| piece.slot().is_some()) {
                    continue;
                }
                let prompt = self.render(wording, &Slots::new(), *language);
                if !prompt.pieces.is_empty() && !prompts.contains(&prompt) {
                    prompts.push(prompt);
                }
            }
        }
        for line in Line::ALL.into_iter().filter(|line| line.tells_time()) {
            for within in self.callback_times() {
                for language in self.languages() {
                    let prompt = self.line_within(line, within, *language);
                    if !prompt.pieces.is_empty() && !prompts.contains(&prompt) {
                        prompts.push(prompt);
                    }
                }
            }
        }
        let profiles = self.profiles().iter();
        let paces: BTreeSet<Pace> = profiles.map(|profile| profile.pace).collect();
        let usual = prompts.clone();
        for pace in paces.into_iter().filter(|pace| !pace.is_usual()) {
            let paced = usual.iter().cloned();
            prompts.extend(paced.map(|prompt| PromptText { pace, ..prompt }));
        }
        prompts
    }

    /// Every time within which the plan promises a call back.
    fn callback_times(&self) -> BTreeSet<Duration> {
        let people = &self.policy().people;
        EscalationReason::ALL
            .map(|reason| people.callback_within(reason))
            .into_iter()
            .collect()
    }
}

impl WordingPiece {
    /// The slot that it tells, if it does.
    pub fn slot(&self) -> Option<&str> {
        match self {
            Self::Slot(slot) | Self::Read { slot, .. } => Some(slot),
            Self::Text(_) | Self::File(_) | Self::Pause(_) => None,
        }
    }
}

impl Wording {
    /// Has each slot read out by the kind of its value, where the wording itself does not say how.
    pub(crate) fn read_by_kind(&mut self, kinds: &BTreeMap<String, ReadAs>) {
        for piece in self.0.values_mut().flatten() {
            if let WordingPiece::Slot(slot) = piece
                && let Some(how) = kinds.get(slot)
            {
                *piece = WordingPiece::Read {
                    slot: std::mem::take(slot),
                    how: *how,
                };
            }
        }
    }

    /// The words of a language for somebody who reads them, slots by their names.
    pub(crate) fn as_text(&self, language: Language) -> String {
        let mut text = String::new();
        for piece in self.0.get(&language).into_iter().flatten() {
            let words = match piece {
                WordingPiece::Text(words) => words.clone(),
                WordingPiece::Slot(slot) => format!("{{{slot}}}"),
                WordingPiece::Read { slot, how } => format!("{{{slot}|{}}}", how.name()),
                WordingPiece::File(file) => format!("♪ {file}"),
                WordingPiece::Pause(_) => continue,
            };
            let is_mark = |c: char| c.is_ascii_punctuation() && c != '{';
            if language == Language::En && !text.is_empty() && !words.starts_with(is_mark) {
                text.push(' ');
            }
            text.push_str(&words);
        }
        text
    }
}

impl Node {
    /// The same, to be changed.
    pub(crate) fn wordings_mut(&mut self) -> Vec<&mut Wording> {
        let (said, listening) = match self {
            Self::Api(api) => (Some(&mut api.holding), None),
            Self::ApiAll(all) => (Some(&mut all.holding), None),
            Self::Ask(ask) => (Some(&mut ask.prompt.wording), Some(&mut ask.listening)),
            Self::Collect(collect) => (
                Some(&mut collect.prompt.wording),
                Some(&mut collect.listening),
            ),
            Self::Say(say) => (Some(&mut say.prompt.wording), None),
            Self::Handoff(handoff) => (handoff.prompt.as_mut().map(|p| &mut p.wording), None),
            Self::End(end) => (end.prompt.as_mut().map(|p| &mut p.wording), None),
            Self::Decide(_) | Self::Set(_) => (None, None),
        };
        let ladders = listening.map(|l| [&mut l.no_input, &mut l.no_match]);
        let tries = ladders.into_iter().flatten().flat_map(|l| &mut l.tries);
        said.into_iter().chain(tries).collect()
    }

    /// Everything a node may say.
    pub(crate) fn wordings(&self) -> impl Iterator<Item = &Wording> {
        let ladders = self.listening().map(|l| [&l.no_input, &l.no_match]);
        let tries = ladders
            .into_iter()
            .flatten()
            .flat_map(|ladder| &ladder.tries);
        let said = match self {
            Self::Api(api) => Some(&api.holding),
            Self::ApiAll(all) => Some(&all.holding),
            Self::Say(_)
            | Self::Ask(_)
            | Self::Collect(_)
            | Self::Decide(_)
            | Self::Set(_)
            | Self::Handoff(_)
            | Self::End(_) => self.prompt().map(|prompt| &prompt.wording),
        };
        said.into_iter().chain(tries)
    }
}

/// Has slots read out by the kind of value that nodes collect in them; one that holds values of
/// several kinds is told as it is written.
pub(crate) fn read_by_kind(nodes: &mut BTreeMap<String, Node>) {
    let mut kinds: BTreeMap<String, BTreeSet<ReadAs>> = BTreeMap::new();
    for node in nodes.values() {
        if let Node::Collect(collect) = node
            && let Wanted::Value(kind) = collect.wanted
        {
            let of_slot = kinds.entry(collect.slot.clone()).or_default();
            of_slot.insert(kind.read_as());
        }
    }
    let only = kinds.into_iter().filter(|(_, kinds)| kinds.len() == 1);
    let kinds = only.filter_map(|(slot, kinds)| Some((slot, kinds.into_iter().next()?)));
    let kinds: BTreeMap<String, ReadAs> = kinds.collect();
    if kinds.is_empty() {
        return;
    }
    for wording in nodes.values_mut().flat_map(Node::wordings_mut) {
        wording.read_by_kind(&kinds);
    }
}

/// A slot's value as it is said.
fn told(value: &str, language: Language) -> String {
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        read_digits(value, language)
    } else {
        value.to_owned()
    }
}

/// Pieces of a prompt, texts that meet joined into one so that they are spoken
/// in one breath.
#[derive(Default)]
struct Rendered {
    pieces: Vec<PromptPiece>,
    text: String,
}

impl Rendered {
    fn say(&mut self, text: &str, language: Language) {
        let begins_with_mark = text.starts_with(|c: char| c.is_ascii_punctuation());
        if language == Language::En && !self.text.is_empty() && !begins_with_mark {
            self.text.push(' ');
        }
        self.text.push_str(text);
    }

    fn put(&mut self, piece: PromptPiece) {
        self.close();
        self.pieces.push(piece);
    }

    fn close(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.pieces.push(PromptPiece::Text(Private::new(text)));
        }
    }

    fn finish(mut self) -> Vec<PromptPiece> {
        self.close();
        self.pieces
    }
}
