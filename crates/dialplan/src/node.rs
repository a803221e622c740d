//! The nodes of a plan: what happens at one place of a conversation.

use crate::{Api, ApiAll, ApiCall, Decide, Note, PersonWanted, Wording};
use call_model::{GrammarId, Interruption, Key, Language, Phrase};
use serde::{Deserialize, Serialize};
use spoken_text::ValueKind;
use std::collections::BTreeMap;
use std::time::Duration;

/// One place of a conversation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// Says something and goes on.
    Say(Say),
    /// Asks an open question and goes where the answer leads.
    Ask(Ask),
    /// Asks for a value, keeps it in a slot and goes on.
    Collect(Collect),
    /// Asks a back end and goes where its answer leads.
    Api(Api),
    /// Asks several back ends at once and goes where their answers lead.
    ApiAll(ApiAll),
    /// Goes on by what is known.
    Decide(Decide),
    /// Fills slots with what the plan knows, and goes on.
    Set(Note),
    /// Gives the caller to a person.
    Handoff(HandoffNode),
    /// Ends the call.
    End(EndNode),
}

impl Node {
    /// What it says on entry, if it says anything.
    pub const fn prompt(&self) -> Option<&Prompt> {
        match self {
            Self::Say(say) => Some(&say.prompt),
            Self::Ask(ask) => Some(&ask.prompt),
            Self::Collect(collect) => Some(&collect.prompt),
            Self::Api(_) | Self::ApiAll(_) | Self::Decide(_) | Self::Set(_) => None,
            Self::Handoff(handoff) => handoff.prompt.as_ref(),
            Self::End(end) => end.prompt.as_ref(),
        }
    }

    /// How it listens, if it does.
    pub const fn listening(&self) -> Option<&Listening> {
        match self {
            Self::Ask(ask) => Some(&ask.listening),
            Self::Collect(collect) => Some(&collect.listening),
            Self::Say(_)
            | Self::Api(_)
            | Self::ApiAll(_)
            | Self::Decide(_)
            | Self::Set(_)
            | Self::Handoff(_)
            | Self::End(_) => None,
        }
    }

    /// The requests to back ends that it makes, in order.
    pub fn calls(&self) -> Vec<&ApiCall> {
        match self {
            Self::Api(api) => vec![&api.call],
            Self::ApiAll(all) => all.parts.iter().map(|part| &part.call).collect(),
            Self::Say(_)
            | Self::Ask(_)
            | Self::Collect(_)
            | Self::Decide(_)
            | Self::Set(_)
            | Self::Handoff(_)
            | Self::End(_) => Vec::new(),
        }
    }

    /// The waiting room that it names, if it does.
    pub(crate) fn queue(&self) -> Option<&str> {
        match self {
            Self::Handoff(handoff) => handoff.person.queue.as_deref(),
            Self::Say(_)
            | Self::Ask(_)
            | Self::Collect(_)
            | Self::Api(_)
            | Self::ApiAll(_)
            | Self::Decide(_)
            | Self::Set(_)
            | Self::End(_) => None,
        }
    }

    /// Every node that a caller may go to from here, ladders included, each once in order.
    pub fn targets(&self) -> Vec<&str> {
        let mut targets: Vec<&str> = match self {
            Self::Say(say) => vec![&say.next],
            Self::Ask(ask) => ask.choices.iter().map(|c| c.to.as_str()).collect(),
            Self::Collect(collect) => collect.targets().collect(),
            Self::Api(api) => api.targets().collect(),
            Self::ApiAll(all) => all.targets().collect(),
            Self::Decide(decide) => decide.targets().collect(),
            Self::Set(note) => vec![&note.next],
            Self::Handoff(handoff) => handoff.person.overflow_node().into_iter().collect(),
            Self::End(_) => Vec::new(),
        };
        if let Some(listening) = self.listening() {
            for ladder in [&listening.no_input, &listening.no_match] {
                if let LadderEnd::Goto(node) = &ladder.then {
                    targets.push(node);
                }
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        targets.retain(|target| seen.insert(*target));
        targets
    }
}

/// What a node says on entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Prompt {
    /// The words, per language.
    pub wording: Wording,
    /// What may interrupt it; a notice marked `legal: true` is [`Interruption::LegalNotice`].
    pub interruption: Interruption,
}

/// A node that speaks and goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Say {
    /// What it says.
    pub prompt: Prompt,
    /// The node that follows.
    pub next: String,
}

/// An open question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// The question.
    pub prompt: Prompt,
    /// How it listens.
    pub listening: Listening,
    /// The answers it knows, in the plan's order.
    pub choices: Vec<Choice>,
    /// What the ear should be able to hear here beside them, for the intent tier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<Language, OpenPhrases>,
}

impl Ask {
    /// Where a key leads, if the question routes it.
    pub fn by_key(&self, key: Key) -> Option<&str> {
        let found = self.choices.iter().find(|c| c.keys.contains(&key))?;
        Some(&found.to)
    }
}

/// Phrases of one language that no route covers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OpenPhrases {
    /// Plain phrases, normalised, each once.
    pub words: Vec<String>,
    /// What the grammars of files accept.
    pub grammars: Vec<Phrase>,
}

/// One answer to an open question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// The node it leads to.
    pub to: String,
    /// Its phrases per language, normalised, each once.
    pub words: BTreeMap<Language, Vec<String>>,
    /// Its keys.
    pub keys: Vec<Key>,
}

/// A question for a value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Collect {
    /// The question.
    pub prompt: Prompt,
    /// How it listens.
    pub listening: Listening,
    /// The slot that keeps the value.
    pub slot: String,
    /// What kind of value.
    pub wanted: Wanted,
    /// What follows.
    pub next: Next,
    /// Longest silence between two keys; then the entry stands as it is.
    #[serde(with = "crate::millis")]
    pub inter_digit: Duration,
    /// The key that ends an entry early, `#` unless the plan says otherwise; none: no key does.
    pub terminator: Option<Key>,
    /// The value is masked wherever it is shown; only what the plan sends it to knows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sensitive: bool,
    /// Where a value leads that was keyed, or heard at least as surely as
    /// [`confirm_below`](crate::ListeningPolicy::confirm_below); none: where any value leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sure: Option<String>,
    /// The node whose value this question reads back: a no asks there again, and counts there as
    /// what fits nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<String>,
}

impl Collect {
    /// Every node that a value may lead to.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        let sure = self.sure.as_deref();
        self.next.targets().into_iter().chain(sure)
    }

    /// Whether silence leads where an answer does: nobody need answer.
    pub fn is_voluntary(&self) -> bool {
        match (&self.next, &self.listening.no_input.then) {
            (Next::Always(next), LadderEnd::Goto(on)) => next == on,
            (Next::Always(_) | Next::ByAnswer { .. }, _) => false,
        }
    }
}

/// The kind of value that a [`Collect`] takes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Digits, spoken or keyed; the value is the digits.
    Digits {
        /// At least so many.
        min: u8,
        /// At most so many.
        max: u8,
    },
    /// Yes or no; the value is `yes` or `no`. Key 1 is yes, key 2 is no.
    YesNo,
    /// A value of a shape of its own: a day, a time, an amount, letters, a number plate.
    Value(ValueKind),
    /// One of a list; the value is the option's.
    OneOf(Vec<Listed>),
    /// Whatever the grammar of a file accepts; the value is the normalised text.
    Grammar {
        /// The grammar's file per language, relative to the plan's folder.
        files: BTreeMap<Language, String>,
        /// What the file accepts.
        phrases: BTreeMap<Language, Phrase>,
    },
}

impl Wanted {
    /// Whether keys can enter it.
    pub fn is_keyable(&self) -> bool {
        match self {
            Self::Digits { .. } | Self::YesNo => true,
            Self::Value(kind) => kind.is_keyable(),
            Self::OneOf(all) => all.iter().any(|listed| listed.key.is_some()),
            Self::Grammar { .. } => false,
        }
    }
}

/// One value of a [`Wanted::OneOf`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Listed {
    /// What the slot keeps.
    pub value: String,
    /// Its phrases per language, normalised.
    pub words: BTreeMap<Language, Vec<String>>,
    /// Its key, if it has one.
    pub key: Option<Key>,
}

/// Where a [`Collect`] leads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Always to this node.
    Always(String),
    /// By the answer to a yes-or-no question.
    ByAnswer {
        /// After `yes`.
        yes: String,
        /// After `no`.
        no: String,
    },
}

impl Next {
    /// The node that follows once the slot holds `value`.
    pub fn after(&self, value: &str) -> &str {
        match self {
            Self::Always(node) => node,
            Self::ByAnswer { yes, no } => {
                if value == "yes" {
                    yes
                } else {
                    no
                }
            }
        }
    }

    fn targets(&self) -> Vec<&str> {
        match self {
            Self::Always(node) => vec![node],
            Self::ByAnswer { yes, no } => vec![yes, no],
        }
    }
}

/// How a node listens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Listening {
    /// Which means of answering are taken.
    pub by: AnswerBy,
    /// The grammar per language.
    pub grammars: BTreeMap<Language, GrammarId>,
    /// The grammar per language while an offer of a person stands: the same with yes and no.
    pub offer_grammars: BTreeMap<Language, GrammarId>,
    /// How long a caller may be silent after the prompt before it is a no-input.
    #[serde(with = "crate::millis")]
    pub timeout: Duration,
    /// What happens when nothing is said.
    pub no_input: Ladder,
    /// What happens when what is said fits nothing.
    pub no_match: Ladder,
}

/// The means by which a node can be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerBy {
    /// Voice and keys.
    #[default]
    VoiceAndKeys,
    /// Voice; keys mean nothing here (0 still asks for a person).
    Voice,
    /// Keys; voice means nothing here (escalation words are still heard).
    Keys,
}

/// What is tried, in order, when a turn brings nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ladder {
    /// The wordings of the tries: the first failure plays the first, and so on.
    pub tries: Vec<Wording>,
    /// What happens at the failure after the last wording.
    pub then: LadderEnd,
}

/// Where a ladder ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LadderEnd {
    /// A person is fetched, reason `Ladder`.
    Person,
    /// On to this node: one answered by keys, or a handoff.
    Goto(String),
}

/// A node that gives the caller to a person, reason `PlanHandoff`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HandoffNode {
    /// What it says before, if anything beside the plan's own line.
    pub prompt: Option<Prompt>,
    /// Who is wanted.
    #[serde(flatten)]
    pub person: PersonWanted,
}

/// A node that ends the call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EndNode {
    /// What it says before; the goodbye line where it has none.
    pub prompt: Option<Prompt>,
}
