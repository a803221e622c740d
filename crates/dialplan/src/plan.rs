//! A checked plan, ready for calls.

use crate::{
    Answer, Collected, Line, Node, Policy, Problem, Route, Slots, Vocabulary, Wording, WordFound,
    PlanSources,
};
use call_model::{
    EscalationWords, GrammarId, Language, PhraseGrammar, PromptText, RecordingChoice,
};
use serde::{Deserialize, Serialize};
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
