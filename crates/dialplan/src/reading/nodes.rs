//! The nodes of a plan.

use super::Place;
use super::fields::Fields;
use super::flow::{Answer, AnsweredBy, Reading, Target};
use super::kinds;
use super::values;
use super::yaml::{Entry, Item, Value};
use crate::{AnswerBy, Ask, Choice, EndNode, Node, ProblemKind, Prompt, Say};
use call_model::{Interruption, Key, Language};
use std::collections::BTreeMap;

impl Reading<'_> {
    pub(super) fn read_nodes(&mut self, item: &Item) {
        let Some(fields) = Fields::open(item, "'nodes'", &mut self.problems) else {
            return;
        };
        for entry in fields.iter() {
            if !values::is_name(&entry.key) || self.scope.is_taken(&entry.key) {
                let message = format!("'{}' cannot be the name of a node", entry.key);
                let taken = self.scope.taken();
                self.problems.add(
                    entry.key_at,
                    message,
                    format!("a name has letters, figures, '_' and '-'; {taken}"),
                );
                continue;
            }
            let name = self.scope.name(&entry.key);
            self.add_node(&name, entry.key_at, |reading| {
                reading.read_node(&name, entry)
            });
        }
    }

    /// Reads a node and notes where it stands, whether or not it can be read.
    pub(super) fn add_node(
        &mut self,
        name: &str,
        at: Place,
        read: impl FnOnce(&mut Self) -> Option<Node>,
    ) {
        self.marks.nodes.insert(name.to_owned(), at);
        let around = std::mem::replace(&mut self.node, name.to_owned());
        let used = self.marks.slots_used.len();
        let node = read(self);
        let used = used..self.marks.slots_used.len();
        self.marks.slots_of_nodes.insert(name.to_owned(), used);
        self.node = around;
        if let Some(node) = node {
            self.nodes.insert(name.to_owned(), node);
        }
    }

    fn read_node(&mut self, name: &str, entry: &Entry) -> Option<Node> {
        let what = format!("node '{name}'");
        let any = Fields::open(&entry.item, &what, &mut self.problems)?;
        let kind = kinds::KINDS
            .iter()
            .find(|(kind, _)| any.get(kind).is_some());
        let Some((kind, known)) = kind else {
            let message = format!("{what} does nothing");
            self.problems
                .add(entry.key_at, message, format!("give it {}", kinds::named()));
            return None;
        };
        let known: Vec<&str> = known.iter().copied().chain(kinds::ANYWHERE).collect();
        let fields = Fields::of(
            &entry.item,
            &format!("{what} ({kind})"),
            &known,
            &mut self.problems,
        )?;
        if let Some(item) = fields.get("title") {
            self.read_title(name, item);
        }
        if let Some(item) = fields.get("voice_analysis")
            && let Some(choice) = self.read_voice_analysis(item)
        {
            self.voice_switches.insert(name.to_owned(), choice);
        }
        if let Some(item) = fields.get("task_done")
            && values::flag(item, "'task_done'", &mut self.problems) == Some(true)
        {
            self.tasks_done.insert(name.to_owned());
        }
        match *kind {
            "ask" => self.read_ask(name, fields).map(Node::Ask),
            "menu" => self.read_menu(name, fields).map(Node::Ask),
            "survey" => self.read_survey(name, fields).map(Node::Collect),
            "collect" => self.read_collect(name, fields).map(Node::Collect),
            "api" if is_several(fields) => self.read_api_all(name, fields).map(Node::ApiAll),
            "api" => self.read_api(name, fields).map(Node::Api),
            "verify" => self.read_verify(name, fields),
            "message" => self.read_message(name, fields),
            "decide" => self.read_decide(name, fields).map(Node::Decide),
            "call" => self.read_part_call(name, fields).map(Node::Set),
            "set" => self.read_set(name, fields).map(Node::Set),
            "handoff" => Some(Node::Handoff(self.read_handoff(fields))),
            "queue" => self.read_queue(name, fields).map(Node::Handoff),
            "end" => Some(Node::End(self.read_end(fields))),
            _ => self.read_say(name, fields).map(Node::Say),
        }
    }

    fn read_say(&mut self, name: &str, fields: Fields<'_>) -> Option<Say> {
        let prompt = self.prompt(fields, "say");
        let next = self.required_target(name, fields)?;
        Some(Say {
            prompt: prompt?,
            next,
        })
    }

    fn read_end(&mut self, fields: Fields<'_>) -> EndNode {
        let is_plain = fields.get("end").is_some_and(is_nothing);
        EndNode {
            prompt: if is_plain {
                None
            } else {
                self.prompt(fields, "end")
            },
        }
    }

    fn read_ask(&mut self, name: &str, fields: Fields<'_>) -> Option<Ask> {
        let prompt = self.prompt(fields, "ask");
        let mut taken = Taken::default();
        let mut choices = self.read_routes(name, fields, &mut taken);
        let nowhere = self.read_examples(fields, &mut choices, &mut taken);
        let open = self.read_open(name, fields, &mut taken);
        let listening = self.read_listening(name, fields);
        let hears_keys = listening.as_ref().is_some_and(|l| l.by == AnswerBy::Keys);
        if let Some(entry) = fields.entry("open").filter(|_| hears_keys) {
            let message = format!("node '{name}' hears keys alone, and open questions too");
            let remedy = "take 'open' out, or let it hear voices: 'by: voice_and_keys'";
            self.problems.add(entry.key_at, message, remedy);
        }
        Some(Ask {
            prompt: prompt?,
            listening: listening?,
            choices: choices.into_iter().map(|(_, choice)| choice).collect(),
            open,
            nowhere,
        })
    }

    /// The choices of a question, each with the name of its route as it is written.
    fn read_routes(
        &mut self,
        name: &str,
        fields: Fields<'_>,
        taken: &mut Taken,
    ) -> Vec<(String, Choice)> {
        let remedy = "add 'routes:' with the nodes it leads to and the words for each";
        let Some(item) = fields.get("routes") else {
            self.problems.add(
                fields.at,
                format!("node '{name}' asks and leads nowhere"),
                remedy,
            );
            return Vec::new();
        };
        let Some(routes) = Fields::open(item, "'routes'", &mut self.problems) else {
            return Vec::new();
        };
        let mut choices = Vec::new();
        for entry in routes.iter() {
            let to = self.target(name, entry.key_at, &entry.key, false);
            let what = format!("the route to '{}'", entry.key);
            if let Some((words, keys)) = self.read_answers(&entry.item, &what, &to, taken) {
                let examples = BTreeMap::new();
                let choice = Choice {
                    to,
                    words,
                    keys,
                    examples,
                };
                choices.push((entry.key.clone(), choice));
            }
        }
        if choices.is_empty() && self.problems.is_empty() {
            self.problems.add(
                item.at,
                format!("node '{name}' asks and leads nowhere"),
                remedy,
            );
        }
        choices
    }

    /// Words per language and keys that lead to one thing.
    pub(super) fn read_answers(
        &mut self,
        item: &Item,
        what: &str,
        to: &str,
        taken: &mut Taken,
    ) -> Option<Answers> {
        let mut known: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        known.push("key");
        let fields = Fields::of(item, what, &known, &mut self.problems)?;
        let mut keys = Vec::new();
        for item in fields.get("key").map(values::items).unwrap_or_default() {
            if let Some(key) = values::key(item, "a key", &mut self.problems) {
                self.take_key(key, item.at, to, taken);
                keys.push(key);
            }
        }
        let mut words = BTreeMap::new();
        for language in self.languages.clone() {
            match fields.get(language.tag()) {
                Some(item) => {
                    let phrases = self.read_phrases(item, what, language, to, taken);
                    words.insert(language, phrases);
                }
                None => self.problems.tell(
                    ProblemKind::MissingLanguage,
                    fields.at,
                    format!("{what} has no words in '{language}'"),
                    format!("add '{language}: [what callers say]'"),
                ),
            }
        }
        Some((words, keys))
    }

    fn answer(&mut self, at: Place, to: &str, by: AnsweredBy) {
        self.marks.answers.push(Answer {
            at,
            node: self.node.clone(),
            to: to.to_owned(),
            by,
        });
    }

    pub(super) fn take_key(&mut self, key: Key, at: Place, to: &str, taken: &mut Taken) {
        self.answer(at, to, AnsweredBy::Key(key));
        if let Some(other) = taken.keys.insert(key, to.to_owned()) {
            let message = format!("key {key} leads to '{other}' and to '{to}'");
            self.problems
                .tell(ProblemKind::KeyClash, at, message, "give each its own key");
        }
    }

    pub(super) fn read_phrases(
        &mut self,
        item: &Item,
        what: &str,
        language: Language,
        to: &str,
        taken: &mut Taken,
    ) -> Vec<String> {
        let mut phrases: Vec<String> = Vec::new();
        for item in values::items(item) {
            let Some(written) = values::text(item, what, &mut self.problems) else {
                continue;
            };
            for phrase in self.expanded(written, item, language) {
                self.answer(item.at, to, AnsweredBy::Words(language, phrase.clone()));
                let other = taken
                    .words
                    .insert((language, phrase.clone()), to.to_owned());
                match other {
                    Some(other) if other != to => {
                        let message = format!("'{phrase}' leads to '{other}' and to '{to}'");
                        self.problems.tell(
                            ProblemKind::PhraseClash,
                            item.at,
                            message,
                            "keep it in one of the two",
                        );
                    }
                    _ if !phrases.contains(&phrase) => phrases.push(phrase),
                    _ => {}
                }
            }
        }
        phrases
    }

    pub(super) fn prompt(&mut self, fields: Fields<'_>, field: &str) -> Option<Prompt> {
        let item = fields.get(field)?;
        Some(Prompt {
            wording: self.wording(item, &format!("'{field}'")),
            interruption: self.interruption(fields),
        })
    }

    fn interruption(&mut self, fields: Fields<'_>) -> Interruption {
        let choices = [
            ("voice_and_keys", Interruption::ByVoiceAndKeys),
            ("voice", Interruption::ByVoice),
            ("keys", Interruption::ByKeys),
            ("never", Interruption::Never),
        ];
        let item = fields.get("interruptible");
        let chosen =
            item.and_then(|i| values::choice(i, "'interruptible'", &choices, &mut self.problems));
        let legal = fields.get("legal");
        let is_legal = legal.and_then(|i| values::flag(i, "'legal'", &mut self.problems));
        match (is_legal.unwrap_or(false), item, chosen) {
            (true, Some(item), Some(chosen)) if chosen != Interruption::Never => {
                self.problems.add(
                    item.at,
                    "a legal notice cannot be interrupted",
                    "take 'interruptible' out, or 'legal'",
                );
                Interruption::LegalNotice
            }
            (true, _, _) => Interruption::LegalNotice,
            (false, _, chosen) => chosen.unwrap_or_default(),
        }
    }

    pub(super) fn required_target(&mut self, name: &str, fields: Fields<'_>) -> Option<String> {
        let Some(item) = fields.get("next") else {
            self.problems.add(
                fields.at,
                format!("node '{name}' leads nowhere"),
                "add 'next: a-node'",
            );
            return None;
        };
        self.target_of(name, item)
    }

    /// Reads the name of a node to go to and notes it.
    pub(super) fn target_of(&mut self, from: &str, item: &Item) -> Option<String> {
        let to = values::text(item, "a node's name", &mut self.problems)?;
        Some(self.target(from, item.at, to, false))
    }

    /// Notes that a way leads to a node; gives the name that the node has in the whole plan.
    pub(super) fn target(
        &mut self,
        from: &str,
        at: Place,
        written: &str,
        ends_ladder: bool,
    ) -> String {
        let way = self.scope.way(at, written);
        self.marks.targets.push(Target {
            at: way.at,
            from: from.to_owned(),
            to: way.to.clone(),
            written: way.written,
            ends_ladder,
        });
        way.to
    }
}

/// Phrases per language, and keys.
pub(super) type Answers = (BTreeMap<Language, Vec<String>>, Vec<Key>);

/// The keys and phrases of one node that are given away, with what they lead to.
#[derive(Default)]
pub(super) struct Taken {
    pub keys: BTreeMap<Key, String>,
    pub(super) words: BTreeMap<(Language, String), String>,
}

/// Whether an `api` names several back ends.
fn is_several(fields: Fields<'_>) -> bool {
    let Some(Value::Map(entries)) = fields.get("api").map(|item| &item.value) else {
        return false;
    };
    entries.iter().any(|entry| entry.key == "all")
}

pub(super) fn is_nothing(item: &Item) -> bool {
    matches!(&item.value, Value::Scalar(text) if text.is_empty() || text == "true")
}
