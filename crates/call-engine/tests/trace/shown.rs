//! How a trace shows what a call does.

use call_engine::Deadline;
use call_model::{
    AngerEvidence, AngerTerms, CallAction, CallTime, Decision, IntentFact, IntentQuestion,
    PromptPiece, PromptText, Score, Speaker,
};

pub fn shown_deadline(at: CallTime, deadline: Deadline) -> String {
    format!("{:>9} . {deadline}", at.to_string())
}

/// One line for an action; none for what every turn has.
pub fn shown_action(at: CallTime, action: &CallAction) -> Option<String> {
    let what = match action {
        CallAction::Play { text, .. } if text.pace.is_usual() => format!("Play {}", words(text)),
        CallAction::Play { text, .. } => {
            format!("Play at {} % {}", text.pace.percent(), words(text))
        }
        CallAction::Duck(_) => "Duck".to_owned(),
        CallAction::Unduck(_) => "Unduck".to_owned(),
        CallAction::StopPlaying(_) => "StopPlaying".to_owned(),
        CallAction::Listen {
            language,
            also: Some((_, other)),
            ..
        } => format!("Listen in {language} and {other}"),
        CallAction::Listen { .. } | CallAction::StopListening(_) => return None,
        CallAction::FinishHearing(_) => "FinishHearing".to_owned(),
        CallAction::Escalate { reason, evidence } => {
            let asks = evidence.asks.len();
            let demands = evidence.demands.len();
            let voice = match evidence.anger.series.len() {
                0 => String::new(),
                scores => {
                    let added = shown_terms(&evidence.anger);
                    format!(", voice {} in {scores}{added}", evidence.anger.voice)
                }
            };
            format!("Escalate {reason} (asks {asks}, demands {demands}{voice})")
        }
        CallAction::FetchPerson(handoff) => {
            let priority = if handoff.has_priority {
                " with priority"
            } else {
                ""
            };
            let urgency = match handoff.urgency.number() {
                0 => String::new(),
                number => format!(", urgency {number}"),
            };
            let place = match (&handoff.queue, &handoff.target) {
                (Some(queue), _) => format!("in queue {queue} as '{}'", handoff.display.reveal()),
                (None, Some(target)) => format!("at {target}"),
                (None, None) => "at nowhere".to_owned(),
            };
            format!("FetchPerson {} {place}{priority}{urgency}", handoff.reason)
        }
        CallAction::ReleasePerson => "ReleasePerson".to_owned(),
        CallAction::StartMusic => "StartMusic".to_owned(),
        CallAction::StopMusic => "StopMusic".to_owned(),
        CallAction::CallApi(request) => {
            let key = request.idempotency_key.as_ref();
            let key = key.map_or(String::new(), |key| format!(" as {key}"));
            let body = request.body.as_ref();
            let body = body.map_or(String::new(), |body| format!(" with {}", body.reveal()));
            format!("CallApi {}{key}{body}", request.url.reveal())
        }
        CallAction::AskIntent(question) => shown_question(question),
        CallAction::CancelIntent(_) => "CancelIntent".to_owned(),
        CallAction::TellIntent(fact) => shown_fact(fact)?,
        CallAction::AnalyseVoice(choice) => format!("AnalyseVoice {choice:?}"),
        CallAction::BookCallback(handoff) => {
            let number = handoff.callback_number.as_ref();
            let number = number.map_or(String::new(), |it| format!(" on {}", it.reveal()));
            format!("BookCallback {}{number}", handoff.reason)
        }
        CallAction::HangUp(cause) => format!("HangUp {cause:?}"),
        CallAction::Decide(decision) => shown_decision(decision),
    };
    Some(format!("{:>9} < {what}", at.to_string()))
}

/// What words and behaviour added to the voice, where they did.
fn shown_terms(anger: &AngerEvidence) -> String {
    let AngerTerms {
        words,
        interruptions,
        no_matches,
        no_inputs,
    } = anger.terms;
    let terms = [
        ("words", words),
        ("interruptions", interruptions),
        ("no match", no_matches),
        ("no input", no_inputs),
    ];
    let told = terms.iter().filter(|(_, added)| *added > Score::ZERO);
    let told: Vec<String> = told
        .map(|(what, added)| format!("{what} {added}"))
        .collect();
    match told.as_slice() {
        [] => String::new(),
        told => format!(", {} with {}", anger.fused, told.join(", ")),
    }
}

/// What was said, by whom else if anybody, and the last line the tier knows of ours.
fn shown_question(question: &IntentQuestion) -> String {
    let reading = question.readings.first();
    let said = match (reading, &question.rejected) {
        (Some(reading), _) => format!("'{}'", reading.text.reveal()),
        (None, Some(reading)) => format!("rejected '{}'", reading.text.reveal()),
        (None, None) => "nothing".to_owned(),
    };
    let mut ours = question.history.iter().rev();
    let ours = ours.find(|turn| turn.speaker == Speaker::Bot);
    let ours = ours.map_or("", |turn| turn.text.reveal());
    let anger = match &question.emotion {
        Some(score) => format!(", anger {}", score.anger),
        None => String::new(),
    };
    let ahead = if question.is_ahead { " ahead" } else { "" };
    format!(
        "AskIntent{ahead} {said} after '{ours}' (try {}{anger})",
        question.attempt
    )
}

/// Partial words would tell every trace twice.
fn shown_fact(fact: &IntentFact) -> Option<String> {
    Some(match fact {
        IntentFact::Heard { ms, text } => {
            format!("TellIntent heard '{}' in {ms} ms", text.reveal())
        }
        IntentFact::Key { key } => format!("TellIntent key {key}"),
        IntentFact::Silence { ms } => format!("TellIntent {ms} ms of silence"),
        IntentFact::Emotion(score) => format!("TellIntent anger {}", score.anger),
        IntentFact::Partial { .. } => return None,
        IntentFact::Adopted { .. } => "TellIntent adopted".to_owned(),
        IntentFact::Bye { how } => format!("TellIntent bye {how:?}"),
    })
}

fn shown_decision(decision: &Decision) -> String {
    match decision {
        Decision::Entered { node, .. } => format!("[enters {node}]"),
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
        Decision::HandoffGivenUp => "[handoff given up]".to_owned(),
        Decision::LanguageChosen { language } => format!("[goes on in {language}]"),
        Decision::TaskDone { node } => format!("[task done at {node}]"),
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
