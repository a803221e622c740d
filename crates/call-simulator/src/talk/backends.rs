//! Back ends that answer as the script has it.

use super::script::{BackEnd, is_at};
use call_model::{ApiFailure, ApiOutcome, ApiRequest};
use dialplan::{Node, Plan, outcome_of};
use std::collections::BTreeMap;
use std::time::Duration;

/// A back end that is there answers so soon.
const SOON: Duration = Duration::from_millis(80);

/// By node, and by its part where it asks several, how the back end answers.
#[derive(Debug, Default)]
pub(super) struct BackEnds {
    answers: BTreeMap<(String, Option<String>), BackEnd>,
}

impl BackEnds {
    pub(super) fn answer_so(&mut self, node: &str, part: Option<&str>, answer: BackEnd) {
        let place = (node.to_owned(), part.map(str::to_owned));
        // What is said of a node holds for each of its parts.
        if part.is_none() {
            self.answers.retain(|(known, _), _| known != node);
        }
        self.answers.insert(place, answer);
    }

    /// What comes of a request, the `number`th from 0 of its node, and after how long; the place
    /// that the script should have named where it says nothing of it.
    pub(super) fn outcome(
        &self,
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
        let Some(answer) = self.of(node, part) else {
            return Err(match part {
                Some(part) => format!("{node}/{part}"),
                None => node.to_owned(),
            });
        };
        Ok(outcome(answer, request))
    }

    fn of(&self, node: &str, part: Option<&str>) -> Option<&BackEnd> {
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
