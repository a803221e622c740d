//! What calls ask of machines elsewhere: back ends over HTTP, and the intent tier.

use super::api::ApiClient;
use super::control::Control;
use super::news::CallNews;
use call_model::{
    ApiRequest, CallId, IntentFact, IntentFailure, IntentNews, IntentQuestion, IntentQuestionId,
};
use intent_tier::{AskHandle, IntentTier};
use sip_trunk::LegId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The machines, and the questions under way.
pub struct Minds {
    api: Arc<ApiClient>,
    /// None: nothing is configured.
    tier: Option<Arc<dyn IntentTier>>,
    haste: Haste,
    /// Dropping a handle cancels its question.
    asked: Mutex<HashMap<CallId, Asked>>,
}

/// When the tier is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Haste {
    /// Once a turn is over.
    #[default]
    AfterTurns,
    /// Already in a pause that may be its end.
    Ahead,
}

type Asked = Vec<(IntentQuestionId, AskHandle)>;

impl Minds {
    pub fn new(api: ApiClient, tier: Option<Arc<dyn IntentTier>>, haste: Haste) -> Self {
        Self {
            api: Arc::new(api),
            tier,
            haste,
            asked: Mutex::default(),
        }
    }

    /// Calls may ask the tier before a turn is over.
    pub fn are_asked_ahead(&self) -> bool {
        self.tier.is_some() && self.haste == Haste::Ahead
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CallId, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control {
    /// Asks a back end; the call is told what became of it, if it still goes on.
    pub fn call_api(&self, leg: LegId, request: ApiRequest) {
        let (api, legs, id) = (
            Arc::clone(&self.minds.api),
            self.legs.clone(),
            request.request,
        );
        tokio::spawn(async move {
            let outcome = api.call(request).await;
            legs.tell(leg, CallNews::Api(id, outcome));
        });
    }

    /// Asks the intent tier; its news go to the call as they come.
    pub fn ask_intent(&self, leg: LegId, question: IntentQuestion) {
        let (call, id) = (question.call, question.question);
        let legs = self.legs.clone();
        let tell = move |news| legs.tell(leg, CallNews::Intent(id, news));
        let Some(tier) = &self.minds.tier else {
            let why = IntentFailure::NotConfigured;
            return tell(IntentNews::Failed { why });
        };
        let handle = tier.ask(question, Box::new(tell));
        let mut asked = self.minds.lock();
        let of_call = asked.entry(call).or_default();
        of_call.retain(|(_, handle)| !handle.is_over());
        of_call.push((id, handle));
    }

    /// The question no longer matters.
    pub fn cancel_intent(&self, call: CallId, question: IntentQuestionId) {
        if let Some(asked) = self.minds.lock().get_mut(&call) {
            asked.retain(|(id, _)| *id != question);
        }
    }

    /// Tells the intent tier a fact.
    pub fn tell_intent(&self, call: CallId, fact: IntentFact) {
        if let Some(tier) = &self.minds.tier {
            tier.tell(call, fact);
        }
    }

    /// The call is over: what it asked no longer matters.
    pub fn forget_questions(&self, call: CallId) {
        self.minds.lock().remove(&call);
    }
}
