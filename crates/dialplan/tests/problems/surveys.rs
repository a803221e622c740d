//! What can be wrong with a question that nobody need answer.

use super::support::{HEAD, SOUND, finds, problems};
use dialplan::{LadderEnd, Node, Plan, PlanSources};

const SURVEY: &str = "  rating:
    survey: { en: 'How was it, from one to five?', zh: '请按一到五评分。' }
    slot: rating
    digits: 1
    next: bye
";

fn with_survey(from: &str, to: &str) -> String {
    assert!(SURVEY.contains(from), "'{from}' is no part of the survey");
    let sound = SOUND.replace(
        "key: 1 }",
        "key: 1 }\n      rating: { en: [rate], zh: [评分] }",
    );
    format!("{HEAD}{sound}{}", SURVEY.replacen(from, to, 1))
}

#[test]
fn silence_leads_on_where_an_answer_does() {
    let plan = Plan::compile(&PlanSources::of_head(with_survey("slot", "slot")));
    let plan = plan.expect("a sound plan");
    let Some(Node::Collect(survey)) = plan.node("rating") else {
        panic!("a survey asks for a value");
    };
    let on = LadderEnd::Goto("bye".to_owned());
    assert!(survey.is_voluntary());
    assert_eq!(survey.listening.no_input.then, on);
    assert_eq!(survey.listening.no_match.then, on);
    assert_eq!(survey.listening.no_match.tries.len(), 1);
}

#[test]
fn a_survey_that_cannot_be_taken_is_found() {
    finds(
        &with_survey("    slot", "    »no_input: []\n    slot"),
        "node 'rating' (survey) has no field 'no_input'",
    );
    let text =
        with_survey("    digits: 1\n", "").replacen("  rating:\n    s", "  rating:\n    »s", 1);
    finds(&text, "node 'rating' collects nothing");
}

#[test]
fn who_need_not_answer_is_not_led_in_a_circle() {
    let text = with_survey("next: bye", "next: thanks");
    let circle = "  thanks: { say: { en: Thanks., zh: 谢谢。 }, next: rating }\n";
    let found = problems(&PlanSources::of_head(format!("{text}{circle}")));
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(
        shown.iter().any(|p| p.contains("talks in a circle")),
        "{shown:#?}"
    );
}
