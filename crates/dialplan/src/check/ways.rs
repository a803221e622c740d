//! The nodes of a plan and the ways between them, numbered.

use crate::reading::{Marks, Place};
use std::collections::BTreeMap;

/// Where each node leads, as far as the targets are nodes. Nodes are numbered by name.
pub(super) struct Ways<'a> {
    names: Vec<&'a str>,
    places: Vec<Place>,
    numbers: BTreeMap<&'a str, usize>,
    ahead: Vec<Vec<usize>>,
}

impl<'a> Ways<'a> {
    pub fn of(marks: &'a Marks) -> Self {
        let names: Vec<&str> = marks.nodes.keys().map(String::as_str).collect();
        let numbers: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
        let mut ahead = vec![Vec::new(); names.len()];
        for target in &marks.targets {
            let ends = [&target.from, &target.to].map(|name| numbers.get(name.as_str()));
            if let [Some(from), Some(to)] = ends {
                ahead[*from].push(*to);
            }
        }
        for ways in &mut ahead {
            ways.sort_unstable();
            ways.dedup();
        }
        Self {
            places: marks.nodes.values().copied().collect(),
            names,
            numbers,
            ahead,
        }
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// All names, by number.
    pub fn names(&self) -> &[&'a str] {
        &self.names
    }

    pub fn name(&self, number: usize) -> &'a str {
        self.names[number]
    }

    pub fn place(&self, number: usize) -> Place {
        self.places[number]
    }

    pub fn number(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// Where each node leads, by number.
    pub fn ahead(&self) -> &[Vec<usize>] {
        &self.ahead
    }

    /// Whence each node is come to, by number.
    pub fn behind(&self) -> Vec<Vec<usize>> {
        let mut behind = vec![Vec::new(); self.len()];
        for (from, ways) in self.ahead.iter().enumerate() {
            for to in ways {
                behind[*to].push(from);
            }
        }
        behind
    }
}

/// By number whether ways lead there from one of `from`; those themselves are reached.
pub(super) fn reached(ways: &[Vec<usize>], from: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let mut reached = vec![false; ways.len()];
    let mut open: Vec<usize> = from.into_iter().collect();
    for node in &open {
        reached[*node] = true;
    }
    while let Some(node) = open.pop() {
        for next in &ways[node] {
            if !std::mem::replace(&mut reached[*next], true) {
                open.push(*next);
            }
        }
    }
    reached
}
