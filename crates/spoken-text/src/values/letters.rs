//! Letters that are spelt out: "b as in bravo, m, w".

use super::spelling::{Beside, letter, repeated, runs};
use call_model::{Language, Phrase};

/// The letters that a text tells, in capitals.
pub(super) fn letters(text: &str, language: Language, min: u8, max: u8) -> Vec<String> {
    let lengths = usize::from(min)..=usize::from(max);
    let is_spelt = |run: &String| run.bytes().all(|b| b.is_ascii_uppercase());
    let mut found = runs(text, language);
    // "I think it's a b m w" spells no I and no A.
    if found.len() > 1 {
        found.retain(|run| !matches!(run.as_str(), "I" | "A"));
    }
    found.retain(|run| is_spelt(run) && lengths.contains(&run.len()));
    found
}

/// What an ear listens for.
pub(super) fn phrase(language: Language, min: u8, max: u8) -> Option<Phrase> {
    Some(repeated(letter(language, Beside::Nothing)?, min, max))
}
