//! How long wordings take to say, and which answers they read out.

use crate::{Collect, Node, PlanSources, Wanted, WordingPiece};
use call_model::{Key, Language};
use spoken_text::{normalise, read_digits, words};
use std::collections::{BTreeMap, BTreeSet};

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
        WordingPiece::Slot(_) | WordingPiece::Read { .. } => SLOT,
        WordingPiece::File(file) => sources.sound_seconds(file),
        WordingPiece::Pause(millis) => *millis as f32 / 1_000.0,
    };
    pieces.iter().map(of).sum()
}

fn text_of(pieces: &[WordingPiece]) -> String {
    let texts = pieces.iter().filter_map(|piece| match piece {
        WordingPiece::Text(text) => Some(text.as_str()),
        WordingPiece::Slot(_)
        | WordingPiece::Read { .. }
        | WordingPiece::File(_)
        | WordingPiece::Pause(_) => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// One answer that a wording may read out.
pub(super) struct Offer<'a> {
    keys: Vec<Key>,
    words: &'a BTreeMap<Language, Vec<String>>,
}

/// What a node can be answered with, where it is one of several things.
pub(super) fn options_of(node: &Node) -> Vec<Offer<'_>> {
    match node {
        Node::Ask(ask) => {
            let offers = ask.choices.iter().map(|choice| Offer {
                keys: choice.keys.clone(),
                words: &choice.words,
            });
            offers.collect()
        }
        Node::Collect(Collect {
            wanted: Wanted::OneOf(listed),
            ..
        }) => listed
            .iter()
            .map(|listed| Offer {
                keys: listed.key.into_iter().collect(),
                words: &listed.words,
            })
            .collect(),
        Node::Collect(_)
        | Node::Say(_)
        | Node::Api(_)
        | Node::ApiAll(_)
        | Node::Decide(_)
        | Node::Set(_)
        | Node::Handoff(_)
        | Node::End(_) => Vec::new(),
    }
}

/// How many of the keys a wording names ("press 1", "请按一"); one that names a key is taken
/// to read out a menu of keys.
pub(super) fn keys_told(
    pieces: &[WordingPiece],
    language: Language,
    options: &[Offer<'_>],
) -> usize {
    let text = text_of(pieces).to_lowercase();
    let keys = options.iter().flat_map(|option| &option.keys);
    let faces = |key: &Key| {
        let face = key.face().to_string();
        let spoken = read_digits(&face, language);
        [face, spoken]
    };
    let told: BTreeSet<Key> = match language {
        Language::En => {
            let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
            if !words.contains("press") && !words.contains("key") {
                return 0;
            }
            let is_told = |key: &&Key| faces(key).iter().any(|face| words.contains(face.as_str()));
            keys.filter(is_told).copied().collect()
        }
        Language::Zh => {
            let text: String = text.split_whitespace().collect();
            let is_told = |key: &&Key| {
                let is_named = |face: &String| text.contains(&format!("按{face}"));
                faces(key).iter().any(is_named)
            };
            keys.filter(is_told).copied().collect()
        }
    };
    told.len()
}

/// How many of the answers a wording says one of the phrases of.
pub(super) fn phrases_told(
    pieces: &[WordingPiece],
    language: Language,
    options: &[Offer<'_>],
) -> usize {
    let text = cut(&text_of(pieces), language);
    let is_told = |phrase: &String| {
        let phrase = cut(phrase, language);
        text.windows(phrase.len().max(1))
            .any(|window| window == phrase)
    };
    let told = options.iter().filter(|option| {
        let phrases = option.words.get(&language).into_iter().flatten();
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
