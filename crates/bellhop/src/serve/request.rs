//! What calls ask of the control plane, and the way there.

use call_model::{
    ApiRequest, CallId, Handoff, HangUpCause, HungUp, IntentFact, IntentQuestion, IntentQuestionId,
};
use sip_trunk::LegId;
use std::collections::VecDeque;

/// What a call wants of the control plane.
pub enum Request {
    HangUp(LegId, HangUpCause),
    FetchPerson(LegId, CallId, Box<Handoff>),
    BookCallback(LegId, Box<Handoff>),
    /// The caller waits for nobody any more: phones stop ringing.
    ReleasePerson(CallId),
    /// Caller and agent are joined.
    Joined(CallId),
    /// The call has no use for this agent's leg any more.
    HangUpAgent(LegId),
    /// Ask a back end for the call.
    CallApi(LegId, Box<ApiRequest>),
    /// Ask the intent tier for the call.
    AskIntent(LegId, Box<IntentQuestion>),
    CancelIntent(CallId, IntentQuestionId),
    TellIntent(CallId, IntentFact),
    /// The session broke down: the control plane alone brings the caller to a person.
    Rescue(LegId, CallId, Box<Handoff>),
    /// The session is gone; the leg must be as well.
    Closed(LegId, CallId, HungUp),
}

/// The way to the control plane: what it cannot take now waits here, in order.
pub struct Outbox {
    control: tokio::sync::mpsc::Sender<Request>,
    waiting: VecDeque<Request>,
}

impl Outbox {
    /// An outbox over the control plane's mailbox.
    pub fn new(control: tokio::sync::mpsc::Sender<Request>) -> Self {
        Self {
            control,
            waiting: VecDeque::new(),
        }
    }

    /// Hands a request over, now or as soon as there is room.
    pub fn push(&mut self, request: Request) {
        self.waiting.push_back(request);
        self.flush();
    }

    /// Hands over what the control plane can take.
    pub fn flush(&mut self) {
        while !self.waiting.is_empty() {
            let Ok(place) = self.control.try_reserve() else {
                return;
            };
            if let Some(request) = self.waiting.pop_front() {
                place.send(request);
            }
        }
    }
}
