//! What is otherwise in one plan than in another, as a caller would notice it.
//!
//! Words, keys and the ways they lead are told in sentences of their own. Whatever else
//! differs in the compiled plans is told by its name with the two values, so that no
//! difference is passed over in silence.

mod head;
mod nodes;
mod routes;
mod values;

use crate::{Node, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One difference between an older plan and a newer one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Difference {
    /// The node it is about, by its newer name; none: it is about the whole plan.
    pub node: Option<String>,
    /// What is otherwise, as a sentence without its full stop.
    pub what: String,
}

/// `at 'menu': the phrase 'track my order' now leads to 'order', not to 'menu'`
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Some(node) => write!(f, "at '{node}': {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl Plan {
    /// All that is otherwise in `newer`, the whole plan first, then node by node.
    pub fn differences(&self, newer: &Self) -> Vec<Difference> {
        if self.digest() == newer.digest() {
            return Vec::new();
        }
        let names = Names::of(self, newer);
        let mut found = Found::default();
        head::compare(self, newer, &names, &mut found);
        nodes::compare(self, newer, &names, &mut found);
        found.0
    }
}

/// The differences so far.
#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn of_plan(&mut self, what: impl Into<String>) {
        self.0.push(Difference {
            node: None,
            what: what.into(),
        });
    }

    fn at(&mut self, node: &str, what: impl Into<String>) {
        self.0.push(Difference {
            node: Some(node.to_owned()),
            what: what.into(),
        });
    }
}

/// The nodes of both plans, by what they are called in each.
struct Names<'a> {
    /// By the older name the newer one, where a node was only renamed.
    renamed: BTreeMap<&'a str, &'a str>,
    gone: Vec<&'a str>,
    new: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// A node that is gone and a new one that says and does the same are one node, if there
    /// is but one such pair.
    fn of(older: &'a Plan, newer: &'a Plan) -> Self {
        let [old, young] = [older, newer].map(|plan| {
            let names = plan.nodes().map(|(name, _)| name);
            names.collect::<BTreeSet<&str>>()
        });
        let mut gone: Vec<&str> = old.difference(&young).copied().collect();
        let mut new: Vec<&str> = young.difference(&old).copied().collect();
        let mut alike: BTreeMap<String, [Vec<&str>; 2]> = BTreeMap::new();
        for (side, (plan, names)) in [(older, &gone), (newer, &new)].into_iter().enumerate() {
            for name in names {
                if let Some(node) = plan.node(name) {
                    let sides = alike.entry(values::fingerprint(node, name)).or_default();
                    sides[side].push(*name);
                }
            }
        }
        let mut renamed = BTreeMap::new();
        for [before, now] in alike.values() {
            if let ([before], [now]) = (before.as_slice(), now.as_slice()) {
                renamed.insert(*before, *now);
            }
        }
        gone.retain(|name| !renamed.contains_key(name));
        new.retain(|name| !renamed.values().any(|now| now == name));
        Self { renamed, gone, new }
    }

    /// What a node of the older plan is called in the newer one.
    fn now<'n>(&self, older: &'n str) -> &'n str
    where
        'a: 'n,
    {
        self.renamed.get(older).copied().unwrap_or(older)
    }
}

/// What a node is, for a sentence.
const fn kind_of(node: &Node) -> &'static str {
    match node {
        Node::Say(_) => "an announcement",
        Node::Ask(_) => "a question",
        Node::Collect(_) => "a question for a value",
        Node::Api(_) => "a question to a back end",
        Node::ApiAll(_) => "questions to several back ends",
        Node::Decide(_) => "a decision",
        Node::Set(_) => "a note",
        Node::Handoff(_) => "a handoff to a person",
        Node::End(_) => "an end",
    }
}
