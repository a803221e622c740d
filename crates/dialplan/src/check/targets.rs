//! Every target is a node.

use super::Whole;
use crate::ProblemKind;
use crate::reading::Problems;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    for target in &whole.marks.targets {
        if whole.ways.number(&target.to).is_none() {
            let message = format!(
                "'{}' leads to '{}', which is no node",
                whole.marks.written(&target.from),
                target.written
            );
            let part = target.to.strip_suffix(&target.written).unwrap_or_default();
            let remedy = match target.written.as_str() {
                "return" => "add 'next: a-node' to the 'call' of this part".to_owned(),
                _ => whole.nearest_node(&target.to).replace(part, ""),
            };
            problems.tell(ProblemKind::UnknownTarget, target.at, message, remedy);
        }
    }
}
