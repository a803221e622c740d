//! What an answer means at a place of a plan.

mod answers;
mod escalation;
mod evidence;
mod lexicon;
mod meant;
mod mention;
mod patterns;
mod phrases;
mod ranker;
mod routes;
mod said;
mod scene;
mod senses;
mod text;
mod weight;

pub(crate) use lexicon::{Lexicon, courtesies};

use call_model::{PerMille, WordClass};
use std::fmt;

/// One reading of an answer to an open question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The node it leads to.
    pub to: String,
    /// The plan's phrase that decided; empty where it was learnt from examples.
    pub by: String,
    /// How much in what was said speaks for it; not the ear's confidence.
    pub score: PerMille,
    /// In what manner it matched.
    pub kind: RouteKind,
}

/// How a phrase of the plan stands in what was said; the better the later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RouteKind {
    /// None does: it is like the examples of the route.
    Learnt,
    /// Some of its words do.
    Partial,
    /// It stands whole within more words.
    Contained,
    /// It is all that was said, but for politeness.
    Exact,
}

/// What a collecting node makes of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Collected {
    /// A value that the node takes; more may follow if `can_continue`.
    Value {
        /// The value as the slot keeps it.
        value: String,
        /// The entry could be longer.
        can_continue: bool,
    },
    /// Digits, but fewer than the node wants.
    TooShort(String),
    /// More digits than the node takes.
    TooLong(String),
}

/// Yes or no.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// An escalation word within a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WordFound {
    /// The word as the plan's list has it.
    pub word: String,
    /// Its class.
    pub class: WordClass,
    /// Where it stands: characters before it in the normalised text.
    pub at: usize,
    /// Whether it counts.
    pub counts: Counts,
}

/// Whether an escalation word counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counts {
    /// It does.
    Yes,
    /// It does not, for this reason.
    SetAside(SetAside),
}

/// Why an escalation word does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetAside {
    /// "I don't want to complain", 我不是要投诉.
    Negated,
    /// "Forget the complaint", 投诉就算了.
    Withdrawn,
    /// "What is the number for complaints", 投诉电话是多少.
    AsksForNumber,
    /// "My brother is a lawyer", 我在消协上班.
    Mentioned,
    /// Part of another word: 理赔 is not 赔偿.
    PartOfAnother,
    /// A numeric word among the digits of a collection.
    AmongDigits,
}

/// As a journal has it, e.g. `asks for a number`.
impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negated => "negated",
            Self::Withdrawn => "withdrawn",
            Self::AsksForNumber => "asks for a number",
            Self::Mentioned => "only mentioned",
            Self::PartOfAnother => "part of another word",
            Self::AmongDigits => "among digits",
        })
    }
}
