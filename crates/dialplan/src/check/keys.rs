//! Where one entry of keys begins another, something tells them apart.

use super::Whole;
use crate::reading::Problems;
use crate::{AnswerBy, Node, ProblemKind, Wanted};
use std::time::Duration;

/// Nobody presses the next key sooner.
const INTER_DIGIT_MIN: Duration = Duration::from_millis(500);

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    for (name, node) in &whole.plan.nodes {
        let Node::Collect(collect) = node else {
            continue;
        };
        let (keys, remedy) = match collect.wanted {
            Wanted::Digits { min, max } if min < max => (
                format!("{min} keys"),
                "give 'inter_digit' 500ms or more, or ask for a fixed number of digits",
            ),
            Wanted::Value(kind) if kind.may_go_on() => {
                ("some keys".to_owned(), "give 'inter_digit' 500ms or more")
            }
            Wanted::Digits { .. }
            | Wanted::Value(_)
            | Wanted::YesNo
            | Wanted::OneOf(_)
            | Wanted::Grammar { .. } => continue,
        };
        let by_keys = collect.listening.by != AnswerBy::Voice;
        if !by_keys || collect.inter_digit >= INTER_DIGIT_MIN {
            continue;
        }
        let message = format!(
            "at '{name}' {keys} may be the whole entry or its beginning, and {} ms is no time to press another",
            collect.inter_digit.as_millis()
        );
        let at = whole.marks.nodes.get(name).copied().unwrap_or_default();
        problems.tell(ProblemKind::KeyPrefix, at, message, remedy);
    }
}
