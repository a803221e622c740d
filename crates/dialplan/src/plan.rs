//! A checked plan, ready for calls.

use crate::check::{check, check_grammars};
use crate::grammar::{Grammars, escalation_words};
use crate::reading::{self, Marks, ReadPlan, ReadWords};
use crate::understanding::Lexicon;
use crate::wording::read_by_kind;
use crate::{
    Dictionaries, Hours, Line, Node, PlanSources, Policy, Problem, Profile, SayAs, Severity, Slots,
    Vocabulary, Wording, Zone,
};
use call_model::{
    EscalationWords, GrammarId, Language, MASK, PhraseGrammar, Private, RecordingChoice,
    VoiceAnalysis,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use spoken_text::Day;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A checked plan: what a designer wrote, with every word and rule compiled.
///
/// A plan never changes. Its digest names it for ever: the archive keeps its
/// JSON under the digest, and a replay loads it from there.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) body: PlanBody,
    digest: String,
    /// Follows from the body: its phrases, cut once.
    lexicons: Arc<BTreeMap<Language, Lexicon>>,
}

/// What an agent's phone shows of a node, where the plan says so: by node and language.
pub(crate) type Titles = BTreeMap<String, BTreeMap<Language, String>>;

/// The nodes from which on callers' voices are scored, or are not.
pub(crate) type VoiceSwitches = BTreeMap<String, VoiceAnalysis>;

/// What the digest covers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct PlanBody {
    /// The form of this JSON; a later form has a higher number.
    pub form: u32,
    pub name: String,
    pub languages: Vec<Language>,
    pub start: String,
    pub purpose: Purpose,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Profile>,
    #[serde(default, skip_serializing_if = "SayAs::is_empty")]
    pub say_as: SayAs,
    pub policy: Policy,
    pub nodes: BTreeMap<String, Node>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: Titles,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub voice_switches: VoiceSwitches,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tasks_done: BTreeSet<String>,
    pub lines: BTreeMap<Line, Wording>,
    pub vocabularies: BTreeMap<Language, Vocabulary>,
    pub escalation_words: BTreeMap<Language, Arc<EscalationWords>>,
    pub yes_no_grammars: BTreeMap<Language, GrammarId>,
    pub grammars: BTreeMap<GrammarId, Arc<PhraseGrammar>>,
    pub files: Vec<String>,
}

/// What came of checking a plan's sources.
#[derive(Debug)]
pub struct Checked {
    /// The plan, where no error refuses it.
    pub plan: Option<Plan>,
    /// Every error and warning, sorted by place.
    pub problems: Vec<Problem>,
}

/// What a plan is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It serves callers.
    #[default]
    Service,
    /// It measures the recogniser and serves nobody: its ladders may lead on for ever,
    /// and it needs no way to a person.
    Measurement,
}

/// A compiled plan that cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The text is no compiled plan of a form this version knows.
    #[error("this is no compiled plan: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The plan was compiled by a later version.
    #[error("the plan is of form {found}, and this version knows forms up to {known}")]
    LaterForm {
        /// The form that was found.
        found: u32,
        /// The highest form this version knows.
        known: u32,
    },
    /// A part that every plan has is missing: the text was changed after it was compiled.
    #[error("the compiled plan is broken: it has no {0}")]
    Broken(&'static str),
}

const FORM: u32 = 1;

impl Plan {
    /// Checks a plan's sources and compiles them.
    ///
    /// # Errors
    /// Every error found, sorted by place; never an empty list.
    pub fn compile(sources: &PlanSources) -> Result<Self, Vec<Problem>> {
        let Checked { plan, problems } = Self::check(sources);
        let is_error = |problem: &Problem| problem.severity() == Severity::Error;
        plan.ok_or_else(|| problems.into_iter().filter(is_error).collect())
    }

    /// Checks a plan's sources and tells all there is to tell, warnings too.
    pub fn check(sources: &PlanSources) -> Checked {
        Self::check_with(sources, &Dictionaries::new(), &|_| Ok(()))
    }

    /// The same, and that every word callers may answer with stands in the recognisers' dictionaries,
    /// and that each question's grammar is one they hold: `holds` says which of their limits it passes.
    /// Grammars are made of plans without errors alone, so theirs are told last.
    pub fn check_with(
        sources: &PlanSources,
        dictionaries: &Dictionaries,
        holds: &dyn Fn(&PhraseGrammar) -> Result<(), String>,
    ) -> Checked {
        let (read, marks, mut problems) = reading::read(sources);
        if let Some(plan) = &read {
            check(plan, &marks, sources, dictionaries, &mut problems);
        }
        let sound = read.filter(|_| !problems.refuse());
        let plan = sound.map(|read| Self::of(PlanBody::of(read, &marks)));
        if let Some(plan) = &plan {
            check_grammars(plan, &marks, holds, &mut problems);
        }
        Checked {
            plan: plan.filter(|_| !problems.refuse()),
            problems: problems.into_sorted(),
        }
    }

    /// Reads back what [`Plan::to_json`] wrote.
    ///
    /// # Errors
    /// When the text is no compiled plan, or one of a later form.
    pub fn from_json(json: &str) -> Result<Self, PlanError> {
        let body: PlanBody = serde_json::from_str(json)?;
        if body.form > FORM {
            return Err(PlanError::LaterForm {
                found: body.form,
                known: FORM,
            });
        }
        body.is_whole()?;
        Ok(Self::of(body))
    }

    /// The same plan under other rules, which are written as under its head's `policy:`; what the
    /// text does not name stays. Times that nodes listen for were settled when they were compiled.
    ///
    /// # Errors
    /// Every fault of the text, sorted by place in `file`.
    pub fn with_policy(&self, file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let policy = self.body.policy.clone();
        let policy = reading::read_alone(file, text, policy, &self.body.languages)?;
        Ok(Self::of(PlanBody {
            policy,
            ..self.body.clone()
        }))
    }

    fn of(body: PlanBody) -> Self {
        Self {
            digest: digest_of(&json_of(&body)),
            lexicons: Arc::new(Lexicon::of_plan(&body)),
            body,
        }
    }

    /// The phrases of a language of the plan's.
    pub(crate) fn lexicon(&self, language: Language) -> &Lexicon {
        &self.lexicons[&self.spoken(language)]
    }

    /// The compiled plan as canonical JSON: the same plan gives the same bytes.
    pub fn to_json(&self) -> String {
        json_of(&self.body)
    }

    /// SHA-256 of the canonical JSON, 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The plan's name.
    pub fn name(&self) -> &str {
        &self.body.name
    }

    /// Its languages, the usual one first; never empty.
    pub fn languages(&self) -> &[Language] {
        &self.body.languages
    }

    /// What it is for.
    pub const fn purpose(&self) -> Purpose {
        self.body.purpose
    }

    /// When it is open, where it says so.
    pub const fn hours(&self) -> Option<&Hours> {
        self.body.hours.as_ref()
    }

    /// The day where its callers are, at a moment of Unix time in milliseconds: by the zone of
    /// its hours, else by universal time.
    pub fn today(&self, unix_millis: u64) -> Day {
        let zone = self.hours().map_or(Zone::UTC, |hours| hours.zone);
        zone.day(unix_millis)
    }

    /// The callers whom it treats otherwise; the first that holds counts.
    pub fn profiles(&self) -> &[Profile] {
        &self.body.profiles
    }

    /// How voices are to say words that they say wrong. Whoever has a prompt made asks this first.
    pub const fn say_as(&self) -> &SayAs {
        &self.body.say_as
    }

    /// The node a call begins at.
    pub fn start(&self) -> &str {
        &self.body.start
    }

    /// A node by its name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.body.nodes.get(name)
    }

    /// Every node with its name, sorted by name.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.body
            .nodes
            .iter()
            .map(|(name, node)| (name.as_str(), node))
    }

    /// Whether callers or back ends fill a slot of this name: what the plan alone notes, who is
    /// verified among it, is nobody else's to say.
    pub fn has_slot(&self, slot: &str) -> bool {
        let of = |node: &Node| {
            !matches!(node, Node::Set(_)) && crate::check::slots_of(node).contains(&slot)
        };
        self.body.nodes.values().any(of)
    }

    /// What an agent is told a node is about, where the plan gives it a title.
    pub fn title(&self, node: &str, language: Language) -> Option<&str> {
        let titles = self.body.titles.get(node)?;
        titles.get(&self.spoken(language)).map(String::as_str)
    }

    /// The plan's rules.
    pub const fn policy(&self) -> &Policy {
        &self.body.policy
    }

    /// The waiting rooms that it sends callers to: the one in its head, and those of its nodes.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        let of_head = self.policy().people.queue.as_deref();
        let of_nodes = self.body.nodes.values().filter_map(Node::queue);
        of_head.into_iter().chain(of_nodes)
    }

    /// Whether its calls are recorded.
    pub const fn recording(&self) -> RecordingChoice {
        self.body.policy.recording
    }

    /// Whether its callers' voices are scored from the first word on.
    pub const fn voice_analysis(&self) -> VoiceAnalysis {
        self.body.policy.voice_analysis
    }

    /// Whether they are scored from this node on, where the plan says so.
    pub fn voice_analysis_from(&self, node: &str) -> Option<VoiceAnalysis> {
        self.body.voice_switches.get(node).copied()
    }

    /// Whether what a caller came for is done when they come to this node.
    pub fn is_task_done_at(&self, node: &str) -> bool {
        self.body.tasks_done.contains(node)
    }

    /// Whether what is said and keyed at this node is masked wherever it is shown.
    pub fn is_sensitive_at(&self, node: &str) -> bool {
        matches!(self.node(node), Some(Node::Collect(collect)) if collect.is_sensitive)
    }

    /// The slots as others than the plan's own back ends may see them: what is sensitive is masked.
    pub fn shown(&self, slots: &Slots) -> Slots {
        let mut shown = slots.clone();
        for node in self.body.nodes.values() {
            if let Node::Collect(collect) = node
                && collect.is_sensitive
                && let Some(value) = shown.get_mut(&collect.slot)
            {
                *value = Private::new(MASK.to_owned());
            }
        }
        shown
    }

    /// A grammar by its id.
    pub fn grammar(&self, id: GrammarId) -> Option<&Arc<PhraseGrammar>> {
        self.body.grammars.get(&id)
    }

    /// Every grammar, sorted by id.
    pub fn grammars(&self) -> impl Iterator<Item = &Arc<PhraseGrammar>> {
        self.body.grammars.values()
    }

    /// The grammar of yes and no, for questions of the system such as [`Line::NobodyFree`].
    pub fn yes_no_grammar(&self, language: Language) -> Option<GrammarId> {
        self.body.yes_no_grammars.get(&language).copied()
    }

    /// The escalation words of a language; of the plan's first language if it has not this one.
    pub fn escalation_words(&self, language: Language) -> &Arc<EscalationWords> {
        &self.body.escalation_words[&self.spoken(language)]
    }

    /// The audio files it names, relative to its folder, sorted.
    pub fn files(&self) -> &[String] {
        &self.body.files
    }

    /// `language` if the plan has it, else the plan's first.
    pub(crate) fn spoken(&self, language: Language) -> Language {
        if self.body.languages.contains(&language) {
            language
        } else {
            self.body.languages[0]
        }
    }
}

impl PlanBody {
    /// What the accessors of a plan rely on is there.
    fn is_whole(&self) -> Result<(), PlanError> {
        let has_words = |language| self.escalation_words.contains_key(language);
        let broken = if self.languages.is_empty() {
            "language"
        } else if !self.languages.iter().all(has_words) {
            "escalation words in one of its languages"
        } else if !self.nodes.contains_key(&self.start) {
            "node to start at"
        } else {
            return Ok(());
        };
        Err(PlanError::Broken(broken))
    }

    /// Compiles what was read and found sound.
    fn of(read: ReadPlan, marks: &Marks) -> Self {
        let mut grammars = Grammars::default();
        let by_language = |(language, words): (&Language, &ReadWords)| {
            (*language, grammars.add_yes_no(*language, words))
        };
        let yes_no_grammars = read.words.iter().map(by_language).collect();
        let mut nodes = read.nodes;
        read_by_kind(&mut nodes);
        for (name, node) in &mut nodes {
            let has_globals = !marks.without_globals.contains(name);
            let has_tier = read.policy.intent.is_some();
            grammars.add_node(node, &read.words, has_globals, has_tier);
        }
        let escalation = |(language, words): (&Language, &ReadWords)| {
            (*language, Arc::new(escalation_words(*language, words)))
        };
        let files: BTreeSet<&String> = marks.files.iter().map(|(_, file)| file).collect();
        Self {
            form: FORM,
            name: read.name.unwrap_or_default(),
            languages: read.languages,
            start: read.start.map(|(_, start)| start).unwrap_or_default(),
            purpose: read.purpose,
            hours: read.hours,
            profiles: read.profiles,
            say_as: read.say_as,
            policy: read.policy,
            titles: read.titles,
            voice_switches: read.voice_switches,
            tasks_done: read.tasks_done,
            lines: read.lines,
            escalation_words: read.words.iter().map(escalation).collect(),
            files: files.into_iter().cloned().collect(),
            vocabularies: read
                .words
                .into_iter()
                .map(|(language, words)| (language, words.vocabulary))
                .collect(),
            yes_no_grammars,
            nodes,
            grammars: grammars.into_made(),
        }
    }
}

fn json_of(body: &PlanBody) -> String {
    serde_json::to_string(body).expect("maps of a plan have names as keys")
}

fn digest_of(json: &str) -> String {
    Sha256::digest(json.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |hex, byte| {
            hex + &format!("{byte:02x}")
        })
}
