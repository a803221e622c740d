//! A ladder ends at a person, or at keys, whose own ladders end at a person.

use super::Whole;
use crate::reading::Problems;
use crate::{AnswerBy, Node, ProblemKind, Purpose};

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    if whole.plan.purpose == Purpose::Measurement {
        return;
    }
    for target in whole.marks.targets.iter().filter(|t| t.ends_ladder) {
        let from_keys = whole.node(&target.from).is_some_and(is_by_keys);
        let fits = match whole.node(&target.to) {
            None | Some(Node::Handoff(_)) => true,
            Some(node) => !from_keys && is_by_keys(node),
        };
        if !fits {
            let message = format!(
                "a ladder of '{}' ends at '{}', where the caller may fail again",
                target.from, target.to
            );
            let remedy = "end it with 'then: person', at a 'handoff', or at a node with 'by: keys'";
            problems.tell(ProblemKind::LadderEnd, target.at, message, remedy);
        }
    }
}

fn is_by_keys(node: &Node) -> bool {
    node.listening()
        .is_some_and(|listening| listening.by == AnswerBy::Keys)
}
