//! `bellhop eval understanding`: do written utterances lead where their callers meant?

use super::eval_mentions::{Mention, Pull, Pulls};
use super::understood::{Count, Expected, Given, Share, Verdict};
use crate::cli::EvalUnderstanding;
use crate::latency::percentile;
use crate::plans::Shelf;
use anyhow::{Context, bail};
use call_model::Language;
use dialplan::{Node, Plan};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Each text is timed so often; the first time warms up and does not count.
const TIMES: usize = 6;

/// One row of the set.
#[derive(Deserialize, Debug)]
struct Utterance {
    plan: String,
    language: Language,
    expected: Expected,
    text: String,
}

/// Understands every text in its plan, and prints or holds what came of it.
pub fn run(options: &EvalUnderstanding) -> anyhow::Result<ExitCode> {
    let shelf = Shelf::read(&options.plans)?;
    let mut set: Vec<Utterance> = rows(&options.set)?;
    set.retain(|said| options.plan.is_empty() || options.plan.contains(&said.plan));
    if set.is_empty() {
        bail!("{}: no utterance of these plans", options.set.display());
    }
    let mut measured = Measured::default();
    for said in &set {
        let plan = plan_for(&shelf, said, options)?;
        measured.add(plan, &options.node, said);
    }
    if let Some(file) = &options.mentions {
        let mentions = rows(file)?;
        let names: BTreeSet<&str> = set.iter().map(|said| said.plan.as_str()).collect();
        for shelved in shelf.iter().filter(|it| names.contains(it.plan.name())) {
            measured.add_mentions(&shelved.plan, &options.node, &mentions);
        }
    }
    if options.json {
        println!("{:#}", measured.as_json(options.misses));
    } else {
        measured.show(options.misses);
    }
    Ok(match measured.meets(options) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn rows<R: DeserializeOwned>(file: &Path) -> anyhow::Result<Vec<R>> {
    let shown = file.display();
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("cannot read {shown}"))?;
    let rows = reader.deserialize();
    rows.map(|row| row.with_context(|| format!("{shown}: a row is odd")))
        .collect()
}

/// The plan of an utterance. A set that asks for what the plan cannot do measures nothing.
fn plan_for<'s>(
    shelf: &'s Shelf,
    said: &Utterance,
    options: &EvalUnderstanding,
) -> anyhow::Result<&'s Plan> {
    let (name, node, set) = (&said.plan, &options.node, options.set.display());
    let Some(shelved) = shelf.named(name) else {
        bail!(
            "{set}: '{name}' is no plan here; there are: {}",
            shelf.names()
        );
    };
    let plan = &shelved.plan;
    if !plan.languages().contains(&said.language) {
        bail!(
            "{set}: the plan '{name}' does not speak '{}'",
            said.language
        );
    }
    let Some(Node::Ask(ask)) = plan.node(node) else {
        bail!("'{node}' is no open question of the plan '{name}'; --node names another");
    };
    if let Expected::Route(to) = &said.expected
        && ask.choices.iter().all(|choice| choice.to != *to)
    {
        bail!("{set}: '{node}' of the plan '{name}' has no route to '{to}'");
    }
    Ok(plan)
}

/// What was measured.
#[derive(Default)]
struct Measured {
    by_plan: BTreeMap<(String, Language), Count>,
    /// By what was meant: a route, nothing, a person.
    by_meaning: BTreeMap<(&'static str, Language), Count>,
    all: BTreeMap<Language, Count>,
    took: Vec<Duration>,
    mentions: BTreeMap<(String, Language), Pulls>,
    misses: Vec<Miss>,
}

/// A text that was not understood as it was meant.
struct Miss {
    plan: String,
    language: Language,
    expected: String,
    given: String,
    text: String,
}

impl Measured {
    fn add(&mut self, plan: &Plan, node: &str, said: &Utterance) {
        for time in 0..TIMES {
            let began = Instant::now();
            black_box(plan.understand(node, said.language, black_box(&said.text)));
            if time > 0 {
                self.took.push(began.elapsed());
            }
        }
        let given = Given::of(plan, node, said.language, &said.text);
        let verdict = given.against(&said.expected);
        let meaning = match said.expected {
            Expected::Route(_) => "a route is meant",
            Expected::Nothing => "none is meant",
            Expected::Person => "a person is meant",
        };
        let of_plan = (said.plan.clone(), said.language);
        self.by_plan.entry(of_plan).or_default().add(verdict);
        let of_meaning = (meaning, said.language);
        self.by_meaning.entry(of_meaning).or_default().add(verdict);
        self.all.entry(said.language).or_default().add(verdict);
        if verdict != Verdict::Right {
            self.misses.push(Miss {
                plan: said.plan.clone(),
                language: said.language,
                expected: said.expected.to_string(),
                given: given.to_string(),
                text: said.text.clone(),
            });
        }
    }

    fn add_mentions(&mut self, plan: &Plan, node: &str, mentions: &[Mention]) {
        for said in mentions {
            if !plan.languages().contains(&said.language) {
                continue;
            }
            let pull = Pull::of(plan, node, said.language, &said.text);
            let of_plan = (plan.name().to_owned(), said.language);
            let pulls = self.mentions.entry(of_plan).or_default();
            pulls.add(said.expected, pull);
            if pull != said.expected {
                self.misses.push(Miss {
                    plan: plan.name().to_owned(),
                    language: said.language,
                    expected: said.expected.to_string(),
                    given: pull.to_string(),
                    text: said.text.clone(),
                });
            }
        }
    }

    fn meets(&self, options: &EvalUnderstanding) -> bool {
        let is_at_most =
            |share: Share, most: Option<f64>| most.is_none_or(|m| share.percent() <= m);
        let is_understood = self.all.values().all(|count| {
            let right = Share(count.right, count.texts()).percent();
            options.require_right.is_none_or(|least| right >= least)
                && is_at_most(Share(count.wrong, count.texts()), options.require_wrong)
        });
        let mut pulls = self.mentions.values();
        // A set that should nowhere stay proves nothing of it.
        let is_calm = options.require_escalated.is_none()
            || pulls.len() > 0
                && pulls.all(|pulls| {
                    let share = pulls.escalated();
                    share.1 > 0 && is_at_most(share, options.require_escalated)
                });
        is_understood && is_calm
    }

    fn show(&self, with_misses: bool) {
        println!(
            "{:<20} {:<8} {:>5} {:>20} {:>20} {:>20}",
            "", "language", "texts", "right (95 %)", "wrong (95 %)", "not sure (95 %)"
        );
        for ((name, language), count) in &self.by_plan {
            show_count(name, *language, count);
        }
        for (language, count) in &self.all {
            println!();
            show_count("all", *language, count);
            for ((meaning, of), count) in &self.by_meaning {
                if of == language {
                    show_count(&format!("  {meaning}"), *language, count);
                }
            }
        }
        println!(
            "\nunderstood in {:.1} µs (median), {:.1} µs (95 %)",
            self.micros(50),
            self.micros(95)
        );
        self.show_mentions();
        if with_misses {
            println!();
            for miss in &self.misses {
                println!(
                    "{}, {}: {} was meant, given {}: {}",
                    miss.plan, miss.language, miss.expected, miss.given, miss.text
                );
            }
        }
    }

    fn show_mentions(&self) {
        if !self.mentions.is_empty() {
            println!(
                "\n{:<20} {:<8} {:>5} {:>20} {:>20} {:>5} {:>20} {:>7} {:>20}",
                "mentions",
                "language",
                "stay",
                "escalated",
                "counted as asked",
                "asks",
                "found",
                "demands",
                "found"
            );
        }
        for ((name, language), pulls) in &self.mentions {
            let (escalated, asked) = (pulls.escalated(), pulls.asked());
            let (demanded, counted) = (pulls.demanded(), pulls.counted());
            println!(
                "{name:<20} {:<8} {:>5} {escalated:>20} {counted:>20} {:>5} {asked:>20} {:>7} {demanded:>20}",
                language.tag(),
                escalated.1,
                asked.1,
                demanded.1,
            );
        }
    }

    /// How long understanding took, in microseconds.
    fn micros(&self, hundredths: usize) -> f64 {
        let took = percentile(&mut self.took.clone(), hundredths);
        1e6 * took.unwrap_or_default().as_secs_f64()
    }

    fn as_json(&self, with_misses: bool) -> Value {
        let plans = self.by_plan.iter().map(|((plan, language), count)| {
            json!({ "plan": plan, "language": language, "count": count.as_json() })
        });
        let meanings = self.by_meaning.iter().map(|((meaning, language), count)| {
            json!({ "meaning": meaning, "language": language, "count": count.as_json() })
        });
        let all = self
            .all
            .iter()
            .map(|(language, count)| json!({ "language": language, "count": count.as_json() }));
        let mentions = self.mentions.iter().map(|((plan, language), pulls)| {
            json!({ "plan": plan, "language": language, "pulls": pulls.as_json() })
        });
        let mut told = json!({
            "plans": plans.collect::<Vec<_>>(),
            "meanings": meanings.collect::<Vec<_>>(),
            "all": all.collect::<Vec<_>>(),
            "mentions": mentions.collect::<Vec<_>>(),
            "understand_micros": { "median": self.micros(50), "p95": self.micros(95) },
        });
        if with_misses {
            let misses = self.misses.iter().map(|miss| {
                json!({
                    "plan": miss.plan,
                    "language": miss.language,
                    "expected": miss.expected,
                    "given": miss.given,
                    "text": miss.text,
                })
            });
            told["misses"] = misses.collect();
        }
        told
    }
}

fn show_count(name: &str, language: Language, count: &Count) {
    let share = |part| Share(part, count.texts());
    println!(
        "{name:<20} {:<8} {:>5} {:>20} {:>20} {:>20}",
        language.tag(),
        count.texts(),
        share(count.right),
        share(count.wrong),
        share(count.not_sure),
    );
}
