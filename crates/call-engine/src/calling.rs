//! A back end is asked: its answer leads on, its silence is our wait.

use crate::call::Call;
use crate::deadline::limits;
use crate::phase::{Arrival, Asked, BackEndAnswer, Calling, Phase};
use call_model::{
    ApiFailure, ApiMethod, ApiOutcome, ApiRequest, ApiRequestId, CallAction, Decision,
    EscalationReason, Interruption, PerMille, Private,
};
use dialplan::{AllOutcome, Api, ApiAll, ApiCall, LadderEnd, Line, Node, Slots};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What an answer comes to.
enum Way<'a> {
    /// On to this node, with these slots filled.
    Next(&'a str, Slots),
    /// The way for when no answer comes.
    Error(&'a LadderEnd),
}

impl Call {
    /// Asks the back end of a node, or all of them at once.
    pub(crate) fn call_back_end(&mut self, name: &str, arrival: Arrival) {
        let plan = Arc::clone(&self.plan);
        let Some(node) = plan.node(name) else {
            return;
        };
        self.hush_since = self.now;
        let calls = node.calls();
        let first = self.requests + 1;
        self.requests += u32::try_from(calls.len()).unwrap_or(u32::MAX);
        let asked = (first..=self.requests).map(|number| Asked {
            request: ApiRequestId(number),
            answer: BackEndAnswer::Owed,
        });
        let mut calling = Calling {
            node: name.to_owned(),
            arrival,
            asked: asked.collect(),
            since: self.now,
            held: 0,
        };
        // What is ordered is not taken back by going back.
        if calls.iter().any(|call| call.method == ApiMethod::Post) {
            self.wishes.goes_back_no_further();
        }
        let times = self.times_ordered(name, &calls);
        for (number, call) in calls.iter().enumerate() {
            let asked = &mut calling.asked[number];
            let key = call
                .is_idempotent
                .then(|| self.key_of(node, name, number, times));
            match self.request(asked.request, call, key) {
                Some(request) => self.act(CallAction::CallApi(Box::new(request))),
                None => {
                    self.remark("the back end cannot be asked: a slot is empty");
                    asked.answer = BackEndAnswer::NotAsked;
                }
            }
        }
        self.phase = Phase::Calling(calling.clone());
        if calling.is_answered() {
            self.take_answers(&calling);
        }
    }

    /// What is sent; none where a slot that it needs is empty.
    fn request(
        &self,
        request: ApiRequestId,
        call: &ApiCall,
        idempotency_key: Option<String>,
    ) -> Option<ApiRequest> {
        let slots = &self.known_slots();
        let body = match &call.body {
            Some(body) => Some(body.filled(slots)?),
            None => None,
        };
        Some(ApiRequest {
            request,
            method: call.method,
            url: call.url.filled(slots)?,
            body,
            headers_env: call.headers_env.clone(),
            keep: call.keep.clone(),
            deadline_ms: u32::try_from(call.deadline.as_millis()).unwrap_or(u32::MAX),
            retries: call.retries,
            idempotency_key,
        })
    }

    /// How often the call has come to a node that sends what is done once, so that coming
    /// again orders anew.
    fn times_ordered(&mut self, name: &str, calls: &[&ApiCall]) -> u32 {
        if !calls.iter().any(|call| call.is_idempotent) {
            return 0;
        }
        let times = self.orders_sent.entry(name.to_owned()).or_default();
        *times += 1;
        *times
    }

    fn key_of(&self, node: &Node, name: &str, number: usize, times: u32) -> String {
        let part = match node {
            Node::ApiAll(all) => all.parts.get(number).map(|part| format!(".{}", part.part)),
            Node::Api(_)
            | Node::Say(_)
            | Node::Ask(_)
            | Node::Collect(_)
            | Node::Decide(_)
            | Node::Set(_)
            | Node::Handoff(_)
            | Node::End(_) => None,
        };
        format!("{}-{name}{}-{times}", self.id, part.unwrap_or_default())
    }

    /// The back end answered, or will not.
    pub(crate) fn back_end_answered(&mut self, request: ApiRequestId, outcome: &ApiOutcome) {
        let calling = match &mut self.phase {
            Phase::Calling(calling) => Some(calling),
            Phase::Offering(offering) => offering.pending.as_mut(),
            Phase::Ringing
            | Phase::Telling(_)
            | Phase::Asking(_)
            | Phase::Consulting(_)
            | Phase::Fetching(_)
            | Phase::Stranded(_)
            | Phase::Parted(_)
            | Phase::Leaving(_)
            | Phase::WithPerson
            | Phase::Over => None,
        };
        if !calling.is_some_and(|calling| calling.take(request, outcome)) {
            return self.stale_answer();
        }
        if let Phase::Calling(calling) = &self.phase
            && calling.is_answered()
        {
            let calling = calling.clone();
            self.take_answers(&calling);
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
        match calling.is_answered() {
            true => self.take_answers(&calling),
            false => self.say_holding(),
        }
    }

    /// All answers are there, or will not come.
    fn take_answers(&mut self, calling: &Calling) {
        let plan = Arc::clone(&self.plan);
        match (plan.node(&calling.node), calling.asked.as_slice()) {
            (Some(Node::Api(api)), [Asked { answer, .. }]) => {
                let way = match answer {
                    BackEndAnswer::Came(outcome) => self.way_of(api, outcome),
                    BackEndAnswer::Owed | BackEndAnswer::NotAsked => Way::Error(&api.error),
                };
                self.follow(calling, way);
            }
            (Some(Node::ApiAll(all)), asked) => self.take_all(calling, all, asked),
            (Some(_) | None, _) => {}
        }
    }

    /// Of several back ends each did its part, or did not.
    fn take_all(&mut self, calling: &Calling, all: &ApiAll, asked: &[Asked]) {
        let mut kept = Slots::new();
        let mut is_done = Vec::new();
        for (part, asked) in all.parts.iter().zip(asked) {
            let fields = match &asked.answer {
                BackEndAnswer::Came(ApiOutcome::Answered { status, fields })
                    if (200..300).contains(status) =>
                {
                    self.kept(&part.call, fields)
                }
                BackEndAnswer::Came(_) | BackEndAnswer::Owed | BackEndAnswer::NotAsked => None,
            };
            is_done.push(fields.is_some());
            kept.extend(fields.unwrap_or_default());
        }
        let done = |number: usize| is_done.get(number).copied().unwrap_or_default();
        let count = is_done.iter().filter(|is_done| **is_done).count();
        self.remark(format!("{count} of {} back ends did it", is_done.len()));
        kept.extend(all.names(self.language, done));
        match all.outcome(done) {
            AllOutcome::Next(node) => self.follow(calling, Way::Next(node, kept)),
            AllOutcome::Error(error) => {
                self.fill(kept);
                self.follow(calling, Way::Error(error));
            }
        }
    }

    fn way_of<'a>(&mut self, api: &'a Api, outcome: &ApiOutcome) -> Way<'a> {
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
            return Way::Error(&api.error);
        };
        self.remark(format!("the back end answered with status {status}"));
        if let Some(node) = api.on_status.get(&status) {
            return Way::Next(node, Slots::new());
        }
        let kept = match outcome {
            ApiOutcome::Answered { fields, .. } if (200..300).contains(&status) => {
                self.kept(&api.call, fields)
            }
            ApiOutcome::Answered { .. } | ApiOutcome::Failed { .. } => None,
        };
        match kept {
            Some(slots) => Way::Next(&api.next, slots),
            None => Way::Error(&api.error),
        }
    }

    /// An answer without a field that the plan goes on to speak of is none.
    fn kept(
        &mut self,
        call: &ApiCall,
        fields: &BTreeMap<String, Private<String>>,
    ) -> Option<Slots> {
        let mut slots = Slots::new();
        for slot in call.keep.keys() {
            match fields.get(slot) {
                Some(value) => slots.insert(slot.clone(), value.clone()),
                None => {
                    self.remark(format!("the answer of the back end has no '{slot}'"));
                    return None;
                }
            };
        }
        Some(slots)
    }

    fn follow(&mut self, calling: &Calling, way: Way<'_>) {
        match way {
            Way::Next(node, slots) => {
                self.fill(slots);
                self.enter(node, calling.arrival);
            }
            Way::Error(error) => {
                self.remark("no answer of the back end leads on");
                match error {
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
            let mut calling = calling.clone();
            let why = ApiFailure::TimedOut;
            for request in calling
                .asked
                .iter()
                .map(|asked| asked.request)
                .collect::<Vec<_>>()
            {
                calling.take(request, &ApiOutcome::Failed { why });
            }
            self.take_answers(&calling);
        }
    }

    /// All tries of the requests that owe an answer, and some time for the shell to tell of them.
    pub(crate) fn back_end_max(&self, calling: &Calling) -> Duration {
        let calls = self.plan.node(&calling.node).map(Node::calls);
        let calls = calls.unwrap_or_default().into_iter();
        let owed = calls
            .zip(&calling.asked)
            .filter(|(_, asked)| asked.answer == BackEndAnswer::Owed);
        let longest = owed.map(|(call, _)| call.longest()).max();
        longest.unwrap_or_default() + limits::API_GRACE
    }

    /// The question that an answer of success leads to by mere telling.
    pub(crate) fn question_after_back_end(&self, node: &str) -> Option<String> {
        match self.plan.node(node) {
            Some(Node::Api(api)) => self.question_after(&api.next),
            Some(Node::ApiAll(all)) => self.question_after(&all.next),
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
                    Some(Node::ApiAll(all)) if is_first => self.render(&all.holding),
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
