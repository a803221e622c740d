//! The engine under test, with a fault planted between it and the world.

use crate::fault::PlantedFault;
use call_engine::{Call, Deadline};
use call_model::{
    CallAction, CallHeader, CallInput, CallTime, Decision, EscalationReason, HandoffTurn,
    HangUpCause, IntentNews, IntentQuestionId, Key, Pace, Private, PromptPiece, PromptText,
    Speaker, TurnId,
};
use dialplan::{Line, Plan};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// A call, perhaps a faulty one.
#[derive(Debug)]
pub(crate) struct Subject {
    call: Call,
    plan: Arc<Plan>,
    fault: Option<PlantedFault>,
    out: VecDeque<CallAction>,
    /// How often the fault could have struck.
    chances: u32,
    has_escalated: bool,
    /// The question that was asked ahead, and what was said to it.
    ahead: Option<(IntentQuestionId, Vec<Private<String>>)>,
    /// What the fault has to say instead of the next prompt.
    unsaid: Option<Private<String>>,
    late_wait: Option<CallTime>,
    ended: Option<CallTime>,
}

const LATE: Duration = Duration::from_secs(1);
const FLOOD: usize = 5_000;

impl Subject {
    pub(crate) fn new(header: &CallHeader, plan: Arc<Plan>, fault: Option<PlantedFault>) -> Self {
        Self {
            call: Call::new(header, Arc::clone(&plan)),
            plan,
            fault,
            out: VecDeque::new(),
            chances: 0,
            has_escalated: false,
            ahead: None,
            unsaid: None,
            late_wait: None,
            ended: None,
        }
    }

    fn has(&self, fault: PlantedFault) -> bool {
        self.fault == Some(fault)
    }

    /// Whether this is the system's line, in whatever language.
    fn says(&self, text: &PromptText, line: Line) -> bool {
        *text == self.plan.line(line, text.language)
    }

    /// Whether the shell loses the end of this prompt.
    pub(crate) fn loses_prompt_end(&mut self) -> bool {
        self.is_struck_at(PlantedFault::PromptEndLost, 2)
    }

    fn is_struck_at(&mut self, fault: PlantedFault, chance: u32) -> bool {
        if !self.has(fault) {
            return false;
        }
        self.chances += 1;
        self.chances == chance
    }

    pub(crate) fn handle(&mut self, now: CallTime, input: &CallInput) {
        if let (
            CallInput::Intent {
                question,
                news: IntentNews::Say { text },
            },
            Some((ahead, said)),
        ) = (input, &mut self.ahead)
            && question == ahead
        {
            said.push(text.clone());
        }
        self.call.handle(now, input);
        if *input == CallInput::KeyPressed(Key::ZERO) && self.has(PlantedFault::AskCountedTwice) {
            self.call.handle(now, input);
        }
        while let Some(action) = self.call.poll_action() {
            self.pass(action);
        }
        let is_end = matches!(
            input,
            CallInput::Intent {
                news: IntentNews::End,
                ..
            }
        );
        if is_end && self.has(PlantedFault::TierEndsTheCall) {
            let end = CallAction::HangUp(HangUpCause::PlanEnded);
            self.out.push_back(end);
        }
        if self.call.is_over() {
            self.ended.get_or_insert(now);
        }
    }

    /// Lets an action through, bent by the fault.
    fn pass(&mut self, action: CallAction) {
        match &action {
            CallAction::Play { .. } if self.is_struck_at(PlantedFault::PlayedTwice, 3) => {
                self.out.push_back(action.clone());
            }
            CallAction::Escalate { .. } | CallAction::FetchPerson(_)
                if self.has(PlantedFault::EscalationForgotten) =>
            {
                return;
            }
            CallAction::Escalate { reason, .. } => {
                let was_first = !std::mem::replace(&mut self.has_escalated, true);
                let sends_back = was_first && *reason != EscalationReason::PlanHandoff;
                if sends_back && self.has(PlantedFault::PromisedCallerSentBack) {
                    self.out.push_back(action);
                    let node = "menu".to_owned();
                    let back = CallAction::Decide(Decision::Entered {
                        node,
                        is_sensitive: false,
                    });
                    self.out.push_back(back);
                    return;
                }
            }
            CallAction::Decide(Decision::TurnEnded { .. })
                if self.is_struck_at(PlantedFault::Indeterminate, 2) =>
            {
                return;
            }
            CallAction::FinishHearing(turn) if self.is_struck_at(PlantedFault::TurnConfused, 2) => {
                let other = CallAction::FinishHearing(TurnId(turn.0 + 7));
                self.out.push_back(other);
            }
            CallAction::Decide(decision) if self.is_struck_at(PlantedFault::Flood, 4) => {
                let again = CallAction::Decide(decision.clone());
                self.out.extend(std::iter::repeat_n(again, FLOOD));
            }
            CallAction::Play {
                prompt,
                text,
                interruption,
            } if self.has(PlantedFault::OfferForgotten) && self.says(text, Line::CallbackOffer) => {
                self.out.push_back(CallAction::Play {
                    prompt: *prompt,
                    text: self.plan.line(Line::StillHolding, text.language),
                    interruption: *interruption,
                });
                return;
            }
            CallAction::Play { text, .. }
                if self.has(PlantedFault::PartedInSilence) && self.says(text, Line::PersonLeft) =>
            {
                let cause = HangUpCause::PlanEnded;
                self.out.push_back(CallAction::HangUp(cause));
                return;
            }
            CallAction::ReleasePerson if self.has(PlantedFault::ReleaseForgotten) => return,
            CallAction::StopMusic if self.has(PlantedFault::MusicGoesOn) => return,
            CallAction::HangUp(_) if self.has(PlantedFault::NeverHungUp) => return,
            CallAction::BookCallback(_) if self.has(PlantedFault::CallBackForgotten) => return,
            CallAction::CancelIntent(_) if self.has(PlantedFault::QuestionLeftOpen) => return,
            CallAction::AskIntent(question) if question.is_ahead => {
                self.ahead = Some((question.question, Vec::new()));
            }
            CallAction::CancelIntent(question)
                if self.has(PlantedFault::DiscardedAnswerSpoken)
                    && self
                        .ahead
                        .as_ref()
                        .is_some_and(|(ahead, _)| ahead == question) =>
            {
                let said = self.ahead.take().map(|(_, said)| said);
                self.unsaid = said.and_then(|said| said.into_iter().next());
            }
            CallAction::Play {
                prompt,
                text,
                interruption,
            } if self.unsaid.is_some() => {
                let pieces = self.unsaid.take().map(PromptPiece::Text);
                self.out.push_back(CallAction::Play {
                    prompt: *prompt,
                    text: PromptText {
                        pieces: pieces.into_iter().collect(),
                        ..text.clone()
                    },
                    interruption: *interruption,
                });
                return;
            }
            CallAction::AskIntent(question) if self.has(PlantedFault::UnheardWordsTold) => {
                let mut question = question.clone();
                question.history.push(HandoffTurn {
                    at: CallTime::ZERO,
                    speaker: Speaker::Bot,
                    text: "what nobody heard".to_owned().into(),
                });
                self.out.push_back(CallAction::AskIntent(question));
                return;
            }
            CallAction::Play { .. }
            | CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Listen { .. }
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::FetchPerson(_)
            | CallAction::BookCallback(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CallApi(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::HangUp(_)
            | CallAction::Decide(_) => {}
        }
        let is_end = matches!(action, CallAction::HangUp(_));
        self.out.push_back(action.clone());
        if is_end && self.has(PlantedFault::PlayedAfterTheEnd) {
            self.out.push_back(CallAction::Play {
                prompt: call_model::PromptId(9_999),
                text: call_model::PromptText {
                    language: call_model::Language::En,
                    pieces: Vec::new(),
                    pace: Pace::USUAL,
                },
                interruption: call_model::Interruption::Never,
            });
        }
    }

    pub(crate) fn poll_action(&mut self) -> Option<CallAction> {
        self.out.pop_front()
    }

    pub(crate) fn poll_timeout(&mut self) -> Option<(CallTime, Deadline)> {
        let wake = self.call.poll_timeout();
        if let (Some(ended), true) = (self.ended, self.has(PlantedFault::DeadlineAfterTheEnd)) {
            return Some((ended + LATE, Deadline::NoInput));
        }
        if let (Some((at, Deadline::HoldingLine)), true) =
            (wake, self.has(PlantedFault::SilentWait))
        {
            return Some((at + LATE * 9, Deadline::HoldingLine));
        }
        if !self.has(PlantedFault::WaitNoticedLate) {
            return wake;
        }
        match wake {
            Some((at, Deadline::WaitMax)) => {
                let late = *self.late_wait.get_or_insert(at + LATE);
                Some((late.max(at), Deadline::WaitMax))
            }
            Some((at, deadline)) => {
                self.late_wait = None;
                Some((at, deadline))
            }
            None => None,
        }
    }

    /// Over, so far as the fault lets on.
    pub(crate) fn is_over(&self) -> bool {
        self.call.is_over() && !self.has(PlantedFault::NeverHungUp)
    }
}
