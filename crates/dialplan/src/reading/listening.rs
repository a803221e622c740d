//! How nodes listen: values, ladders, phrases.

use super::fields::Fields;
use super::flow::Reading;
use super::jsgf;
use super::nodes::Taken;
use super::values;
use super::yaml::{Entry, Item, Value};
use crate::{AnswerBy, Ladder, LadderEnd, Line, Listed, Listening, Next, ProblemKind, Wanted};
use call_model::{Language, Phrase};
use spoken_text::normalise;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The kinds of values that a node may collect.
const VALUES: [&str; 9] = [
    "digits", "date", "time", "amount", "letters", "plate", "yes_no", "one_of", "grammar",
];
/// The most digits a node may collect.
const DIGITS_MAX: u16 = 32;
/// The most plain phrases one written phrase may stand for.
const EXPANSIONS_MAX: usize = 64;
/// The shortest and longest patience with a silent caller.
const TIMEOUTS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(120)];

impl Reading<'_> {
    /// What a node collects and, where the answer decides the way, where it leads.
    pub(super) fn read_wanted(
        &mut self,
        name: &str,
        fields: Fields<'_>,
    ) -> Option<(Wanted, Option<Next>)> {
        let given: Vec<&Entry> = VALUES
            .iter()
            .filter_map(|kind| fields.entry(kind))
            .collect();
        let [entry] = given.as_slice() else {
            let message = format!(
                "node '{name}' collects {}",
                if given.is_empty() {
                    "nothing"
                } else {
                    "two kinds of value"
                }
            );
            self.problems.add(
                fields.at,
                message,
                format!(
                    "give it one of {}",
                    VALUES.map(|kind| format!("'{kind}'")).join(", ")
                ),
            );
            return None;
        };
        match entry.key.as_str() {
            "digits" => self.read_digits(&entry.item).map(|wanted| (wanted, None)),
            "yes_no" => self.read_yes_no(name, entry, fields),
            "date" | "time" | "amount" | "letters" | "plate" => {
                Some((Wanted::Value(self.read_value_kind(entry)), None))
            }
            "one_of" => self.read_one_of(&entry.item).map(|wanted| (wanted, None)),
            _ => self.read_grammar(&entry.item).map(|wanted| (wanted, None)),
        }
    }

    /// `digits: 4` or `digits: {min: 4, max: 8}`.
    fn read_digits(&mut self, item: &Item) -> Option<Wanted> {
        let (min, max) = self.read_lengths(item, "digits", DIGITS_MAX)?;
        Some(Wanted::Digits { min, max })
    }

    /// How many, exactly or from `min` to `max`.
    pub(super) fn read_lengths(&mut self, item: &Item, what: &str, most: u16) -> Option<(u8, u8)> {
        let range = 1..=most;
        let quoted = format!("'{what}'");
        let (min, max) = if let Value::Map(_) = item.value {
            let fields = Fields::of(item, &quoted, &["min", "max"], &mut self.problems)?;
            let end = |end: &str, usual, reading: &mut Self| match fields.get(end) {
                Some(item) => values::number(item, end, range.clone(), &mut reading.problems),
                None => Some(usual),
            };
            (end("min", 1, self)?, end("max", most, self)?)
        } else {
            let exact = values::number(item, &quoted, range, &mut self.problems)?;
            (exact, exact)
        };
        if min > max {
            self.problems.add(
                item.at,
                format!("at least {min} {what} and at most {max}"),
                "'min' is the smaller",
            );
            return None;
        }
        let byte = |n: u16| u8::try_from(n).unwrap_or(u8::MAX);
        Some((byte(min), byte(max)))
    }

    /// `yes_no: {yes: a-node, no: a-node}`, or `yes_no:` with the node's own `next`.
    fn read_yes_no(
        &mut self,
        name: &str,
        entry: &Entry,
        fields: Fields<'_>,
    ) -> Option<(Wanted, Option<Next>)> {
        if !matches!(entry.item.value, Value::Map(_)) {
            return Some((Wanted::YesNo, None));
        }
        let ways = Fields::of(&entry.item, "'yes_no'", &["yes", "no"], &mut self.problems)?;
        if let Some(next) = fields.entry("next") {
            self.problems.add(
                next.key_at,
                "the answer decides the way, and 'next' too",
                "take 'next' out",
            );
        }
        let mut way = |answer: &str| match ways.get(answer) {
            Some(item) => self.target_of(name, item),
            None => {
                let message = format!("nothing says where '{answer}' leads");
                self.problems
                    .add(ways.at, message, format!("add '{answer}: a-node'"));
                None
            }
        };
        let (yes, no) = (way("yes"), way("no"));
        Some((Wanted::YesNo, Some(Next::ByAnswer { yes: yes?, no: no? })))
    }

    fn read_one_of(&mut self, item: &Item) -> Option<Wanted> {
        let fields = Fields::open(item, "'one_of'", &mut self.problems)?;
        let mut taken = Taken::default();
        let mut listed = Vec::new();
        for entry in fields.iter() {
            let what = format!("the value '{}'", entry.key);
            if let Some((words, keys)) =
                self.read_answers(&entry.item, &what, &entry.key, &mut taken)
            {
                if let Some(second) = keys.get(1) {
                    self.problems.add(
                        entry.key_at,
                        format!("{what} has key {second} beside another"),
                        "give it one key",
                    );
                }
                listed.push(Listed {
                    value: entry.key.clone(),
                    words,
                    key: keys.first().copied(),
                });
            }
        }
        if listed.is_empty() {
            self.problems.add(
                item.at,
                "'one_of' has no values",
                "add 'value: {en: [its words]}'",
            );
            return None;
        }
        Some(Wanted::OneOf(listed))
    }

    /// `grammar: file.jsgf`, or one file per language.
    fn read_grammar(&mut self, item: &Item) -> Option<Wanted> {
        let mut files = BTreeMap::new();
        let mut phrases = BTreeMap::new();
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let by_language = match &item.value {
            Value::Map(_) => Some(Fields::of(item, "'grammar'", &tags, &mut self.problems)?),
            Value::Scalar(_) | Value::List(_) => None,
        };
        for language in self.languages.clone() {
            let file = by_language.map_or(Some(item), |fields| fields.get(language.tag()));
            let Some(file) = file else {
                let message = format!("'grammar' has no file for '{language}'");
                self.problems.tell(
                    ProblemKind::MissingLanguage,
                    item.at,
                    message,
                    format!("add '{language}: a-file.jsgf'"),
                );
                continue;
            };
            if let Some((name, phrase)) = self.grammar_file(file, language) {
                files.insert(language, name);
                phrases.insert(language, phrase);
            }
        }
        (files.len() == self.languages.len()).then_some(Wanted::Grammar { files, phrases })
    }

    pub(super) fn grammar_file(
        &mut self,
        item: &Item,
        language: Language,
    ) -> Option<(String, Phrase)> {
        let name = values::text(item, "a grammar's file", &mut self.problems)?;
        let Some(text) = self.sources.texts.get(name) else {
            self.problems.tell(
                ProblemKind::MissingFile,
                item.at,
                format!("there is no file '{name}'"),
                "a grammar is a .jsgf file in the plan's folder",
            );
            return None;
        };
        let mut problems = super::Problems::of(name);
        let phrase = jsgf::grammar(text, language, &mut problems);
        self.problems.take_over(problems);
        let phrase = phrase?;
        let marked = (name.to_owned(), language, phrase.clone());
        self.marks.grammars.push(marked);
        Some((name.to_owned(), phrase))
    }

    /// The plain phrases that a phrase with `[…]` and `(… | …)` stands for, normalised.
    pub(super) fn expanded(
        &mut self,
        written: &str,
        item: &Item,
        language: Language,
    ) -> Vec<String> {
        if !written.contains(['(', '[', '|', ')', ']']) {
            let plain = normalise(written, language);
            if plain.is_empty() {
                self.problems.add(
                    item.at,
                    format!("'{written}' holds no word"),
                    "write what callers say",
                );
                return Vec::new();
            }
            return vec![plain];
        }
        let texts =
            jsgf::expression(written, language).map(|phrase| jsgf::texts(&phrase, EXPANSIONS_MAX));
        match texts {
            Ok(Some(texts)) => {
                let plain: BTreeSet<String> = texts
                    .iter()
                    .map(|t| normalise(t, language))
                    .filter(|t| !t.is_empty())
                    .collect();
                plain.into_iter().collect()
            }
            Ok(None) => {
                let message = format!("'{written}' stands for more than {EXPANSIONS_MAX} phrases");
                self.problems
                    .add(item.at, message, "write fewer alternatives in one phrase");
                Vec::new()
            }
            Err(fault) => {
                self.problems.add(
                    item.at,
                    format!("'{written}': {}", fault.message),
                    "close every bracket that is opened",
                );
                Vec::new()
            }
        }
    }

    pub(super) fn read_listening(&mut self, name: &str, fields: Fields<'_>) -> Option<Listening> {
        let no_input = match fields.get("no_input") {
            Some(item) => self.read_ladder(name, item, "no_input"),
            None => {
                let message =
                    format!("node '{name}' does not say what happens when the caller says nothing");
                self.problems.tell(
                    ProblemKind::NoSilencePath,
                    fields.at,
                    message,
                    "add 'no_input: [another wording, then: person]'",
                );
                None
            }
        };
        let no_match = match fields.get("no_match") {
            Some(item) => self.read_ladder(name, item, "no_match"),
            None => no_input.as_ref().map(|ladder| self.usual_no_match(ladder)),
        };
        self.read_listening_with(name, fields, no_input, no_match)
    }

    /// How a node listens whose ladders are known.
    pub(super) fn read_listening_with(
        &mut self,
        name: &str,
        fields: Fields<'_>,
        no_input: Option<Ladder>,
        no_match: Option<Ladder>,
    ) -> Option<Listening> {
        let choices = [
            ("voice_and_keys", AnswerBy::VoiceAndKeys),
            ("voice", AnswerBy::Voice),
            ("keys", AnswerBy::Keys),
        ];
        let by = fields
            .get("by")
            .and_then(|i| values::choice(i, "'by'", &choices, &mut self.problems));
        let timeout = self.read_timeout(fields);
        let on_off = [("on", true), ("off", false)];
        let global = fields
            .get("global_words")
            .and_then(|i| values::choice(i, "'global_words'", &on_off, &mut self.problems));
        if global == Some(false) {
            self.marks.without_globals.push(name.to_owned());
        }
        Some(Listening {
            by: by.unwrap_or_default(),
            grammars: BTreeMap::new(),
            offer_grammars: BTreeMap::new(),
            timeout: timeout.unwrap_or(self.policy.listening.timeout),
            no_input: no_input?,
            no_match: no_match?,
        })
    }

    fn read_timeout(&mut self, fields: Fields<'_>) -> Option<Duration> {
        let item = fields.get("timeout")?;
        let timeout = values::duration(item, "'timeout'", &mut self.problems)?;
        if (TIMEOUTS[0]..=TIMEOUTS[1]).contains(&timeout) {
            return Some(timeout);
        }
        self.problems.add(
            item.at,
            "no caller is waited for this long, or this short",
            "wait from 1s to 120s",
        );
        None
    }

    /// The line "sorry, I did not understand" once, then the way the other ladder goes.
    pub(super) fn usual_no_match(&self, no_input: &Ladder) -> Ladder {
        Ladder {
            tries: self
                .lines
                .get(&Line::NotUnderstood)
                .cloned()
                .into_iter()
                .collect(),
            then: no_input.then.clone(),
        }
    }

    /// A list of wordings that ends in `then: person` or `then: a-node`.
    fn read_ladder(&mut self, name: &str, item: &Item, field: &str) -> Option<Ladder> {
        let mut steps = values::items(item);
        let Some((last, tries)) = steps.split_last().filter(|(last, _)| is_ladder_end(last)) else {
            self.problems.tell(
                ProblemKind::LadderEnd,
                item.at,
                format!("'{field}' of node '{name}' has no end"),
                "end it with '- then: person', or with a node that is answered by keys",
            );
            return None;
        };
        steps = tries;
        let tries = steps
            .iter()
            .map(|item| self.wording(item, &format!("'{field}'")))
            .collect();
        let fields = Fields::of(last, "the end of a ladder", &["then"], &mut self.problems)?;
        let to = values::text(fields.get("then")?, "'then'", &mut self.problems)?;
        let then = if to == "person" {
            LadderEnd::Person
        } else {
            LadderEnd::Goto(self.target(name, fields.get("then")?.at, to, true))
        };
        Some(Ladder { tries, then })
    }
}

fn is_ladder_end(item: &Item) -> bool {
    match &item.value {
        Value::Map(entries) => entries.iter().any(|entry| entry.key == "then"),
        Value::Scalar(_) | Value::List(_) => false,
    }
}
