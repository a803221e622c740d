//! The words that mean the same everywhere: the shipped lists, and what a plan
//! adds to them and removes.

use super::Problems;
use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::{Item, Value, parse};
use crate::{Command, Line, Purpose, Vocabulary, Wording, WordingPiece};
use call_model::Language;
use spoken_text::normalise;
use std::collections::BTreeMap;

/// The lists of one language.
#[derive(Clone, Default)]
pub(crate) struct ReadWords {
    pub ask: Vec<String>,
    pub demand: Vec<String>,
    pub vocabulary: Vocabulary,
}

pub(super) const LISTS: [&str; 14] = [
    "ask",
    "ask_within",
    "demand",
    "demand_within",
    "repeat",
    "hold_on",
    "back",
    "slower",
    "other_language",
    "backchannels",
    "yes",
    "no",
    "goodbye",
    "angry",
];

impl ReadWords {
    /// What brings a caller to a person, alone or within a sentence.
    pub fn for_person(&self) -> impl Iterator<Item = &String> {
        let asks = self.ask.iter().chain(&self.vocabulary.ask_within);
        asks.chain(&self.demand)
    }

    fn list(&mut self, name: &str) -> Option<&mut Vec<String>> {
        Some(match name {
            "ask" => &mut self.ask,
            "demand" => &mut self.demand,
            "ask_within" => &mut self.vocabulary.ask_within,
            "demand_within" => &mut self.vocabulary.demand_within,
            "repeat" => &mut self.vocabulary.repeat,
            "hold_on" => &mut self.vocabulary.hold_on,
            "backchannels" => &mut self.vocabulary.backchannels,
            "yes" => &mut self.vocabulary.yes,
            "no" => &mut self.vocabulary.no,
            "goodbye" => &mut self.vocabulary.goodbye,
            "angry" => &mut self.vocabulary.angry,
            "apart" => &mut self.vocabulary.apart,
            name => self
                .vocabulary
                .commands
                .entry(Command::named(name)?)
                .or_default(),
        })
    }
}

/// The shipped lists of a language.
pub(crate) fn usual_words(language: Language) -> ReadWords {
    let mut words = ReadWords::default();
    let owned = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
    words.vocabulary.backchannels = owned(spoken_text::backchannels(language));
    words.vocabulary.yes = owned(spoken_text::yes_words(language));
    words.vocabulary.no = owned(spoken_text::no_words(language));
    for (name, item) in shipped(language) {
        if let Some(list) = words.list(&name) {
            let texts = values::items(&item).iter().filter_map(values::as_text);
            *list = texts.map(|text| normalise(text, language)).collect();
        }
    }
    words
}

/// The shipped wording of every line.
pub(crate) fn usual_lines(languages: &[Language]) -> BTreeMap<Line, Wording> {
    let mut lines: BTreeMap<Line, Wording> = BTreeMap::new();
    for language in languages {
        let texts = shipped(*language).remove("lines");
        let Some(Value::Map(entries)) = texts.map(|item| item.value) else {
            continue;
        };
        for entry in entries {
            let line = Line::ALL.into_iter().find(|line| line.name() == entry.key);
            if let (Some(line), Some(text)) = (line, values::as_text(&entry.item)) {
                let pieces = with_slots(text);
                lines.entry(line).or_default().0.insert(*language, pieces);
            }
        }
    }
    lines
}

/// A shipped line, cut at the `{within}` and `{number}` in it.
fn with_slots(text: &str) -> Vec<WordingPiece> {
    let mut pieces = Vec::new();
    // Words and slots by turns: no shipped line has braces for anything else.
    for (n, part) in text.split(['{', '}']).enumerate() {
        let part = part.trim();
        match n % 2 {
            _ if part.is_empty() => {}
            0 => pieces.push(WordingPiece::Text(part.to_owned())),
            _ => pieces.push(WordingPiece::Slot(part.to_owned())),
        }
    }
    pieces
}

/// The fields of a language's data file.
fn shipped(language: Language) -> BTreeMap<String, Item> {
    let text = match language {
        Language::En => include_str!("../../data/en.yaml"),
        Language::Zh => include_str!("../../data/zh.yaml"),
    };
    let mut problems = Problems::of("data");
    match parse(text, &mut problems).map(|item| item.value) {
        Some(Value::Map(entries)) => entries.into_iter().map(|e| (e.key, e.item)).collect(),
        _ => BTreeMap::new(),
    }
}

impl Reading<'_> {
    /// `global_words: [back, slower, other_language]`: what callers may ask of the conversation at
    /// every node, beside a repetition and a person.
    pub(super) fn read_commands(&mut self, item: Option<&Item>) -> Vec<Command> {
        let names = Command::ALL.map(|command| (command.name(), command));
        let mut commands = Vec::new();
        for item in item.map(values::items).unwrap_or_default() {
            let command = values::choice(item, "'global_words'", &names, &mut self.problems);
            if command == Some(Command::OtherLanguage) && self.languages.len() < 2 {
                let message = "the plan speaks one language";
                let remedy = "take 'other_language' out, or add one to 'languages'";
                self.problems.add(item.at, message, remedy);
            }
            commands.extend(command);
        }
        commands
    }

    /// `words: {en: {ask: {add: […], remove: […]}, demand: {only: […]}}}`.
    pub(super) fn read_words(
        &mut self,
        item: Option<&Item>,
        purpose: Purpose,
        commands: &[Command],
    ) -> BTreeMap<Language, ReadWords> {
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let fields = item.and_then(|item| Fields::of(item, "'words'", &tags, &mut self.problems));
        let mut all = BTreeMap::new();
        for language in self.languages.clone() {
            let mut words = usual_words(language);
            words
                .vocabulary
                .commands
                .retain(|command, _| commands.contains(command));
            if let Some(item) = fields.and_then(|fields| fields.get(language.tag())) {
                self.change_words(item, language, &mut words);
                if purpose == Purpose::Service && (words.ask.is_empty() || words.demand.is_empty())
                {
                    self.problems.add(
                        item.at,
                        format!("no word in '{language}' brings a caller to a person"),
                        "leave at least one 'ask' and one 'demand' word",
                    );
                }
            }
            all.insert(language, words);
        }
        all
    }

    fn change_words(&mut self, item: &Item, language: Language, words: &mut ReadWords) {
        let Some(fields) = Fields::of(item, "'words'", &LISTS, &mut self.problems) else {
            return;
        };
        for entry in fields.iter() {
            if let Some(command) = Command::named(&entry.key)
                && !words.vocabulary.commands.contains_key(&command)
            {
                let name = command.name();
                let message = format!("callers are not let say '{name}' in this plan");
                let remedy = format!("add 'global_words: [{name}]' to its head");
                self.problems.add(entry.key_at, message, remedy);
                continue;
            }
            let Some(list) = words.list(&entry.key) else {
                continue;
            };
            let what = format!("'{}'", entry.key);
            let known = ["add", "remove", "only"];
            let Some(changes) = Fields::of(&entry.item, &what, &known, &mut self.problems) else {
                continue;
            };
            if changes.get("only").is_some() {
                list.clear();
            }
            for field in ["only", "add", "remove"] {
                for item in changes.get(field).map(values::items).unwrap_or_default() {
                    let Some(text) = values::text(item, &what, &mut self.problems) else {
                        continue;
                    };
                    let word = normalise(text, language);
                    let is_heard = !["ask_within", "demand_within"].contains(&&*entry.key);
                    if field != "remove" && is_heard {
                        self.marks
                            .plan_words
                            .push((item.at, language, word.clone()));
                    }
                    match (field, list.iter().position(|known| *known == word)) {
                        ("remove", Some(place)) => {
                            list.remove(place);
                        }
                        ("remove", None) => self.problems.add(
                            item.at,
                            format!("'{word}' is not in the list of {what}"),
                            "take it out here",
                        ),
                        (_, None) if !word.is_empty() => list.push(word),
                        _ => {}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lists_are_normalised_and_whole() {
        for language in Language::ALL {
            let words = usual_words(language);
            let lists = [
                &words.ask,
                &words.demand,
                &words.vocabulary.ask_within,
                &words.vocabulary.demand_within,
                &words.vocabulary.repeat,
                &words.vocabulary.hold_on,
                &words.vocabulary.goodbye,
                &words.vocabulary.angry,
                &words.vocabulary.apart,
                &words.vocabulary.commands[&Command::Back],
                &words.vocabulary.commands[&Command::Slower],
                &words.vocabulary.commands[&Command::OtherLanguage],
            ];
            for list in lists {
                assert!(list.len() >= 10, "{language}: {list:?}");
                let mut each: Vec<&String> = list.iter().collect();
                each.sort();
                each.dedup();
                assert_eq!(each.len(), list.len(), "a word stands twice in {list:?}");
            }
            let asks = words.ask.iter().chain(&words.vocabulary.ask_within);
            let demands: Vec<_> = asks.filter(|ask| words.demand.contains(ask)).collect();
            assert!(demands.is_empty(), "both ask and demand: {demands:?}");
            let within = &words.vocabulary.ask_within;
            let both: Vec<_> = words.ask.iter().filter(|w| within.contains(w)).collect();
            assert!(both.is_empty(), "heard alone and within: {both:?}");
            let within = &words.vocabulary.demand_within;
            let asks = words.ask.iter().chain(&words.vocabulary.ask_within);
            let others = words.demand.iter().chain(asks);
            let both: Vec<_> = others.filter(|w| within.contains(w)).collect();
            assert!(both.is_empty(), "heard otherwise and within: {both:?}");
        }
    }

    #[test]
    fn every_line_has_a_wording_in_every_language() {
        let lines = usual_lines(&Language::ALL);
        for line in Line::ALL {
            let wording = &lines[&line];
            assert_eq!(wording.0.len(), Language::ALL.len(), "{}", line.name());
        }
    }
}
