//! A plan's parts held against each other.
//!
//! Each check is a file. All of them take time in proportion to the nodes and the ways
//! between them (names are looked up in sorted maps), so that a plan of thousands of nodes
//! is checked while its writer looks on.

mod circles;
mod files;
mod flow;
mod grammars;
mod hearing;
mod keys;
mod ladders;
mod prompts;
mod reach;
mod reserved;
mod secrets;
mod slots;
mod spoken;
mod start;
mod targets;
mod ways;

pub(crate) use grammars::check_grammars;
pub(crate) use secrets::secret_word;
pub(crate) use slots::slots_of;

use crate::reading::{Marks, Problems, ReadPlan};
use crate::{Dictionaries, Node, PlanSources};
use ways::Ways;

/// Finds what is wrong between the parts of a plan; what is wrong within one part
/// was found when it was read.
pub(crate) fn check(
    plan: &ReadPlan,
    marks: &Marks,
    sources: &PlanSources,
    dictionaries: &Dictionaries,
    problems: &mut Problems,
) {
    let whole = Whole {
        plan,
        marks,
        sources,
        dictionaries,
        ways: Ways::of(marks),
    };
    for check in [
        targets::check,
        start::check,
        reach::check,
        ladders::check,
        circles::check,
        slots::check,
        reserved::check,
        secrets::check,
        keys::check,
        prompts::check,
        hearing::check,
        files::check,
    ] {
        check(&whole, problems);
    }
}

/// All that a check may look at.
struct Whole<'a> {
    plan: &'a ReadPlan,
    marks: &'a Marks,
    sources: &'a PlanSources,
    /// What the recognisers can hear; empty where nobody said.
    dictionaries: &'a Dictionaries,
    ways: Ways<'a>,
}

impl Whole<'_> {
    /// The nodes at which callers come in from elsewhere: at the beginning, and from a person.
    fn entrances(&self) -> impl Iterator<Item = usize> {
        let named = [&self.plan.start, &self.plan.after_person];
        let named = named.into_iter().flatten();
        named.filter_map(|(_, name)| self.ways.number(name))
    }

    /// Whether every node could be read: what is missing may be in one that could not.
    fn is_whole(&self) -> bool {
        self.plan.nodes.len() == self.marks.nodes.len()
    }

    /// What a slip of the pen may have meant.
    fn nearest_node(&self, written: &str) -> String {
        crate::reading::suggestion(written, self.ways.names())
    }

    fn node(&self, name: &str) -> Option<&Node> {
        self.plan.nodes.get(name)
    }
}
