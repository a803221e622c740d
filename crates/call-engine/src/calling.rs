//! A back end is asked: its answer leads on, its silence is our wait.

use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{Arrival, Calling, Phase};
use call_model::{
    ApiFailure, ApiOutcome, ApiRequest, ApiRequestId, CallAction, Decision, EscalationReason,
    Interruption, PerMille, Private,
};
use dialplan::{Api, LadderEnd, Line, Node, Slots};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What an answer comes to.
enum Way {
    /// On to this node, with these slots filled.
    Next(String, Slots),
    /// The way for when no answer comes.
    Error,
}

impl Call {
    /// Asks the back end of a node.
    pub(crate) fn call_back_end(&mut self, name: &str, api: &Api, arrival: Arrival) {
        self.requests += 1;
        let request = ApiRequestId(self.requests);
        let calling = Calling {
            node: name.to_owned(),
            arrival,
            request,
            since: self.now,
            held: 0,
            outcome: None,
        };
        self.hush_since = self.now;
        self.phase = Phase::Calling(calling.clone());
        let idempotency_key = self.idempotency_key(name, api);
        let slots = &self.known_slots();
        let url = api.url.filled(slots);
        let body = match &api.body {
            Some(body) => body.filled(slots).map(Some),
            None => Some(None),
        };
        let (Some(url), Some(body)) = (url, body) else {
            self.remark("the back end cannot be asked: a slot is empty");
            return self.follow(&calling, Way::Error);
        };
        self.act(CallAction::CallApi(Box::new(ApiRequest {
            request,
            method: api.method,
            url,
            body,
            headers_env: api.headers_env.clone(),
            keep: api.keep.clone(),
            deadline_ms: u32::try_from(api.deadline.as_millis()).unwrap_or(u32::MAX),
            retries: api.retries,
            idempotency_key,
        })));
    }

    /// One for each time that the call comes to the node, so that coming again asks anew.
    fn idempotency_key(&mut self, name: &str, api: &Api) -> Option<String> {
        if !api.is_idempotent {
            return None;
        }
        let times = self.orders_sent.entry(name.to_owned()).or_default();
        *times += 1;
        Some(format!("{}-{name}-{times}", self.id))
    }

    /// The back end answered, or will not.
    pub(crate) fn back_end_answered(&mut self, request: ApiRequestId, outcome: &ApiOutcome) {
        match &mut self.phase {
            Phase::Calling(calling) if calling.request == request => {
                let calling = calling.clone();
                self.take_answer(&calling, outcome);
            }
            Phase::Offering(offering) => match &mut offering.pending {
                Some(calling) if calling.request == request => {
                    calling.outcome.get_or_insert_with(|| outcome.clone());
                }
                Some(_) | None => self.stale_answer(),
            },
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Calling(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => self.stale_answer(),
        }
    }

    fn stale_answer(&mut self) {
        self.remark("an answer of a back end that nobody waits for");
    }

    /// The caller was talked to about something else; the answer may be there by now.
    pub(crate) fn go_on_calling(&mut self, calling: Calling) {
        self.remark("the caller waits for the back end again");
        self.hush_since = self.now;
        self.phase = Phase::Calling(calling.clone());
        match &calling.outcome {
            Some(outcome) => self.take_answer(&calling, outcome),
            None => self.say_holding(),
        }
    }

    fn take_answer(&mut self, calling: &Calling, outcome: &ApiOutcome) {
        let plan = Arc::clone(&self.plan);
        let Some(Node::Api(api)) = plan.node(&calling.node) else {
            return;
        };
        let way = self.way_of(api, outcome);
        self.follow(calling, way);
    }

    fn way_of(&mut self, api: &Api, outcome: &ApiOutcome) -> Way {
        let status = match outcome {
            ApiOutcome::Answered { status, .. } => Some(*status),
            ApiOutcome::Failed {
                why: ApiFailure::Status(status),
            } => Some(*status),
            ApiOutcome::Failed { why } => {
                self.remark(format!("the back end failed: {}", named(*why)));
                None
            }
        };
        let Some(status) = status else {
            return Way::Error;
        };
        self.remark(format!("the back end answered with status {status}"));
        if let Some(node) = api.on_status.get(&status) {
            return Way::Next(node.clone(), BTreeMap::new());
        }
        match outcome {
            ApiOutcome::Answered { fields, .. } if (200..300).contains(&status) => {
                self.kept(api, fields)
            }
            ApiOutcome::Answered { .. } | ApiOutcome::Failed { .. } => Way::Error,
        }
    }

    /// An answer without a field that the plan goes on to speak of is none.
    fn kept(&mut self, api: &Api, fields: &BTreeMap<String, Private<String>>) -> Way {
        let mut slots = BTreeMap::new();
        for slot in api.keep.keys() {
            match fields.get(slot) {
                Some(value) => slots.insert(slot.clone(), value.clone()),
                None => {
                    self.remark(format!("the answer of the back end has no '{slot}'"));
                    return Way::Error;
                }
            };
        }
        Way::Next(api.next.clone(), slots)
    }

    fn follow(&mut self, calling: &Calling, way: Way) {
        match way {
            Way::Next(node, slots) => {
                self.fill(slots);
                self.enter(&node, calling.arrival);
            }
            Way::Error => {
                self.remark("no answer of the back end leads on");
                let plan = Arc::clone(&self.plan);
                let Some(Node::Api(api)) = plan.node(&calling.node) else {
                    return;
                };
                match &api.error {
                    LadderEnd::Person => self.escalate(EscalationReason::Fault, None),
                    LadderEnd::Goto(node) => self.enter(node, Arrival::ByPlan),
                }
            }
        }
    }

    /// Slots are filled with what nobody had to understand.
    pub(crate) fn fill(&mut self, slots: Slots) {
        for (slot, value) in slots {
            self.story.slots.insert(slot.clone(), value.clone());
            self.decide(Decision::Collected {
                slot,
                value,
                confidence: PerMille::ONE,
            });
        }
    }

    /// The shell owes an answer that it should have given long ago.
    pub(crate) fn back_end_overdue(&mut self) {
        if let Phase::Calling(calling) = &self.phase {
            let calling = calling.clone();
            let why = ApiFailure::TimedOut;
            self.take_answer(&calling, &ApiOutcome::Failed { why });
        }
    }

    /// All tries of a request, and some time for the shell to tell of them.
    pub(crate) fn back_end_max(&self, node: &str) -> Duration {
        match self.plan.node(node) {
            Some(Node::Api(api)) => api.deadline * (u32::from(api.retries) + 1) + limits::API_GRACE,
            Some(
                Node::Say(_)
                | Node::Ask(_)
                | Node::Collect(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_)
                | Node::End(_),
            )
            | None => limits::API_GRACE,
        }
    }

    /// The question that an answer of success leads to by mere telling.
    pub(crate) fn question_after_back_end(&self, node: &str) -> Option<String> {
        match self.plan.node(node) {
            Some(Node::Api(api)) => self.question_after(&api.next),
            Some(
                Node::Say(_)
                | Node::Ask(_)
                | Node::Collect(_)
                | Node::Decide(_)
                | Node::Set(_)
                | Node::Handoff(_)
                | Node::End(_),
            )
            | None => None,
        }
    }

    /// The caller hears that we are still at it.
    pub(crate) fn say_holding(&mut self) {
        match &mut self.phase {
            Phase::Calling(calling) => {
                let is_first = calling.held == 0;
                calling.held += 1;
                let plan = Arc::clone(&self.plan);
                let text = match plan.node(&calling.node) {
                    Some(Node::Api(api)) if is_first => self.render(&api.holding),
                    Some(_) | None => self.plan.line(Line::StillLooking, self.language),
                };
                self.say(text, Interruption::Never);
            }
            Phase::Consulting(consulting) => {
                let is_first = consulting.held == 0;
                consulting.held += 1;
                let line = match is_first {
                    true => Line::OneMoment,
                    false => Line::StillLooking,
                };
                // Keys act at once; what is said meanwhile waits for the line's end.
                self.say_line(line, Interruption::ByKeys);
            }
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Offering(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => {}
        }
    }
}

const fn named(failure: ApiFailure) -> &'static str {
    match failure {
        ApiFailure::TimedOut => "no answer in time",
        ApiFailure::Unreachable => "unreachable",
        ApiFailure::Status(_) => "an unwelcome status",
        ApiFailure::Garbled => "an answer that cannot be read",
    }
}
