//! How a trace shows what a call does.

use call_engine::Deadline;
use call_model::{CallAction, CallTime, Decision, PromptPiece, PromptText};

pub fn shown_deadline(at: CallTime, deadline: Deadline) -> String {
    format!("{:>9} . {deadline}", at.to_string())
}

/// One line for an action; none for what every turn has.
pub fn shown_action(at: CallTime, action: &CallAction) -> Option<String> {
    let what = match action {
        CallAction::Play { text, .. } => format!("Play {}", words(text)),
        CallAction::Duck(_) => "Duck".to_owned(),
        CallAction::Unduck(_) => "Unduck".to_owned(),
        CallAction::StopPlaying(_) => "StopPlaying".to_owned(),
        CallAction::Listen { .. } | CallAction::StopListening(_) => return None,
        CallAction::FinishHearing(_) => "FinishHearing".to_owned(),
        CallAction::Escalate { reason, evidence } => {
            let asks = evidence.asks.len();
            let demands = evidence.demands.len();
            format!("Escalate {reason} (asks {asks}, demands {demands})")
        }
        CallAction::FetchPerson(handoff) => {
            let priority = if handoff.has_priority {
                " with priority"
            } else {
                ""
            };
            let place = match (&handoff.queue, &handoff.target) {
                (Some(queue), _) => format!("in queue {queue} as '{}'", handoff.display.reveal()),
                (None, Some(target)) => format!("at {target}"),
                (None, None) => "at nowhere".to_owned(),
            };
            format!("FetchPerson {} {place}{priority}", handoff.reason)
        }
        CallAction::ReleasePerson => "ReleasePerson".to_owned(),
        CallAction::StartMusic => "StartMusic".to_owned(),
        CallAction::StopMusic => "StopMusic".to_owned(),
        CallAction::CallApi(request) => format!("CallApi {}", request.url.reveal()),
        CallAction::AskIntent(question) => format!("AskIntent {}", question.attempt),
        CallAction::CancelIntent(_) => "CancelIntent".to_owned(),
        CallAction::TellIntent(_) => return None,
        CallAction::BookCallback(handoff) => format!("BookCallback {}", handoff.reason),
        CallAction::HangUp(cause) => format!("HangUp {cause:?}"),
        CallAction::Decide(decision) => shown_decision(decision),
    };
    Some(format!("{:>9} < {what}", at.to_string()))
}

fn shown_decision(decision: &Decision) -> String {
    match decision {
        Decision::Entered { node } => format!("[enters {node}]"),
        Decision::Routed { to, by, .. } => format!("[routed to {to} by '{}']", by.reveal()),
        Decision::Collected { slot, value, .. } => {
            format!("[collected {slot} = {}]", value.reveal())
        }
        Decision::TurnEnded { pause_ms, why } => format!("[turn ended, {pause_ms} ms: {why}]"),
        Decision::BargedIn => "[barged in]".to_owned(),
        Decision::Resumed { why } => format!("[resumed: {why}]"),
        Decision::NoInput { count } => format!("[no input {count}]"),
        Decision::NoMatch { count } => format!("[no match {count}]"),
        Decision::AskCounted { count } => format!("[ask {count}]"),
        Decision::WordSetAside { word, why } => format!("[set aside {word}: {why}]"),
        Decision::PersonOffered { reason } => format!("[person offered: {reason}]"),
        Decision::DeclinedPerson => "[declined]".to_owned(),
        Decision::Remarked { what, .. } => format!("[{what}]"),
    }
}

fn words(text: &PromptText) -> String {
    let pieces = text.pieces.iter().map(|piece| match piece {
        PromptPiece::Text(text) => text.reveal().trim().to_owned(),
        PromptPiece::File(name) => format!("<{name}>"),
        PromptPiece::Pause(ms) => format!("<{ms} ms>"),
    });
    format!("\"{}\"", pieces.collect::<Vec<_>>().join(" "))
}
