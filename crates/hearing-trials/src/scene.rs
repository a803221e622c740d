//! The question that trials speak to: a plan whose first prompt is long.

use crate::{Line, TrialError};
use call_model::{Language, PhraseGrammar};
use dialplan::{Plan, PlanSources};
use speech::Recognizer;
use std::sync::Arc;

/// A question, the ear that listens to its answers, and the line they come by.
pub struct Scene<'r> {
    pub(crate) plan: Arc<Plan>,
    pub(crate) language: Language,
    pub(crate) recognizer: &'r dyn Recognizer,
    pub(crate) prompts: Vec<Arc<[i16]>>,
    /// The line, whose seed each trial changes.
    pub line: Line,
}

/// What the callers of a scene are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// What a grammar holds, a JSGF text.
    Grammar(String),
    /// So many digits, at least and at most.
    Digits(u8, u8),
    /// Yes or no.
    YesNo,
    /// What they want: any of these.
    Open(Vec<String>),
}

impl Asked {
    /// A grammar of these texts, each once.
    pub fn one_of(texts: &[&str]) -> Self {
        let mut texts: Vec<&str> = texts.to_vec();
        texts.sort_unstable();
        texts.dedup();
        let rule = texts.join(" | ");
        Self::Grammar(format!(
            "#JSGF V1.0 UTF-8;\ngrammar said;\npublic <said> = {rule};\n"
        ))
    }

    fn node(&self, language: Language) -> String {
        let fields = match self {
            Self::Grammar(_) => "grammar: said.jsgf".to_owned(),
            Self::Digits(min, max) => format!("digits: {{ min: {min}, max: {max} }}"),
            Self::YesNo => "yes_no: { yes: done, no: done }".to_owned(),
            Self::Open(phrases) => {
                let phrases: Vec<String> = phrases.iter().map(|it| format!("{it:?}")).collect();
                let phrases = phrases.join(", ");
                return format!(
                    "    ask: Please say what you want.\n    routes:\n      done: {{ {language}: [{phrases}], key: 1 }}"
                );
            }
        };
        let next = match self {
            Self::YesNo => "",
            Self::Grammar(_) | Self::Digits(..) | Self::Open(_) => "\n    next: done",
        };
        format!("    collect: Please say it.\n    slot: said\n    {fields}{next}")
    }
}

impl<'r> Scene<'r> {
    /// A scene in which this is asked for; its prompts are played in turn.
    ///
    /// # Errors
    /// When the plan cannot be made of what is asked for, or the ear cannot hear it.
    pub fn new(
        asked: &Asked,
        language: Language,
        recognizer: &'r dyn Recognizer,
        prompts: Vec<Arc<[i16]>>,
        line: Line,
    ) -> Result<Self, TrialError> {
        let plan = Arc::new(plan(asked, language)?);
        let grammars: Vec<Arc<PhraseGrammar>> = plan.grammars().cloned().collect();
        let words = [Arc::clone(plan.escalation_words(language))];
        recognizer.prepare(&grammars, &words)?;
        match prompts.is_empty() {
            true => Err(TrialError::NoPrompt),
            false => Ok(Self {
                plan,
                language,
                recognizer,
                prompts,
                line,
            }),
        }
    }
}

fn plan(asked: &Asked, language: Language) -> Result<Plan, TrialError> {
    let head = format!(
        "plan: trial
languages: [{language}]
start: ask
recording: on
notice: none
people: {{ otherwise: callback }}
nodes:
  ask:
{}
    no_input: [Please say it again., {{ then: person }}]
    no_match: [Please say it again., {{ then: person }}]
  done:
    end: Thank you.
",
        asked.node(language)
    );
    let mut sources = PlanSources::of_head(head);
    if let Asked::Grammar(text) = asked {
        sources = sources.with("said.jsgf", text);
    }
    Plan::compile(&sources).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        TrialError::Plan(told.join("\n"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_question_makes_a_plan_in_both_languages() {
        for language in Language::ALL {
            for asked in [
                Asked::one_of(&["left", "right", "left"]),
                Asked::Digits(4, 6),
                Asked::YesNo,
                Asked::Open(vec!["the weather".to_owned()]),
            ] {
                plan(&asked, language).expect("a plan");
            }
        }
    }
}
