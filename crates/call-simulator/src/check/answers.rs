//! Questions to back ends and to the intent tier: each is answered, given up in time
//! or cancelled; the caller is never left in silence, and the tier never has the
//! last word.

use super::{Report, Rule};
use call_model::{
    ApiRequest, CallAction, CallInput, CallTime, Decision, HangUpCause, Heard, IntentNews,
    IntentQuestion, IntentQuestionId, PromptId, PromptPiece, PromptText, Speaker,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// "Never silence above 4 s."
const SILENCE_MAX: Duration = Duration::from_secs(4);
/// The shell is given so much longer than a request may take, and the engine a little more.
const SHELL: Duration = Duration::from_millis(1_250);

#[derive(Debug)]
pub(super) struct Answers {
    question: Option<IntentQuestionId>,
    /// Requests to back ends that owe an answer.
    calling: Vec<Calling>,
    /// Those that were made before a person was offered.
    pending: Vec<Calling>,
    silence: Silence,
    /// The words of every prompt in the air, and of all that were heard.
    played: BTreeMap<PromptId, String>,
    heard: Vec<String>,
    /// The tier would have ended the call, and the caller has said nothing since.
    is_end_unasked: bool,
    /// The ear has told some words of the turn it listens to.
    is_partly_heard: bool,
    /// What the caller said that the tier was asked about.
    asked_about: String,
    is_stale: bool,
    has_left: bool,
}

#[derive(Clone, Copy, Debug)]
struct Calling {
    request: call_model::ApiRequestId,
    until: CallTime,
}

/// Since when nothing sounds, neither ours nor theirs.
#[derive(Debug)]
struct Silence {
    since: CallTime,
    in_air: Option<PromptId>,
    voice: bool,
    /// The caller spoke, and what they said is not understood yet.
    floor: bool,
    is_held: bool,
}

impl Silence {
    const fn is_ours(&self) -> bool {
        self.in_air.is_none() && !self.voice && !self.floor && !self.is_held
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            question: None,
            calling: Vec::new(),
            pending: Vec::new(),
            silence: Silence {
                since: CallTime::ZERO,
                in_air: None,
                voice: false,
                floor: false,
                is_held: false,
            },
            played: BTreeMap::new(),
            heard: Vec::new(),
            is_end_unasked: false,
            is_partly_heard: false,
            asked_about: String::new(),
            is_stale: false,
            has_left: false,
        }
    }
}

/// With these the caller has said that there is nothing else.
const GOODBYES: [&str; 3] = ["goodbye", "no thank you", "再见"];

impl Answers {
    pub(super) fn input(&mut self, at: CallTime, input: &CallInput, report: Report<'_>) {
        let waits = self.question.is_some() || !self.calling.is_empty();
        let silent = at.since(self.silence.since);
        if waits && self.silence.is_ours() && silent > SILENCE_MAX {
            report(Rule::NoSilenceOfOurs, format!("{silent:?} of silence"));
        }
        if !self.calling.is_empty() && self.calling.iter().all(|calling| at > calling.until) {
            report(
                Rule::AnsweredOrGivenUp,
                "a back end is waited for still".to_owned(),
            );
        }
        self.is_stale = false;
        self.has_left = false;
        match input {
            CallInput::PromptStarted(prompt) => {
                if let Some(words) = self.played.get(prompt) {
                    self.heard.push(words.clone());
                }
            }
            CallInput::PromptEnded { prompt, .. } if self.silence.in_air == Some(*prompt) => {
                self.silence.in_air = None;
                self.silence.since = at;
            }
            CallInput::SpeechStarted { .. } => {
                self.silence.voice = true;
                self.silence.floor = true;
            }
            CallInput::SpeechEnded { .. } => {
                self.silence.voice = false;
                self.silence.since = at;
            }
            CallInput::Heard(Heard::Final { .. } | Heard::NoMatch { .. }) => self.understood(at),
            CallInput::Heard(Heard::Partial { text, .. }) => {
                self.is_partly_heard = !text.reveal().is_empty();
            }
            CallInput::KeyPressed(_) => self.is_end_unasked = false,
            CallInput::EarLost => self.silence.floor = false,
            CallInput::CallerHeld => self.silence.is_held = true,
            CallInput::CallerReturned => {
                self.silence.is_held = false;
                self.silence.since = at;
            }
            CallInput::Intent { question, news } => self.tier(*question, news),
            CallInput::Api { request, .. } => {
                let owed = self.calling.len() + self.pending.len();
                for calling in [&mut self.calling, &mut self.pending] {
                    calling.retain(|calling| calling.request != *request);
                }
                if self.calling.len() + self.pending.len() == owed {
                    self.is_stale = true;
                }
                // Of several the one that could take longest may have been this one.
                for calling in &mut self.calling {
                    calling.until = calling.until.max(at + SHELL);
                }
            }
            CallInput::Draining => self.calling.clear(),
            CallInput::HungUp(_) => {
                self.question = None;
                self.calling.clear();
            }
            CallInput::Answered
            | CallInput::PromptEnded { .. }
            | CallInput::Emotion(_)
            | CallInput::EarRestored
            | CallInput::Person(_)
            | CallInput::DeadlineReached
            | CallInput::Failed { .. } => {}
        }
    }

    fn understood(&mut self, at: CallTime) {
        self.silence.floor = false;
        self.silence.since = self.silence.since.max(at);
        self.is_end_unasked = false;
    }

    fn tier(&mut self, question: IntentQuestionId, news: &IntentNews) {
        if self.question != Some(question) {
            self.is_stale = true;
            return;
        }
        match news {
            IntentNews::Say { .. } | IntentNews::Set { .. } => {}
            IntentNews::End | IntentNews::Goto { .. } => {
                self.question = None;
                let said = &self.asked_about;
                self.is_end_unasked = !GOODBYES.iter().any(|bye| said.contains(bye));
            }
            IntentNews::Ask { .. }
            | IntentNews::Escalate { .. }
            | IntentNews::Done
            | IntentNews::Failed { .. } => self.question = None,
        }
    }

    pub(super) fn action(&mut self, at: CallTime, action: &CallAction, report: Report<'_>) {
        if self.is_stale && !matches!(action, CallAction::Decide(Decision::Remarked { .. })) {
            let what = format!("{} upon an answer to nothing", super::name(action));
            report(Rule::AnsweredOrGivenUp, what);
        }
        match action {
            CallAction::Play { prompt, text, .. } => {
                self.silence.in_air = Some(*prompt);
                self.played.insert(*prompt, words(text));
            }
            CallAction::StopListening(_) => {
                self.silence.floor = self.silence.voice;
                self.silence.since = at;
            }
            CallAction::Listen { .. } => self.is_partly_heard = false,
            CallAction::CallApi(request) => self.call(at, request),
            CallAction::AskIntent(question) => self.ask(at, question, report),
            CallAction::CancelIntent(question) => {
                if self.question.take() != Some(*question) {
                    let what = "cancels a question that is not open".to_owned();
                    report(Rule::AnsweredOrGivenUp, what);
                }
            }
            CallAction::Escalate { .. } => {
                self.is_end_unasked = false;
                self.leave();
            }
            CallAction::HangUp(HangUpCause::PlanEnded) if self.is_end_unasked => {
                let what = "the tier ended a call whose caller had not".to_owned();
                report(Rule::EndAgreed, what);
            }
            CallAction::BookCallback(_) | CallAction::HangUp(_) => self.calling.clear(),
            CallAction::Decide(decision) => self.decision(at, decision),
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::FinishHearing(_)
            | CallAction::FetchPerson(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_) => {}
        }
    }

    fn call(&mut self, at: CallTime, request: &ApiRequest) {
        let tries = u32::from(request.retries) + 1;
        let longest = Duration::from_millis(request.deadline_ms.into()) * tries;
        self.calling.push(Calling {
            request: request.request,
            until: at + longest + SHELL,
        });
        self.has_left = false;
        self.silence.since = at;
    }

    fn ask(&mut self, at: CallTime, question: &IntentQuestion, report: Report<'_>) {
        if self.question.is_some() {
            let what = "asks while a question is open".to_owned();
            report(Rule::AnsweredOrGivenUp, what);
        }
        self.question = Some(question.question);
        let readings = question.readings.iter().map(|r| r.text.reveal().as_str());
        self.asked_about = readings.collect::<Vec<_>>().join(" ");
        self.has_left = false;
        if question.attempt == 1 {
            self.silence.since = at;
        }
        for line in &question.history {
            let words = line.text.reveal();
            let is_true = self.heard.iter().any(|heard| heard.starts_with(words));
            if line.speaker == Speaker::Bot && !is_true {
                report(
                    Rule::OnlyHeard,
                    "the tier is told of unheard words".to_owned(),
                );
            }
        }
    }

    fn decision(&mut self, at: CallTime, decision: &Decision) {
        match decision {
            Decision::Entered { .. } => {
                self.pending.clear();
                self.leave();
            }
            Decision::PersonOffered { .. } => {
                if !self.calling.is_empty() {
                    self.pending = std::mem::take(&mut self.calling);
                }
                self.leave();
            }
            Decision::Remarked { what, .. }
                if what.starts_with("the caller waits for the back end again") =>
            {
                let pending = std::mem::take(&mut self.pending).into_iter();
                let still = pending.map(|calling| Calling {
                    until: calling.until.max(at + SHELL),
                    ..calling
                });
                self.calling = still.collect();
            }
            // What was understood until then is the result.
            Decision::Remarked { what, .. }
                if self.is_partly_heard && what.starts_with("the ear gave no result") =>
            {
                self.is_end_unasked = false;
            }
            Decision::NoMatch { .. } => self.leave(),
            Decision::Routed { by, .. } if by.reveal() != "the intent tier" => {
                self.is_end_unasked = false;
            }
            Decision::Routed { .. }
            | Decision::Collected { .. }
            | Decision::TurnEnded { .. }
            | Decision::BargedIn
            | Decision::Resumed { .. }
            | Decision::NoInput { .. }
            | Decision::AskCounted { .. }
            | Decision::WordSetAside { .. }
            | Decision::DeclinedPerson
            | Decision::HandoffGivenUp
            | Decision::LanguageChosen { .. }
            | Decision::TaskDone { .. }
            | Decision::Remarked { .. } => {}
        }
    }

    /// The conversation goes on elsewhere.
    fn leave(&mut self) {
        self.calling.clear();
        self.has_left = true;
    }

    /// What came before its question was adopted is no news any more.
    pub(super) const fn caught_up(&mut self) {
        self.is_stale = false;
    }

    pub(super) const fn has_left(&self) -> bool {
        self.has_left
    }

    /// All actions of one piece of news are there.
    pub(super) fn handled(&mut self, report: Report<'_>) {
        if self.has_left && self.question.is_some() {
            let what = "left a question open".to_owned();
            report(Rule::AnsweredOrGivenUp, what);
        }
    }
}

pub(super) fn words(text: &PromptText) -> String {
    let pieces = text.pieces.iter().filter_map(|piece| match piece {
        PromptPiece::Text(text) => Some(text.reveal().as_str()),
        PromptPiece::File(_) | PromptPiece::Pause(_) => None,
    });
    pieces.collect::<Vec<_>>().join(" ")
}
