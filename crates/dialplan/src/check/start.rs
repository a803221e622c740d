//! A call begins somewhere, and where it is recorded it begins with the notice.

use super::Whole;
use crate::reading::Problems;
use crate::{Node, ProblemKind};
use call_model::Interruption;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    let named = [
        (&whole.plan.start, "a call begins"),
        (&whole.plan.notice, "callers are told of the recording"),
        (&whole.plan.after_person, "callers whom a person left go on"),
    ];
    for (named, what) in named {
        if let Some((at, name)) = named
            && whole.ways.number(name).is_none()
        {
            let message = format!("{what} at '{name}', which is no node");
            let remedy = whole.nearest_node(name);
            problems.tell(ProblemKind::UnknownTarget, *at, message, remedy);
        }
    }
    notice(whole, problems);
}

/// The notice is the first thing said, and it is said to its end.
fn notice(whole: &Whole<'_>, problems: &mut Problems) {
    let (Some((at, notice)), Some((_, start))) = (&whole.plan.notice, &whole.plan.start) else {
        return;
    };
    if notice != start {
        let message = format!("the recording begins before '{notice}' is said");
        let remedy = format!("let the call begin there: 'start: {notice}'");
        problems.tell(ProblemKind::RecordingNotice, *at, message, remedy);
    }
    if whole.node(notice).is_some_and(|node| !is_legal(node)) {
        let message = format!("'{notice}' can be interrupted before it has told of the recording");
        let remedy = "make it a 'say' with 'legal: true'";
        problems.tell(ProblemKind::RecordingNotice, *at, message, remedy);
    }
}

fn is_legal(node: &Node) -> bool {
    matches!(node, Node::Say(say) if say.prompt.interruption == Interruption::LegalNotice)
}
