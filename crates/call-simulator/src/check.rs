//! The rules that every call is held to, watched from outside.

mod ahead;
mod answers;
mod escalations;
mod people;
mod promises;
mod prompts;
mod turns;
mod waiting;

use crate::ear::Truth;
use crate::replay;
use ahead::{Ahead, Seen};
use answers::Answers;
use call_engine::Deadline;
use call_model::{
    CallAction, CallHeader, CallInput, CallTime, EscalationReason, HungUp, IntentFact, JournalLine,
    Language,
};
use dialplan::Plan;
use escalations::Escalations;
use people::People;
use promises::Promises;
use prompts::Prompts;
use std::sync::Arc;
use turns::Turns;
use waiting::Waiting;

/// A rule that every call is held to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// No two prompts are in the air at once.
    OnePromptAtATime,
    /// Every prompt that is played ends, and ends once.
    EveryPlayEnds,
    /// Ducking, stopping and listening concern what is there.
    ActionsMakeSense,
    /// A caller who was promised a person is not sent back unasked.
    PromiseKept,
    /// A promise that an end of our own making cuts off becomes a call back, once.
    PromiseOutlivesTheCall,
    /// An escalation that is owed is given at once.
    EscalationOwed,
    /// No escalation is given on a ground that is not there.
    EscalationGrounded,
    /// The wait escalates after 90 s, give or take 250 ms.
    WaitNoticed,
    /// Whoever waits above the limit is offered a call back.
    LongWaitIsOffered,
    /// No phone rings on for one who waits no longer.
    PersonIsReleased,
    /// Music ends when the waiting does.
    MusicStops,
    /// Nobody is dropped silently by a person who hangs up.
    PartingIsTold,
    /// A question to a back end or to the intent tier is answered, given up or cancelled.
    AnsweredOrGivenUp,
    /// A caller who waits for an answer never hears four seconds of silence.
    NoSilenceOfOurs,
    /// The intent tier knows no word of ours that the caller did not hear.
    OnlyHeard,
    /// Nothing of an answer to a turn that never was is said or done.
    OnlyAdopted,
    /// The intent tier ends no call whose caller has not agreed.
    EndAgreed,
    /// A deadline that has come is served.
    DeadlineServed,
    /// No deadline and no action outlives the call.
    NothingAfterTheEnd,
    /// One piece of news causes a bounded number of actions.
    BoundedActions,
    /// A call that talks or waits knows until when: it can never fall silent for good.
    AlwaysAwake,
    /// Every call ends.
    CallEnds,
    /// The same news gives the same actions.
    ReplayIdentical,
}

/// A broken rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which.
    pub rule: Rule,
    /// When.
    pub at: CallTime,
    /// What was wrong.
    pub what: String,
}

/// What the world knows beside the news.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) truth: Truth,
    pub(crate) asks_begun: usize,
    pub(crate) demands_begun: usize,
}

/// More actions than one piece of news may cause.
const ACTIONS_MAX: usize = 100;

/// Every check of one call.
pub(crate) struct Checks {
    broken: Vec<Broken>,
    prompts: Prompts,
    turns: Turns,
    promises: Promises,
    escalations: Escalations,
    waiting: Waiting,
    people: People,
    answers: Answers,
    ahead: Ahead,
    facts: Facts,
    actions: usize,
    is_over: bool,
    reasons: Vec<EscalationReason>,
}

/// What one check reports to.
pub(crate) type Report<'r> = &'r mut dyn FnMut(Rule, String);

impl Checks {
    pub(crate) fn new(plan: Arc<Plan>, language: Language) -> Self {
        let wait_max = plan.policy().escalation.wait_max;
        Self {
            broken: Vec::new(),
            prompts: Prompts::default(),
            turns: Turns::new(language),
            promises: Promises::default(),
            people: People::new(&plan),
            waiting: Waiting::new(Arc::clone(&plan), wait_max),
            escalations: Escalations::new(plan),
            answers: Answers::default(),
            ahead: Ahead::default(),
            facts: Facts::default(),
            actions: 0,
            is_over: false,
            reasons: Vec::new(),
        }
    }

    fn reporting(broken: &mut Vec<Broken>, at: CallTime) -> impl FnMut(Rule, String) + use<'_> {
        move |rule, what| {
            if !broken.iter().any(|b| b.rule == rule) {
                broken.push(Broken { rule, at, what });
            }
        }
    }

    pub(crate) fn input(&mut self, at: CallTime, input: &CallInput, facts: Facts) {
        self.actions = 0;
        self.facts = facts;
        if self.ahead.input(input) {
            return;
        }
        let mut report = Self::reporting(&mut self.broken, at);
        self.prompts.input(at, input);
        self.turns.input(input);
        self.promises.input(input);
        self.waiting.input(at, input, &mut report);
        self.people.input(at, input, &mut report);
        self.escalations.input(at, input, facts);
        self.answers.input(at, input, &mut report);
        if let CallInput::HungUp(_) = input {
            self.is_over = true;
        }
    }

    pub(crate) fn action(&mut self, at: CallTime, action: &CallAction) {
        self.actions += 1;
        let mut report = Self::reporting(&mut self.broken, at);
        if self.actions == ACTIONS_MAX {
            report(
                Rule::BoundedActions,
                format!("{ACTIONS_MAX} actions at once"),
            );
        }
        // What is left to do when the line is gone.
        let is_last_duty = matches!(
            action,
            CallAction::BookCallback(_) | CallAction::TellIntent(IntentFact::Bye { .. })
        );
        if self.is_over && !is_last_duty {
            report(
                Rule::NothingAfterTheEnd,
                format!("{} after the end", name(action)),
            );
            return;
        }
        match self.ahead.action(action, &mut report) {
            Seen::Usual => {}
            Seen::Ahead => return,
            Seen::Adopted(question, news) => {
                let asked = CallAction::AskIntent(question);
                self.waiting.action(at, &asked, &mut report);
                self.answers.action(at, &asked, &mut report);
                for input in &news {
                    self.waiting.input(at, input, &mut report);
                    self.escalations.input(at, input, self.facts);
                    self.answers.input(at, input, &mut report);
                }
                self.answers.caught_up();
            }
        }
        self.prompts.action(at, action, &mut report);
        self.turns.action(action, &mut report);
        self.promises.action(action, &mut report);
        self.waiting.action(at, action, &mut report);
        self.people.action(at, action, &mut report);
        self.escalations.action(at, action, &mut report);
        self.answers.action(at, action, &mut report);
        match action {
            CallAction::HangUp(_) => self.is_over = true,
            CallAction::Escalate { reason, .. } => self.reasons.push(*reason),
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
            | CallAction::Decide(_) => {}
        }
    }

    /// All actions of one piece of news are there.
    pub(crate) fn handled(&mut self, at: CallTime, wake: Option<(CallTime, Deadline)>) {
        let mut report = Self::reporting(&mut self.broken, at);
        self.promises.handled(&mut report);
        if !self.is_over {
            if wake.is_none() && self.escalations.is_talking() {
                report(
                    Rule::AlwaysAwake,
                    "no deadline, and nothing will wake it".to_owned(),
                );
            }
            self.escalations.handled(&mut report);
            self.ahead.handled(self.answers.has_left(), &mut report);
            self.answers.handled(&mut report);
            self.waiting.handled(at, &mut report);
            self.people.handled(&mut report);
        }
    }

    /// What the call waits for right after a deadline was served. Another may have come with it:
    /// a turn that opens while the caller speaks may find a prompt interrupted long ago.
    pub(crate) fn served(
        &mut self,
        at: CallTime,
        served: Deadline,
        next: Option<(CallTime, Deadline)>,
    ) {
        let mut report = Self::reporting(&mut self.broken, at);
        if let Some((due, deadline)) = next
            && due <= at
            && deadline == served
            && !self.is_over
        {
            report(
                Rule::DeadlineServed,
                format!("{deadline} was due and is due again"),
            );
        }
    }

    pub(crate) fn end(
        &mut self,
        at: CallTime,
        hung_up: Option<HungUp>,
        timeout: Option<(CallTime, Deadline)>,
    ) {
        let mut report = Self::reporting(&mut self.broken, at);
        if hung_up.is_none() {
            report(Rule::CallEnds, "nobody ended this call".to_owned());
        } else if let Some((_, deadline)) = timeout {
            report(
                Rule::NothingAfterTheEnd,
                format!("{deadline} outlives the call"),
            );
        }
        self.prompts.end(at, &mut report);
    }

    /// Feeds the journal to a fresh call.
    pub(crate) fn replayed(
        &mut self,
        header: &CallHeader,
        plan: &Arc<Plan>,
        journal: &[JournalLine],
    ) {
        let difference = replay::compare(header, plan, journal);
        if let Some(difference) = difference {
            let mut report = Self::reporting(&mut self.broken, CallTime::ZERO);
            report(Rule::ReplayIdentical, difference.to_string());
        }
    }

    /// How the call ended, in a few words.
    pub(crate) fn outcome(&self, hung_up: Option<HungUp>) -> String {
        let end = match hung_up {
            Some(HungUp::ByCaller) => "caller hung up",
            Some(HungUp::ByBot) => "bot hung up",
            Some(HungUp::Transferred) => "with a person",
            Some(HungUp::Drained) => "drained",
            Some(HungUp::Fault) => "fault",
            Some(HungUp::MediaLost) => "media lost",
            Some(HungUp::TooLong) => "too long",
            Some(HungUp::Cancelled | HungUp::NoAck) | None => "never ended",
        };
        match self.reasons.first() {
            Some(reason) => format!("{reason}: {end}"),
            None => end.to_owned(),
        }
    }

    pub(crate) fn into_broken(self) -> Vec<Broken> {
        self.broken
    }
}

const fn name(action: &CallAction) -> &'static str {
    match action {
        CallAction::Play { .. } => "Play",
        CallAction::Duck(_) => "Duck",
        CallAction::Unduck(_) => "Unduck",
        CallAction::StopPlaying(_) => "StopPlaying",
        CallAction::Listen { .. } => "Listen",
        CallAction::FinishHearing(_) => "FinishHearing",
        CallAction::StopListening(_) => "StopListening",
        CallAction::Escalate { .. } => "Escalate",
        CallAction::FetchPerson(_) => "FetchPerson",
        CallAction::BookCallback(_) => "BookCallback",
        CallAction::ReleasePerson => "ReleasePerson",
        CallAction::StartMusic => "StartMusic",
        CallAction::StopMusic => "StopMusic",
        CallAction::CallApi(_) => "CallApi",
        CallAction::AskIntent(_) => "AskIntent",
        CallAction::CancelIntent(_) => "CancelIntent",
        CallAction::TellIntent(_) => "TellIntent",
        CallAction::AnalyseVoice(_) => "AnalyseVoice",
        CallAction::HangUp(_) => "HangUp",
        CallAction::Decide(_) => "Decide",
    }
}
