//! What can be wrong with what callers may ask of the conversation itself.

use super::support::{changed, finds, in_nodes};
use call_model::Language;
use dialplan::{Command, Plan, PlanSources};

fn plan(text: &str) -> Plan {
    Plan::compile(&PlanSources::of_head(text)).expect("a sound plan")
}

#[test]
fn callers_are_understood_where_the_plan_lets_them() {
    let head = changed(
        "nodes:\n",
        "global_words: [back, slower, other_language]\nnodes:\n",
    );
    let plan = plan(&head);
    for (language, text, command) in [
        (Language::En, "go back please", Command::Back),
        (Language::En, "that was too fast", Command::Slower),
        (Language::En, "Mandarin", Command::OtherLanguage),
        (Language::Zh, "返回上一步", Command::Back),
        (Language::Zh, "说慢一点谢谢", Command::Slower),
        (Language::Zh, "说英语", Command::OtherLanguage),
    ] {
        assert_eq!(plan.command(language, text), Some(command), "{text}");
    }
    assert_eq!(plan.command(Language::En, "my back hurts"), None);
}

#[test]
fn a_plan_that_says_nothing_of_it_stays_the_plan_it_was() {
    let usual = plan(&in_nodes(""));
    assert_eq!(usual.command(Language::En, "go back"), None);
    assert!(!usual.to_json().contains("commands"));
}

#[test]
fn words_may_be_added_where_they_are_let_be_said() {
    let words = "global_words: [back]\nwords: { en: { back: { add: [oops] } } }\nnodes:\n";
    let plan = plan(&changed("nodes:\n", words));
    assert_eq!(plan.command(Language::En, "oops"), Some(Command::Back));
    assert_eq!(plan.command(Language::En, "slower"), None);
}

#[test]
fn what_makes_no_sense_is_found() {
    finds(
        &changed("nodes:\n", "global_words: [back, »slow]\nnodes:\n"),
        "'global_words' cannot be 'slow'",
    );
    finds(
        &changed(
            "nodes:\n",
            "words: { en: { »back: { add: [oops] } } }\nnodes:\n",
        ),
        "callers are not let say 'back' in this plan",
    );
    let text = changed("nodes:\n", "global_words: [»other_language]\nnodes:\n");
    let text = text.replace("[en, zh]", "[en]").replace(", zh: 您好", "");
    let text = text.replace(", zh: [再见]", "").replace(", zh: 再见。", "");
    finds(&text, "the plan speaks one language");
}
