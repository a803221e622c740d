//! What can be wrong with parts of a plan that stand in files of their own.

use super::support::{HEAD, SOUND, finds_with, problems};
use dialplan::{Plan, PlanSources, Problem};

const PART: &str = "start: ask
params: [what]
nodes:
  ask:
    collect: { en: 'Which {what}?', zh: '请说{what}。' }
    slot: number
    digits: 4
    no_input: [{ then: person }]
    next: return
";

fn calling(node: &str) -> String {
    let sound = SOUND.replace("key: 1 }", "key: 1 }\n      pin: { en: [pin], zh: [密码] }");
    format!("{HEAD}{sound}  pin: {node}\n")
}

const CALL: &str = "{ call: parts/pin.yaml, with: { what: pin }, next: bye }";

fn with_part(sources: PlanSources) -> PlanSources {
    sources.with("parts/pin.yaml", PART)
}

fn finds(marked: &str, wanted: &str) {
    finds_with(&calling(marked), wanted, with_part);
}

/// Asserts that a part has exactly one problem, where the mark stands.
fn finds_in_part(from: &str, marked: &str, wanted: &str) {
    assert!(PART.contains(from), "'{from}' is no part of the part");
    let part = PART.replacen(from, marked, 1);
    let (before, _) = part.split_once('»').expect("the example marks a place");
    let line = before.lines().count();
    let column = before
        .lines()
        .next_back()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    let sources = PlanSources::of_head(calling(CALL)).with("parts/pin.yaml", part.replace('»', ""));
    let shown: Vec<String> = problems(&sources).iter().map(ToString::to_string).collect();
    let place = format!("parts/pin.yaml:{line}:{column}: {wanted}");
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert!(
        shown[0].starts_with(&place),
        "wanted {place}\nfound  {}",
        shown[0]
    );
}

#[test]
fn the_nodes_of_a_part_are_nodes_of_the_plan() {
    let sources = with_part(PlanSources::of_head(calling(CALL)));
    let plan = Plan::compile(&sources).expect("a sound plan");
    let names: Vec<&str> = plan.nodes().map(|(name, _)| name).collect();
    assert_eq!(names, ["bye", "hello", "pin", "pin.ask"]);
    assert_eq!(plan.node("pin").expect("a node").targets(), ["pin.ask"]);
    assert_eq!(plan.node("pin.ask").expect("a node").targets(), ["bye"]);
}

#[test]
fn a_call_that_does_not_fit_its_part_is_found() {
    finds(
        "{ call: »parts/pn.yaml, with: { what: pin }, next: bye }",
        "there is no file 'parts/pn.yaml'",
    );
    finds(
        "{ call: parts/pin.yaml, with: »{ waht: pin, what: pin }, next: bye }",
        "the part does not want to be told 'waht'",
    );
    finds(
        "»{ call: parts/pin.yaml, next: bye }",
        "the part wants to be told 'what'",
    );
    finds(
        "{ call: parts/pin.yaml, with: { what: pin }, next: »by }",
        "'pin.ask' leads to 'by', which is no node",
    );
}

#[test]
fn a_fault_in_a_part_is_told_in_its_file() {
    finds_in_part("digits: 4", "digits: »0", "'digits' is '0'");
    finds_in_part(
        "next: return",
        "next: »aks",
        "'pin.ask' leads to 'aks', which is no node",
    );
    finds_in_part(
        "en: 'Which {what}?'",
        "en: »'Which {waht}?'",
        "'{waht}' is a slot that no node fills",
    );
}

#[test]
fn a_part_that_begins_nowhere_is_found() {
    let part = PART.replace("start: ask", "start: asked");
    let sources = PlanSources::of_head(calling(CALL)).with("parts/pin.yaml", part);
    let found = problems(&sources);
    let wanted = "'pin' leads to 'asked', which is no node";
    let place = |problem: &&Problem| problem.file == "parts/pin.yaml" && problem.line == 1;
    assert!(
        found
            .iter()
            .find(place)
            .is_some_and(|p| p.message == wanted),
        "{found:#?}"
    );
}

#[test]
fn a_part_that_never_returns_and_one_that_returns_nowhere_are_found() {
    let sources = PlanSources::of_head(calling("{ call: parts/pin.yaml, with: { what: pin } }"));
    let shown: Vec<String> = problems(&with_part(sources))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        shown,
        [
            "parts/pin.yaml:9:11: 'pin.ask' leads to 'return', which is no node\n    add 'next: a-node' to the 'call' of this part"
        ]
    );
    let ends = PART.replace("next: return", "next: over") + "  over: { end: }\n";
    finds_with(
        &calling(&CALL.replace("next: bye", "next: »bye")),
        "the part never returns",
        |sources| sources.with("parts/pin.yaml", ends.clone()),
    );
}

#[test]
fn a_part_that_calls_itself_is_refused() {
    let around = "start: on\nparams: [what]\nnodes:\n  on: { call: parts/pin.yaml, with: { what: x }, next: return }\n";
    let sources = PlanSources::of_head(calling(CALL)).with("parts/pin.yaml", around);
    let shown: Vec<String> = problems(&sources).iter().map(ToString::to_string).collect();
    assert!(
        shown[0].starts_with("parts/pin.yaml:4:15: 'parts/pin.yaml' calls itself"),
        "{shown:#?}"
    );
}
