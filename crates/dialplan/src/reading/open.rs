//! The intent tier in a plan: how long it is waited for, and what callers may ask it.

use super::fields::Fields;
use super::flow::Reading;
use super::nodes::Taken;
use super::values;
use super::yaml::{Item, Value};
use crate::{IntentPolicy, OpenPhrases, ProblemKind};
use call_model::Language;
use std::collections::BTreeMap;
use std::time::Duration;

/// The bounds of the first piece and of the whole.
const FIRST_PIECE: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(10)];
const WHOLE: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(120)];

impl Reading<'_> {
    /// `intent: {tier: remote, first_piece: 2s, whole: 20s}`.
    pub(super) fn read_intent(&mut self, item: Option<&Item>) {
        let Some(item) = item else { return };
        let known = ["tier", "first_piece", "whole"];
        let Some(fields) = Fields::of(item, "'intent'", &known, &mut self.problems) else {
            return;
        };
        match fields.get("tier") {
            Some(item) => {
                values::choice(item, "'tier'", &[("remote", ())], &mut self.problems);
            }
            None => self.problems.add(
                fields.at,
                "nothing says who answers open questions",
                "add 'tier: remote'",
            ),
        }
        let mut intent = IntentPolicy::default();
        for (name, time, [least, most]) in [
            ("first_piece", &mut intent.first_piece, FIRST_PIECE),
            ("whole", &mut intent.whole, WHOLE),
        ] {
            let Some(item) = fields.get(name) else {
                continue;
            };
            match values::duration(item, name, &mut self.problems) {
                Some(read) if (least..=most).contains(&read) => *time = read,
                Some(_) => self.problems.add(
                    item.at,
                    "no caller is kept waiting this long, or this short",
                    format!(
                        "'{name}' is from {}ms to {}s",
                        least.as_millis(),
                        most.as_secs()
                    ),
                ),
                None => {}
            }
        }
        if intent.whole < intent.first_piece {
            self.problems.add(
                fields.at,
                "the whole answer must be there before its first piece",
                "'whole' is the longer of the two",
            );
        }
        self.policy.intent = Some(intent);
    }

    /// `open: {en: [can i bring my dog, {grammar: open.jsgf}], zh: […]}`.
    pub(super) fn read_open(
        &mut self,
        name: &str,
        fields: Fields<'_>,
        taken: &mut Taken,
    ) -> BTreeMap<Language, OpenPhrases> {
        let mut open = BTreeMap::new();
        let Some(entry) = fields.entry("open") else {
            return open;
        };
        if self.policy.intent.is_none() {
            let message = format!("node '{name}' hears open questions that nobody answers");
            let remedy = "add 'intent: { tier: remote }' to the plan's head, or take 'open' out";
            self.problems.add(entry.key_at, message, remedy);
        }
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let Some(ways) = Fields::of(&entry.item, "'open'", &tags, &mut self.problems) else {
            return open;
        };
        for language in self.languages.clone() {
            match ways.get(language.tag()) {
                Some(item) => {
                    let phrases = self.open_phrases(item, language, taken);
                    open.insert(language, phrases);
                }
                None => self.problems.tell(
                    ProblemKind::MissingLanguage,
                    ways.at,
                    format!("'open' of node '{name}' has no words in '{language}'"),
                    format!("add '{language}: [what callers may ask]'"),
                ),
            }
        }
        open
    }

    fn open_phrases(&mut self, item: &Item, language: Language, taken: &mut Taken) -> OpenPhrases {
        let mut open = OpenPhrases::default();
        for item in values::items(item) {
            if let Value::Map(_) = item.value {
                let fields = Fields::of(item, "'open'", &["grammar"], &mut self.problems);
                let file = fields.and_then(|fields| fields.get("grammar"));
                if let Some((_, phrase)) = file.and_then(|file| self.grammar_file(file, language)) {
                    open.grammars.push(phrase);
                }
                continue;
            }
            let phrases = self.read_phrases(item, "'open'", language, "the intent tier", taken);
            open.words.extend(phrases);
        }
        open
    }
}
