//! Sentences with words that bring a person, by whether they mean one: half of them were worked on, the
//! other half only measured.

use call_model::{Language, WordClass};
use dialplan::{Counts, Plan, PlanSources};
use std::collections::BTreeMap;
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

/// The half of a sentence, by its FNV-1a hash: the lists may grow without a sentence changing sides.
fn half(text: &str) -> &'static str {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    if (hash >> 17) & 1 == 1 {
        "held"
    } else {
        "tune"
    }
}

#[derive(Default)]
struct Tally {
    whole: usize,
    given: BTreeMap<&'static str, usize>,
}

#[test]
fn most_demands_are_found_and_few_mentions_bring_a_person() {
    let plan = Plan::compile(&PlanSources::of_head(PLAN)).expect("a sound plan");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spoken_of.csv");
    let list = std::fs::read_to_string(file).expect("the list");
    let mut tallies: BTreeMap<(&str, &str, &str), Tally> = BTreeMap::new();
    for line in list.lines().skip(1) {
        let fields: Vec<&str> = line.splitn(3, ',').collect();
        let [language, expected, text] = fields[..] else {
            panic!("{line}");
        };
        let of = match language {
            "zh" => Language::Zh,
            _ => Language::En,
        };
        let given = pull(&plan, of, text);
        if given != expected && half(text) == "tune" {
            println!("{given}, not {expected}: {text}");
        }
        let tally = tallies.entry((half(text), language, expected)).or_default();
        tally.whole += 1;
        *tally.given.entry(given).or_default() += 1;
    }
    for ((half, language, expected), tally) in &tallies {
        println!(
            "{half} {language} {expected}: {:?} of {}",
            tally.given, tally.whole
        );
        let given = |pull: &str| tally.given.get(pull).copied().unwrap_or_default();
        let percent = |found: usize| found * 100 / tally.whole.max(1);
        match *expected {
            "demand" => assert!(percent(given("demand")) >= 80, "demands are missed"),
            "ask" => assert!(
                percent(tally.whole - given("stay")) >= 85,
                "asks are missed"
            ),
            _ => assert!(percent(given("demand")) <= 8, "mentions bring a person"),
        }
    }
}
