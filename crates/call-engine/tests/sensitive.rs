//! What is sensitive reaches the plan's back ends and nobody else.

use call_engine::Call;
use call_model::{
    ApiFailure, ApiOutcome, ApiRequestId, CallAction, CallHeader, CallId, CallInput, CallTime,
    Decision, Key, Language, MASK, RecordingChoice,
};
use dialplan::{Plan, PlanSources};
use std::sync::Arc;

const PLAN: &str = r#"
plan: card
languages: [en]
start: card
recording: off
people: { otherwise: callback }
nodes:
  card:
    collect: { en: Please key in your card number. }
    slot: card
    digits: { min: 4, max: 8 }
    sensitive: true
    no_input: [{ then: person }]
    next: look
  look:
    say: { en: One moment. }
    api: { url: "https://cards.example.org/", method: post, body: { card: "{card}" } }
    next: menu
    error: menu
  menu:
    ask: { en: What about it? }
    routes: { lost: { en: [it is lost], key: 1 } }
    no_input: [{ then: person }]
  lost: { handoff: lost }
"#;

#[test]
fn a_card_number_is_sent_to_the_back_end_and_masked_in_the_story() {
    let plan = Plan::compile(&PlanSources::of_head(PLAN)).expect("a sound plan");
    let header = CallHeader {
        call: CallId::new(1, 1),
        sip_call_id: "test".to_owned(),
        started_unix_millis: 1,
        trunk: "test".to_owned(),
        caller: "caller".to_owned().into(),
        called: "100".to_owned(),
        plan: plan.name().to_owned(),
        plan_digest: plan.digest().to_owned(),
        engine_version: call_engine::ENGINE_VERSION.to_owned(),
        language: Language::En,
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        seed: 0,
        recording: RecordingChoice::Off,
    };
    let mut call = Call::new(&header, Arc::new(plan));
    let mut done = Vec::new();
    let mut now = CallTime::ZERO;
    let mut feed = |input: CallInput| {
        now = now + std::time::Duration::from_millis(200);
        call.handle(now, &input);
        while let Some(action) = call.poll_action() {
            done.push(action);
        }
    };
    feed(CallInput::Answered);
    for face in ['4', '2', '7', '1', '#'] {
        feed(CallInput::KeyPressed(Key::try_from(face).expect("a key")));
    }
    let outcome = ApiOutcome::Failed {
        why: ApiFailure::TimedOut,
    };
    feed(CallInput::Api {
        request: ApiRequestId(1),
        outcome,
    });
    for _ in 0..3 {
        feed(CallInput::KeyPressed(Key::ZERO));
    }

    let sent = done.iter().find_map(|action| match action {
        CallAction::CallApi(request) => request.body.clone(),
        _ => None,
    });
    assert_eq!(
        sent.expect("a body").reveal(),
        "{\"card\":\"4271\"}",
        "the back end knows"
    );
    let handoff = done.iter().find_map(|action| match action {
        CallAction::FetchPerson(handoff) => Some(handoff),
        _ => None,
    });
    let handoff = handoff.expect("a person is fetched");
    assert_eq!(handoff.slots["card"].reveal(), MASK);
    let lines: Vec<&str> = handoff
        .turns
        .iter()
        .map(|turn| turn.text.reveal().as_str())
        .collect();
    assert_eq!(lines[0], format!("[keys] {MASK}"), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains('4')), "{lines:?}");
    let hushed: Vec<bool> = done.iter().filter_map(sensitivity).collect();
    assert_eq!(hushed, [true, false, false]);
}

fn sensitivity(action: &CallAction) -> Option<bool> {
    match action {
        CallAction::Decide(Decision::Entered { is_sensitive, .. }) => Some(*is_sensitive),
        _ => None,
    }
}
