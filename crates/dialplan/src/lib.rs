//! From a designer's text to a checked plan, and what callers' words mean in it.
//!
//! [`Plan::compile`] reads the files of a plan's folder ([`PlanSources`]), holds
//! their parts against each other and tells every [`Problem`] with its place, or
//! gives a [`Plan`] whose words and rules are compiled: grammars for the ear,
//! phrases cut for matching, prompts ready to be made. A plan is a value: its JSON
//! is canonical, and its digest names it in every journal.
//!
//! The numbers that decide about a caller stand in [`EscalationPolicy`] and its
//! neighbours, each with the sentence that asked for it. The language itself is
//! told in `dialplans/README.md`.
//!
//! ```
//! use dialplan::{Plan, PlanSources};
//! let text = "
//! plan: small
//! languages: [en]
//! start: hello
//! recording: off
//! people: { otherwise: callback }
//! nodes:
//!   hello:
//!     ask: How can I help?
//!     routes: { bye: { en: [goodbye] } }
//!     no_input: [{ then: person }]
//!   bye: { end: }
//! ";
//! let plan = Plan::compile(&PlanSources::of_head(text)).expect("a sound plan");
//! let routes = plan.understand("hello", call_model::Language::En, "well, goodbye then");
//! assert_eq!(routes[0].to, "bye");
//! ```

mod api;
mod api_all;
mod api_answer;
mod check;
mod deciding;
mod dictionary;
mod difference;
mod grammar;
mod hours;
mod import;
mod jsgf_file;
mod lines;
mod millis;
mod node;
mod person;
mod picture;
mod plan;
mod policy;
mod problem;
mod profile;
mod reading;
mod reserved;
mod say_as;
mod sound;
mod sources;
mod understanding;
mod vocabulary;
mod within;
mod wording;

pub use api::{Api, ApiCall, JsonTemplate, TemplatePiece, UrlTemplate};
pub use api_all::{AllOutcome, ApiAll, ApiPart};
pub use api_answer::outcome_of;
pub use deciding::{Case, Decide, Decimal, Note, SetTo, Test};
pub use dictionary::{Dictionaries, Dictionary};
pub use difference::Difference;
pub use grammar::usual_escalation_words;
pub use hours::{Hours, Span, Weekday, Zone};
pub use import::{Dialect, Fate, Import, ImportReport, Imported, ReportLine, Shape};
pub use jsgf_file::phrase_of_jsgf;
pub use lines::Line;
pub use node::{
    AnswerBy, Ask, Choice, Collect, EndNode, HandoffNode, Ladder, LadderEnd, Listed, Listening,
    Next, Node, OpenPhrases, Prompt, Say, Wanted,
};
pub use person::{HandoffMethod, PersonWanted, QueueOverflow};
pub use picture::{Picture, Trails};
pub use plan::{Checked, Plan, PlanError, Purpose};
pub(crate) use plan::{Titles, VoiceSwitches};
pub use policy::{
    AngerFusion, AngerTerm, AskInReply, BargeInPolicy, EscalationPolicy, IntentPolicy,
    ListeningPolicy, Otherwise, Pauses, People, Policy, TurnTaking,
};
pub use problem::{Problem, ProblemKind, Severity};
pub use profile::Profile;
pub use reading::{part_schema, schema};
pub use reserved::CallSlot;
pub use say_as::SayAs;
pub use sound::SoundForm;
pub use sources::{HEAD, PlanSources, SourcesError};
pub use spoken_text::{Day, Plates, ReadAs, ValueKind, When};
pub use understanding::{Answer, Collected, Counts, Route, RouteKind, SetAside, WordFound};
pub use vocabulary::{Command, Vocabulary};
pub use wording::{Slots, Wording, WordingPiece};
