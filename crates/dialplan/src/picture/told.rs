//! The texts inside boxes, cut short.

use super::fetches_person;
use crate::{Node, Wanted};
use call_model::Language;
use spoken_text::ValueKind;

/// The most columns of a wording; a Chinese character takes two.
const WORDING_MAX: usize = 30;

/// The beginning of what a node says.
pub(super) fn words_of(node: &Node, language: Language) -> Option<String> {
    let wording = match node {
        Node::Api(api) => Some(&api.holding),
        Node::ApiAll(all) => Some(&all.holding),
        Node::Say(_)
        | Node::Ask(_)
        | Node::Collect(_)
        | Node::Decide(_)
        | Node::Set(_)
        | Node::Handoff(_)
        | Node::End(_) => node.prompt().map(|prompt| &prompt.wording),
    };
    let text = wording?.as_text(language);
    (!text.is_empty()).then(|| format!("“{}”", short(&text, WORDING_MAX)))
}

/// What else is to be known of it.
pub(super) fn notes_of(node: &Node) -> Vec<String> {
    let mut notes = Vec::new();
    match node {
        Node::Collect(collect) => {
            let kind = match &collect.wanted {
                Wanted::Digits { min, max } if min == max => format!("{min} digits"),
                Wanted::Digits { min, max } => format!("{min}–{max} digits"),
                Wanted::Value(kind) => named(*kind).to_owned(),
                Wanted::YesNo => "yes or no".to_owned(),
                Wanted::OneOf(listed) => format!("one of {}", listed.len()),
                Wanted::Grammar { .. } => "a grammar".to_owned(),
            };
            notes.push(format!("{} ← {kind}", collect.slot));
        }
        Node::Api(api) => {
            let slots: Vec<&str> = api.call.keep.keys().map(String::as_str).collect();
            if !slots.is_empty() {
                notes.push(short(
                    &format!("{} ← answer", slots.join(", ")),
                    WORDING_MAX,
                ));
            }
        }
        Node::ApiAll(all) => {
            let parts: Vec<&str> = all.parts.iter().map(|part| part.part.as_str()).collect();
            notes.push(short(&format!("asks {}", parts.join(", ")), WORDING_MAX));
        }
        Node::Handoff(handoff) => {
            let person = &handoff.person;
            let whither = person.queue.iter().chain(&person.skill);
            notes.extend(whither.map(|name| format!("☎ {name}")));
        }
        Node::Set(note) => {
            let slots: Vec<&str> = note.set.keys().map(String::as_str).collect();
            notes.push(short(&format!("{} ←", slots.join(", ")), WORDING_MAX));
        }
        Node::Say(_) | Node::Ask(_) | Node::Decide(_) | Node::End(_) => {}
    }
    if fetches_person(node) {
        notes.push("⇢ person".to_owned());
    }
    notes
}

/// A kind of value in a word or two.
const fn named(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Date(_) => "a day",
        ValueKind::Time => "a time",
        ValueKind::Amount => "an amount",
        ValueKind::Letters { .. } => "letters",
        ValueKind::Plate(_) => "a number plate",
    }
}

/// So many columns of a text at most, with a mark where it goes on.
pub(super) fn short(text: &str, columns: usize) -> String {
    let width = |c: char| if c < '\u{2E80}' { 1 } else { 2 };
    if text.chars().map(width).sum::<usize>() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += width(c);
        if used > columns {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_text_is_cut_by_the_columns_it_takes() {
        assert_eq!(short("order status", 12), "order status");
        assert_eq!(short("order status", 8), "order s…");
        assert_eq!(short("请问有什么可以帮您", 10), "请问有什…");
    }
}
