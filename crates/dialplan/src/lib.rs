//! From a designer's text to a checked plan.

mod check;
mod grammar;
mod lines;
mod millis;
mod node;
mod plan;
mod policy;
mod problem;
mod reading;
mod sources;
mod understanding;
mod vocabulary;
mod wording;

pub use lines::Line;
pub use node::{
    AnswerBy, Ask, Choice, Collect, EndNode, HandoffNode, Ladder, LadderEnd, Listed, Listening,
    Next, Node, Prompt, Say, Wanted,
};
pub use plan::{Plan, PlanError, Purpose};
pub use policy::{
    AngerFusion, AskInReply, BargeInPolicy, EscalationPolicy, ListeningPolicy, Otherwise, Pauses,
    People, Policy, TurnTaking,
};
pub use problem::Problem;
pub use sources::{HEAD, PlanSources, SourcesError};
pub use understanding::{Answer, Collected, Counts, Route, RouteKind, SetAside, WordFound};
pub use vocabulary::Vocabulary;
pub use wording::{Slots, Wording, WordingPiece};
