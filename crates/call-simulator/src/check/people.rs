//! Waiting for a person, watched from outside: music that ends, phones that are
//! released, a call back offered to whoever waits too long, and a caller who is told
//! when the person hangs up.

use super::{Report, Rule};
use call_model::{
    CallAction, CallInput, CallTime, Decision, EscalationReason, HangUpCause, PersonOutcome,
    PromptText,
};
use dialplan::{Line, Plan};
use std::time::Duration;

/// A phone that has only just begun to ring is waited for.
const OFFER_AFTER: Duration = Duration::from_secs(10);
/// Who says nothing for so long gives the floor; the ear has answered by then.
const SILENCE: Duration = Duration::from_secs(15);

pub(super) struct People {
    /// The offer of a call back, and what is said when a person hung up, in every language.
    offers: Vec<PromptText>,
    partings: Vec<PromptText>,
    /// Since when a person is sought, if one is.
    sought: Option<CallTime>,
    has_music: bool,
    has_person: bool,
    /// The person hung up, and the caller was told, or not yet.
    parted: Option<Told>,
    /// Since when they have waited above the limit.
    waited_long: Option<CallTime>,
    was_offered: bool,
    /// Since when the caller neither speaks nor holds us.
    quiet: Option<CallTime>,
    is_held: bool,
    is_speaking: bool,
    has_booked: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    NotYet,
    Yes,
}

impl People {
    pub(super) fn new(plan: &Plan) -> Self {
        let said = |line| {
            let languages = plan.languages().iter();
            languages
                .map(|language| plan.line(line, *language))
                .collect()
        };
        Self {
            offers: said(Line::CallbackOffer),
            partings: said(Line::PersonLeft),
            sought: None,
            has_music: false,
            has_person: false,
            parted: None,
            waited_long: None,
            was_offered: false,
            quiet: Some(CallTime::ZERO),
            is_held: false,
            is_speaking: false,
            has_booked: false,
        }
    }

    pub(super) fn input(&mut self, at: CallTime, input: &CallInput, report: Report<'_>) {
        self.overdue(at, report);
        self.has_booked = false;
        match input {
            CallInput::SpeechStarted { .. } => self.is_speaking = true,
            CallInput::SpeechEnded { .. } => self.is_speaking = false,
            CallInput::CallerHeld => self.is_held = true,
            CallInput::CallerReturned => self.is_held = false,
            CallInput::Person(PersonOutcome::Connected | PersonOutcome::Failed(_)) => {
                self.sought = None;
            }
            CallInput::Person(PersonOutcome::Left) => {
                self.sought = None;
                if std::mem::take(&mut self.has_person) {
                    self.parted = Some(Told::NotYet);
                }
            }
            CallInput::Answered
            | CallInput::Heard(_)
            | CallInput::KeyPressed(_)
            | CallInput::PromptStarted(_)
            | CallInput::PromptEnded { .. }
            | CallInput::Emotion(_)
            | CallInput::EarLost
            | CallInput::EarRestored
            | CallInput::Person(PersonOutcome::Queued { .. } | PersonOutcome::Ringing)
            | CallInput::Api { .. }
            | CallInput::Intent { .. }
            | CallInput::DeadlineReached
            | CallInput::Draining
            | CallInput::Failed { .. }
            | CallInput::HungUp(_) => {}
        }
        match (self.is_speaking || self.is_held, self.quiet) {
            (true, _) => self.quiet = None,
            (false, None) => self.quiet = Some(at),
            (false, Some(_)) => {}
        }
    }

    /// "Whoever waited above the limit was offered a call back."
    fn overdue(&self, at: CallTime, report: Report<'_>) {
        if let (Some(sought), Some(quiet), Some(long)) = (self.sought, self.quiet, self.waited_long)
            && !self.was_offered
            && at.since(quiet.max(long)) > SILENCE
            && at.since(sought) > OFFER_AFTER + SILENCE
        {
            let what = "waited above the limit and was offered nothing".to_owned();
            report(Rule::LongWaitIsOffered, what);
        }
    }

    pub(super) fn action(&mut self, at: CallTime, action: &CallAction, report: Report<'_>) {
        match action {
            CallAction::FetchPerson(_) => {
                self.sought.get_or_insert(at);
                self.parted = None;
            }
            CallAction::ReleasePerson => {
                if self.sought.take().is_none() {
                    let what = "released a person whom nobody sought".to_owned();
                    report(Rule::ActionsMakeSense, what);
                }
            }
            CallAction::StartMusic => {
                if std::mem::replace(&mut self.has_music, true) {
                    report(Rule::MusicStops, "music over music".to_owned());
                }
            }
            CallAction::StopMusic => {
                if !std::mem::replace(&mut self.has_music, false) {
                    report(Rule::MusicStops, "no music to stop".to_owned());
                }
            }
            CallAction::Escalate { reason, .. } => {
                if *reason == EscalationReason::Wait {
                    self.waited_long.get_or_insert(at);
                }
                self.parted = None;
            }
            CallAction::Play { text, .. } => {
                self.was_offered |= self.offers.contains(text);
                if let Some(told) = &mut self.parted
                    && self.partings.contains(text)
                {
                    *told = Told::Yes;
                }
            }
            CallAction::BookCallback(_) => self.has_booked = true,
            CallAction::HangUp(cause) => self.hung_up(*cause, report),
            CallAction::Decide(decision) => self.decision(decision, report),
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Listen { .. }
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::CallApi(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_) => {}
        }
    }

    fn hung_up(&self, cause: HangUpCause, report: Report<'_>) {
        if self.sought.is_some() {
            let what = "hung up, and a phone rings on".to_owned();
            report(Rule::PersonIsReleased, what);
        }
        if self.has_music {
            report(Rule::MusicStops, "hung up with music".to_owned());
        }
        if cause == HangUpCause::PlanEnded && self.parted == Some(Told::NotYet) {
            let what = "the person hung up, and so did the bot, without a word".to_owned();
            report(Rule::PartingIsTold, what);
        }
    }

    fn decision(&mut self, decision: &Decision, report: Report<'_>) {
        match decision {
            Decision::Remarked { what, .. } if what == "a person has the caller" => {
                self.has_person = true;
                self.waited_long = None;
                self.was_offered = false;
            }
            Decision::Remarked { what, .. } if what.starts_with("no person was to be had") => {
                if self.sought.is_some() {
                    let what = "given up, and a phone rings on".to_owned();
                    report(Rule::PersonIsReleased, what);
                }
            }
            Decision::DeclinedPerson | Decision::HandoffGivenUp => {
                self.waited_long = None;
                self.was_offered = false;
            }
            Decision::Entered { .. }
            | Decision::Routed { .. }
            | Decision::Collected { .. }
            | Decision::TurnEnded { .. }
            | Decision::BargedIn
            | Decision::Resumed { .. }
            | Decision::NoInput { .. }
            | Decision::NoMatch { .. }
            | Decision::AskCounted { .. }
            | Decision::WordSetAside { .. }
            | Decision::PersonOffered { .. }
            | Decision::LanguageChosen { .. }
            | Decision::TaskDone { .. }
            | Decision::Remarked { .. } => {}
        }
    }

    /// All actions of one piece of news are there, and the call goes on.
    pub(super) fn handled(&self, report: Report<'_>) {
        if self.has_booked && self.sought.is_some() {
            let what = "a call back is booked, and a phone rings on".to_owned();
            report(Rule::PersonIsReleased, what);
        }
        if self.has_music && self.sought.is_none() {
            let what = "music for one who waits for nobody".to_owned();
            report(Rule::MusicStops, what);
        }
    }
}
