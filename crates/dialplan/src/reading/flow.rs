//! The head of a plan.

use super::fields::Fields;
use super::lowering::Scope;
use super::values;
use super::words::{ReadWords, usual_lines};
use super::yaml::{Item, parse};
use super::{Place, Problems};
use crate::within::{NUMBER, WITHIN};
use crate::{
    ApiCall, HEAD, Hours, Line, Node, PlanSources, Policy, Profile, Purpose, SayAs, Titles,
    VoiceSwitches, Wording,
};
use call_model::{Key, Language, Phrase};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A plan as it was read, its parts not yet held against each other.
pub(crate) struct ReadPlan {
    pub name: Option<String>,
    pub languages: Vec<Language>,
    pub purpose: Purpose,
    pub hours: Option<Hours>,
    pub profiles: Vec<Profile>,
    pub say_as: SayAs,
    pub start: Option<(Place, String)>,
    pub policy: Policy,
    pub notice: Option<(Place, String)>,
    /// Where callers go whom a person has left.
    pub after_person: Option<(Place, String)>,
    pub nodes: BTreeMap<String, Node>,
    pub titles: Titles,
    pub voice_switches: VoiceSwitches,
    pub tasks_done: BTreeSet<String>,
    pub lines: BTreeMap<Line, Wording>,
    pub words: BTreeMap<Language, ReadWords>,
}

/// Where things stand that are checked against other things later.
#[derive(Default)]
pub(crate) struct Marks {
    /// The nodes, by name.
    pub nodes: BTreeMap<String, Place>,
    /// Nodes that another node is made of, each with that node's name.
    pub parts: BTreeMap<String, String>,
    /// Every mention of a node to go to.
    pub targets: Vec<Target>,
    /// `{slot}`s in wordings.
    pub slots_used: Vec<(Place, String)>,
    /// Which of them stand in which node.
    pub slots_of_nodes: BTreeMap<String, Range<usize>>,
    /// Words and keys that callers may answer with.
    pub answers: Vec<Answer>,
    /// Words that the plan adds to the lists of words that mean the same everywhere.
    pub plan_words: Vec<(Place, Language, String)>,
    /// Grammars of files, each with what it accepts.
    pub grammars: Vec<(String, Language, Phrase)>,
    /// Audio files.
    pub files: Vec<(Place, String)>,
    /// Nodes whose grammar holds nothing but their own phrases.
    pub without_globals: Vec<String>,
}

/// One mention of a node to go to.
pub(crate) struct Target {
    pub at: Place,
    pub from: String,
    pub to: String,
    /// The name as it stands there: within a part of a plan it is shorter.
    pub written: String,
    /// It ends a ladder.
    pub ends_ladder: bool,
}

/// A word or a key with its meaning at one node.
pub(crate) struct Answer {
    pub at: Place,
    pub node: String,
    /// What it leads to: a node, or the value that it stands for.
    pub to: String,
    pub by: AnsweredBy,
}

/// What a caller says or presses.
pub(crate) enum AnsweredBy {
    Words(Language, String),
    Key(Key),
}

/// The reading of one plan.
pub(crate) struct Reading<'s> {
    pub sources: &'s PlanSources,
    pub problems: Problems,
    pub languages: Vec<Language>,
    pub policy: Policy,
    pub lines: BTreeMap<Line, Wording>,
    pub titles: Titles,
    pub voice_switches: VoiceSwitches,
    pub tasks_done: BTreeSet<String>,
    pub marks: Marks,
    pub nodes: BTreeMap<String, Node>,
    /// How messages to callers are sent, where the head says so.
    pub messages: Option<ApiCall>,
    pub has_messages: bool,
    /// Every call must be on record from its beginning to its end.
    pub must_record: bool,
    /// The node that is being read.
    pub node: String,
    /// The part of a plan that is being read.
    pub scope: Scope,
}

pub(super) const FIELDS: [&str; 18] = [
    "plan",
    "languages",
    "start",
    "purpose",
    "hours",
    "profiles",
    "policy",
    "recording",
    "notice",
    "voice_analysis",
    "people",
    "intent",
    "messages",
    "global_words",
    "words",
    "say_as",
    "lines",
    "nodes",
];

/// Reads a plan's head; none where it cannot be read as far as its nodes.
pub(crate) fn read(sources: &PlanSources) -> (Option<ReadPlan>, Marks, Problems) {
    let mut reading = Reading::of(sources, HEAD);
    let plan = reading.head();
    (plan, reading.marks, reading.problems)
}

impl Marks {
    /// The node that the designer wrote.
    pub fn written<'a>(&'a self, name: &'a str) -> &'a str {
        self.parts.get(name).map_or(name, String::as_str)
    }
}

impl<'s> Reading<'s> {
    /// Nothing is read yet; faults are told in this file.
    pub(super) fn of(sources: &'s PlanSources, file: &str) -> Self {
        Self {
            sources,
            problems: Problems::of(file),
            languages: Vec::new(),
            policy: Policy::usual(&[]),
            lines: BTreeMap::new(),
            titles: Titles::new(),
            voice_switches: VoiceSwitches::new(),
            tasks_done: BTreeSet::new(),
            marks: Marks::default(),
            nodes: BTreeMap::new(),
            messages: None,
            has_messages: false,
            must_record: false,
            node: String::new(),
            scope: Scope::default(),
        }
    }
}

impl Reading<'_> {
    fn head(&mut self) -> Option<ReadPlan> {
        let Some(text) = self.sources.texts.get(HEAD) else {
            self.problems.add(
                Place::default(),
                "the plan has no head",
                format!("write a file '{HEAD}'"),
            );
            return None;
        };
        let Some(item) = parse(text, &mut self.problems) else {
            if self.problems.is_empty() {
                self.problems.add(
                    Place::default(),
                    "the file is empty",
                    "begin with 'plan: a-name'",
                );
            }
            return None;
        };
        let head = Fields::of(&item, "a plan", &FIELDS, &mut self.problems)?;
        self.languages = self.read_languages(head);
        self.policy = Policy::usual(&self.languages);
        let name = self.required(
            head,
            "plan",
            "a plan's name is missing",
            "add 'plan: a-name'",
        );
        let name = name.and_then(|item| values::name(item, "a plan", &mut self.problems));
        let purpose = self.read_purpose(head);
        let hours = self.read_hours(head.get("hours"));
        let profiles = self.read_profiles(head.get("profiles"));
        let say_as = self.read_say_as(head.get("say_as"));
        self.read_policy(head.get("policy"));
        let notice = self.read_recording(head);
        if let Some(item) = head.get("voice_analysis") {
            self.policy.voice_analysis = self.read_voice_analysis(item).unwrap_or_default();
        }
        let after_person = self.read_people(head);
        self.read_intent(head.get("intent"));
        self.has_messages = head.get("messages").is_some();
        self.messages = self.read_messages(head.get("messages"));
        let commands = self.read_commands(head.get("global_words"));
        let words = self.read_words(head.get("words"), purpose, &commands);
        self.lines = self.read_lines(head.get("lines"));
        let nodes = self.required(
            head,
            "nodes",
            "a plan without nodes",
            "add 'nodes:' with the places of the conversation",
        );
        if let Some(item) = nodes {
            self.read_nodes(item);
        }
        let start = self.read_start(head);
        Some(ReadPlan {
            name: name.map(str::to_owned),
            languages: self.languages.clone(),
            purpose,
            hours,
            profiles,
            say_as,
            start,
            policy: self.policy.clone(),
            notice,
            after_person,
            nodes: std::mem::take(&mut self.nodes),
            titles: std::mem::take(&mut self.titles),
            voice_switches: std::mem::take(&mut self.voice_switches),
            tasks_done: std::mem::take(&mut self.tasks_done),
            lines: std::mem::take(&mut self.lines),
            words,
        })
    }

    fn required<'a>(
        &mut self,
        fields: Fields<'a>,
        name: &str,
        message: &str,
        remedy: &str,
    ) -> Option<&'a Item> {
        let item = fields.get(name);
        if item.is_none() {
            self.problems.add(fields.at, message, remedy);
        }
        item
    }

    fn read_start(&mut self, head: Fields<'_>) -> Option<(Place, String)> {
        let item = self.required(
            head,
            "start",
            "nothing says where a call begins",
            "add 'start: a-node'",
        )?;
        let name = values::name(item, "a node", &mut self.problems)?;
        Some((item.at, name.to_owned()))
    }

    fn read_purpose(&mut self, head: Fields<'_>) -> Purpose {
        let choices = [
            ("service", Purpose::Service),
            ("measurement", Purpose::Measurement),
        ];
        let item = head.get("purpose");
        item.and_then(|item| values::choice(item, "'purpose'", &choices, &mut self.problems))
            .unwrap_or_default()
    }

    fn read_languages(&mut self, head: Fields<'_>) -> Vec<Language> {
        let mut languages = Vec::new();
        let Some(item) = self.required(
            head,
            "languages",
            "nothing says which languages the plan speaks",
            "add 'languages: [en, zh]', the usual one first",
        ) else {
            return vec![Language::En];
        };
        let choices = Language::ALL.map(|language| (language.tag(), language));
        for item in values::items(item) {
            match values::choice(item, "a language", &choices, &mut self.problems) {
                Some(language) if languages.contains(&language) => {
                    self.problems.add(
                        item.at,
                        format!("'{language}' stands twice here"),
                        "name each language once",
                    );
                }
                Some(language) => languages.push(language),
                None => {}
            }
        }
        if languages.is_empty() {
            self.problems.add(
                item.at,
                "the plan speaks no language",
                "write 'languages: [en]' or 'languages: [en, zh]'",
            );
            languages.push(Language::En);
        }
        languages
    }

    fn read_lines(&mut self, item: Option<&Item>) -> BTreeMap<Line, Wording> {
        let mut lines = usual_lines(&self.languages);
        let known = Line::ALL.map(Line::name);
        let fields = item.and_then(|item| Fields::of(item, "'lines'", &known, &mut self.problems));
        for entry in fields.iter().flat_map(|fields| fields.iter()) {
            if let Some(line) = Line::ALL.into_iter().find(|line| line.name() == entry.key) {
                let used = self.marks.slots_used.len();
                let wording = self.wording(&entry.item, &format!("the line '{}'", entry.key));
                let own = [(WITHIN, line.tells_time()), (NUMBER, line.tells_number())];
                let is_own = |slot: &str| own.contains(&(slot, true));
                let in_line = self.marks.slots_used.split_off(used);
                let others = in_line.into_iter().filter(|(_, slot)| !is_own(slot));
                self.marks.slots_used.extend(others);
                lines.insert(line, wording);
            }
        }
        lines
    }
}
