//! What can be wrong with how voices are to say words.

use super::support::{changed, finds};
use call_model::{PromptPiece, PromptText};
use dialplan::{Plan, PlanSources};

fn with_say_as(say_as: &str) -> String {
    changed("nodes:\n", &format!("say_as: {say_as}\nnodes:\n"))
}

fn words(prompt: &PromptText) -> String {
    let texts = prompt.pieces.iter().filter_map(|piece| match piece {
        PromptPiece::Text(text) => Some(text.reveal().as_str()),
        PromptPiece::File(_) | PromptPiece::Pause(_) => None,
    });
    texts.collect()
}

#[test]
fn a_voice_is_told_otherwise_than_people() {
    let source = with_say_as("{ en: { goodbye: good buy }, zh: { 再见: 再现 } }");
    let plan = Plan::compile(&PlanSources::of_head(source)).expect("a sound plan");
    let usual = Plan::compile(&PlanSources::of_head(changed("", ""))).expect("a sound plan");
    assert_eq!(plan.all_prompts(), usual.all_prompts());
    assert_ne!(plan.digest(), usual.digest());
    let prompts = plan.all_prompts();
    let goodbye = prompts.iter().find(|prompt| words(prompt) == "Goodbye.");
    let spoken = plan.say_as().spoken(goodbye.expect("a goodbye").clone());
    assert_eq!(words(&spoken), "good buy.");
    let read_back = Plan::from_json(&plan.to_json()).expect("a compiled plan");
    assert_eq!(read_back.say_as(), plan.say_as());
}

#[test]
fn a_word_that_would_not_be_said_is_found() {
    finds(
        &with_say_as("{ en: { goodbye: »\" \" } }"),
        "'goodbye' would be said as ' '",
    );
}

#[test]
fn a_language_that_is_not_spoken_is_found() {
    finds(
        &with_say_as("{ »fr: { goodbye: good buy } }"),
        "'say_as' has no field 'fr'",
    );
}
