//! The ways that calls went, to be seen in a plan's picture.

use super::Arrow;
use call_model::{CallAction, CallOutcome, Decision, HungUp, JournalEntry, JournalLine};
use std::collections::{BTreeMap, BTreeSet};

/// The ways of some calls through a plan.
#[derive(Clone, Debug, Default)]
pub struct Trails {
    calls: Vec<Trail>,
}

/// The way of one call.
#[derive(Clone, Debug, Default)]
struct Trail {
    /// The nodes it entered, in order.
    nodes: Vec<String>,
    /// The caller hung up with nobody fetched: they left.
    is_left: bool,
}

impl Trails {
    /// Adds a call by the lines of its journal. Only the names of nodes are kept.
    pub fn add<'a>(&mut self, lines: impl IntoIterator<Item = &'a JournalLine>) {
        let mut trail = Trail::default();
        let mut has_person = false;
        for line in lines {
            match line {
                JournalLine::At(
                    _,
                    JournalEntry::Out(CallAction::Decide(Decision::Entered { node, .. })),
                ) => {
                    trail.nodes.push(node.clone());
                }
                JournalLine::At(_, JournalEntry::Out(CallAction::Escalate { .. })) => {
                    has_person = true;
                }
                JournalLine::End(_, CallOutcome::Ended(HungUp::ByCaller)) => {
                    trail.is_left = !has_person;
                }
                JournalLine::Begin(_) | JournalLine::At(..) | JournalLine::End(..) => {}
            }
        }
        self.calls.push(trail);
    }

    /// How many calls there are.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// In how many calls somebody came by a node, and in how many the caller left there.
    pub(super) fn at(&self, node: &str) -> (usize, usize) {
        let visits = self
            .calls
            .iter()
            .filter(|trail| trail.nodes.iter().any(|n| n == node));
        let left = self
            .calls
            .iter()
            .filter(|trail| trail.is_left && trail.nodes.last().is_some_and(|last| last == node));
        (visits.count(), left.count())
    }

    /// Counts the steps of the calls at the arrows they took; a step without an arrow gets one.
    pub(super) fn lie_over(&self, arrows: &mut Vec<Arrow>, numbers: &BTreeMap<&str, usize>) {
        for trail in &self.calls {
            let mut gone: BTreeSet<(usize, usize)> = BTreeSet::new();
            let nodes: Vec<usize> = trail
                .nodes
                .iter()
                .filter_map(|n| numbers.get(n.as_str()).copied())
                .collect();
            for (step, pair) in nodes.windows(2).enumerate() {
                let &[from, to] = pair else { continue };
                let found = arrows.iter().position(|a| (a.from, a.to) == (from, to));
                let at = found.unwrap_or_else(|| {
                    arrows.push(Arrow {
                        from,
                        to,
                        word: String::new(),
                        is_ladder: false,
                        is_leap: true,
                        is_aside: true,
                        gone: 0,
                        steps: Vec::new(),
                    });
                    arrows.len() - 1
                });
                arrows[at].gone += usize::from(gone.insert((from, to)));
                if self.calls.len() == 1 {
                    arrows[at].steps.push(step + 1);
                }
            }
        }
    }
}
