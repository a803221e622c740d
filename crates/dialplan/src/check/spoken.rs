//! How long wordings take to say, and which answers they read out.

use crate::{Ask, PlanSources, WordingPiece};
use call_model::{Key, Language};
use spoken_text::{normalise, read_digits, words};
use std::collections::BTreeSet;

/// An announcer's pace: 160 English words a minute are about 14 characters a second with their
/// blanks, and the flite voice speaks 16; Mandarin is read at about 250 characters a minute.
const EN_PER_SECOND: f32 = 15.0;
const ZH_PER_SECOND: f32 = 4.2;
/// Until it is filled nobody knows how long a slot is: a number of four digits.
const SLOT: f32 = 1.5;

/// About how long these pieces take to say.
#[expect(clippy::cast_precision_loss, reason = "prompts are short")]
pub(super) fn seconds(pieces: &[WordingPiece], language: Language, sources: &PlanSources) -> f32 {
    let of = |piece: &WordingPiece| match piece {
        WordingPiece::Text(text) => match language {
            Language::En => text.chars().count() as f32 / EN_PER_SECOND,
            Language::Zh => {
                let said = text.chars().filter(|c| c.is_alphanumeric()).count();
                said as f32 / ZH_PER_SECOND
            }
        },
        WordingPiece::Slot(_) => SLOT,
        WordingPiece::File(file) => sources.sound_seconds(file),
        WordingPiece::Pause(millis) => *millis as f32 / 1_000.0,
    };
    pieces.iter().map(of).sum()
}

fn text_of(pieces: &[WordingPiece]) -> String {
    let texts = pieces.iter().filter_map(|piece| match piece {
        WordingPiece::Text(text) => Some(text.as_str()),
        WordingPiece::Slot(_) | WordingPiece::File(_) | WordingPiece::Pause(_) => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// The keys of a question that its wording names ("press 1", "请按一"); a wording that
/// names one is taken to read out a menu of keys.
pub(super) fn keys_told(pieces: &[WordingPiece], language: Language, ask: &Ask) -> usize {
    let text = text_of(pieces).to_lowercase();
    let told: BTreeSet<Key> = match language {
        Language::En => {
            let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
            let is_told = |key: &Key| words.contains(key.face().to_string().as_str());
            if words.contains("press") || words.contains("key") {
                keys(ask).filter(is_told).collect()
            } else {
                BTreeSet::new()
            }
        }
        Language::Zh => {
            let is_told = |key: &Key| {
                let face = key.face().to_string();
                let spoken = read_digits(&face, language);
                [&face, &spoken]
                    .iter()
                    .any(|face| text.contains(&format!("按{face}")))
            };
            keys(ask).filter(is_told).collect()
        }
    };
    told.len()
}

fn keys(ask: &Ask) -> impl Iterator<Item = Key> {
    ask.choices
        .iter()
        .flat_map(|choice| choice.keys.iter().copied())
}

/// The answers of a question of which its wording says one of the phrases.
pub(super) fn phrases_told(pieces: &[WordingPiece], language: Language, ask: &Ask) -> usize {
    let text = cut(&text_of(pieces), language);
    let is_told = |phrase: &String| {
        let phrase = cut(phrase, language);
        text.windows(phrase.len().max(1))
            .any(|window| window == phrase)
    };
    let told = ask.choices.iter().filter(|choice| {
        let phrases = choice.words.get(&language).into_iter().flatten();
        phrases.into_iter().any(is_told)
    });
    told.count()
}

/// The words of a text; of a Chinese one its characters, which no cutting changes.
fn cut(text: &str, language: Language) -> Vec<String> {
    let text = normalise(text, language);
    match language {
        Language::En => words(&text, language),
        Language::Zh => text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .map(String::from)
            .collect(),
    }
}
