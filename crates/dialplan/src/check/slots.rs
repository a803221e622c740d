//! A slot that is spoken of is filled by then.

use super::Whole;
use super::flow::Filled;
use crate::reading::{Place, Problems};
use crate::{CallSlot, JsonTemplate, Node, ProblemKind, TemplatePiece, Wording, WordingPiece};
use std::collections::BTreeSet;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    if !whole.is_whole() {
        return;
    }
    let known: BTreeSet<&str> = whole.plan.nodes.values().flat_map(slots_of).collect();
    let of_call = CallSlot::ALL.map(CallSlot::name);
    let list: Vec<&str> = known.iter().copied().chain(of_call).collect();
    for (at, slot) in &whole.marks.slots_used {
        match CallSlot::named(slot) {
            Some(CallSlot::Open) if whole.plan.hours.is_none() => {
                let message = format!("'{{{slot}}}' is asked, and the plan has no hours");
                let remedy = "add 'hours:' to its head, with 'zone' and 'open'";
                problems.tell(ProblemKind::UnknownSlot, *at, message, remedy);
                continue;
            }
            Some(_) => continue,
            None => {}
        }
        if !known.contains(slot.as_str()) {
            let remedy = if known.is_empty() {
                "no node collects anything".to_owned()
            } else {
                crate::reading::suggestion(slot, &list)
            };
            let message = format!("'{{{slot}}}' is a slot that no node fills");
            problems.tell(ProblemKind::UnknownSlot, *at, message, remedy);
        }
    }
    unset(whole, problems);
}

/// Whatever way a caller comes to a node, the slots that it speaks of are filled.
fn unset(whole: &Whole<'_>, problems: &mut Problems) {
    let filled = Filled::of(whole);
    for (name, node) in &whole.plan.nodes {
        let Some(number) = whole.ways.number(name) else {
            continue;
        };
        for slot in slots_wanted(node) {
            if filled.is_sure(number, slot) {
                continue;
            }
            let told = whole.marks.written(name);
            let message = format!("at '{told}' a caller may come before '{{{slot}}}' is filled");
            let remedy = match filled.comes_empty(number, slot) {
                Some(from) => format!(
                    "lead the way from '{}' through a node that fills '{slot}', or speak without it",
                    whole.marks.written(whole.ways.name(from))
                ),
                None => format!("ask for '{slot}' before, or speak without it"),
            };
            let at = place_of(whole, name, slot).unwrap_or_else(|| whole.ways.place(number));
            problems.tell(ProblemKind::SlotUnset, at, message, remedy);
        }
    }
}

/// Where a node first mentions a slot.
pub(super) fn place_of(whole: &Whole<'_>, name: &str, slot: &str) -> Option<Place> {
    let range = whole.marks.slots_of_nodes.get(name)?.clone();
    let mut used = whole.marks.slots_used.get(range)?.iter();
    used.find(|(_, used)| used == slot).map(|(at, _)| *at)
}

/// The slots that a node fills.
pub(crate) fn slots_of(node: &Node) -> Vec<&str> {
    match node {
        Node::Collect(collect) => vec![&collect.slot],
        Node::Api(api) => api.call.keep.keys().map(String::as_str).collect(),
        Node::ApiAll(all) => all.kept().chain(all.told()).collect(),
        Node::Set(note) => note.set.keys().map(String::as_str).collect(),
        Node::Say(_) | Node::Ask(_) | Node::Decide(_) | Node::Handoff(_) | Node::End(_) => {
            Vec::new()
        }
    }
}

/// The slots that a node speaks of or sends, before it fills any itself.
fn slots_wanted(node: &Node) -> BTreeSet<&str> {
    let mut wanted = BTreeSet::new();
    for wording in node.wordings() {
        in_wording(wording, &mut wanted);
    }
    // What is decided by or noted down may be empty: that is an answer too.
    for call in node.calls() {
        in_pieces(&call.url.0, &mut wanted);
        if let Some(body) = &call.body {
            in_json(body, &mut wanted);
        }
    }
    wanted
}

pub(super) fn in_wording<'a>(wording: &'a Wording, wanted: &mut BTreeSet<&'a str>) {
    for piece in wording.0.values().flatten() {
        match piece {
            WordingPiece::Slot(slot) => {
                wanted.insert(slot);
            }
            WordingPiece::Text(_) | WordingPiece::File(_) | WordingPiece::Pause(_) => {}
        }
    }
}

pub(super) fn in_pieces<'a>(pieces: &'a [TemplatePiece], wanted: &mut BTreeSet<&'a str>) {
    for piece in pieces {
        if let TemplatePiece::Slot(slot) = piece {
            wanted.insert(slot);
        }
    }
}

fn in_json<'a>(json: &'a JsonTemplate, wanted: &mut BTreeSet<&'a str>) {
    match json {
        JsonTemplate::Text(pieces) => in_pieces(pieces, wanted),
        JsonTemplate::List(items) => items.iter().for_each(|item| in_json(item, wanted)),
        JsonTemplate::Object(fields) => fields.values().for_each(|item| in_json(item, wanted)),
        JsonTemplate::Bool(_) | JsonTemplate::Number(_) => {}
    }
}
