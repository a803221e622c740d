//! A plan's parts held against each other.

use crate::reading::{Marks, Problems, ReadPlan};
use crate::{AnswerBy, LadderEnd, Node, PlanSources, Purpose};
use call_model::Interruption;
use std::collections::{BTreeMap, BTreeSet};

/// Finds what is wrong between the parts of a plan; what is wrong within one part
/// was found when it was read.
pub(crate) fn check(
    plan: &ReadPlan,
    marks: &Marks,
    sources: &PlanSources,
    problems: &mut Problems,
) {
    let mut check = Check {
        plan,
        marks,
        ways: ways(marks),
        problems,
    };
    check.targets();
    check.start();
    check.reach();
    check.ladder_ends();
    check.talking_in_circles();
    check.slots();
    check.files(sources);
}

struct Check<'a> {
    plan: &'a ReadPlan,
    marks: &'a Marks,
    /// Where each node leads, as far as the targets are nodes.
    ways: BTreeMap<&'a str, BTreeSet<&'a str>>,
    problems: &'a mut Problems,
}

fn ways(marks: &Marks) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut ways: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for target in marks
        .targets
        .iter()
        .filter(|t| marks.nodes.contains_key(&t.to))
    {
        ways.entry(&target.from).or_default().insert(&target.to);
    }
    ways
}

impl Check<'_> {
    fn targets(&mut self) {
        for target in &self.marks.targets {
            if !self.marks.nodes.contains_key(&target.to) {
                let message = format!(
                    "'{}' leads to '{}', which is no node",
                    target.from, target.to
                );
                let remedy = self.nearest_node(&target.to);
                self.problems.add(target.at, message, remedy);
            }
        }
    }

    fn nearest_node(&self, written: &str) -> String {
        let known: Vec<&str> = self.marks.nodes.keys().map(String::as_str).collect();
        crate::reading::suggestion(written, &known)
    }

    fn start(&mut self) {
        let named = [
            (&self.plan.start, "a call begins"),
            (&self.plan.notice, "callers are told of the recording"),
        ];
        for ((at, name), what) in named
            .into_iter()
            .filter_map(|(named, what)| Some((named.as_ref()?, what)))
        {
            if !self.marks.nodes.contains_key(name) {
                let remedy = self.nearest_node(name);
                self.problems
                    .add(*at, format!("{what} at '{name}', which is no node"), remedy);
            }
        }
        self.notice();
    }

    /// The notice is the first thing said, and it is said to its end.
    fn notice(&mut self) {
        let (Some((at, notice)), Some((_, start))) = (&self.plan.notice, &self.plan.start) else {
            return;
        };
        if notice != start {
            let message = format!("the recording begins before '{notice}' is said");
            self.problems.add(
                *at,
                message,
                format!("let the call begin there: 'start: {notice}'"),
            );
        }
        let is_legal = |node: &Node| matches!(node, Node::Say(say) if say.prompt.interruption == Interruption::LegalNotice);
        if self
            .plan
            .nodes
            .get(notice)
            .is_some_and(|node| !is_legal(node))
        {
            let message =
                format!("'{notice}' can be interrupted before it has told of the recording");
            self.problems
                .add(*at, message, "make it a 'say' with 'legal: true'");
        }
    }

    /// Every node can be come to, and from every node there is a way out.
    fn reach(&mut self) {
        let Some((_, start)) = &self.plan.start else {
            return;
        };
        let reached = reached_from(&self.ways, start);
        for (name, at) in &self.marks.nodes {
            if self.marks.nodes.contains_key(start) && !reached.contains(name.as_str()) {
                let message = format!("no way leads to node '{name}'");
                self.problems.add(
                    *at,
                    message,
                    "lead a route or a 'next' to it, or take it out",
                );
            }
            let has_way_out = reached_from(&self.ways, name)
                .iter()
                .any(|node| self.is_way_out(node));
            if self.plan.purpose == Purpose::Service && !has_way_out {
                let message = format!("from node '{name}' no way leads to a person or to an end");
                self.problems.add(
                    *at,
                    message,
                    "lead one of its ways to a 'handoff' or an 'end'",
                );
            }
        }
    }

    /// A node that could not be read counts, so that one fault is told once.
    fn is_way_out(&self, name: &str) -> bool {
        match self.plan.nodes.get(name) {
            None | Some(Node::Handoff(_) | Node::End(_)) => true,
            Some(Node::Api(api)) => api.error == LadderEnd::Person,
            Some(node @ (Node::Say(_) | Node::Ask(_) | Node::Collect(_))) => {
                let ladders = node
                    .listening()
                    .map(|l| [&l.no_input.then, &l.no_match.then]);
                ladders.is_some_and(|ends| ends.contains(&&LadderEnd::Person))
            }
        }
    }

    /// A ladder ends at a person, or at keys, whose own ladders end at a person.
    fn ladder_ends(&mut self) {
        if self.plan.purpose == Purpose::Measurement {
            return;
        }
        for target in self
            .marks
            .targets
            .iter()
            .filter(|target| target.ends_ladder)
        {
            let from_keys = self.plan.nodes.get(&target.from).is_some_and(is_by_keys);
            let fits = match self.plan.nodes.get(&target.to) {
                None | Some(Node::Handoff(_)) => true,
                Some(node) => !from_keys && is_by_keys(node),
            };
            if !fits {
                let message = format!(
                    "a ladder of '{}' ends at '{}', where the caller may fail again",
                    target.from, target.to
                );
                self.problems.add(
                    target.at,
                    message,
                    "end it with 'then: person', at a 'handoff', or at a node with 'by: keys'",
                );
            }
        }
    }

    /// Nodes that speak and never listen may not lead round to themselves.
    fn talking_in_circles(&mut self) {
        let ways: BTreeMap<&str, BTreeSet<&str>> = self
            .plan
            .nodes
            .iter()
            .filter_map(|(name, node)| match node {
                Node::Say(_) | Node::Api(_) => Some((name.as_str(), node.targets())),
                Node::Ask(_) | Node::Collect(_) | Node::Handoff(_) | Node::End(_) => None,
            })
            .map(|(name, targets)| (name, targets.into_iter().collect()))
            .collect();
        for (name, at) in &self.marks.nodes {
            let ahead = ways.get(name.as_str()).into_iter().flatten();
            let reached = ahead.flat_map(|next| reached_from(&ways, next));
            if reached.into_iter().any(|node| node == name) {
                let message = format!("from '{name}' the plan talks in a circle and never listens");
                self.problems.add(
                    *at,
                    message,
                    "lead the circle through an 'ask' or a 'collect', or to an 'end'",
                );
            }
        }
    }

    fn slots(&mut self) {
        let known: BTreeSet<&str> = self.plan.nodes.values().flat_map(slots_of).collect();
        let is_whole = self.plan.nodes.len() == self.marks.nodes.len();
        for (at, slot) in self.marks.slots_used.iter().filter(|_| is_whole) {
            if !known.contains(slot.as_str()) {
                let list: Vec<&str> = known.iter().copied().collect();
                let remedy = if list.is_empty() {
                    "no node collects anything".to_owned()
                } else {
                    crate::reading::suggestion(slot, &list)
                };
                self.problems.add(
                    *at,
                    format!("'{{{slot}}}' is a slot that no node fills"),
                    remedy,
                );
            }
        }
    }

    fn files(&mut self, sources: &PlanSources) {
        for (at, file) in &self.marks.files {
            if !sources.has(file) {
                let message = format!("there is no file '{file}'");
                self.problems.add(
                    *at,
                    message,
                    "an audio file lies in the plan's folder and is named from there",
                );
            }
        }
    }
}

/// Every node to which ways lead from `from`, itself included.
fn reached_from<'a>(
    ways: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    from: &'a str,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for next in ways.get(node).into_iter().flatten() {
            if reached.insert(*next) {
                open.push(*next);
            }
        }
    }
    reached
}

/// The slots that a node fills.
pub(crate) fn slots_of(node: &Node) -> Vec<&str> {
    match node {
        Node::Collect(collect) => vec![&collect.slot],
        Node::Api(api) => api.keep.keys().map(String::as_str).collect(),
        Node::Say(_) | Node::Ask(_) | Node::Handoff(_) | Node::End(_) => Vec::new(),
    }
}

fn is_by_keys(node: &Node) -> bool {
    node.listening()
        .is_some_and(|listening| listening.by == AnswerBy::Keys)
}
