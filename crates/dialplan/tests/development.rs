//! What callers may say to the plans that come with Bellhop, and how much of it is understood.

use call_model::Language;
use dialplan::{Counts, Plan, PlanSources};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// A line of the list: `expected` is a route of the plan's `menu`, `none`, `person`, `demand` or
/// `calm` (words of a demand that must not act).
struct Utterance {
    plan: String,
    language: Language,
    expected: String,
    text: String,
}

#[derive(Default)]
struct Tally {
    right: u32,
    unsure: u32,
    wrong: u32,
}

fn utterances() -> Vec<Utterance> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/development.csv");
    let list = std::fs::read_to_string(file).expect("the list");
    let list = list.lines().skip(1);
    let read = |line: &str| -> Option<Utterance> {
        let mut fields = line.splitn(4, ',');
        Some(Utterance {
            plan: fields.next()?.to_owned(),
            language: match fields.next()? {
                "zh" => Language::Zh,
                _ => Language::En,
            },
            expected: fields.next()?.to_owned(),
            text: fields.next()?.to_owned(),
        })
    };
    list.map(|line| read(line).unwrap_or_else(|| panic!("{line}")))
        .collect()
}

fn compiled(plan: &str) -> Plan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans");
    let sources = PlanSources::read(&folder.join(plan)).expect("the plan's folder");
    Plan::compile(&sources).expect("a sound plan")
}

/// Where an utterance leads, and how long that took to find.
#[expect(clippy::disallowed_methods, reason = "it tells how long it takes")]
fn lead(plan: &Plan, said: &Utterance) -> (String, Duration) {
    let begin = Instant::now();
    let routes = plan.understand("menu", said.language, &said.text);
    let took = begin.elapsed();
    let words = plan.escalation("menu", said.language, &said.text);
    let counting = words.iter().filter(|word| word.counts == Counts::Yes);
    let class = counting.map(|word| format!("{:?}", word.class)).max();
    let leads = match class.as_deref() {
        Some("Demand") => "demand",
        Some(_) => "person",
        None => routes.first().map_or("none", |route| &route.to),
    };
    if leads != said.expected
        && !(said.expected == "calm" && leads != "demand" && leads != "person")
    {
        let by = routes.first().map_or("", |route| &route.by);
        println!("{leads} by '{by}', not {}: {}", said.expected, said.text);
    }
    (leads.to_owned(), took)
}

#[test]
fn most_of_what_callers_say_is_understood_and_little_of_it_wrongly() {
    let mut plans: BTreeMap<String, Plan> = BTreeMap::new();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut times = Vec::new();
    for said in utterances() {
        let plan = plans
            .entry(said.plan.clone())
            .or_insert_with(|| compiled(&said.plan));
        let (leads, took) = lead(plan, &said);
        times.push(took);
        let tally = tallies
            .entry(format!("{} {}", said.plan, said.language.tag()))
            .or_default();
        let is_calm = said.expected == "calm" && leads != "demand" && leads != "person";
        if leads == said.expected || is_calm {
            tally.right += 1;
            continue;
        }
        match leads.as_str() {
            "none" => tally.unsure += 1,
            _ => tally.wrong += 1,
        }
    }
    times.sort();
    let mut all = Tally::default();
    for (of, tally) in tallies {
        println!(
            "{of}: {} right, {} not sure, {} wrong",
            tally.right, tally.unsure, tally.wrong
        );
        all.right += tally.right;
        all.unsure += tally.unsure;
        all.wrong += tally.wrong;
    }
    let whole = all.right + all.unsure + all.wrong;
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    println!(
        "{} of {whole} right, {} not sure, {} wrong; {middle:?} in the median",
        all.right, all.unsure, all.wrong
    );
    assert!(all.right * 100 >= whole * 90, "too little is understood");
    assert!(all.wrong * 100 <= whole * 2, "too much is misunderstood");
}
