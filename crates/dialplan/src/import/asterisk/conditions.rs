//! Plain comparisons of `$[…]`. Anything more is not read.

use super::super::model::{Condition, Test};
use super::values::{Part, parts};
use std::collections::BTreeMap;

/// The most cases that one condition may come to.
const CASES_MAX: usize = 16;
const SIGNS: [&str; 7] = ["!=", "<=", ">=", "==", "=", "<", ">"];

/// What a condition comes to.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Judged {
    /// It holds in these cases, each of tests that all must hold.
    Cases(Vec<Condition>),
    /// It always does, or never.
    Always(bool),
}

/// A condition as `GotoIf` has it; none where it is more than comparisons with `&` and `|`.
pub(super) fn condition(written: &str, known: &BTreeMap<String, String>) -> Option<Judged> {
    let written = written.trim();
    let inner = match written
        .strip_prefix("$[")
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(inner) => inner,
        None => written,
    };
    if inner.contains("$[") || inner.contains(['(', ')']) && !inner.contains("CALLERID(") {
        return None;
    }
    let mut cases = Vec::new();
    for branch in outside_quotes(inner, '|') {
        match all_of(branch, known)? {
            Judged::Always(true) => return Some(Judged::Always(true)),
            Judged::Always(false) => {}
            Judged::Cases(more) => cases.extend(more),
        }
    }
    if cases.is_empty() {
        return Some(Judged::Always(false));
    }
    (cases.len() <= CASES_MAX).then_some(Judged::Cases(cases))
}

fn all_of(branch: &str, known: &BTreeMap<String, String>) -> Option<Judged> {
    let mut tests: Condition = Vec::new();
    for part in outside_quotes(branch, '&') {
        match comparison(part, known)? {
            Compared::Surely(true) => {}
            Compared::Surely(false) => return Some(Judged::Always(false)),
            Compared::Tests(slot, more) => {
                if tests.iter().any(|(other, _)| *other == slot) {
                    return None;
                }
                tests.extend(more.into_iter().map(|test| (slot.clone(), test)));
            }
        }
    }
    Some(match tests.is_empty() {
        true => Judged::Always(true),
        false => Judged::Cases(vec![tests]),
    })
}

enum Compared {
    Surely(bool),
    /// All of these hold for a slot.
    Tests(String, Vec<Test>),
}

fn comparison(text: &str, known: &BTreeMap<String, String>) -> Option<Compared> {
    let found = text.char_indices().find_map(|(at, _)| {
        let sign = SIGNS.iter().find(|sign| text[at..].starts_with(**sign))?;
        Some((&text[..at], *sign, &text[at + sign.len()..]))
    });
    let Some((left, sign, right)) = found else {
        // A variable by itself: whether there is something in it but 0.
        return match operand(text, known)? {
            Operand::Text(text) => Some(Compared::Surely(!matches!(text.as_str(), "" | "0"))),
            Operand::Slot(ahead, slot) if ahead.is_empty() => {
                let tests = vec![Test::Filled(true), Test::IsNot(vec!["0".to_owned()])];
                Some(Compared::Tests(slot, tests))
            }
            Operand::Slot(..) => None,
        };
    };
    match (operand(left, known)?, operand(right, known)?) {
        (Operand::Text(left), Operand::Text(right)) => match sign {
            "=" | "==" => Some(Compared::Surely(left == right)),
            "!=" => Some(Compared::Surely(left != right)),
            _ => None,
        },
        (Operand::Slot(ahead, slot), Operand::Text(text)) => test(&ahead, slot, sign, &text),
        (Operand::Text(text), Operand::Slot(ahead, slot)) => {
            let turned = match sign {
                "<" => ">",
                ">" => "<",
                "<=" => ">=",
                ">=" => "<=",
                same => same,
            };
            test(&ahead, slot, turned, &text)
        }
        (Operand::Slot(..), Operand::Slot(..)) => None,
    }
}

/// `"x${A}" = "x1"` is how files of old guard against a variable that is empty.
fn test(ahead: &str, slot: String, sign: &str, text: &str) -> Option<Compared> {
    let Some(text) = text.strip_prefix(ahead) else {
        return match sign {
            "=" | "==" => Some(Compared::Surely(false)),
            "!=" => Some(Compared::Surely(true)),
            _ => None,
        };
    };
    let number = || {
        let is_number = text.parse::<i64>().is_ok() && ahead.is_empty();
        is_number.then(|| text.to_owned())
    };
    let test = match (sign, text.is_empty()) {
        ("=" | "==", true) => Test::Filled(false),
        ("!=", true) => Test::Filled(true),
        ("=" | "==", false) => Test::Is(vec![text.to_owned()]),
        ("!=", false) => Test::IsNot(vec![text.to_owned()]),
        ("<", _) => Test::Number("below", number()?),
        (">", _) => Test::Number("above", number()?),
        ("<=", _) => Test::Number("at_most", number()?),
        (">=", _) => Test::Number("at_least", number()?),
        _ => return None,
    };
    Some(Compared::Tests(slot, vec![test]))
}

enum Operand {
    Text(String),
    /// A text before the slot, and the slot.
    Slot(String, String),
}

fn operand(text: &str, known: &BTreeMap<String, String>) -> Option<Operand> {
    let text = text.trim();
    let text = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    if text.contains(['"', '!', '~', '+', '*', '?', ':']) {
        return None;
    }
    match parts(text, known)?.as_slice() {
        [] => Some(Operand::Text(String::new())),
        [Part::Text(text)] => Some(Operand::Text(text.clone())),
        [Part::Slot(slot)] => Some(Operand::Slot(String::new(), slot.clone())),
        [Part::Text(ahead), Part::Slot(slot)] => Some(Operand::Slot(ahead.clone(), slot.clone())),
        _ => None,
    }
}

fn outside_quotes(text: &str, sign: char) -> Vec<&str> {
    let mut is_quoted = false;
    let cuts = move |c: char| {
        if c == '"' {
            is_quoted = !is_quoted;
        }
        c == sign && !is_quoted
    };
    text.split(cuts)
        .filter(|part| !part.trim().is_empty())
        .collect()
}
