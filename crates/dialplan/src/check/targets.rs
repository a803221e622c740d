//! Every target is a node.

use super::Whole;
use crate::ProblemKind;
use crate::reading::Problems;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    for target in &whole.marks.targets {
        if whole.ways.number(&target.to).is_none() {
            let message = format!(
                "'{}' leads to '{}', which is no node",
                target.from, target.to
            );
            let remedy = whole.nearest_node(&target.to);
            problems.tell(ProblemKind::UnknownTarget, target.at, message, remedy);
        }
    }
}
