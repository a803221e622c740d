//! The intent tier asked before a turn is over: of its answer nothing is said and nothing done
//! until the turn has ended with the words that were asked about.

use super::answers::words;
use super::{Report, Rule};
use call_model::{CallAction, CallInput, Decision, Heard, IntentFact, IntentNews, IntentQuestion};
use std::collections::BTreeSet;

/// So often a turn is asked about before it is over.
const A_TURN: u32 = 2;

/// Watches questions that are asked ahead.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    asked: Option<Box<IntentQuestion>>,
    /// What came of it so far.
    news: Vec<CallInput>,
    /// What was said to questions that were not adopted, or not yet.
    unheard: BTreeSet<String>,
    in_turn: u32,
    is_over_prompt: bool,
    /// The latest news are of the question asked ahead.
    is_its_news: bool,
    /// The words so far of the turn at hand.
    partial: Option<String>,
    /// The ear's last word, where the latest news are that, or that none will come.
    last_word: Option<String>,
}

/// What other checks are to make of an action.
pub(super) enum Seen {
    /// What they make of any.
    Usual,
    /// Nothing: it is between the call and the tier alone.
    Ahead,
    /// The question is asked now, and all that has come comes now.
    Adopted(Box<IntentQuestion>, Vec<CallInput>),
}

impl Ahead {
    /// True where the news concern nobody else.
    pub(super) fn input(&mut self, input: &CallInput) -> bool {
        self.is_its_news = false;
        self.last_word = None;
        match input {
            CallInput::Intent { question, news }
                if self.asked.as_ref().is_some_and(|a| a.question == *question) =>
            {
                self.is_its_news = true;
                match news {
                    IntentNews::Say { text } | IntentNews::Ask { text: Some(text) } => {
                        self.unheard.insert(text.reveal().clone());
                    }
                    IntentNews::Failed { .. } => self.asked = None,
                    IntentNews::Ask { text: None }
                    | IntentNews::Set { .. }
                    | IntentNews::Goto { .. }
                    | IntentNews::Escalate { .. }
                    | IntentNews::End
                    | IntentNews::Done => {}
                }
                self.news.push(input.clone());
            }
            CallInput::Heard(Heard::Final { best, .. }) => {
                self.in_turn = 0;
                self.last_word = Some(best.text.reveal().clone());
            }
            CallInput::Heard(Heard::NoMatch { .. }) => self.in_turn = 0,
            CallInput::Heard(Heard::Partial { text, .. }) => {
                self.partial = Some(text.reveal().clone());
            }
            CallInput::DeadlineReached | CallInput::EarLost => {
                self.last_word = self.partial.clone();
            }
            CallInput::PromptEnded { .. } => self.is_over_prompt = false,
            CallInput::HungUp(_) => self.asked = None,
            CallInput::Answered
            | CallInput::SpeechStarted { .. }
            | CallInput::SpeechEnded { .. }
            | CallInput::KeyPressed(_)
            | CallInput::PromptStarted(_)
            | CallInput::Emotion(_)
            | CallInput::EarRestored
            | CallInput::Person(_)
            | CallInput::Api { .. }
            | CallInput::Intent { .. }
            | CallInput::CallerHeld
            | CallInput::CallerReturned
            | CallInput::Draining
            | CallInput::Failed { .. } => {}
        }
        self.is_its_news
    }

    pub(super) fn action(&mut self, action: &CallAction, report: Report<'_>) -> Seen {
        let mut wrong = |what: &str| report(Rule::OnlyAdopted, what.to_owned());
        match action {
            CallAction::AskIntent(question) if question.is_ahead => {
                self.in_turn += 1;
                if self.asked.is_some() || self.in_turn > A_TURN {
                    wrong("asks ahead too often");
                }
                if self.is_over_prompt {
                    wrong("asks ahead of a turn over a prompt");
                }
                self.news.clear();
                self.asked = Some(question.clone());
                return Seen::Ahead;
            }
            CallAction::CancelIntent(question)
                if self.asked.as_ref().is_some_and(|a| a.question == *question) =>
            {
                self.asked = None;
                return Seen::Ahead;
            }
            CallAction::Decide(Decision::Remarked { .. }) => {}
            _ if self.is_its_news => wrong("acts upon what was asked ahead"),
            CallAction::AskIntent(_) if self.asked.is_some() => {
                wrong("asks anew beside what was asked ahead");
            }
            CallAction::TellIntent(IntentFact::Adopted { question }) => {
                let Some(asked) = self.asked.take().filter(|a| a.question == *question) else {
                    wrong("adopts what was not asked ahead");
                    return Seen::Usual;
                };
                let about = asked.readings.first();
                let about = about.map_or("", |reading| reading.text.reveal());
                if self.last_word.as_deref() != Some(about) {
                    wrong("adopts the answer to another turn");
                }
                let news = std::mem::take(&mut self.news);
                for input in &news {
                    if let CallInput::Intent {
                        news: IntentNews::Say { text } | IntentNews::Ask { text: Some(text) },
                        ..
                    } = input
                    {
                        self.unheard.remove(text.reveal());
                    }
                }
                return Seen::Adopted(asked, news);
            }
            CallAction::Play { text, .. } => {
                self.is_over_prompt = true;
                let said = words(text);
                if self.unheard.iter().any(|unheard| said.contains(unheard)) {
                    wrong("says what was answered to another turn");
                }
            }
            // The turn before may have gone without the ear's last word.
            CallAction::Listen { .. } => {
                self.in_turn = 0;
                self.partial = None;
            }
            CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::Escalate { .. }
            | CallAction::FetchPerson(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::BookCallback(_)
            | CallAction::CallApi(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::HangUp(_)
            | CallAction::Decide(_) => {}
        }
        Seen::Usual
    }

    /// A question asked ahead stays open only while the caller may go on.
    pub(super) fn handled(&self, has_left: bool, report: Report<'_>) {
        if has_left && self.asked.is_some() {
            let what = "left a question open that was asked ahead".to_owned();
            report(Rule::AnsweredOrGivenUp, what);
        }
    }
}
