//! What brings a caller to a person brings them nowhere else: key 0, and the words that ask
//! for a person or demand one.

use super::Whole;
use crate::reading::{Answer, AnsweredBy, Problems};
use crate::{Node, ProblemKind, Purpose};
use call_model::Language;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    if whole.plan.purpose == Purpose::Measurement {
        return;
    }
    let reserved: BTreeMap<Language, BTreeSet<&str>> = whole
        .plan
        .words
        .iter()
        .map(|(language, words)| {
            let words = words.for_person();
            (*language, words.map(String::as_str).collect())
        })
        .collect();
    for answer in &whole.marks.answers {
        let told = match &answer.by {
            AnsweredBy::Key(key) if key.face() == '0' => "key 0".to_owned(),
            AnsweredBy::Words(language, text)
                if reserved
                    .get(language)
                    .is_some_and(|r| r.contains(text.as_str())) =>
            {
                format!("'{text}'")
            }
            AnsweredBy::Key(_) | AnsweredBy::Words(..) => continue,
        };
        if !is_person(whole, answer) {
            let message = format!(
                "{told} asks for a person, and at '{}' it leads to '{}'",
                answer.node, answer.to
            );
            let remedy = "give it up here, or lead it to a 'handoff'";
            problems.tell(ProblemKind::ReservedAnswer, answer.at, message, remedy);
        }
    }
}

/// Whether an answer leads to a person, with nothing but words of ours on the way.
fn is_person(whole: &Whole<'_>, answer: &Answer) -> bool {
    if !matches!(whole.node(&answer.node), Some(Node::Ask(_)) | None) {
        return false;
    }
    let mut to = answer.to.as_str();
    for _ in 0..whole.ways.len() {
        match whole.node(to) {
            Some(Node::Say(say)) => to = &say.next,
            Some(Node::Set(note)) => to = &note.next,
            Some(Node::Handoff(_)) | None => return true,
            Some(
                Node::Ask(_)
                | Node::Collect(_)
                | Node::Api(_)
                | Node::ApiAll(_)
                | Node::Decide(_)
                | Node::End(_),
            ) => return false,
        }
    }
    false
}
