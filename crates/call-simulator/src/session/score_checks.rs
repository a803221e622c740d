//! The rule of the scorer, held against what a session tells it.

use super::bridge_checks::Finding;
use super::rules::SessionRule;
use call_model::{
    CallAction, CallInput, CallTime, Decision, FRAME_TIME, PersonOutcome, VoiceAnalysis,
};
use call_session::{ScoreOrder, VoiceScorer};
use dialplan::Plan;
use std::sync::Arc;

/// What was seen of the scorer's line.
pub(crate) struct ScoreChecks {
    plan: Arc<Plan>,
    scorer: VoiceScorer,
    /// What the plan and the caller say, by the nodes that were entered.
    leave: VoiceAnalysis,
    is_open: bool,
    /// Sound of before is not to come any more.
    earliest: CallTime,
}

impl ScoreChecks {
    pub(crate) fn new(plan: Arc<Plan>, scorer: VoiceScorer) -> Self {
        Self {
            leave: plan.voice_analysis(),
            plan,
            scorer,
            is_open: false,
            earliest: CallTime::ZERO,
        }
    }

    pub(crate) fn order(&mut self, order: &ScoreOrder, has_person: bool) -> Option<Finding> {
        let may =
            self.scorer == VoiceScorer::Present && self.leave == VoiceAnalysis::On && !has_person;
        let is_fine = match order {
            ScoreOrder::Begin(_) => may && !std::mem::replace(&mut self.is_open, true),
            ScoreOrder::Audio(frame) => {
                let goes_on = self.earliest <= frame.at;
                self.earliest = frame.at;
                may && goes_on && self.is_open
            }
            ScoreOrder::End => may && self.close(),
            ScoreOrder::Drop => self.close(),
        };
        (!is_fine).then(|| broken(shown(order)))
    }

    /// A person has the caller from now on; no utterance may be open.
    pub(crate) fn joined(&mut self) -> Option<Finding> {
        let what = "an utterance is open at the bridge";
        self.is_open.then(|| broken(what))
    }

    /// The utterance is over; true if one was open.
    fn close(&mut self) -> bool {
        self.earliest = self.earliest + FRAME_TIME;
        std::mem::take(&mut self.is_open)
    }

    pub(crate) fn action(&mut self, at: CallTime, action: &CallAction) -> Option<Finding> {
        if let CallAction::Decide(Decision::Entered { node, .. }) = action {
            let choice = self.plan.voice_analysis_from(node);
            self.leave = choice.unwrap_or(self.leave);
        }
        let CallAction::AnalyseVoice(choice) = action else {
            return None;
        };
        self.earliest = self.earliest.max(at);
        let is_asked = *choice == VoiceAnalysis::Off || self.leave == VoiceAnalysis::On;
        self.leave = *choice;
        (!is_asked).then(|| broken("nobody said yes"))
    }

    pub(crate) fn input(&mut self, at: CallTime, input: &CallInput) -> Option<Finding> {
        if let CallInput::Person(PersonOutcome::Left) = input {
            self.earliest = self.earliest.max(at);
        }
        let is_score = matches!(input, CallInput::Emotion(_));
        let is_forbidden = is_score && self.leave == VoiceAnalysis::Off;
        is_forbidden.then(|| broken("a score of one who said no"))
    }

    /// The call is over; no utterance may be open.
    pub(crate) fn over(&mut self) -> Option<Finding> {
        let is_open = std::mem::take(&mut self.is_open);
        is_open.then(|| broken("an utterance is open after the end"))
    }
}

/// An order without its sound.
fn shown(order: &ScoreOrder) -> String {
    match order {
        ScoreOrder::Begin(language) => format!("an utterance begins in {language}"),
        ScoreOrder::Audio(frame) => format!("sound of {}", frame.at),
        ScoreOrder::End => "an utterance ends".to_owned(),
        ScoreOrder::Drop => "an utterance is dropped".to_owned(),
    }
}

fn broken(what: impl Into<String>) -> Finding {
    (SessionRule::VoiceIsScoredByLeave, what.into())
}
