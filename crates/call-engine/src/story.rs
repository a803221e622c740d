//! The story so far, as a person will be told it.

use call_model::{CallTime, HandoffTurn, Private, PromptEnd, PromptPiece, PromptText, Speaker};
use dialplan::Slots;
use std::collections::VecDeque;

/// What was said, and what the caller told.
#[derive(Debug, Default)]
pub(crate) struct Story {
    turns: VecDeque<HandoffTurn>,
    pub(crate) slots: Slots,
    /// What the caller was at last, where the plan has a word for it.
    pub(crate) topic: Option<Topic>,
    /// The skill a person was last wanted with.
    pub(crate) skill: Option<String>,
}

/// What a caller was at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Topic {
    /// A node with a title.
    Node(String),
    /// The skill that a node without a title hands over to.
    Skill(String),
}

/// A person wants the last lines, not the whole call.
const TURNS_MAX: usize = 40;

impl Story {
    pub(crate) fn turns(&self) -> Vec<HandoffTurn> {
        self.turns.iter().cloned().collect()
    }

    pub(crate) fn caller_said(&mut self, at: CallTime, text: &str) {
        if !text.is_empty() {
            self.add(at, Speaker::Caller, text.to_owned());
        }
    }

    pub(crate) fn caller_keyed(&mut self, at: CallTime, key: char) {
        match self.turns.back_mut() {
            Some(last) if last.speaker == Speaker::Caller && is_keys(last.text.reveal()) => {
                last.text = Private::new(format!("{}{key}", last.text.reveal()));
            }
            Some(_) | None => self.add(at, Speaker::Caller, format!("[keys] {key}")),
        }
    }

    /// Only what reached the caller was said.
    pub(crate) fn bot_said(&mut self, at: CallTime, text: &PromptText, end: PromptEnd) {
        let words = words(text);
        match end {
            PromptEnd::Finished if !words.is_empty() => self.add(at, Speaker::Bot, words),
            PromptEnd::Stopped { heard_ms } if heard_ms > 0 && !words.is_empty() => {
                let heard = format!(
                    "{words} [cut off after {}.{} s]",
                    heard_ms / 1_000,
                    heard_ms / 100 % 10
                );
                self.add(at, Speaker::Bot, heard);
            }
            PromptEnd::Finished | PromptEnd::Stopped { .. } | PromptEnd::Failed => {}
        }
    }

    fn add(&mut self, at: CallTime, speaker: Speaker, text: String) {
        if self.turns.len() == TURNS_MAX {
            self.turns.pop_front();
        }
        self.turns.push_back(HandoffTurn {
            at,
            speaker,
            text: Private::new(text),
        });
    }
}

fn is_keys(text: &str) -> bool {
    text.starts_with("[keys] ")
}

fn words(text: &PromptText) -> String {
    let pieces = text.pieces.iter().filter_map(|piece| match piece {
        PromptPiece::Text(text) => Some(text.reveal().trim()),
        PromptPiece::File(name) => Some(name.as_str()),
        PromptPiece::Pause(_) => None,
    });
    pieces
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::Language;

    #[test]
    fn a_person_is_told_how_much_of_a_line_the_caller_heard() {
        let mut story = Story::default();
        let text = PromptText {
            language: Language::En,
            pieces: vec![PromptPiece::Text(
                "Your balance is ten euros.".to_owned().into(),
            )],
        };
        story.bot_said(
            CallTime::ZERO,
            &text,
            PromptEnd::Stopped { heard_ms: 1_240 },
        );
        story.bot_said(CallTime::ZERO, &text, PromptEnd::Stopped { heard_ms: 0 });
        story.caller_keyed(CallTime::ZERO, '1');
        story.caller_keyed(CallTime::ZERO, '2');
        let lines: Vec<String> = story
            .turns()
            .into_iter()
            .map(|t| t.text.into_revealed())
            .collect();
        assert_eq!(
            lines,
            [
                "Your balance is ten euros. [cut off after 1.2 s]",
                "[keys] 12"
            ]
        );
    }
}
