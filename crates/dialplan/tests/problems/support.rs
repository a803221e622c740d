//! A sound plan, to be spoilt in one place, and the problem that must be told there.

use dialplan::{Plan, PlanSources, Problem};

pub const HEAD: &str = "\
plan: example
languages: [en, zh]
start: hello
recording: off
people: { otherwise: callback }
nodes:
";

/// An ask that is sound, for examples that are about something else.
pub const SOUND: &str = "  hello:
    ask: { en: How can I help?, zh: 您好 }
    routes:
      bye: { en: [goodbye], zh: [再见], key: 1 }
    no_input: [{ then: person }]
  bye: { end: { en: Goodbye., zh: 再见。 } }
";

pub fn problems(sources: &PlanSources) -> Vec<Problem> {
    Plan::compile(sources).err().unwrap_or_default()
}

/// Asserts that a plan has exactly one problem, where the mark stands, saying `wanted`.
pub fn finds(marked: &str, wanted: &str) {
    finds_with(marked, wanted, |sources| sources);
}

pub fn finds_with(marked: &str, wanted: &str, more: impl Fn(PlanSources) -> PlanSources) {
    let (before, _) = marked.split_once('»').expect("the example marks a place");
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    let sources = more(PlanSources::of_head(marked.replace('»', "")));
    let found = problems(&sources);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found.len(),
        1,
        "one problem is planted:\n{marked}\nfound: {shown:#?}"
    );
    assert!(!found[0].remedy.is_empty(), "no remedy: {}", shown[0]);
    let place = format!("flow.yaml:{line}:{column}: {wanted}");
    assert!(
        shown[0].starts_with(&place),
        "wanted {place}\nfound  {}",
        shown[0]
    );
}

pub fn in_nodes(nodes: &str) -> String {
    format!("{HEAD}{SOUND}{nodes}")
}

/// The sound plan with one piece of it replaced.
pub fn changed(from: &str, to: &str) -> String {
    let whole = in_nodes("");
    assert!(
        whole.contains(from),
        "'{from}' is no part of the sound plan"
    );
    whole.replacen(from, to, 1)
}
