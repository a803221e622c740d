//! Every question's grammar is one that the recogniser can search.

use crate::reading::{Marks, Problems};
use crate::{Listening, Plan, ProblemKind};
use call_model::{Language, PhraseGrammar};

/// Tells of each question that passes a limit, once a language.
pub(crate) fn check_grammars(
    plan: &Plan,
    marks: &Marks,
    holds: &dyn Fn(&PhraseGrammar) -> Result<(), String>,
    problems: &mut Problems,
) {
    for (name, node) in plan.nodes() {
        let Some(listening) = node.listening() else {
            continue;
        };
        let at = marks.nodes.get(name).copied().unwrap_or_default();
        for language in plan.languages() {
            let Err(what) = all_hold(plan, listening, *language, holds) else {
                continue;
            };
            let message = format!(
                "what callers may say at '{}' in '{language}' is too much for the recogniser: {what}",
                marks.written(name)
            );
            let remedy =
                "repeat less in its grammar, ask for fewer digits by voice, or ask two questions";
            problems.tell(ProblemKind::GrammarTooLarge, at, message, remedy);
        }
    }
}

/// The grammar that is usually listened with, and the one while a person is offered.
fn all_hold(
    plan: &Plan,
    listening: &Listening,
    language: Language,
    holds: &dyn Fn(&PhraseGrammar) -> Result<(), String>,
) -> Result<(), String> {
    let lists = [&listening.grammars, &listening.offer_grammars];
    let ids = lists.into_iter().filter_map(|list| list.get(&language));
    let mut grammars = ids.filter_map(|id| plan.grammar(*id));
    grammars.try_for_each(|grammar| holds(grammar))
}
