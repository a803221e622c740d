//! What is filled on each way of a plan, and so what is sure to be filled at each node.

use super::Whole;
use crate::{Decide, LadderEnd, Node, Test};
use std::collections::BTreeMap;

/// A way out of a node: where it leads, and the slots that are filled once it is taken.
pub(super) struct Way<'a> {
    pub to: &'a str,
    pub fills: Vec<&'a str>,
}

impl<'a> Way<'a> {
    fn plain(to: &'a str) -> Self {
        Self {
            to,
            fills: Vec::new(),
        }
    }
}

/// Every way out of a node.
pub(super) fn ways_out(node: &Node) -> Vec<Way<'_>> {
    let mut ways: Vec<Way<'_>> = match node {
        Node::Say(say) => vec![Way::plain(&say.next)],
        Node::Ask(ask) => ask.choices.iter().map(|c| Way::plain(&c.to)).collect(),
        Node::Collect(collect) => {
            let filling = |to| Way {
                to,
                fills: vec![collect.slot.as_str()],
            };
            collect.targets().map(filling).collect()
        }
        Node::Api(api) => {
            let mut ways = vec![Way {
                to: &api.next,
                fills: api.call.keep.keys().map(String::as_str).collect(),
            }];
            ways.extend(api.on_status.values().map(|to| Way::plain(to)));
            ways.extend(goto(&api.error));
            ways
        }
        Node::ApiAll(all) => {
            let told = |to| Way {
                fills: all.told().to_vec(),
                ..Way::plain(to)
            };
            let mut ways = vec![
                Way {
                    fills: all.kept().chain(all.told()).collect(),
                    ..Way::plain(&all.next)
                },
                told(&all.partly),
            ];
            if let LadderEnd::Goto(to) = &all.error {
                ways.push(told(to));
            }
            ways
        }
        Node::Decide(decide) => decided(decide),
        Node::Set(note) => vec![Way {
            to: &note.next,
            fills: note.set.keys().map(String::as_str).collect(),
        }],
        Node::Handoff(handoff) => handoff
            .person
            .overflow_node()
            .map(Way::plain)
            .into_iter()
            .collect(),
        Node::End(_) => Vec::new(),
    };
    if let Some(listening) = node.listening() {
        ways.extend(
            [&listening.no_input.then, &listening.no_match.then]
                .into_iter()
                .flat_map(goto),
        );
    }
    ways
}

/// What is sure of slots once a case holds, and once those before it did not: who comes to the
/// second case past `when: { order: { filled: no } }` has an order.
fn decided(decide: &Decide) -> Vec<Way<'_>> {
    let mut known: Vec<&str> = Vec::new();
    let mut ways = Vec::new();
    for case in &decide.cases {
        let needs = |tests: &Vec<Test>| tests.iter().any(Test::needs_a_value);
        let held = case.when.iter().filter(|(_, tests)| needs(tests));
        let held = held.map(|(slot, _)| slot.as_str());
        ways.push(Way {
            to: &case.to,
            fills: known.iter().copied().chain(held).collect(),
        });
        let mut conditions = case.when.iter();
        if let (Some((slot, tests)), None) = (conditions.next(), conditions.next())
            && tests.iter().all(Test::holds_of_nothing)
        {
            known.push(slot);
        }
    }
    ways.push(Way {
        to: &decide.otherwise,
        fills: known,
    });
    ways
}

fn goto(end: &LadderEnd) -> Option<Way<'_>> {
    match end {
        LadderEnd::Person => None,
        LadderEnd::Goto(to) => Some(Way::plain(to)),
    }
}

/// A set of slots, by number.
#[derive(Clone, PartialEq, Eq)]
struct Set(Vec<u64>);

impl Set {
    fn empty(slots: usize) -> Self {
        Self(vec![0; slots.div_ceil(64)])
    }

    fn put(&mut self, slot: usize) {
        self.0[slot / 64] |= 1 << (slot % 64);
    }

    fn has(&self, slot: usize) -> bool {
        self.0[slot / 64] & (1 << (slot % 64)) != 0
    }

    /// Keeps what the other has too; says whether that was less.
    fn narrow(&mut self, other: &Self) -> bool {
        let mut is_less = false;
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            is_less |= *own & !other != 0;
            *own &= other;
        }
        is_less
    }
}

/// What is filled at every node, whichever way a caller came.
pub(super) struct Filled<'a> {
    numbers: BTreeMap<&'a str, usize>,
    /// By node; none where no way leads.
    at: Vec<Option<Set>>,
    /// By node the ways that lead to it: whence, and what they fill.
    behind: Vec<Vec<(usize, Vec<usize>)>>,
}

impl<'a> Filled<'a> {
    /// Follows the ways from the start until nothing changes: what is sure at a node is
    /// what is sure on every way to it. A set only ever grows smaller, so this ends.
    pub fn of(whole: &'a Whole<'a>) -> Self {
        let slots = whole.plan.nodes.values().flat_map(super::slots_of);
        let mut numbers: BTreeMap<&str, usize> = slots.map(|slot| (slot, 0)).collect();
        for (number, (_, at)) in numbers.iter_mut().enumerate() {
            *at = number;
        }
        let count = whole.ways.len();
        let mut ahead: Vec<Vec<(usize, Vec<usize>)>> = vec![Vec::new(); count];
        let mut behind = ahead.clone();
        for (name, node) in &whole.plan.nodes {
            let Some(from) = whole.ways.number(name) else {
                continue;
            };
            for way in ways_out(node) {
                if let Some(to) = whole.ways.number(way.to) {
                    let fills = way
                        .fills
                        .iter()
                        .filter_map(|slot| numbers.get(slot).copied());
                    let fills: Vec<usize> = fills.collect();
                    behind[to].push((from, fills.clone()));
                    ahead[from].push((to, fills));
                }
            }
        }
        let mut at: Vec<Option<Set>> = vec![None; count];
        let mut open: Vec<usize> = whole.entrances().collect();
        for node in &open {
            at[*node] = Some(Set::empty(numbers.len()));
        }
        while let Some(node) = open.pop() {
            let Some(here) = at[node].clone() else {
                continue;
            };
            for (to, fills) in &ahead[node] {
                let mut there = here.clone();
                fills.iter().for_each(|slot| there.put(*slot));
                let is_news = match &mut at[*to] {
                    Some(known) => known.narrow(&there),
                    unknown @ None => {
                        *unknown = Some(there);
                        true
                    }
                };
                if is_news {
                    open.push(*to);
                }
            }
        }
        Self {
            numbers,
            at,
            behind,
        }
    }

    /// Whether a slot is filled at a node in any case. Where no caller comes nothing is missed.
    pub fn is_sure(&self, node: usize, slot: &str) -> bool {
        match (&self.at[node], self.numbers.get(slot)) {
            (Some(set), Some(slot)) => set.has(*slot),
            (None, _) | (_, None) => true,
        }
    }

    /// A node from which a caller comes with the slot still empty.
    pub fn comes_empty(&self, node: usize, slot: &str) -> Option<usize> {
        let number = self.numbers.get(slot)?;
        let is_empty = |(from, fills): &&(usize, Vec<usize>)| {
            !fills.contains(number) && self.at[*from].as_ref().is_some_and(|set| !set.has(*number))
        };
        self.behind[node]
            .iter()
            .find(is_empty)
            .map(|(from, _)| *from)
    }
}
