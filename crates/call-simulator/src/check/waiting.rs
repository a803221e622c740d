//! The wait, measured again from what can be seen from outside.

use super::{Report, Rule};
use call_model::{
    ApiRequestId, CallAction, CallInput, CallTime, Decision, EscalationReason, Heard, IntentNews,
    IntentQuestionId, PersonOutcome, PromptId, TurnId,
};
use dialplan::{Node, Plan};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// "Timer error at most 250 ms."
const ERROR: Duration = Duration::from_millis(250);

pub(super) struct Waiting {
    plan: Arc<Plan>,
    wait_max: Duration,
    gathered: Duration,
    seen: CallTime,
    making: Option<PromptId>,
    finishing: Option<TurnId>,
    fetching: Fetching,
    /// The question that the intent tier owes an answer to.
    question: Option<IntentQuestionId>,
    /// The tier's words, and the prompt that says some of them now.
    pieces: BTreeSet<String>,
    piece: Option<PromptId>,
    calling: Calling,
    /// Requests to back ends without an answer.
    owed: BTreeSet<ApiRequestId>,
    is_held: bool,
    /// A person has the caller.
    has_person: bool,
    /// The call is ending: the wait is not judged any more.
    is_settled: bool,
    is_answered: bool,
    /// An escalation stands.
    is_open: bool,
    /// The say node the caller's own input led to.
    telling: Option<Telling>,
    /// The node that was entered last.
    node: String,
    /// The same, while a person is offered beside a back end that is asked.
    told_beside: Option<Telling>,
    /// The prompt that tells it.
    told_by: Option<PromptId>,
    was_own_input: bool,
    may_serve: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fetching {
    No,
    Yes,
    /// It failed, unless another try follows at once.
    JustFailed,
}

/// Whether a back end owes an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Calling {
    No,
    Yes,
    /// It does, while a person is offered.
    Beside,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Telling {
    ByCaller,
    ByPlan,
}

impl Waiting {
    pub(super) fn new(plan: Arc<Plan>, wait_max: Duration) -> Self {
        Self {
            plan,
            wait_max,
            gathered: Duration::ZERO,
            seen: CallTime::ZERO,
            making: None,
            finishing: None,
            fetching: Fetching::No,
            question: None,
            pieces: BTreeSet::new(),
            piece: None,
            calling: Calling::No,
            owed: BTreeSet::new(),
            is_held: false,
            has_person: false,
            is_settled: false,
            is_answered: false,
            is_open: false,
            telling: None,
            node: String::new(),
            told_beside: None,
            told_by: None,
            was_own_input: false,
            may_serve: false,
        }
    }

    fn is_ours(&self) -> bool {
        let waits =
            self.making.is_some() || self.finishing.is_some() || self.fetching != Fetching::No;
        let asks = self.calling == Calling::Yes || self.question.is_some() && self.piece.is_none();
        (waits || asks) && !self.is_held && !self.has_person
    }

    fn advance(&mut self, at: CallTime) {
        if self.is_ours() {
            self.gathered += at.since(self.seen);
        }
        self.seen = at;
    }

    pub(super) fn input(&mut self, at: CallTime, input: &CallInput, report: Report<'_>) {
        self.advance(at);
        let is_late = self.gathered > self.wait_max + ERROR;
        if is_late && !self.is_answered && !self.is_settled {
            report(Rule::WaitNoticed, format!("{:?} unserved", self.gathered));
        }
        self.was_own_input = false;
        self.may_serve = false;
        match input {
            CallInput::PromptStarted(prompt) => self.started(*prompt),
            CallInput::PromptEnded { prompt, .. } => {
                self.started(*prompt);
                self.piece = self.piece.filter(|piece| piece != prompt);
                self.may_serve = self.told_by == Some(*prompt);
            }
            CallInput::Heard(Heard::Final { turn, .. } | Heard::NoMatch { turn, .. }) => {
                self.finishing = self.finishing.filter(|open| open != turn);
            }
            CallInput::CallerHeld => self.is_held = true,
            CallInput::CallerReturned => self.is_held = false,
            CallInput::Person(PersonOutcome::Connected) if self.is_open => {
                self.has_person = true;
                self.is_open = false;
                self.settle();
                self.begin_anew();
            }
            CallInput::Person(PersonOutcome::Left) => self.has_person = false,
            CallInput::Draining | CallInput::HungUp(_) => self.is_settled = true,
            // While an answer is owed what sounds is a holding line, and its end serves nobody.
            CallInput::DeadlineReached => {
                self.may_serve = self.told_by.is_some() && self.calling != Calling::Yes;
            }
            CallInput::Intent { question, news } if self.question == Some(*question) => {
                self.tier(news);
            }
            CallInput::Api { request, .. } => {
                let was_owed = self.owed.remove(request);
                if was_owed && self.owed.is_empty() && self.calling == Calling::Yes {
                    self.calling = Calling::No;
                }
            }
            CallInput::Intent { .. } => {}
            CallInput::Answered
            | CallInput::SpeechStarted { .. }
            | CallInput::SpeechEnded { .. }
            | CallInput::Heard(Heard::Partial { .. })
            | CallInput::KeyPressed(_)
            | CallInput::Emotion(_)
            | CallInput::EarLost
            | CallInput::EarRestored
            | CallInput::Person(_)
            | CallInput::Failed { .. } => {}
        }
    }

    fn tier(&mut self, news: &IntentNews) {
        match news {
            IntentNews::Say { text } => {
                self.pieces.insert(text.reveal().clone());
            }
            IntentNews::Set { .. } => {}
            IntentNews::Ask { text } => {
                self.pieces
                    .extend(text.iter().map(|text| text.reveal().clone()));
                self.question = None;
            }
            IntentNews::Goto { .. }
            | IntentNews::Escalate { .. }
            | IntentNews::End
            | IntentNews::Done
            | IntentNews::Failed { .. } => self.question = None,
        }
    }

    fn started(&mut self, prompt: PromptId) {
        self.making = self.making.filter(|making| *making != prompt);
    }

    /// A person, or the end: the wait is not judged any more.
    fn settle(&mut self) {
        self.is_settled = true;
        self.fetching = Fetching::No;
    }

    fn begin_anew(&mut self) {
        self.gathered = Duration::ZERO;
        self.is_answered = false;
    }

    pub(super) fn action(&mut self, at: CallTime, action: &CallAction, report: Report<'_>) {
        match action {
            CallAction::Play { prompt, text, .. } => {
                self.making = Some(*prompt);
                self.told_by = self.telling.map(|_| *prompt);
                let is_piece = self.pieces.contains(&super::answers::words(text));
                self.piece = is_piece.then_some(*prompt);
            }
            CallAction::StopPlaying(prompt) => self.started(*prompt),
            CallAction::FinishHearing(turn) => self.finishing = Some(*turn),
            CallAction::StopListening(turn) => {
                self.finishing = self.finishing.filter(|open| open != turn);
            }
            CallAction::Escalate { reason, .. } => self.escalated(at, *reason, report),
            CallAction::FetchPerson(handoff) => {
                let told = Duration::from_micros(handoff.evidence.unserved_micros);
                if told.abs_diff(self.gathered) > ERROR {
                    let what = format!("told {told:?}, measured {:?}", self.gathered);
                    report(Rule::WaitNoticed, what);
                }
                self.fetching = Fetching::Yes;
            }
            CallAction::BookCallback(_) | CallAction::HangUp(_) => self.settle(),
            // Who tells the number for a call back waits for nobody meanwhile.
            CallAction::ReleasePerson => self.fetching = Fetching::No,
            CallAction::Decide(decision) => self.decision(decision),
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::Listen { .. }
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_) => {}
            CallAction::CallApi(request) => {
                self.owed.insert(request.request);
                self.calling = Calling::Yes;
                // Only an answer is service, and it leads on by itself.
                self.told_by = None;
            }
            CallAction::AskIntent(question) => self.question = Some(question.question),
            CallAction::CancelIntent(_) => self.question = None,
        }
    }

    fn escalated(&mut self, _at: CallTime, reason: EscalationReason, report: Report<'_>) {
        self.fetching = Fetching::Yes;
        self.is_open = true;
        self.calling = Calling::No;
        self.is_settled = false;
        self.telling = None;
        match reason {
            EscalationReason::Wait => {
                if self.gathered + ERROR < self.wait_max {
                    let what = format!("after only {:?}", self.gathered);
                    report(Rule::WaitNoticed, what);
                }
                self.is_answered = true;
            }
            EscalationReason::RepeatedRequest
            | EscalationReason::Demand
            | EscalationReason::Anger
            | EscalationReason::Asked
            | EscalationReason::NoProgress
            | EscalationReason::PlanHandoff
            | EscalationReason::IntentTransfer
            | EscalationReason::Ladder
            | EscalationReason::EarLost
            | EscalationReason::Fault => {}
        }
    }

    fn decision(&mut self, decision: &Decision) {
        match decision {
            Decision::Routed { .. } => self.was_own_input = true,
            Decision::Collected { slot, .. } => self.was_own_input |= self.is_asked_for(slot),
            Decision::Entered { node, .. } => self.entered(node),
            Decision::PersonOffered { .. } => {
                let telling = self.telling.take();
                if self.calling == Calling::Yes {
                    self.calling = Calling::Beside;
                    self.told_beside = telling;
                }
            }
            Decision::Remarked { what, .. }
                if what.starts_with("the caller waits for the back") =>
            {
                self.calling = Calling::Yes;
                self.telling = self.told_beside.take();
            }
            Decision::Remarked { what, .. } if what.starts_with("no answer of the back end") => {
                self.telling = None;
            }
            Decision::Remarked { what, .. } if what.ends_with("answer, and the floor") => {
                self.begin_anew();
            }
            Decision::DeclinedPerson => {
                if std::mem::take(&mut self.is_open) {
                    self.fetching = Fetching::No;
                    self.begin_anew();
                }
            }
            Decision::HandoffGivenUp => {
                self.is_open = false;
                self.fetching = Fetching::No;
            }
            Decision::Remarked { what, .. } if what.starts_with("no person was to be had") => {
                self.fetching = Fetching::JustFailed;
            }
            Decision::TurnEnded { .. }
            | Decision::BargedIn
            | Decision::Resumed { .. }
            | Decision::NoInput { .. }
            | Decision::NoMatch { .. }
            | Decision::AskCounted { .. }
            | Decision::WordSetAside { .. }
            | Decision::LanguageChosen { .. }
            | Decision::TaskDone { .. }
            | Decision::Remarked { .. } => {}
        }
    }

    /// The caller gave this value; others come from back ends, or are the plan's own notes.
    fn is_asked_for(&self, slot: &str) -> bool {
        let node = self.plan.node(&self.node);
        matches!(node, Some(Node::Collect(collect)) if collect.slot == slot)
    }

    fn entered(&mut self, node: &str) {
        node.clone_into(&mut self.node);
        self.calling = Calling::No;
        self.owed.clear();
        if self.may_serve && !self.was_own_input && self.telling == Some(Telling::ByCaller) {
            self.begin_anew();
        }
        self.told_by = None;
        let was_by_caller = self.telling == Some(Telling::ByCaller);
        self.telling = match self.plan.node(node) {
            // What only decides or notes passes on what it was come to by.
            Some(Node::Say(_) | Node::Decide(_) | Node::Set(_))
                if self.was_own_input || was_by_caller =>
            {
                Some(Telling::ByCaller)
            }
            Some(Node::Say(_) | Node::Decide(_) | Node::Set(_)) => Some(Telling::ByPlan),
            Some(Node::End(_)) => {
                self.is_settled = true;
                None
            }
            // Its answer may serve the caller, or lead on to what does.
            Some(Node::Api(_) | Node::ApiAll(_)) if self.was_own_input || was_by_caller => {
                Some(Telling::ByCaller)
            }
            Some(Node::Api(_) | Node::ApiAll(_)) => Some(Telling::ByPlan),
            Some(Node::Ask(_) | Node::Collect(_) | Node::Handoff(_)) | None => None,
        };
    }

    pub(super) fn handled(&mut self, _at: CallTime, _report: Report<'_>) {
        if self.fetching == Fetching::JustFailed {
            self.fetching = Fetching::No;
        }
    }
}
