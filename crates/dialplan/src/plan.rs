//! A checked plan, ready for calls.

use crate::{
    Answer, Collected, Line, Node, PlanSources, Policy, Problem, Route, Slots, Vocabulary,
    WordFound, Wording,
};
use call_model::{
    EscalationWords, GrammarId, Key, Language, PhraseGrammar, PromptText, RecordingChoice,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A checked plan: what a designer wrote, with every word and rule compiled.
///
/// A plan never changes. Its digest names it for ever: the archive keeps its
/// JSON under the digest, and a replay loads it from there.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) body: PlanBody,
    digest: String,
}

/// What the digest covers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct PlanBody {
    /// The form of this JSON; a later form has a higher number.
    pub form: u32,
    pub name: String,
    pub languages: Vec<Language>,
    pub start: String,
    pub purpose: Purpose,
    pub policy: Policy,
    pub nodes: BTreeMap<String, Node>,
    pub lines: BTreeMap<Line, Wording>,
    pub vocabularies: BTreeMap<Language, Vocabulary>,
    pub escalation_words: BTreeMap<Language, Arc<EscalationWords>>,
    pub yes_no_grammars: BTreeMap<Language, GrammarId>,
    pub grammars: BTreeMap<GrammarId, Arc<PhraseGrammar>>,
    pub files: Vec<String>,
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
}

const FORM: u32 = 1;

impl Plan {
    /// Checks a plan's sources and compiles them.
    ///
    /// # Errors
    /// Every problem found, sorted by place; never an empty list.
    pub fn compile(_sources: &PlanSources) -> Result<Self, Vec<Problem>> {
        Err(Vec::new())
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
        Ok(Self::of(body))
    }

    pub(crate) fn of(body: PlanBody) -> Self {
        let digest = digest_of(&json_of(&body));
        Self { body, digest }
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

    /// The plan's rules.
    pub const fn policy(&self) -> &Policy {
        &self.body.policy
    }

    /// Whether its calls are recorded.
    pub const fn recording(&self) -> RecordingChoice {
        self.body.policy.recording
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

impl Plan {
    /// The words of `wording` with the slots' values in their places.
    pub fn render(&self, wording: &Wording, slots: &Slots, language: Language) -> PromptText {
        PromptText {
            language,
            pieces: vec![],
        }
    }
    /// A line of the system.
    pub fn line(&self, line: Line, language: Language) -> PromptText {
        PromptText {
            language,
            pieces: vec![],
        }
    }
    /// Every prompt whose words no slot changes, so that it can be made before the first call.
    pub fn all_prompts(&self) -> Vec<PromptText> {
        vec![]
    }
    /// Where an answer to an open question leads, best first; empty where nothing
    /// fits or `node` is no [`Node::Ask`]. The text need not be normalised.
    pub fn understand(&self, node: &str, language: Language, text: &str) -> Vec<Route> {
        vec![]
    }
    /// What a collecting node makes of spoken words; none where nothing fits.
    pub fn collect(&self, node: &str, language: Language, text: &str) -> Option<Collected> {
        None
    }
    /// What a collecting node makes of the keys so far, terminator left out; none where they mean nothing.
    pub fn collect_keys(&self, node: &str, keys: &[Key]) -> Option<Collected> {
        None
    }
    /// Whether a text says yes or no.
    pub fn yes_no(&self, language: Language, text: &str) -> Option<Answer> {
        None
    }
    /// Whether a text asks to hear the last prompt again.
    pub fn wants_repeat(&self, language: Language, text: &str) -> bool {
        false
    }
    /// Whether a text is a mere "uh-huh".
    pub fn is_backchannel(&self, language: Language, text: &str) -> bool {
        false
    }
    /// The escalation words in a text said at `node`, in order of their places, each
    /// occurrence by itself, with the judgement of whether it counts.
    pub fn escalation(&self, node: &str, language: Language, text: &str) -> Vec<WordFound> {
        vec![]
    }
    /// How many words of anger a text holds.
    pub fn angry_words(&self, language: Language, text: &str) -> usize {
        0
    }
    /// Whether key 0 asks for a person at `node`: it does unless the node routes or collects it.
    pub fn key_zero_asks(&self, node: &str) -> bool {
        true
    }
}
