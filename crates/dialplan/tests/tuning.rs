//! The sentences that understanding is tuned by: harder than those of `development.csv`, and other plans' callers.

use call_model::{Language, WordClass};
use dialplan::{Counts, Plan, PlanSources};
use std::collections::BTreeMap;
use std::path::Path;

fn rows<const N: usize>(file: &str) -> Vec<[String; N]> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/utterances");
    let list = std::fs::read_to_string(folder.join(file)).expect("the list");
    let row = |line: &str| -> [String; N] {
        let fields: Vec<String> = line.splitn(N, ',').map(str::to_owned).collect();
        fields.try_into().unwrap_or_else(|_| panic!("{line}"))
    };
    list.lines().skip(1).map(row).collect()
}

fn compiled(plan: &str) -> Plan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans");
    let sources = PlanSources::read(&folder.join(plan)).expect("the plan's folder");
    Plan::compile(&sources).expect("a sound plan")
}

fn language(tag: &str) -> Language {
    match tag {
        "zh" => Language::Zh,
        _ => Language::En,
    }
}

/// The class that brings a person, if one does.
fn pull(plan: &Plan, language: Language, text: &str) -> Option<WordClass> {
    let words = plan.escalation("menu", language, text).into_iter();
    let counting = words.filter(|word| word.counts == Counts::Yes);
    let classes = counting.map(|word| word.class);
    classes.max_by_key(|class| *class == WordClass::Demand)
}

#[test]
fn what_is_hard_to_understand_is_seldom_misunderstood() {
    let mut plans: BTreeMap<String, Plan> = BTreeMap::new();
    let mut tallies: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for [name, tag, expected, text] in rows("tuning-routes.csv") {
        let plan = plans.entry(name.clone()).or_insert_with(|| compiled(&name));
        let language = language(&tag);
        let leads = match pull(plan, language, &text) {
            Some(_) => "person".to_owned(),
            None => plan
                .way_on("menu", language, &text)
                .map_or_else(|| "none".to_owned(), |route| route.to),
        };
        let place = match (leads == expected, leads.as_str()) {
            (true, _) => 0,
            (false, "none") => 1,
            (false, _) => 2,
        };
        tallies.entry(tag).or_default()[place] += 1;
    }
    assert_eq!(tallies.len(), 2, "both languages");
    for (tag, [right, not_sure, wrong]) in tallies {
        let whole = right + not_sure + wrong;
        println!("{tag}: {right} right, {not_sure} not sure, {wrong} wrong");
        assert!(right * 100 >= whole * 65, "{tag}: too little is understood");
        assert!(wrong * 100 <= whole * 3, "{tag}: too much is misunderstood");
    }
}

#[test]
fn demands_are_found_in_any_words_and_mentions_stay() {
    let plan = compiled("shop");
    let mut tallies: BTreeMap<(String, String), [usize; 2]> = BTreeMap::new();
    for [tag, expected, text] in rows("tuning-mentions.csv") {
        let given = pull(&plan, language(&tag), &text);
        let place = usize::from(given == Some(WordClass::Demand));
        tallies.entry((tag, expected)).or_default()[place] += 1;
    }
    for tag in ["en", "zh"] {
        let of = |expected: &str| tallies[&(tag.to_owned(), expected.to_owned())];
        let ([calm, escalated], [missed, found]) = (of("stay"), of("demand"));
        println!("{tag}: {found} demands found, {missed} not; {escalated} mentions escalate");
        assert!(
            escalated * 100 <= (calm + escalated) * 2,
            "{tag}: {escalated}"
        );
        assert!(found * 10 >= (found + missed) * 9, "{tag}: {found}");
    }
}
