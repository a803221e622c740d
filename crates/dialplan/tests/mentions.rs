//! Words that bring a person, in sentences that only speak of them and in some that mean them.

use call_model::{Language, WordClass};
use dialplan::{Counts, Plan, PlanSources};
use std::path::Path;

const PLAN: &str = r#"
plan: hello
languages: [en, zh]
start: hello
recording: off
people: { otherwise: callback }
nodes:
  hello:
    ask: { en: How can I help?, zh: 您好 }
    routes: { bye: { en: [goodbye], zh: [再见] } }
    no_input: [{ then: person }]
  bye: { end: { en: Goodbye., zh: 再见。 } }
"#;

/// What a sentence does: `demand`, `ask` or `stay`.
fn pull(plan: &Plan, language: Language, text: &str) -> &'static str {
    let words = plan.escalation("hello", language, text);
    let counting = words.iter().filter(|word| word.counts == Counts::Yes);
    let classes: Vec<WordClass> = counting.map(|word| word.class).collect();
    if classes.contains(&WordClass::Demand) {
        "demand"
    } else if classes.is_empty() {
        "stay"
    } else {
        "ask"
    }
}

#[test]
fn what_is_only_spoken_of_brings_nobody_and_what_is_meant_does() {
    let plan = Plan::compile(&PlanSources::of_head(PLAN)).expect("a sound plan");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mentions.csv");
    let list = std::fs::read_to_string(file).expect("the list");
    let mut missed = Vec::new();
    for line in list.lines().skip(1) {
        let fields: Vec<&str> = line.splitn(3, ',').collect();
        let [language, expected, text] = fields[..] else {
            panic!("{line}");
        };
        let language = if language == "zh" {
            Language::Zh
        } else {
            Language::En
        };
        let given = pull(&plan, language, text);
        if given != expected {
            missed.push(format!("{given}, not {expected}: {text}"));
        }
    }
    // One needs to know who said it.
    assert!(missed.len() <= 1, "{}\n{}", missed.len(), missed.join("\n"));
}
