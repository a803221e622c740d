//! A scenario while its calls go on.

use super::phone_steps::{declined, told};
use super::player::{LineState, PhoneOrder, Player, RingEnd, RingLog, Standing};
use super::verdict::{Measure, Verdict};
use super::{Action, Clips, Role, Scenario, Step};
use crate::call::{Director, Ending, Wish};
use crate::judge::{Library, Sighting};
use crate::rtp::{Act, ActKind, Ear, Mouth};
use crate::sip::{EndedBy, Manner, PhoneEvent, Ring};
use std::sync::Arc;
use std::time::Duration;

/// A scenario: where it stands and what became of it so far. Times are since it began.
#[derive(Debug)]
pub struct Run {
    scenario: Arc<Scenario>,
    clips: Clips,
    players: Vec<Player>,
    next: usize,
    /// The step that was begun last.
    begun: Option<usize>,
    events: Vec<Event>,
    verdicts: Vec<Verdict>,
}

/// Something that others may be measured from.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub at: Duration,
    pub what: String,
    pub is_speech: bool,
}

/// What an answered call hears and says with.
pub struct OnAir<'a> {
    /// What is heard.
    pub ear: &'a Ear,
    /// What is said.
    pub mouth: &'a mut Mouth,
}

impl Run {
    /// A scenario at its beginning, its clips and the prompts it may hear. Callers without a
    /// number of their own call from `number`, and what tells them apart.
    pub fn new(scenario: Scenario, clips: Clips, library: Arc<Library>, number: &str) -> Self {
        let players = scenario.parties.iter().enumerate().map(|(place, party)| {
            let number = match &party.role {
                Role::Caller {
                    number: Some(number),
                } => number.clone(),
                Role::Caller { number: None } if place > 0 => format!("{number}-{}", party.name),
                Role::Caller { number: None } | Role::Agent { .. } => number.to_owned(),
            };
            Player::new(party.clone(), number, Arc::clone(&library))
        });
        Self {
            players: players.collect(),
            scenario: Arc::new(scenario),
            clips,
            next: 0,
            begun: None,
            events: Vec::new(),
            verdicts: Vec::new(),
        }
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The number a party calls from.
    pub fn number(&self, who: usize) -> &str {
        &self.players[who].number
    }

    /// What became of the steps so far.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// Whether every step went as told.
    pub fn went_as_told(&self) -> bool {
        self.next == self.scenario.steps.len() && self.verdicts.iter().all(|verdict| verdict.passed)
    }

    /// Whether nothing more is to be done or expected.
    pub fn is_over(&self) -> bool {
        self.next == self.scenario.steps.len() || self.has_failed()
    }

    fn has_failed(&self) -> bool {
        self.verdicts.iter().any(|verdict| !verdict.passed)
    }

    /// The steps that were never reached.
    pub fn unreached(&self) -> &[Step] {
        &self.scenario.steps[self.next..]
    }

    /// Every prompt that the first party heard: its names, from when until when.
    pub fn heard(&self) -> impl Iterator<Item = (Vec<&str>, &Sighting)> {
        let spotter = &self.players[0].spotter;
        let sightings = spotter.sightings().iter();
        sightings.map(|sighting| (spotter.names(sighting), sighting))
    }

    /// What a party said last, and when.
    pub fn said(&self, who: usize) -> Option<Act> {
        self.players[who].said.as_ref().map(|said| said.act)
    }

    /// When the prompt that was expected last began to sound, if it is called so.
    pub fn sounded(&self, prompt: &str) -> Option<Duration> {
        let (names, at) = self.players.iter().find_map(|player| player.met.as_ref())?;
        let is_it = |name: &String| {
            name == prompt
                || name
                    .rsplit_once('.')
                    .is_some_and(|(name, _)| name == prompt)
        };
        names.iter().any(is_it).then_some(*at)
    }

    /// Every call that came to a phone.
    pub fn rings(&self, who: usize) -> &[RingLog] {
        &self.players[who].rings
    }

    /// The caller whose turn it is and whose call was not placed yet; from now on it is.
    pub fn take_due_caller(&mut self) -> Option<usize> {
        let who = self.current()?.who;
        let player = &mut self.players[who];
        if player.party.is_agent() || player.line != LineState::Off {
            return None;
        }
        player.line = LineState::Coming;
        Some(who)
    }

    /// What a phone shall do now.
    pub fn take_order(&mut self, who: usize) -> Option<PhoneOrder> {
        self.players[who].orders.pop_front()
    }

    /// A caller's tick: its call stands.
    pub fn tick_caller(&mut self, who: usize, now: Duration, ear: &Ear, mouth: &mut Mouth) -> Wish {
        let player = &mut self.players[who];
        if !matches!(player.line, LineState::On { .. }) {
            player.begin_call(now);
        }
        player.spotter.tick(ear);
        self.advance(who, now, Some(OnAir { ear, mouth }));
        if self.is_over() || self.players[who].wants_out {
            Wish::HangUp
        } else {
            Wish::GoOn
        }
    }

    /// A phone's tick, on a call or not.
    pub fn tick_phone(&mut self, who: usize, now: Duration, air: Option<OnAir<'_>>) {
        if let Some(air) = &air {
            self.players[who].spotter.tick(air.ear);
        }
        self.advance(who, now, air);
    }

    /// Lets time pass for a caller whose call is over, if it is its turn.
    pub fn tick_off_air(&mut self, now: Duration) {
        let Some(who) = self.current().map(|step| step.who) else {
            return;
        };
        if let LineState::Over { .. } = self.players[who].line
            && !self.players[who].party.is_agent()
        {
            self.advance(who, now, None);
        }
    }

    /// A caller's call is over.
    pub fn caller_ended(&mut self, who: usize, now: Duration, ending: &Ending) {
        let name = self.players[who].party.name.clone();
        let what = match ending {
            Ending::ByUs => format!("{name} hung up"),
            Ending::ByPeer => format!("{name} was hung up on"),
            Ending::Refused(status, _) => format!("{name} was refused with {status}"),
            Ending::Failed(_) => format!("{name}'s call failed"),
        };
        self.note(now, what, false);
        self.players[who].end_call(now, ending.clone());
        self.advance(who, now, None);
    }

    /// Something happened on a phone.
    pub fn phone_news(&mut self, who: usize, now: Duration, event: &PhoneEvent) {
        match event {
            PhoneEvent::Rings(ring) => self.rang(who, ring),
            PhoneEvent::StoppedRinging => self.ring_ended(who, now, RingEnd::TakenBack),
            PhoneEvent::Declined(status) => {
                let name = &self.players[who].party.name;
                let what = format!("{name} {}", declined(*status));
                self.note(now, what, false);
                self.ring_ended(who, now, RingEnd::Declined(*status));
            }
            PhoneEvent::Answered(_) => {
                let what = format!("{} answered", self.players[who].party.name);
                self.note(now, what, false);
                self.ring_ended(who, now, RingEnd::Answered);
                self.players[who].begin_call(now);
            }
            PhoneEvent::Ended(by) => self.phone_ended(
                who,
                now,
                match by {
                    EndedBy::Us => Ending::ByUs,
                    EndedBy::Peer => Ending::ByPeer,
                },
            ),
            PhoneEvent::Failed(what) => self.phone_ended(who, now, Ending::Failed(what.clone())),
            PhoneEvent::Intruded(_) => self.players[who].intruders += 1,
            PhoneEvent::MediaMoved(_) => {}
        }
    }

    fn rang(&mut self, who: usize, ring: &Ring) {
        let player = &mut self.players[who];
        player.line = LineState::Coming;
        player.rings.push(RingLog {
            ring: ring.clone(),
            end: None,
        });
    }

    fn ring_ended(&mut self, who: usize, now: Duration, end: RingEnd) {
        let player = &mut self.players[who];
        player.line = LineState::Off;
        if let Some(log) = player.rings.last_mut() {
            log.end.get_or_insert((now, end));
        }
    }

    fn phone_ended(&mut self, who: usize, now: Duration, ending: Ending) {
        let name = &self.players[who].party.name;
        let what = match &ending {
            Ending::ByPeer => format!("{name} was hung up on"),
            Ending::ByUs | Ending::Refused(..) | Ending::Failed(_) => format!("{name} hung up"),
        };
        self.note(now, what, false);
        self.players[who].end_call(now, ending);
    }

    fn note(&mut self, at: Duration, what: String, is_speech: bool) {
        // Who hangs up is told when it is done, and once more when it is over.
        if !is_speech && self.events.last().is_some_and(|last| last.what == what) {
            return;
        }
        self.events.push(Event {
            at,
            what,
            is_speech,
        });
    }

    /// When everybody has left: what no scenario wants, though no step asks for it.
    pub fn close(&mut self, now: Duration) {
        for player in &self.players {
            let name = &player.party.name;
            let rings = player.rings.last().filter(|log| log.end.is_none());
            if let Some(log) = rings.filter(|_| player.manner != Some(Manner::Dead)) {
                let finding = format!("\"{}\" still rings there", log.ring.display);
                let verdict = Verdict::of_nobody(now, format!("{name}: rings no longer"), finding);
                self.verdicts.push(verdict);
            }
            if player.intruders > 0 {
                let finding = format!("{} calls came while one had the phone", player.intruders);
                let verdict =
                    Verdict::of_nobody(now, format!("{name}: one call at a time"), finding);
                self.verdicts.push(verdict);
            }
        }
    }

    fn current(&self) -> Option<&Step> {
        let step = self.scenario.steps.get(self.next);
        step.filter(|_| !self.has_failed())
    }

    /// Settles as many steps of this party's as can be now.
    fn advance(&mut self, who: usize, now: Duration, mut air: Option<OnAir<'_>>) {
        let scenario = Arc::clone(&self.scenario);
        // Each turn settles one step, so this ends.
        while let Some(step) = scenario.steps.get(self.next)
            && !self.has_failed()
            && step.who == who
        {
            if self.begun != Some(self.next) {
                self.begun = Some(self.next);
                self.players[who].begin_step(now);
            }
            match self.stand(step, now, air.as_mut()) {
                Standing::Pending => return,
                Standing::Failed(finding) => self.settle(now, false, finding, Vec::new()),
                Standing::Passed(finding, measures) => {
                    self.note_act(step, now);
                    self.settle(now, true, finding, measures);
                }
            }
        }
    }

    fn note_act(&mut self, step: &Step, now: Duration) {
        let player = &self.players[step.who];
        let name = &player.party.name;
        let (at, what, is_speech) = match (&step.action, player.act) {
            (
                Action::Say { .. },
                Some(Act {
                    kind: ActKind::Speech,
                    end,
                    ..
                }),
            ) => (end, format!("{name}'s last word"), !player.party.is_agent()),
            (Action::Key { .. }, Some(act)) => (act.end, format!("{name}'s last key"), true),
            (Action::HangUp, _) => (now, format!("{name} hung up"), false),
            _ => return,
        };
        self.note(at, what, is_speech);
    }

    fn stand(&mut self, step: &Step, now: Duration, air: Option<&mut OnAir<'_>>) -> Standing {
        let who = step.who;
        let player = &self.players[who];
        if let (LineState::Over { ending, .. }, false) = (&player.line, player.party.is_agent())
            && !step.action.outlives_the_call()
        {
            return Standing::Failed(told(ending));
        }
        match &step.action {
            Action::ExpectServedBefore { whom, within } => {
                return self.served_before(who, *whom, *within, now);
            }
            Action::ExpectNumberOf(whom) => {
                let number = self.players[*whom].number.clone();
                return self.players[who].expect_number(&number);
            }
            _ if !step.action.needs_air() => {
                let Self {
                    players, events, ..
                } = self;
                return players[who].stand_off_air(&step.action, events, now);
            }
            _ => {}
        }
        let Some(OnAir { ear, mouth }) = air else {
            return self.players[who].stand_off_air(&step.action, &self.events, now);
        };
        match &step.action {
            Action::ExpectVoiceOf { whom, within } => {
                let (name, said) = {
                    let other = &self.players[*whom];
                    (other.party.name.clone(), other.said.clone())
                };
                self.players[who].expect_voice(&name, said.as_ref(), *within, now, ear)
            }
            Action::ExpectNoWhisper => {
                let latest = self
                    .players
                    .iter()
                    .filter_map(|player| player.whisper.as_ref())
                    .max_by_key(|whisper| whisper.from)
                    .cloned();
                self.players[who].expect_no_whisper(latest.as_ref(), now, ear)
            }
            action => self.players[who].stand_on_air(action, &self.clips, now, ear, mouth),
        }
    }

    fn served_before(&self, who: usize, whom: usize, within: Duration, now: Duration) -> Standing {
        let served = |place: usize| {
            let number = &self.players[place].number;
            let times = self
                .players
                .iter()
                .filter_map(|player| player.served(number));
            times.min()
        };
        let other = &self.players[whom].party.name;
        let seconds = |at: Duration| format!("{:.2} s", at.as_secs_f64());
        match (served(who), served(whom)) {
            (Some(mine), Some(theirs)) if theirs < mine => Standing::Failed(format!(
                "{other} was served at {}, I at {}",
                seconds(theirs),
                seconds(mine)
            )),
            (Some(mine), _) => Standing::passed(format!("at {}", seconds(mine))),
            (None, Some(theirs)) => {
                Standing::Failed(format!("{other} was served at {}", seconds(theirs)))
            }
            (None, None) if now <= self.players[who].since + within => Standing::Pending,
            (None, None) => Standing::Failed("nobody was served".into()),
        }
    }

    fn settle(&mut self, now: Duration, passed: bool, finding: String, measures: Vec<Measure>) {
        let step = &self.scenario.steps[self.next];
        self.verdicts.push(Verdict {
            line: step.line,
            step: step.text.clone(),
            at: now,
            passed,
            finding,
            measures,
        });
        self.next += 1;
        // Whoever comes next counts from here.
        if let Some(next) = self.scenario.steps.get(self.next) {
            let player = &mut self.players[next.who];
            let is_there = player.party.is_agent() || matches!(player.line, LineState::On { .. });
            if is_there {
                self.begun = Some(self.next);
                player.begin_step(now);
            }
        }
    }
}

/// A scenario of one party is a director by itself.
impl Director for Run {
    fn tick(&mut self, now: Duration, ear: &Ear, mouth: &mut Mouth) -> Wish {
        self.tick_caller(0, now, ear, mouth)
    }

    fn ended(&mut self, now: Duration, _ear: &Ear, ending: &Ending) {
        self.caller_ended(0, now, ending);
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "several_tests.rs"]
mod several_tests;
