//! What a caller alone should know is masked in the plan, and told no more.

use super::model::{Collect, Kind, Model, Piece, Said, Wanted, words_of};
use super::report::ImportReport;
use crate::check::secret_word;
use std::collections::BTreeSet;

/// Whether a question asks for a card number, an identity or a password.
pub(super) fn is_secret(collect: &Collect) -> bool {
    let digits = match collect.wanted {
        Wanted::Digits { max, .. } => Some(max),
        Wanted::Grammar(_) => None,
        Wanted::YesNo | Wanted::OneOf(_) => return false,
    };
    let mut texts: Vec<String> = collect
        .say
        .iter()
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Sound(path) => Some(words_of(path)),
            Piece::Slot(_) | Piece::Pause(_) => None,
        })
        .collect();
    // Texts that follow each other are one.
    texts.extend([texts.concat(), texts.join(" ")]);
    secret_word(&collect.slot, texts.iter().map(String::as_str), digits).is_some()
}

/// Nobody hears again what is masked, and it is copied nowhere.
pub(super) fn keep_secrets(model: &mut Model, report: &mut ImportReport) {
    let mut secrets = BTreeSet::new();
    for place in model.places.values() {
        if let Kind::Collect(collect) = &place.kind
            && is_secret(collect)
        {
            let told = format!(
                "'{}' is sensitive: it is masked wherever it is shown",
                collect.slot
            );
            report.changed(&place.at, told);
            secrets.insert(collect.slot.clone());
        }
    }
    for place in model.places.values_mut() {
        let at = place.at.clone();
        let mut lost = |said: &mut Said, what: &str| {
            said.retain(|piece| match piece {
                Piece::Slot(slot) if secrets.contains(slot) => {
                    report.left_out(&at, format!("'{slot}' in {what}: it is sensitive"));
                    false
                }
                Piece::Slot(_) | Piece::Text(_) | Piece::Sound(_) | Piece::Pause(_) => true,
            });
        };
        for said in place.kind.said_mut() {
            lost(said, "what is said");
        }
        if let Kind::Set { slots, .. } = &mut place.kind {
            for said in slots.iter_mut().filter_map(|(_, said)| said.as_mut()) {
                lost(said, "a value that is kept");
            }
        }
    }
}
