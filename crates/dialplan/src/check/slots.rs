//! A slot that is spoken of is filled somewhere.

use super::Whole;
use crate::reading::Problems;
use crate::{Node, ProblemKind};
use std::collections::BTreeSet;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    if !whole.is_whole() {
        return;
    }
    let known: BTreeSet<&str> = whole.plan.nodes.values().flat_map(slots_of).collect();
    let list: Vec<&str> = known.iter().copied().collect();
    for (at, slot) in &whole.marks.slots_used {
        if !known.contains(slot.as_str()) {
            let remedy = if list.is_empty() {
                "no node collects anything".to_owned()
            } else {
                crate::reading::suggestion(slot, &list)
            };
            let message = format!("'{{{slot}}}' is a slot that no node fills");
            problems.tell(ProblemKind::UnknownSlot, *at, message, remedy);
        }
    }
}

/// The slots that a node fills.
pub(crate) fn slots_of(node: &Node) -> Vec<&str> {
    match node {
        Node::Collect(collect) => vec![&collect.slot],
        Node::Api(api) => api.keep.keys().map(String::as_str).collect(),
        Node::Say(_) | Node::Ask(_) | Node::Handoff(_) | Node::End(_) => Vec::new(),
    }
}
