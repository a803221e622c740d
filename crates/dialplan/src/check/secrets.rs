//! What nobody but its receiver may know is masked, and is not told again.

use super::Whole;
use super::slots::{in_pieces, in_wording, place_of};
use crate::reading::Problems;
use crate::{Collect, Node, ProblemKind, SetTo, Wanted, WordingPiece};
use std::collections::BTreeSet;

/// Words of a question, or of a slot's name, that tell what is asked for: an open door to somebody's account.
const PASSWORDS: [&str; 14] = [
    "pin",
    "pin code",
    "password",
    "passcode",
    "passphrase",
    "cvv",
    "cvc",
    "security code",
    "密码",
    "口令",
    "安全码",
    "验证码",
    "动态码",
    "暗号",
];
/// And numbers by which somebody can be robbed or taken for another.
const NUMBERS: [&str; 24] = [
    "card number",
    "number of your card",
    "number on your card",
    "credit card",
    "debit card",
    "bank card",
    "account number",
    "iban",
    "passport",
    "passport number",
    "identity number",
    "identity card",
    "id number",
    "id card",
    "social security",
    "ssn",
    "卡号",
    "银行卡",
    "信用卡",
    "账号",
    "身份证",
    "证件号",
    "护照",
    "社保号",
];
/// The last digits of a number tell little.
const LAST_DIGITS: u8 = 4;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    let collects = whole.plan.nodes.values().filter_map(|node| match node {
        Node::Collect(collect) if collect.is_sensitive => Some(collect.slot.as_str()),
        _ => None,
    });
    let secrets: BTreeSet<&str> = collects.collect();
    for (name, node) in &whole.plan.nodes {
        if let Node::Collect(collect) = node
            && !secrets.contains(collect.slot.as_str())
            && let Some(word) = asks_for(collect)
        {
            let at = whole
                .ways
                .number(name)
                .map(|number| whole.ways.place(number));
            let message = format!(
                "'{}' asks for what nobody else may know ('{word}')",
                whole.marks.written(name)
            );
            let remedy = "add 'sensitive: true', so that it is masked wherever it is shown";
            problems.tell(
                ProblemKind::NotSensitive,
                at.unwrap_or_default(),
                message,
                remedy,
            );
        }
        for slot in told(node) {
            if secrets.contains(slot) {
                let at = place_of(whole, name, slot).unwrap_or_default();
                let message = format!("'{{{slot}}}' is sensitive, and here it would be told");
                let remedy =
                    "speak without it; it may be sent in the 'body' of an 'api' and decided by";
                problems.tell(ProblemKind::SensitiveTold, at, message, remedy);
            }
        }
    }
}

/// The word that says so.
fn asks_for(collect: &Collect) -> Option<&'static str> {
    let digits = match collect.wanted {
        Wanted::Digits { max, .. } => Some(max),
        Wanted::Grammar { .. } => None,
        Wanted::YesNo | Wanted::OneOf(_) => return None,
    };
    let pieces = collect.prompt.wording.0.values().flatten();
    let texts = pieces.filter_map(|piece| match piece {
        WordingPiece::Text(text) => Some(text.as_str()),
        WordingPiece::Slot(_) | WordingPiece::File(_) | WordingPiece::Pause(_) => None,
    });
    secret_word(&collect.slot, texts, digits)
}

/// The word of a slot's name, or of the question for it, by which the value is nobody else's to
/// know; `digits` is how long it may be, where it is a number.
pub(crate) fn secret_word<'a>(
    slot: &str,
    texts: impl Iterator<Item = &'a str>,
    digits: Option<u8>,
) -> Option<&'static str> {
    let is_short = digits.is_some_and(|max| max <= LAST_DIGITS);
    let numbers = if is_short { &[][..] } else { &NUMBERS };
    let mut all: Vec<String> = texts.map(str::to_lowercase).collect();
    all.push(slot.replace('_', " "));
    let mut words = PASSWORDS.iter().chain(numbers);
    words
        .find(|word| all.iter().any(|text| holds(text, word)))
        .copied()
}

/// Whether a text holds a word: an English one by itself, a Chinese one anywhere.
fn holds(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return text.contains(word);
    }
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        !is_letter(text[..at].chars().next_back())
            && !is_letter(text[at + word.len()..].chars().next())
    })
}

/// The slots that a node says aloud, writes in an address, or copies.
fn told(node: &Node) -> BTreeSet<&str> {
    let mut told = BTreeSet::new();
    for wording in node.wordings() {
        in_wording(wording, &mut told);
    }
    for call in node.calls() {
        in_pieces(&call.url.0, &mut told);
    }
    if let Node::Set(note) = node {
        for to in note.set.values() {
            if let SetTo::Text(pieces) = to {
                in_pieces(pieces, &mut told);
            }
        }
    }
    told
}
