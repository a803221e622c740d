//! `verify`: a back end is asked whether what the caller told is right, a few times at most.

use super::Whole;
use crate::api::TemplatePiece;
use crate::reading::api::DEADLINE;
use crate::reading::fields::Fields;
use crate::reading::flow::Reading;
use crate::reading::values;
use crate::{Api, Case, Decide, Decimal, HandoffNode, Node, Note, PersonWanted, SetTo, Test};
use std::collections::BTreeMap;

/// Where a plan says nothing.
const ATTEMPTS: u16 = 3;
const ATTEMPTS_MAX: u16 = 10;
/// How a back end says that it is not so (RFC 9110 §15.5).
const REFUSALS: [u16; 4] = [401, 403, 404, 422];

const NO_NEXT: [&str; 2] = ["leads nowhere", "add 'next: a-node'"];
const NO_AGAIN: [&str; 2] = [
    "does not say where callers are asked again",
    "add 'again: a-node'",
];
const NO_FAILED: [&str; 2] = [
    "does not say what follows the last attempt",
    "add 'failed: person', or 'failed: a-node'",
];

impl Reading<'_> {
    /// `verify: { url: … }`, `attempts: 3`, `again: a-node`, `failed: person`. Attempts count over
    /// the whole call, whatever came between: nobody guesses on by another way to this node.
    pub(in crate::reading) fn read_verify(
        &mut self,
        name: &str,
        fields: Fields<'_>,
    ) -> Option<Node> {
        let whole = Whole { name, fields };
        let own = self.scope.written(name).to_owned();
        let (ok, tries) = (format!("{own}_ok"), format!("{own}_tries"));
        let attempts = fields.get("attempts").and_then(|item| {
            values::number(item, "'attempts'", 1..=ATTEMPTS_MAX, &mut self.problems)
        });
        let used_up = Test::AtLeast(Decimal::parse(&attempts.unwrap_or(ATTEMPTS).to_string())?);
        let used_up = BTreeMap::from([(tries.clone(), vec![used_up])]);
        self.read_question(whole);
        self.add_part(whole, "passed", |reading, part| {
            let next = reading.way_of_part(part, whole, "next", NO_NEXT)?;
            let set = BTreeMap::from([(ok.clone(), text("yes"))]);
            Some(Node::Set(Note { set, next }))
        });
        self.add_part(whole, "refused", |reading, part| {
            let next = whole.part("counted");
            reading.link(part, &next, fields.at);
            let set = BTreeMap::from([(ok.clone(), text("no")), (tries, SetTo::Add(1))]);
            Some(Node::Set(Note { set, next }))
        });
        self.add_part(whole, "counted", |reading, part| {
            let to = reading.read_failed(part, whole);
            let otherwise = reading.way_of_part(part, whole, "again", NO_AGAIN)?;
            let when = used_up.clone();
            let cases = vec![Case { when, to: to? }];
            Some(Node::Decide(Decide { cases, otherwise }))
        });
        if self.is_failed_by_person(fields) {
            self.add_part(whole, "person", |_, _| {
                Some(Node::Handoff(HandoffNode {
                    prompt: None,
                    person: PersonWanted::default(),
                }))
            });
        }
        let otherwise = whole.part("asked");
        self.link(name, &otherwise, fields.at);
        let to = self.read_failed(name, whole)?;
        let cases = vec![Case { when: used_up, to }];
        Some(Node::Decide(Decide { cases, otherwise }))
    }

    /// The back end is asked.
    fn read_question(&mut self, whole: Whole<'_>) {
        let Whole { name, fields } = whole;
        self.add_part(whole, "asked", |reading, part| {
            let what = format!("'verify' of node '{name}'");
            let request = reading.request_fields(fields.get("verify")?, &what, &[]);
            let holding = reading.read_holding(name, fields);
            let error = reading.error_of_part(part, whole);
            let (next, refused) = (whole.part("passed"), whole.part("refused"));
            for to in [&next, &refused] {
                reading.link(part, to, fields.at);
            }
            let call = reading.read_call(name, request?, DEADLINE);
            Some(Node::Api(Api {
                holding: holding?,
                call: call?,
                next,
                on_status: REFUSALS.map(|status| (status, refused.clone())).into(),
                error: error?,
            }))
        });
    }

    fn is_failed_by_person(&self, fields: Fields<'_>) -> bool {
        let failed = fields.get("failed").and_then(values::as_text);
        failed.is_some_and(|text| text == "person")
    }

    fn read_failed(&mut self, from: &str, whole: Whole<'_>) -> Option<String> {
        if self.is_failed_by_person(whole.fields) {
            let person = whole.part("person");
            self.link(from, &person, whole.fields.at);
            return Some(person);
        }
        self.way_of_part(from, whole, "failed", NO_FAILED)
    }
}

fn text(text: &str) -> SetTo {
    SetTo::Text(vec![TemplatePiece::Text(text.to_owned())])
}
