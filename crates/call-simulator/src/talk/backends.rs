//! Back ends that answer as the script has it.

use super::script::{BackEnd, is_at};
use call_model::{ApiFailure, ApiOutcome, ApiRequest};
use dialplan::{Node, Plan, outcome_of};
use std::collections::BTreeMap;
use std::time::Duration;

/// A back end that is there answers so soon.
const SOON: Duration = Duration::from_millis(80);

/// How often each of the script's answers was given: by its number from 0, the node that asked, and
/// the part of it.
pub(super) type Given = BTreeMap<(usize, String, Option<String>), u32>;

/// By node, and by its part where it asks several, how the back end answers.
#[derive(Debug, Default)]
pub(super) struct BackEnds {
    answers: BTreeMap<(String, Option<String>), (usize, BackEnd)>,
    /// So many answers the script has told so far.
    told: usize,
    pub(super) given: Given,
}

impl BackEnds {
    pub(super) fn answer_so(&mut self, node: &str, part: Option<&str>, answer: BackEnd) {
        let place = (node.to_owned(), part.map(str::to_owned));
        // What is said of a node holds for each of its parts.
        if part.is_none() {
            self.answers.retain(|(known, _), _| known != node);
        }
        self.answers.insert(place, (self.told, answer));
        self.told += 1;
    }

    /// What comes of a request, the `number`th from 0 of its node, and after how long; the place
    /// that the script should have named where it says nothing of it.
    pub(super) fn outcome(
        &mut self,
        plan: &Plan,
        node: &str,
        number: usize,
        request: &ApiRequest,
    ) -> Result<(Duration, ApiOutcome), String> {
        let part = match plan.node(node) {
            Some(Node::ApiAll(all)) => all.parts.get(number).map(|part| part.part.as_str()),
            Some(
                Node::Api(_)
                | Node::Say(_)
                | Node::Ask(_)
                | Node::Collect(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_)
                | Node::End(_),
            )
            | None => None,
        };
        let Some((number, answer)) = self.of(node, part) else {
            return Err(match part {
                Some(part) => format!("{node}/{part}"),
                None => node.to_owned(),
            });
        };
        let outcome = outcome(answer, request);
        let place = (*number, node.to_owned(), part.map(str::to_owned));
        *self.given.entry(place).or_default() += 1;
        Ok(outcome)
    }

    fn of(&self, node: &str, part: Option<&str>) -> Option<&(usize, BackEnd)> {
        let fits = |(known, of): &(String, Option<String>)| {
            is_at(node, known) && (of.is_none() || of.as_deref() == part)
        };
        let fitting = self.answers.iter().filter(|(place, _)| fits(place));
        let best = fitting.max_by_key(|((known, of), _)| (of.is_some(), known.len()));
        best.map(|(_, answer)| answer)
    }
}

fn outcome(answer: &BackEnd, request: &ApiRequest) -> (Duration, ApiOutcome) {
    let longest =
        Duration::from_millis(request.deadline_ms.into()) * (u32::from(request.retries) + 1);
    let failed = |why| ApiOutcome::Failed { why };
    match answer {
        BackEnd::Down => (SOON, failed(ApiFailure::Unreachable)),
        BackEnd::Silent => (longest, failed(ApiFailure::TimedOut)),
        BackEnd::Answers { after, .. } if after.as_millis() > request.deadline_ms.into() => {
            (longest, failed(ApiFailure::TimedOut))
        }
        BackEnd::Answers {
            status,
            body,
            after,
        } => (
            SOON.max(*after),
            outcome_of(*status, body.as_bytes(), &request.keep),
        ),
    }
}
