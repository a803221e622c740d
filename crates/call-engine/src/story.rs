//! The story so far, as a person will be told it.

use call_model::{
    CallTime, HandoffTurn, Language, MASK, Private, PromptEnd, PromptPiece, PromptText, Speaker,
};
use dialplan::{PersonWanted, Slots};
use std::collections::VecDeque;

/// What was said, and what the caller told.
#[derive(Debug, Default)]
pub(crate) struct Story {
    lines: VecDeque<Line>,
    pub(crate) slots: Slots,
    /// What the caller was at last, where the plan has a word for it.
    pub(crate) topic: Option<Topic>,
    /// The person who was last wanted.
    pub(crate) person: PersonWanted,
    /// What the caller says and keys here is told to nobody.
    pub(crate) is_hushed: bool,
}

/// What a caller was at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Topic {
    /// A node with a title.
    Node(String),
    /// The skill that a node without a title hands over to.
    Skill(String),
}

/// One line of the story.
#[derive(Debug)]
struct Line {
    turn: HandoffTurn,
    /// What of it the caller heard, where that is less.
    heard: Option<String>,
}

/// A person wants the last lines, not the whole call.
const TURNS_MAX: usize = 40;

impl Story {
    pub(crate) fn turns(&self) -> Vec<HandoffTurn> {
        self.lines.iter().map(|line| line.turn.clone()).collect()
    }

    pub(crate) fn caller_said(&mut self, at: CallTime, text: &str) {
        if !text.is_empty() {
            let text = if self.is_hushed { MASK } else { text };
            self.add(at, Speaker::Caller, text.to_owned());
        }
    }

    pub(crate) fn caller_keyed(&mut self, at: CallTime, key: char) {
        if self.is_hushed {
            let masked = format!("{KEYS}{MASK}");
            let last = self.lines.back().map(|line| line.turn.text.reveal());
            if last != Some(&masked) {
                self.add(at, Speaker::Caller, masked);
            }
            return;
        }
        match self.lines.back_mut().map(|line| &mut line.turn) {
            Some(last) if last.speaker == Speaker::Caller && is_keys(last.text.reveal()) => {
                last.text = Private::new(format!("{}{key}", last.text.reveal()));
            }
            Some(_) | None => self.add(at, Speaker::Caller, format!("{KEYS}{key}")),
        }
    }

    /// Only what reached the caller was said.
    pub(crate) fn bot_said(&mut self, at: CallTime, text: &PromptText, end: PromptEnd) {
        let whole = words(text);
        match end {
            PromptEnd::Finished if !whole.is_empty() => self.add(at, Speaker::Bot, whole),
            PromptEnd::Stopped { heard_ms } if heard_ms > 0 && !whole.is_empty() => {
                let told = format!(
                    "{whole} [cut off after {}.{} s]",
                    heard_ms / 1_000,
                    heard_ms / 100 % 10
                );
                self.add_heard(at, Speaker::Bot, told, heard_of(text, end));
            }
            PromptEnd::Finished | PromptEnd::Stopped { .. } | PromptEnd::Failed => {}
        }
    }

    /// The lines as the intent tier may know them: of what was cut off only what
    /// the caller heard.
    pub(crate) fn heard(&self) -> Vec<HandoffTurn> {
        let heard = |line: &Line| HandoffTurn {
            text: Private::new(
                line.heard
                    .clone()
                    .unwrap_or_else(|| line.turn.text.reveal().clone()),
            ),
            ..line.turn.clone()
        };
        let lines = self.lines.iter().map(heard);
        lines
            .filter(|turn| !turn.text.reveal().is_empty())
            .collect()
    }

    /// The same, had the caller said this.
    pub(crate) fn heard_with(&self, at: CallTime, text: &str) -> Vec<HandoffTurn> {
        let mut lines = self.heard();
        lines.push(HandoffTurn {
            at,
            speaker: Speaker::Caller,
            text: Private::new(text.to_owned()),
        });
        let beyond = lines.len().saturating_sub(TURNS_MAX);
        lines.split_off(beyond)
    }

    fn add(&mut self, at: CallTime, speaker: Speaker, text: String) {
        self.push(at, speaker, text, None);
    }

    fn add_heard(&mut self, at: CallTime, speaker: Speaker, text: String, heard: String) {
        self.push(at, speaker, text, Some(heard));
    }

    fn push(&mut self, at: CallTime, speaker: Speaker, text: String, heard: Option<String>) {
        if self.lines.len() == TURNS_MAX {
            self.lines.pop_front();
        }
        let text = Private::new(text);
        let turn = HandoffTurn { at, speaker, text };
        self.lines.push_back(Line { turn, heard });
    }
}

/// What stands before keys.
const KEYS: &str = "[keys] ";

fn is_keys(text: &str) -> bool {
    text.starts_with(KEYS) && !text.ends_with(MASK)
}

/// The words of a prompt that reached the caller, by how fast people speak: of a
/// word that was cut off, none.
pub(crate) fn heard_of(text: &PromptText, end: PromptEnd) -> String {
    let whole = words(text);
    match end {
        PromptEnd::Finished => whole,
        PromptEnd::Failed => String::new(),
        PromptEnd::Stopped { heard_ms } => {
            let units = words_with_ends(&whole, text.language);
            let a_unit = a_unit_ms(text.language) * 100 / usize::from(text.pace.percent());
            let count = usize::try_from(heard_ms).unwrap_or(usize::MAX) / a_unit;
            let mut spoken = 0;
            let fitting = units.iter().take_while(|(_, length)| {
                spoken += length;
                spoken <= count
            });
            let end = fitting.last().map_or(0, |(end, _)| *end);
            whole[..end].trim_end().to_owned()
        }
    }
}

/// A character takes about so long: 150 English words, or 250 Chinese characters, a minute.
const fn a_unit_ms(language: Language) -> usize {
    match language {
        Language::En => 70,
        Language::Zh => 240,
    }
}

/// Where each word ends in the text, and how many characters it has; a Chinese
/// character is a word.
fn words_with_ends(text: &str, language: Language) -> Vec<(usize, usize)> {
    match language {
        Language::Zh => text
            .char_indices()
            .map(|(at, c)| (at + c.len_utf8(), usize::from(c.is_alphanumeric())))
            .collect(),
        Language::En => {
            let mut end = 0;
            text.split_inclusive(' ')
                .map(|word| {
                    end += word.len();
                    (end, word.chars().count())
                })
                .collect()
        }
    }
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
    use call_model::Pace;

    #[test]
    fn a_person_is_told_how_much_of_a_line_the_caller_heard() {
        let mut story = Story::default();
        let text = PromptText {
            language: Language::En,
            pieces: vec![PromptPiece::Text(
                "Your balance is ten euros.".to_owned().into(),
            )],
            pace: Pace::USUAL,
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

    #[test]
    fn the_tier_knows_no_word_that_the_caller_did_not_hear() {
        let text = |language, words: &str| PromptText {
            language,
            pieces: vec![PromptPiece::Text(words.to_owned().into())],
            pace: Pace::USUAL,
        };
        let english = text(Language::En, "Yes, small dogs are welcome in the shop.");
        let chinese = text(Language::Zh, "可以的，小型犬可以进店。");
        for (prompt, heard_ms, heard) in [
            (&english, 0, ""),
            (&english, 300, ""),
            (&english, 1_200, "Yes, small dogs"),
            (&english, 60_000, "Yes, small dogs are welcome in the shop."),
            (&chinese, 200, ""),
            (&chinese, 1_000, "可以的，小"),
            (&chinese, 60_000, "可以的，小型犬可以进店。"),
        ] {
            let end = PromptEnd::Stopped { heard_ms };
            assert_eq!(heard_of(prompt, end), heard, "{heard_ms} ms");
        }
        assert_eq!(heard_of(&chinese, PromptEnd::Failed), "");
    }
}
