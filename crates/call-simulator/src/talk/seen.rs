//! What a conversation came to so far: words of the bot, decisions, the person, the end.

use super::script::is_at;
use call_model::{CallAction, Decision, EscalationReason, PromptText};

/// The decisions that a script may ask for, by name.
pub(super) const DECISIONS: [&str; 16] = [
    "Escalated",
    "Routed",
    "Collected",
    "BargedIn",
    "Resumed",
    "NoInput",
    "NoMatch",
    "AskCounted",
    "WordSetAside",
    "PersonOffered",
    "DeclinedPerson",
    "HandoffGivenUp",
    "LanguageChosen",
    "TaskDone",
    "TurnEnded",
    "Remarked",
];

/// Something that the bot said, as far as it began to sound.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    /// The node at which the conversation stood.
    pub(super) node: String,
    pub(super) text: PromptText,
}

/// What has happened since the caller last did something.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) spoken: Vec<Spoken>,
    pub(super) entered: Vec<String>,
    decisions: Vec<(&'static str, String)>,
    pub(super) is_callback_booked: bool,
    pub(super) is_hung_up: bool,
}

impl Seen {
    /// Takes in what the call wants done.
    pub(super) fn action(&mut self, action: &CallAction) {
        match action {
            CallAction::Escalate { reason, .. } => {
                self.decisions.push(("Escalated", reason.name().to_owned()));
            }
            CallAction::BookCallback(_) => self.is_callback_booked = true,
            CallAction::HangUp(_) => self.is_hung_up = true,
            CallAction::Decide(Decision::Entered { node, .. }) => self.entered.push(node.clone()),
            CallAction::Decide(decision) => self.decisions.extend(named(decision)),
            CallAction::Play { .. }
            | CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Listen { .. }
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::FetchPerson(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CallApi(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_) => {}
        }
    }

    pub(super) fn has_entered(&self, name: &str) -> bool {
        self.entered.iter().any(|node| is_at(node, name))
    }

    /// Whether a decision of this name was made, about this if anything is asked of it.
    pub(super) fn has_decided(&self, name: &str, about: Option<&str>) -> bool {
        let is_about = |value: &str| {
            about.is_none_or(|about| {
                let bare = |text: &str| text.replace('_', "").to_lowercase();
                bare(value) == bare(about)
            })
        };
        let mut decisions = self.decisions.iter();
        decisions.any(|(known, value)| *known == name && is_about(value))
    }

    pub(super) fn has_escalated(&self, reason: Option<EscalationReason>) -> bool {
        self.has_decided("Escalated", reason.map(EscalationReason::name))
    }

    /// Every decision, as a script would ask for it.
    pub(super) fn decisions(&self) -> impl Iterator<Item = String> {
        self.decisions
            .iter()
            .map(|(name, about)| match about.is_empty() {
                true => (*name).to_owned(),
                false => format!("{name} {about}"),
            })
    }
}

/// A decision's name, and what it is about.
fn named(decision: &Decision) -> Option<(&'static str, String)> {
    Some(match decision {
        Decision::Entered { .. } => return None,
        Decision::Routed { to, .. } => ("Routed", to.clone()),
        Decision::Collected { slot, .. } => ("Collected", slot.clone()),
        Decision::TurnEnded { why, .. } => ("TurnEnded", why.clone()),
        Decision::BargedIn => ("BargedIn", String::new()),
        Decision::Resumed { why } => ("Resumed", why.clone()),
        Decision::NoInput { count } => ("NoInput", count.to_string()),
        Decision::NoMatch { count } => ("NoMatch", count.to_string()),
        Decision::AskCounted { count } => ("AskCounted", count.to_string()),
        Decision::WordSetAside { word, .. } => ("WordSetAside", word.clone()),
        Decision::PersonOffered { reason } => ("PersonOffered", reason.name().to_owned()),
        Decision::DeclinedPerson => ("DeclinedPerson", String::new()),
        Decision::HandoffGivenUp => ("HandoffGivenUp", String::new()),
        Decision::LanguageChosen { language } => ("LanguageChosen", language.to_string()),
        Decision::TaskDone { node } => ("TaskDone", node.clone()),
        Decision::Remarked { what, .. } => ("Remarked", what.clone()),
    })
}
