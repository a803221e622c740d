//! What is otherwise at the places of a conversation.

use super::{Found, Names, kind_of, routes, values};
use crate::{Ladder, LadderEnd, Node, Plan, Wording};
use std::collections::BTreeMap;

/// The parts of a node that are told in sentences of their own, and what only numbers grammars.
const TOLD: [&str; 15] = [
    "prompt.wording",
    "holding",
    "choices",
    "listening.grammars",
    "listening.offer_grammars",
    "listening.no_input",
    "listening.no_match",
    "wanted.grammar.phrases",
    "next",
    "partly",
    "on_status",
    "cases",
    "otherwise",
    "error",
    "wanted.one_of",
];

pub(super) fn compare(older: &Plan, newer: &Plan, names: &Names<'_>, found: &mut Found) {
    for (before, now) in &names.renamed {
        found.at(now, format!("this node was called '{before}'"));
    }
    for name in &names.gone {
        let kind = older.node(name).map(kind_of).unwrap_or_default();
        found.of_plan(format!(
            "the node '{name}', {kind}, is gone{}",
            saying(older, name)
        ));
    }
    for name in &names.new {
        let kind = newer.node(name).map(kind_of).unwrap_or_default();
        found.of_plan(format!(
            "the node '{name}', {kind}, is new{}",
            saying(newer, name)
        ));
    }
    for (name, node) in older.nodes() {
        let now = names.now(name);
        if let Some(new) = newer.node(now) {
            one(now, node, new, names, found);
            beside(older, newer, name, now, found);
        }
    }
}

/// What is kept beside the nodes: titles, and where voices are scored.
fn beside(older: &Plan, newer: &Plan, before: &str, now: &str, found: &mut Found) {
    let titles = [(older, before), (newer, now)].map(|(plan, name)| plan.body.titles.get(name));
    if titles[0] != titles[1] {
        for change in values::changes(&titles[0], &titles[1]) {
            found.at(now, format!("title {change}"));
        }
    }
    match (older.is_task_done_at(before), newer.is_task_done_at(now)) {
        (false, true) => found.at(now, "a task is done here now"),
        (true, false) => found.at(now, "no task is done here any more"),
        (true, true) | (false, false) => {}
    }
    let switches = (
        older.voice_analysis_from(before),
        newer.voice_analysis_from(now),
    );
    if switches.0 != switches.1 {
        for change in values::changes(&[switches.0], &[switches.1]) {
            found.at(
                now,
                format!("voice_analysis {}", change.trim_start_matches("1: ")),
            );
        }
    }
}

fn one(name: &str, older: &Node, newer: &Node, names: &Names<'_>, found: &mut Found) {
    if kind_of(older) != kind_of(newer) {
        found.at(
            name,
            format!("this is {} now, not {}", kind_of(newer), kind_of(older)),
        );
        return;
    }
    said(name, older, newer, found);
    if let (Node::Ask(before), Node::Ask(now)) = (older, newer) {
        routes::compare(name, before, now, names, found);
    }
    if let (Node::Collect(before), Node::Collect(now)) = (older, newer)
        && std::mem::discriminant(&before.wanted) == std::mem::discriminant(&now.wanted)
        && values::leaves(&before.wanted) != values::leaves(&now.wanted)
    {
        wanted(
            name,
            &values::leaves(&before.wanted),
            &values::leaves(&now.wanted),
            found,
        );
    }
    ways(name, older, newer, names, found);
    if let (Some(before), Some(now)) = (older.listening(), newer.listening()) {
        ladder(
            name,
            "silence",
            &before.no_input,
            &now.no_input,
            names,
            found,
        );
        ladder(
            name,
            "an answer that fits nothing",
            &before.no_match,
            &now.no_match,
            names,
            found,
        );
    }
    let [before, now] = [older, newer].map(others);
    for change in values::changed_leaves(&before, &now) {
        found.at(name, change);
    }
}

/// What it says on entry or while it waits.
fn said(name: &str, older: &Node, newer: &Node, found: &mut Found) {
    let [before, now] = [older, newer].map(spoken);
    let what = match newer {
        Node::Ask(_) | Node::Collect(_) => "the question",
        Node::Api(_) | Node::ApiAll(_) => "the holding line",
        Node::Say(_) | Node::Decide(_) | Node::Set(_) | Node::Handoff(_) | Node::End(_) => {
            "the announcement"
        }
    };
    match (before, now) {
        (Some(before), Some(now)) => {
            for change in values::wordings(before, now) {
                found.at(name, format!("{what} is worded otherwise {change}"));
            }
        }
        (None, Some(now)) => {
            let text = first_words(now);
            found.at(name, format!("{what} is new: “{text}”"));
        }
        (Some(before), None) => {
            let text = first_words(before);
            found.at(name, format!("{what} is gone: “{text}”"));
        }
        (None, None) => {}
    }
}

fn spoken(node: &Node) -> Option<&Wording> {
    match node {
        Node::Api(api) => Some(&api.holding),
        Node::ApiAll(all) => Some(&all.holding),
        Node::Say(_)
        | Node::Ask(_)
        | Node::Collect(_)
        | Node::Decide(_)
        | Node::Set(_)
        | Node::Handoff(_)
        | Node::End(_) => node.prompt().map(|prompt| &prompt.wording),
    }
}

/// A wording in its first language.
fn first_words(wording: &Wording) -> String {
    let first = wording.0.keys().next();
    first
        .map(|language| wording.as_text(*language))
        .unwrap_or_default()
}

fn saying(plan: &Plan, name: &str) -> String {
    let wording = plan.node(name).and_then(spoken);
    wording
        .map(|wording| format!(": “{}”", first_words(wording)))
        .unwrap_or_default()
}

/// The values that may be given.
fn wanted(
    name: &str,
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    found: &mut Found,
) {
    let is_phrase = |path: &String| path.contains("grammar.phrases");
    let is_other =
        |(path, value): (&String, &String)| is_phrase(path) && before.get(path) != Some(value);
    if now.iter().any(is_other)
        || before
            .keys()
            .any(|path| is_phrase(path) && !now.contains_key(path))
    {
        found.at(name, "the grammar of what is understood is another");
    }
    let [before, now] = [before, now].map(|leaves| {
        let plain = leaves.iter().filter(|(path, _)| !is_phrase(path));
        plain
            .map(|(path, value)| (path.clone(), value.clone()))
            .collect::<BTreeMap<_, _>>()
    });
    // An option's place in the list says nothing; its value and its words do.
    let [was, is] = [&before, &now].map(|leaves| {
        let listed = leaves.iter().filter(|(path, _)| path.starts_with("one_of"));
        listed
            .map(|(_, value)| value.as_str())
            .collect::<std::collections::BTreeSet<_>>()
    });
    for value in is.difference(&was) {
        found.at(name, format!("'{value}' is understood now"));
    }
    for value in was.difference(&is) {
        found.at(name, format!("'{value}' is no longer understood"));
    }
}

/// Where it leads besides the routes of a question.
fn ways(name: &str, older: &Node, newer: &Node, names: &Names<'_>, found: &mut Found) {
    let before = named_ways(older, |to| names.now(to).to_owned());
    let now = named_ways(newer, str::to_owned);
    for (when, to) in &now {
        match before.get(when) {
            Some(earlier) if earlier == to => {}
            Some(earlier) => found.at(
                name,
                format!("{when} the caller goes on to {to} now, not to {earlier}"),
            ),
            None => found.at(name, format!("{when} the caller goes on to {to} now")),
        }
    }
    for (when, to) in &before {
        if !now.contains_key(when) {
            found.at(
                name,
                format!("{when} no way leads on any more; it was to {to}"),
            );
        }
    }
}

/// The ways out of a node that are no answer to an open question, by when they are gone.
fn named_ways(node: &Node, named: impl Fn(&str) -> String) -> BTreeMap<String, String> {
    let quoted = |to: &str| format!("'{}'", named(to));
    let end = |end: &LadderEnd| match end {
        LadderEnd::Person => "a person".to_owned(),
        LadderEnd::Goto(to) => quoted(to),
    };
    let mut ways = BTreeMap::new();
    match node {
        Node::Say(say) => {
            ways.insert("after it".to_owned(), quoted(&say.next));
        }
        Node::Collect(collect) => match &collect.next {
            crate::Next::Always(to) => {
                ways.insert("with the value".to_owned(), quoted(to));
                if let Some(sure) = &collect.sure {
                    ways.insert("with a value heard for sure".to_owned(), quoted(sure));
                }
            }
            crate::Next::ByAnswer { yes, no } => {
                ways.insert("after yes".to_owned(), quoted(yes));
                ways.insert("after no".to_owned(), quoted(no));
            }
        },
        Node::Api(api) => {
            ways.insert("after an answer".to_owned(), quoted(&api.next));
            for (status, to) in &api.on_status {
                ways.insert(format!("after status {status}"), quoted(to));
            }
            ways.insert("without an answer".to_owned(), end(&api.error));
        }
        Node::ApiAll(all) => {
            ways.insert("when all succeed".to_owned(), quoted(&all.next));
            ways.insert("when some succeed".to_owned(), quoted(&all.partly));
            ways.insert("when none succeeds".to_owned(), end(&all.error));
        }
        Node::Decide(decide) => {
            for case in &decide.cases {
                ways.insert(format!("when {case}"), quoted(&case.to));
            }
            ways.insert("in any other case".to_owned(), quoted(&decide.otherwise));
        }
        Node::Set(note) => {
            ways.insert("after it".to_owned(), quoted(&note.next));
        }
        Node::Ask(_) | Node::Handoff(_) | Node::End(_) => {}
    }
    ways
}

fn ladder(
    name: &str,
    what: &str,
    older: &Ladder,
    newer: &Ladder,
    names: &Names<'_>,
    found: &mut Found,
) {
    let end = |end: &LadderEnd, named: &dyn Fn(&str) -> String| match end {
        LadderEnd::Person => "a person".to_owned(),
        LadderEnd::Goto(to) => format!("'{}'", named(to)),
    };
    let before = end(&older.then, &|to| names.now(to).to_owned());
    let now = end(&newer.then, &|to| to.to_owned());
    if before != now {
        found.at(
            name,
            format!("{what} leads to {now} in the end, not to {before}"),
        );
    }
    if older.tries.len() != newer.tries.len() {
        found.at(
            name,
            format!(
                "after {what} the caller is asked {} times more, not {}",
                newer.tries.len(),
                older.tries.len()
            ),
        );
    }
    for (number, (before, now)) in older.tries.iter().zip(&newer.tries).enumerate() {
        for change in values::wordings(before, now) {
            found.at(
                name,
                format!(
                    "after {what} (time {}) it is worded otherwise {change}",
                    number + 1
                ),
            );
        }
    }
}

/// All that is not told in a sentence of its own, by name.
fn others(node: &Node) -> BTreeMap<String, String> {
    let mut others = BTreeMap::new();
    for (path, value) in values::leaves(node) {
        // The first name is the node's kind.
        let path = path.split_once('.').map_or(path.as_str(), |(_, path)| path);
        let is_told = TOLD.iter().any(|told| {
            path.strip_prefix(told)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if !is_told {
            others.insert(path.to_owned(), value);
        }
    }
    others
}
