//! What a script says, line by line.

use call_model::{EscalationReason, IntentNews, Key, Language, Score};
use dialplan::Plan;
use std::fmt;
use std::time::Duration;

/// One conversation of a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Talk {
    /// Its name, as it stands behind `#`.
    pub title: String,
    /// The line it begins at, from 1.
    pub line: u32,
    pub(crate) stage: Stage,
    pub(crate) steps: Vec<Step>,
}

/// What is so before the call begins.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Stage {
    pub(crate) language: Spoken,
    /// Where the call comes from.
    pub(crate) caller: CallerNumber,
    /// The number that was called.
    pub(crate) called: String,
    /// Day and time on the wall, as the plan's zone has them.
    pub(crate) at: Option<(String, String)>,
}

/// The number that a call comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) enum CallerNumber {
    /// None that matters: the one that `loadtest` calls from.
    #[default]
    Any,
    /// Nobody is told.
    Withheld,
    /// This one.
    Told(String),
}

impl CallerNumber {
    /// As a server knows it.
    pub(crate) fn known(&self) -> &str {
        match self {
            Self::Any => "loadtest",
            Self::Withheld => "",
            Self::Told(number) => number,
        }
    }
}

/// Whether the route knows the caller's language.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Spoken {
    /// It does not: the call begins in the plan's first, and the caller's words choose.
    #[default]
    Any,
    /// It does.
    Fixed(Language),
}

/// One line.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Step {
    /// From 1.
    pub(crate) line: u32,
    /// Of the name in it that a plan must have, in characters from 1.
    pub(crate) column: u32,
    /// As it stands there.
    pub(crate) written: String,
    pub(crate) what: What,
}

/// What a line is for.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum What {
    /// From now on the back end of a node, or one of several that it asks, answers so.
    BackEnd {
        node: String,
        part: Option<String>,
        answer: BackEnd,
    },
    /// The intent tier says this, with what stands before it, to the next question.
    Tier(Tier),
    /// From now on the caller's voice is scored so.
    Angry(Score),
    /// The caller does something, perhaps over words of the bot. What is said may be recordings, files
    /// played one after another, on a line where there is sound.
    Caller {
        over: Option<String>,
        recordings: Vec<String>,
        act: Act,
    },
    /// News of the person who is fetched.
    Person(Person),
    /// The recogniser is gone, or back.
    Ear(EarState),
    /// Something must be so.
    Expect(Expected),
}

/// What a caller does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    Says(String),
    Keys(Vec<Key>),
    /// Speech that the ear rejects.
    Unclear,
    /// Nothing, until the bot has waited long enough, or for so long.
    Silence(Option<Duration>),
    HangsUp,
}

/// How a back end answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum BackEnd {
    /// With a status and a body, after so long.
    Answers {
        status: u16,
        body: String,
        after: Duration,
    },
    /// No connection can be made.
    Down,
    /// It takes the connection and never answers.
    Silent,
}

/// What the intent tier does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Tier {
    Says(IntentNews),
    /// It cannot be reached.
    IsDown,
}

/// News of the person who is fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Person {
    Answers,
    IsBusy,
    Refuses,
    HangsUp,
    NobodyAnswers,
    NobodyIsThere,
    QueueIsFull,
}

/// Whether the recogniser works.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EarState {
    Lost,
    Back,
}

/// What must be so, now or before the bot waits for the caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Expected {
    /// The bot is at this node, and says these words.
    Bot {
        node: Option<String>,
        words: Option<String>,
    },
    /// A slot holds this; none: nothing.
    Slot {
        name: String,
        value: Option<String>,
    },
    /// A decision of this name was made, about this.
    Decides {
        name: String,
        about: Option<String>,
    },
    /// A person is fetched, for this reason.
    Person(Option<EscalationReason>),
    Callback,
    End,
    Node(String),
    Language(Language),
}

/// One fault of a script, with its place and its remedy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TalkProblem {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// `7:3: 'calller' begins no line of a conversation` and, on a line of its own, the remedy.
impl fmt::Display for TalkProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            message,
            remedy,
        } = self;
        write!(f, "{line}:{column}: {message}\n    {remedy}")
    }
}

impl Talk {
    /// What of the script the plan does not have: nodes, back ends, slots, a language.
    pub fn problems(&self, plan: &Plan) -> Vec<TalkProblem> {
        let mut problems: Vec<TalkProblem> = self
            .steps
            .iter()
            .filter_map(|step| step.problem(plan))
            .collect();
        if let Spoken::Fixed(language) = self.stage.language
            && !plan.languages().contains(&language)
        {
            problems.insert(
                0,
                TalkProblem {
                    line: self.line,
                    column: 1,
                    message: format!("the plan '{}' does not speak {language}", plan.name()),
                    remedy: "have the conversation in one of its 'languages'".to_owned(),
                },
            );
        }
        problems
    }
}

impl Step {
    fn problem(&self, plan: &Plan) -> Option<TalkProblem> {
        let (message, remedy) = match &self.what {
            What::BackEnd { node, part, .. } => back_end_problem(plan, node, part.as_deref())?,
            What::Expect(
                Expected::Bot {
                    node: Some(node), ..
                }
                | Expected::Node(node),
            ) if !plan.nodes().any(|(name, _)| is_at(name, node)) => (
                format!("'{node}' is no node of the plan '{}'", plan.name()),
                "'bellhop graph' shows its nodes".to_owned(),
            ),
            What::Expect(Expected::Slot { name, .. })
                if !plan.has_slot(name) && dialplan::CallSlot::named(name).is_none() =>
            {
                (
                    format!(
                        "nothing in the plan '{}' fills a slot '{name}'",
                        plan.name()
                    ),
                    "name a slot that one of its nodes fills".to_owned(),
                )
            }
            What::Expect(_)
            | What::Tier(_)
            | What::Angry(_)
            | What::Caller { .. }
            | What::Person(_)
            | What::Ear(_) => return None,
        };
        Some(TalkProblem {
            line: self.line,
            column: self.column,
            message,
            remedy,
        })
    }
}

fn back_end_problem(plan: &Plan, node: &str, part: Option<&str>) -> Option<(String, String)> {
    let asked: Vec<(&str, Vec<&str>)> = plan
        .nodes()
        .filter(|(_, node)| !node.calls().is_empty())
        .map(|(name, node)| (name, parts_of(node)))
        .collect();
    let mut named = asked.iter().filter(|(name, _)| is_at(name, node));
    let is_known = named.any(|(_, parts)| part.is_none_or(|part| parts.contains(&part)));
    if is_known {
        return None;
    }
    let written = match part {
        Some(part) => format!("{node}/{part}"),
        None => node.to_owned(),
    };
    let names: Vec<String> = asked
        .iter()
        .flat_map(|(name, parts)| match parts.as_slice() {
            [] => vec![(*name).to_owned()],
            parts => parts.iter().map(|part| format!("{name}/{part}")).collect(),
        })
        .collect();
    let remedy = match names.is_empty() {
        true => "the plan asks no back end: take the line out".to_owned(),
        false => format!("these are asked: {}", names.join(", ")),
    };
    Some((
        format!("the plan '{}' asks no back end at '{written}'", plan.name()),
        remedy,
    ))
}

/// The names of those that a node asks at once.
fn parts_of(node: &dialplan::Node) -> Vec<&str> {
    match node {
        dialplan::Node::ApiAll(all) => all.parts.iter().map(|part| part.part.as_str()).collect(),
        dialplan::Node::Api(_)
        | dialplan::Node::Say(_)
        | dialplan::Node::Ask(_)
        | dialplan::Node::Collect(_)
        | dialplan::Node::Decide(_)
        | dialplan::Node::Set(_)
        | dialplan::Node::Handoff(_)
        | dialplan::Node::End(_) => Vec::new(),
    }
}

/// Whether a node goes by a name: its own, or that of the node it was made for (`check.ask` is
/// made for `check`).
pub(crate) fn is_at(node: &str, name: &str) -> bool {
    let rest = node.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
