//! What is to be said.

use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::{Item, Value};
use crate::{ProblemKind, Wording, WordingPiece};
use spoken_text::ReadAs;
use std::time::Duration;

/// The longest pause within a prompt.
const PAUSE_MAX: Duration = Duration::from_secs(10);

impl Reading<'_> {
    /// A wording: per language, or straight where the plan has one language or
    /// the wording is a file for all.
    pub(super) fn wording(&mut self, item: &Item, what: &str) -> Wording {
        let is_for_all = self.languages.len() == 1 || matches!(item.value, Value::Map(_));
        if is_for_all && !is_by_language(item) {
            let pieces = self.pieces(item, what);
            return Wording(
                self.languages
                    .iter()
                    .map(|l| (*l, pieces.clone()))
                    .collect(),
            );
        }
        let mut wording = Wording::default();
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let Some(fields) = Fields::of(item, what, &tags, &mut self.problems) else {
            return wording;
        };
        for language in self.languages.clone() {
            match fields.get(language.tag()) {
                Some(item) => {
                    let pieces = self.pieces(item, what);
                    wording.0.insert(language, pieces);
                }
                None => self.problems.tell(
                    ProblemKind::MissingLanguage,
                    fields.at,
                    format!("{what} has no wording in '{language}'"),
                    format!("add '{language}: …', or take '{language}' out of 'languages'"),
                ),
            }
        }
        wording
    }

    fn pieces(&mut self, item: &Item, what: &str) -> Vec<WordingPiece> {
        let mut pieces = Vec::new();
        for part in values::items(item) {
            match &part.value {
                Value::Scalar(_) => {
                    if let Some(text) = values::text(part, what, &mut self.problems) {
                        self.template(text, part, &mut pieces);
                    }
                }
                _ => pieces.extend(self.piece(part)),
            }
        }
        pieces
    }

    /// `{audio: file}` or `{pause: 300ms}`.
    fn piece(&mut self, item: &Item) -> Option<WordingPiece> {
        let what = "a piece of a wording";
        let fields = Fields::of(item, what, &["audio", "pause"], &mut self.problems)?;
        if let Some(item) = fields.get("audio") {
            let file = values::text(item, "'audio'", &mut self.problems)?;
            self.marks.files.push((item.at, file.to_owned()));
            return Some(WordingPiece::File(file.to_owned()));
        }
        let item = fields.get("pause")?;
        let pause = values::duration(item, "'pause'", &mut self.problems)?;
        if pause > PAUSE_MAX {
            self.problems.add(
                item.at,
                "a pause this long sounds like a broken line",
                "pause for 10s at most",
            );
            return None;
        }
        Some(WordingPiece::Pause(
            u32::try_from(pause.as_millis()).unwrap_or(u32::MAX),
        ))
    }

    /// `{slot|date}`.
    fn read_as(&mut self, slot: &str, how: &str, item: &Item) -> Option<WordingPiece> {
        let known = ReadAs::ALL.into_iter().find(|way| way.name() == how);
        if known.is_none() {
            let names = ReadAs::ALL.map(|way| format!("'{}'", way.name()));
            self.problems.add(
                item.at,
                format!("'{how}' is no way of reading out '{slot}'"),
                format!("take one of {}", names.join(", ")),
            );
        }
        let slot = slot.to_owned();
        known.map(|how| WordingPiece::Read { slot, how })
    }

    /// Cuts a text at its `{slot}`s.
    fn template(&mut self, text: &str, item: &Item, pieces: &mut Vec<WordingPiece>) {
        let mut rest = text;
        while let Some((before, from)) = rest.split_once('{') {
            let Some((slot, after)) = from.split_once('}') else {
                self.problems.add(
                    item.at,
                    "a '{' is never closed",
                    "write '{slot}', or leave the brace out",
                );
                return;
            };
            push_text(before, pieces);
            let (slot, how) = match slot.split_once('|') {
                Some((slot, how)) => (slot.trim(), Some(how.trim())),
                None => (slot.trim(), None),
            };
            if let Some(how) = how
                && values::is_name(slot)
            {
                self.marks.slots_used.push((item.at, slot.to_owned()));
                pieces.extend(self.read_as(slot, how, item));
            } else if values::is_name(slot) {
                self.marks.slots_used.push((item.at, slot.to_owned()));
                pieces.push(WordingPiece::Slot(slot.to_owned()));
            } else {
                let message = format!("'{{{slot}}}' names no slot");
                self.problems.add(
                    item.at,
                    message,
                    "a slot's name has letters, figures, '_' and '-'",
                );
            }
            rest = after;
        }
        push_text(rest, pieces);
    }
}

fn push_text(text: &str, pieces: &mut Vec<WordingPiece>) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !text.is_empty() {
        pieces.push(WordingPiece::Text(text));
    }
}

/// Whether the fields of an item are languages (or meant to be).
fn is_by_language(item: &Item) -> bool {
    match &item.value {
        Value::Map(entries) => !entries
            .iter()
            .any(|e| matches!(e.key.as_str(), "audio" | "pause")),
        Value::Scalar(_) | Value::List(_) => false,
    }
}
