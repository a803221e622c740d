//! What is listened for: the grammar of the moment, in the caller's language or in both.

use crate::call::{Call, LineState};
use crate::ear::Wanted;
use crate::phase::{Closing, Phase};
use crate::turn_taking::QuestionKind;
use call_model::{GrammarId, Language};
use dialplan::{Node, Wanted as WantedValue};

impl Call {
    /// What is to be listened for now.
    pub(crate) fn wanted(&self) -> Option<Wanted> {
        let can_hear = !self.ear.is_lost() && self.line == LineState::Open;
        self.awaited().filter(|_| can_hear)
    }

    /// What an answer in this phase is an answer to.
    pub(crate) fn awaited(&self) -> Option<Wanted> {
        match &self.phase {
            Phase::Ringing | Phase::WithPerson | Phase::Over => return None,
            Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
            | Phase::Leaving(_) => {}
        }
        Some(Wanted {
            grammar: self.grammar_in(self.language),
            language: self.language,
            also: self
                .other_tongue()
                .map(|other| (self.grammar_in(other), other)),
        })
    }

    /// The grammar of this moment in a language of the plan.
    fn grammar_in(&self, language: Language) -> Option<GrammarId> {
        match &self.phase {
            Phase::Telling(telling) => self
                .question_after(&telling.next)
                .and_then(|node| self.grammar_at(&node, language)),
            Phase::Asking(asking) => match asking.closing {
                Closing::No => self.grammar_at(&asking.node, language),
                Closing::Asked => self.offer_grammar_at(&asking.node, language),
            },
            Phase::Consulting(consulting) => self.grammar_at(&consulting.asking.node, language),
            Phase::Offering(offering) => match &offering.question {
                Some(question) => self.offer_grammar_at(&question.node, language),
                None => self.plan.yes_no_grammar(language),
            },
            Phase::Stranded(_) | Phase::Parted(_) => self.plan.yes_no_grammar(language),
            Phase::Fetching(fetching) if fetching.is_offering() => {
                self.plan.yes_no_grammar(language)
            }
            Phase::Ringing
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => None,
        }
    }

    /// The kind of answer that is awaited.
    pub(crate) fn question_kind(&self) -> QuestionKind {
        let node = match &self.phase {
            Phase::Telling(telling) => self.question_after(&telling.next),
            Phase::Asking(asking) => Some(asking.node.clone()),
            Phase::Consulting(consulting) => Some(consulting.asking.node.clone()),
            Phase::Offering(offering) => match &offering.question {
                Some(question) => Some(question.node.clone()),
                None => return QuestionKind::YesNo,
            },
            Phase::Stranded(_) | Phase::Parted(_) => return QuestionKind::YesNo,
            Phase::Fetching(fetching) if fetching.is_offering() => return QuestionKind::YesNo,
            Phase::Ringing
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => None,
        };
        match node.and_then(|name| self.plan.node(&name)) {
            Some(Node::Collect(collect)) => match collect.wanted {
                WantedValue::Digits { .. } => QuestionKind::Digits,
                WantedValue::Value(_) => QuestionKind::Value,
                WantedValue::YesNo => QuestionKind::YesNo,
                WantedValue::OneOf(_) | WantedValue::Grammar { .. } => QuestionKind::Choice,
            },
            Some(
                Node::Ask(_)
                | Node::Say(_)
                | Node::Api(_)
                | Node::ApiAll(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_)
                | Node::End(_),
            )
            | None => QuestionKind::Choice,
        }
    }
}
