//! Variables in texts: `${NAME}`.

use super::super::model::{Piece, Said, name_of};
use std::collections::BTreeMap;

/// A part of a text.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Part {
    Text(String),
    Slot(String),
}

/// A text with its variables; those that are known are texts. None where a part of it is a function, a
/// piece of a variable or a reckoning.
pub(super) fn parts(text: &str, known: &BTreeMap<String, String>) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        push(&mut parts, before)?;
        match known.get(name) {
            Some(value) if !value.contains("${") => push(&mut parts, value)?,
            Some(_) => return None,
            None => parts.push(Part::Slot(slot_of(name)?)),
        }
        rest = after;
    }
    push(&mut parts, rest)?;
    Some(parts)
}

fn push(parts: &mut Vec<Part>, text: &str) -> Option<()> {
    if text.contains("$[") || text.contains("${") {
        return None;
    }
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
    Some(())
}

/// The slot of a variable; none for what is no plain variable.
pub(super) fn slot_of(variable: &str) -> Option<String> {
    let variable = variable.trim().trim_start_matches('_');
    if matches!(
        variable,
        "CALLERID(num)" | "CALLERIDNUM" | "CALLERID(number)"
    ) {
        return Some("call_number".to_owned());
    }
    let is_plain = variable
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_plain
        || matches!(
            variable,
            "EXTEN" | "CONTEXT" | "PRIORITY" | "UNIQUEID" | "CHANNEL"
        )
    {
        return None;
    }
    let name = name_of(variable)?;
    // The slots that begin so are the engine's.
    Some(match name.starts_with("call_") {
        true => format!("old_{name}"),
        false => name,
    })
}

/// A text to be kept or sent.
pub(super) fn said(text: &str, known: &BTreeMap<String, String>) -> Option<Said> {
    let text = text.trim();
    let text = match text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    {
        Some(text) => text,
        None => text,
    };
    let pieces = parts(text, known)?.into_iter().map(|part| match part {
        Part::Text(text) => Piece::Text(text),
        Part::Slot(slot) => Piece::Slot(slot),
    });
    Some(pieces.collect())
}

/// `a&b&c` as sounds.
pub(super) fn sounds_of(text: &str) -> Said {
    let files = text
        .split('&')
        .map(str::trim)
        .filter(|file| !file.is_empty());
    files.map(|file| Piece::Sound(file.to_owned())).collect()
}
