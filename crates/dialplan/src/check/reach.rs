//! Every node can be come to, and from every node there is a way out.

use super::Whole;
use super::ways::reached;
use crate::reading::Problems;
use crate::{LadderEnd, Node, ProblemKind, Purpose};
use std::collections::BTreeSet;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    let Some((_, start)) = &whole.plan.start else {
        return;
    };
    if whole.ways.number(start).is_some() {
        let from_start = reached(whole.ways.ahead(), whole.entrances());
        for number in (0..whole.ways.len()).filter(|number| !from_start[*number]) {
            let message = format!("no way leads to node '{}'", whole.ways.name(number));
            let remedy = "lead a route or a 'next' to it, or take it out";
            let at = whole.ways.place(number);
            problems.tell(ProblemKind::Unreachable, at, message, remedy);
        }
    }
    if whole.plan.purpose == Purpose::Service {
        ways_out(whole, problems);
    }
}

fn ways_out(whole: &Whole<'_>, problems: &mut Problems) {
    let names = whole.ways.names().iter().zip(0..);
    // Where a way leads to no node, that is the fault.
    let targets = whole.marks.targets.iter();
    let lost: BTreeSet<&str> = targets
        .filter(|target| whole.ways.number(&target.to).is_none())
        .map(|target| target.from.as_str())
        .collect();
    let outs = names.filter(|(name, _)| lost.contains(*name) || is_way_out(whole, name));
    let has_way_out = reached(&whole.ways.behind(), outs.map(|(_, number)| number));
    for number in (0..whole.ways.len()).filter(|number| !has_way_out[*number]) {
        let name = whole.ways.name(number);
        let message = format!("from node '{name}' no way leads to a person or to an end");
        let remedy = "lead one of its ways to a 'handoff' or an 'end'";
        let at = whole.ways.place(number);
        problems.tell(ProblemKind::NoWayOut, at, message, remedy);
    }
}

/// A node that could not be read counts, so that one fault is told once.
fn is_way_out(whole: &Whole<'_>, name: &str) -> bool {
    match whole.node(name) {
        None | Some(Node::Handoff(_) | Node::End(_)) => true,
        Some(Node::Api(api)) => api.error == LadderEnd::Person,
        Some(Node::ApiAll(all)) => all.error == LadderEnd::Person,
        Some(Node::Decide(_) | Node::Set(_)) => false,
        Some(node @ (Node::Say(_) | Node::Ask(_) | Node::Collect(_))) => {
            let ladders = node
                .listening()
                .map(|l| [&l.no_input.then, &l.no_match.then]);
            ladders.is_some_and(|ends| ends.contains(&&LadderEnd::Person))
        }
    }
}
