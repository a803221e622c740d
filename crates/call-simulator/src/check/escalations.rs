//! An escalation that is owed is given, and none is given without a ground.
//!
//! The ground is the world's own knowledge of what was said, not the engine's
//! reading of it. Where the world itself cannot be sure (a sentence cut in two,
//! a key during a number) nothing is owed and nothing is wrong.

use super::{Facts, Report, Rule};
use call_model::{
    CallAction, CallInput, CallTime, Decision, EscalationReason, Heard, IntentNews, Interruption,
    Key, PersonOutcome, VoiceAnalysis,
};
use dialplan::{EscalationPolicy, Plan};
use std::sync::Arc;

pub(super) struct Escalations {
    plan: Arc<Plan>,
    node: String,
    place: Place,
    is_held: bool,
    /// Beyond doubt.
    sure_asks: usize,
    zeros: usize,
    asks_begun: usize,
    demands_begun: usize,
    scores: Vec<(u32, u16, u64)>,
    voice_analysis: VoiceAnalysis,
    interruptions: u32,
    no_matches: u32,
    no_inputs: u32,
    is_open: bool,
    was_closed: bool,
    /// A person had the caller and hung up: another may be asked for without a word.
    has_parted: bool,
    owed: Option<EscalationReason>,
    notice: bool,
    /// The server goes down under the call.
    is_drained: bool,
    /// The intent tier has asked for a person.
    has_tier_escalated: bool,
    /// The profile by which the caller is treated.
    profile: Option<String>,
}

/// Where the call stands, as far as escalations go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Ringing,
    Talking,
    /// A person has the caller, or the bot is leaving for good.
    Beyond,
}

impl Escalations {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        Self {
            voice_analysis: plan.voice_analysis(),
            plan,
            node: String::new(),
            place: Place::Ringing,
            is_held: false,
            sure_asks: 0,
            zeros: 0,
            asks_begun: 0,
            demands_begun: 0,
            scores: Vec::new(),
            interruptions: 0,
            no_matches: 0,
            no_inputs: 0,
            is_open: false,
            was_closed: false,
            has_parted: false,
            owed: None,
            notice: false,
            is_drained: false,
            has_tier_escalated: false,
            profile: None,
        }
    }

    fn rules(&self) -> &EscalationPolicy {
        &self.plan.policy().escalation
    }

    /// So many requests are owed a person, whatever kind of caller it is.
    fn ask_limit(&self) -> usize {
        let profile = self.profile.as_ref().and_then(|name| {
            let mut profiles = self.plan.profiles().iter();
            profiles.find(|profile| profile.name == *name)
        });
        let of_profile = profile.and_then(|profile| profile.ask_limit);
        usize::from(of_profile.unwrap_or(self.rules().ask_limit))
    }

    /// The call tells when it begins, or no longer goes on, to treat the caller as one of a kind.
    fn remarked(&mut self, what: &str) {
        if let Some(treated) = what.strip_prefix("treated as ") {
            let name = treated
                .strip_prefix('\'')
                .and_then(|rest| rest.split_once('\''));
            self.profile = name.map(|(name, _)| name.to_owned());
        }
    }

    pub(super) fn input(&mut self, _at: CallTime, input: &CallInput, facts: Facts) {
        self.asks_begun = facts.asks_begun;
        self.demands_begun = facts.demands_begun;
        self.owed = None;
        match input {
            CallInput::Answered if self.place == Place::Ringing => self.place = Place::Talking,
            CallInput::CallerHeld => self.is_held = true,
            CallInput::CallerReturned => self.is_held = false,
            CallInput::KeyPressed(Key::ZERO) => self.zero(),
            CallInput::Heard(Heard::Final { .. } | Heard::NoMatch { .. }) => self.heard(facts),
            CallInput::Emotion(_) if self.voice_analysis == VoiceAnalysis::Off => {}
            CallInput::Emotion(score) => {
                let entry = (score.utterance, score.anger.tenths(), score.speech_micros);
                let known = self
                    .scores
                    .iter()
                    .position(|(n, _, _)| *n == score.utterance);
                // Whoever hears a goodbye for want of a server is scored still.
                let is_scored = self.place == Place::Talking || self.is_drained;
                match known.filter(|_| is_scored) {
                    Some(n) => self.scores[n] = entry,
                    None if is_scored => self.scores.push(entry),
                    None => {}
                }
                if self.is_angry() && !self.was_closed {
                    self.owe(EscalationReason::Anger);
                }
            }
            CallInput::Person(PersonOutcome::Connected) if self.is_open => {
                self.place = Place::Beyond;
            }
            CallInput::Person(PersonOutcome::Left) => {
                self.has_parted |= self.place == Place::Beyond;
            }
            CallInput::Draining => {
                self.is_drained |= self.place == Place::Talking;
                self.place = Place::Beyond;
            }
            CallInput::HungUp(_) => self.place = Place::Beyond,
            CallInput::Intent {
                news: IntentNews::Escalate { .. },
                ..
            } => self.has_tier_escalated = true,
            CallInput::Answered
            | CallInput::SpeechStarted { .. }
            | CallInput::SpeechEnded { .. }
            | CallInput::Heard(Heard::Partial { .. })
            | CallInput::KeyPressed(_)
            | CallInput::PromptStarted(_)
            | CallInput::PromptEnded { .. }
            | CallInput::EarLost
            | CallInput::EarRestored
            | CallInput::Person(_)
            | CallInput::Api { .. }
            | CallInput::Intent { .. }
            | CallInput::DeadlineReached
            | CallInput::Failed { .. } => {}
        }
    }

    const fn can_judge(&self) -> bool {
        matches!(self.place, Place::Talking) && !self.is_held && !self.notice
    }

    /// The bot has the caller, who is on the line.
    pub(super) const fn is_talking(&self) -> bool {
        matches!(self.place, Place::Talking) && !self.is_held
    }

    fn owe(&mut self, reason: EscalationReason) {
        if self.can_judge() {
            self.owed = Some(reason);
        }
    }

    fn zero(&mut self) {
        self.zeros += 1;
        let is_sure = self.can_judge() && self.plan.key_zero_asks(&self.node) && !self.is_open;
        if is_sure {
            self.sure_asks += 1;
            self.owe_asks();
        }
    }

    fn heard(&mut self, facts: Facts) {
        if !self.can_judge() {
            return;
        }
        self.sure_asks += facts.truth.asks;
        if facts.truth.demands > 0 {
            self.owe(EscalationReason::Demand);
        } else if facts.truth.asks > 0 {
            self.owe_asks();
        }
    }

    fn owe_asks(&mut self) {
        if self.sure_asks >= self.ask_limit() {
            self.owe(EscalationReason::RepeatedRequest);
        }
    }

    /// The anger rule, counted out by hand in tenths of a point.
    fn is_angry(&self) -> bool {
        let last = self.scores.len().saturating_sub(3);
        let speech: u64 = self.scores[last..]
            .iter()
            .map(|(_, _, micros)| micros)
            .sum();
        if speech < 4_000_000 {
            return false;
        }
        let weighed: u128 = self.scores[last..]
            .iter()
            .map(|(_, tenths, micros)| u128::from(*tenths) * u128::from(*micros))
            .sum();
        let voice = weighed / u128::from(speech);
        let over_prompts = (20 * self.interruptions).min(60);
        let not_understood = (20 * self.no_matches).min(60);
        let silent = (20 * self.no_inputs).min(40);
        let behaviour = (over_prompts + not_understood + silent).min(150);
        voice >= 600 && voice + u128::from(behaviour) > 800
    }

    pub(super) fn action(&mut self, _at: CallTime, action: &CallAction, report: Report<'_>) {
        match action {
            CallAction::Escalate { reason, .. } => {
                self.grounded(*reason, report);
                self.is_open = true;
            }
            CallAction::Decide(decision) => self.decision(decision),
            CallAction::BookCallback(_) => self.place = Place::Beyond,
            CallAction::AnalyseVoice(choice) => self.analyse(*choice),
            CallAction::Play { interruption, .. } => {
                self.notice = *interruption == Interruption::LegalNotice;
            }
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::StopPlaying(_)
            | CallAction::Listen { .. }
            | CallAction::FinishHearing(_)
            | CallAction::StopListening(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CallApi(_)
            | CallAction::AskIntent(_)
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::FetchPerson(_)
            | CallAction::HangUp(_) => {}
        }
    }

    fn grounded(&self, reason: EscalationReason, report: Report<'_>) {
        let asks = self.asks_begun + self.zeros;
        let limit = self.ask_limit();
        let ground = match reason {
            EscalationReason::Demand => self.demands_begun > 0,
            EscalationReason::RepeatedRequest => asks >= limit,
            EscalationReason::Anger => self.is_angry() || self.has_parted,
            EscalationReason::Asked => asks >= 1 || self.has_parted,
            EscalationReason::Wait
            | EscalationReason::NoProgress
            | EscalationReason::PlanHandoff
            | EscalationReason::Ladder
            | EscalationReason::EarLost
            | EscalationReason::Fault => true,
            EscalationReason::IntentTransfer => self.has_tier_escalated,
        };
        if !ground {
            report(
                Rule::EscalationGrounded,
                format!("{reason} with {asks} requests"),
            );
        }
    }

    /// After a no, what was scored before counts no more.
    fn analyse(&mut self, choice: VoiceAnalysis) {
        self.voice_analysis = choice;
        if choice == VoiceAnalysis::Off {
            self.scores.clear();
        }
    }

    fn entered(&mut self, node: &str) {
        self.node = node.to_owned();
        let prompt = self.plan.node(node).and_then(dialplan::Node::prompt);
        self.notice = prompt.is_some_and(|p| p.interruption == Interruption::LegalNotice);
    }

    fn decision(&mut self, decision: &Decision) {
        match decision {
            Decision::Entered { node, .. } => self.entered(node),
            Decision::BargedIn => self.interruptions += 1,
            Decision::NoMatch { .. } => self.no_matches += 1,
            Decision::NoInput { .. } => self.no_inputs += 1,
            Decision::DeclinedPerson | Decision::HandoffGivenUp => {
                self.was_closed |= self.is_open;
                self.is_open = false;
            }
            Decision::Routed { .. }
            | Decision::Collected { .. }
            | Decision::TurnEnded { .. }
            | Decision::Resumed { .. }
            | Decision::AskCounted { .. }
            | Decision::WordSetAside { .. }
            | Decision::PersonOffered { .. }
            | Decision::LanguageChosen { .. }
            | Decision::TaskDone { .. } => {}
            Decision::Remarked { what, .. } => self.remarked(what),
        }
    }

    pub(super) fn handled(&mut self, report: Report<'_>) {
        if let Some(reason) = self.owed.take()
            && !self.is_open
        {
            report(Rule::EscalationOwed, format!("{reason} was owed"));
        }
    }
}
