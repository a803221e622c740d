//! The ear, the back ends and the intent tier of one caller, each as the fault has it.

use super::caller::Cue;
use super::faults::Trouble;
use super::world::{Ear, Event, World};
use call_model::{
    ApiFailure, ApiOutcome, ApiRequest, CallInput, Heard, Hypothesis, IntentFailure, IntentNews,
    IntentQuestion, PerMille, TurnId,
};
use std::collections::BTreeMap;

impl World {
    pub(super) fn finish(&mut self, turn: TurnId) {
        if self.ear != Ear::Well {
            return;
        }
        let to = match self.trouble {
            Trouble::Overload => 2_300,
            Trouble::None
            | Trouble::DeadRecogniser
            | Trouble::DeadIntentTier
            | Trouble::SlowApi
            | Trouble::FullQueue
            | Trouble::Night
            | Trouble::AgentRefuses
            | Trouble::TrunkDead => 300,
        };
        let heard = match self.said.take() {
            Some(words) => Heard::Final {
                turn,
                best: Hypothesis {
                    text: words.to_owned().into(),
                    confidence: PerMille::new(900),
                    words: Vec::new(),
                },
                others: Vec::new(),
                spotted: Vec::new(),
                language: Some(self.language),
            },
            None => Heard::NoMatch {
                turn,
                rejected: None,
                spotted: Vec::new(),
                language: None,
            },
        };
        self.after(40, to, Event::News(CallInput::Heard(heard)));
    }

    /// The archive is always slow; the rest of the back end as the fault has it.
    pub(super) fn call_api(&mut self, request: &ApiRequest) {
        self.next_step(Cue::BackEnd);
        let is_slow = self.trouble == Trouble::SlowApi || request.url.reveal().contains("archive");
        let tries = u64::from(request.retries) + 1;
        let (after, outcome) = match is_slow {
            true => (
                u64::from(request.deadline_ms) * tries,
                ApiOutcome::Failed {
                    why: ApiFailure::TimedOut,
                },
            ),
            false => (
                200,
                ApiOutcome::Answered {
                    status: 200,
                    fields: BTreeMap::new(),
                },
            ),
        };
        let request = request.request;
        self.after(
            after,
            after + 50,
            Event::News(CallInput::Api { request, outcome }),
        );
    }

    /// A tier that answers sends the caller to a person; a dead one says nothing, or
    /// cannot be reached.
    pub(super) fn ask_tier(&mut self, question: &IntentQuestion) {
        self.next_step(Cue::Tier);
        let id = question.question;
        let tell = |news| Event::News(CallInput::Intent { question: id, news });
        match self.trouble {
            Trouble::DeadIntentTier => {
                if self.dice.percent(50) {
                    let why = IntentFailure::Unreachable;
                    self.after(5, 400, tell(IntentNews::Failed { why }));
                }
            }
            Trouble::None
            | Trouble::DeadRecogniser
            | Trouble::SlowApi
            | Trouble::FullQueue
            | Trouble::Night
            | Trouble::Overload
            | Trouble::AgentRefuses
            | Trouble::TrunkDead => {
                let why = "a matter for people".to_owned();
                self.after(100, 1_500, tell(IntentNews::Escalate { why }));
            }
        }
    }
}
