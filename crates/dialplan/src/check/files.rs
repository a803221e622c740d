//! Every audio file that is named is there.

use super::Whole;
use crate::ProblemKind;
use crate::reading::Problems;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    for (at, file) in &whole.marks.files {
        if !whole.sources.has(file) {
            let message = format!("there is no file '{file}'");
            let remedy = "an audio file lies in the plan's folder and is named from there";
            problems.tell(ProblemKind::MissingFile, *at, message, remedy);
        }
    }
}
