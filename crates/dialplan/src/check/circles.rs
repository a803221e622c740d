//! No way leads round and round without a caller being heard.

use super::Whole;
use crate::reading::Problems;
use crate::{Node, ProblemKind, Purpose};
use std::collections::BTreeSet;

/// Of a longer circle the middle is left out.
const TOLD_MAX: usize = 8;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    let purpose = whole.plan.purpose;
    let runs_on = |number: usize| {
        let node = whole.node(whole.ways.name(number));
        node.is_some_and(|node| goes_on(node, purpose))
    };
    let ways: Vec<Vec<usize>> = whole
        .ways
        .ahead()
        .iter()
        .enumerate()
        .map(|(from, ahead)| {
            if runs_on(from) {
                ahead.iter().copied().filter(|to| runs_on(*to)).collect()
            } else {
                Vec::new()
            }
        })
        .collect();
    for circle in uncounted(whole, ways.clone()) {
        let place = |number: &usize| whole.ways.place(*number);
        let Some(first) = circle.iter().min_by_key(|number| place(number)) else {
            continue;
        };
        let round = round(&ways, &circle, *first);
        let mut names: Vec<&str> = round
            .iter()
            .map(|number| whole.ways.name(*number))
            .collect();
        if names.len() > TOLD_MAX {
            names.splice(TOLD_MAX / 2..names.len() - TOLD_MAX / 2, ["…"]);
        }
        let message = format!(
            "from '{}' the plan talks in a circle and never listens: {}",
            whole.ways.name(*first),
            names.join(" → ")
        );
        let remedy = "lead the circle through an 'ask' or a 'collect', to an 'end', or count the rounds: 'set: {rounds: {add: 1}}' and a 'decide' that leads out";
        let at = whole.ways.place(*first);
        problems.tell(ProblemKind::EndlessCircle, at, message, remedy);
    }
}

/// The circles that remain when those are opened in which something is counted, and which are left
/// when it has been counted far enough.
fn uncounted(whole: &Whole<'_>, mut ways: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    for circle in circles(&ways) {
        let within = |number: &usize| whole.node(whole.ways.name(*number));
        let leads_out = |to: &str| {
            let number = whole.ways.number(to);
            number.is_some_and(|number| circle.binary_search(&number).is_err())
        };
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for node in circle.iter().filter_map(within) {
            if let Node::Decide(decide) = node
                && decide.targets().any(leads_out)
            {
                told.extend(decide.counters());
            }
        }
        for number in &circle {
            if let Some(Node::Set(note)) = within(number)
                && note.counters().any(|slot| told.contains(slot))
            {
                ways[*number].clear();
            }
        }
    }
    circles(&ways)
}

/// Whether a call goes on from this node without anybody being heard.
fn goes_on(node: &Node, purpose: Purpose) -> bool {
    match node {
        // When the caller says nothing; who measures may ask for ever.
        Node::Collect(collect) => purpose == Purpose::Service && collect.is_voluntary(),
        // When nobody is to be had.
        Node::Handoff(handoff) => handoff.person.overflow_node().is_some(),
        Node::Say(_) | Node::Api(_) | Node::ApiAll(_) | Node::Decide(_) | Node::Set(_) => true,
        Node::Ask(_) | Node::End(_) => false,
    }
}

/// One way round from `first` to itself within a circle, the shortest.
fn round(ways: &[Vec<usize>], circle: &[usize], first: usize) -> Vec<usize> {
    let mut came_from = std::collections::BTreeMap::new();
    let mut open = std::collections::VecDeque::from([first]);
    while let Some(node) = open.pop_front() {
        for next in ways[node]
            .iter()
            .filter(|next| circle.binary_search(next).is_ok())
        {
            if *next == first {
                let mut round = vec![first, node];
                while let Some(before) = round.last().and_then(|last| came_from.get(last)) {
                    round.push(*before);
                }
                round.reverse();
                return round;
            }
            if !came_from.contains_key(next) {
                came_from.insert(*next, node);
                open.push_back(*next);
            }
        }
    }
    vec![first]
}

/// The sets of nodes that lead to each other, each sorted (R. Tarjan, "Depth-first search and
/// linear graph algorithms", 1972, without recursion). A node alone counts where it leads to itself.
fn circles(ways: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        ways,
        order: vec![None; ways.len()],
        low: vec![0; ways.len()],
        is_open: vec![false; ways.len()],
        open: Vec::new(),
        count: 0,
        found: Vec::new(),
    };
    for node in 0..ways.len() {
        if search.order[node].is_none() {
            search.from(node);
        }
    }
    search.found
}

struct Search<'a> {
    ways: &'a [Vec<usize>],
    /// When each node was first seen.
    order: Vec<Option<usize>>,
    /// The earliest open node that each leads back to.
    low: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    count: usize,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn from(&mut self, root: usize) {
        let mut path = vec![(root, 0)];
        self.enter(root);
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            if let Some(to) = self.ways[node].get(*next).copied() {
                *next += 1;
                match self.order[to] {
                    None => {
                        self.enter(to);
                        path.push((to, 0));
                    }
                    Some(seen) if self.is_open[to] => self.low[node] = self.low[node].min(seen),
                    Some(_) => {}
                }
                continue;
            }
            path.pop();
            if let Some((before, _)) = path.last() {
                self.low[*before] = self.low[*before].min(self.low[node]);
            }
            if self.order[node] == Some(self.low[node]) {
                self.close(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.order[node] = Some(self.count);
        self.low[node] = self.count;
        self.count += 1;
        self.is_open[node] = true;
        self.open.push(node);
    }

    /// All that was opened since `node` leads to it and from it.
    fn close(&mut self, node: usize) {
        let from = self.open.iter().rposition(|open| *open == node);
        let mut circle = self.open.split_off(from.unwrap_or_default());
        for member in &circle {
            self.is_open[*member] = false;
        }
        if circle.len() > 1 || self.ways[node].contains(&node) {
            circle.sort_unstable();
            self.found.push(circle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_and_told_the_short_way_round() {
        let ways = vec![
            vec![1],
            vec![2, 4],
            vec![0, 3],
            vec![3],
            vec![5],
            vec![0],
            vec![],
        ];
        let mut found = circles(&ways);
        found.sort();
        assert_eq!(found, [vec![0, 1, 2, 4, 5], vec![3]]);
        assert_eq!(round(&ways, &[0, 1, 2, 4, 5], 0), [0, 1, 2, 0]);
        assert_eq!(round(&ways, &[3], 3), [3, 3]);
    }
}
