//! A scenario while its call goes on.

use super::verdict::{Measure, MeasureKind, Verdict};
use super::{Action, Clips, Scenario, Step};
use crate::call::{Director, Ending, Wish};
use crate::judge::{Library, Sighting, Spotter};
use crate::rtp::{Act, ActKind, Ear, Mouth};
use std::sync::Arc;
use std::time::Duration;

/// One call's scenario: where it stands and what became of it so far.
#[derive(Debug)]
pub struct Run {
    scenario: Arc<Scenario>,
    pub(super) clips: Clips,
    pub(super) spotter: Spotter,
    next: usize,
    /// When the step under way began.
    pub(super) since: Duration,
    /// Whether the step under way has set the mouth going.
    pub(super) asked: bool,
    /// What the caller said or keyed last.
    pub(super) act: Option<Act>,
    /// The prompt, by its place among the sightings, that the caller spoke over with it.
    pub(super) spoken_over: Option<usize>,
    /// Whether the answer to it was measured.
    pub(super) is_answered: bool,
    /// Sightings before this one have met an expectation.
    pub(super) consumed: usize,
    verdicts: Vec<Verdict>,
}

/// How a step stands.
pub(super) enum Standing {
    Pending,
    Passed(String, Vec<Measure>),
    Failed(String),
}

impl Standing {
    pub(super) fn passed(finding: impl Into<String>) -> Self {
        Self::Passed(finding.into(), Vec::new())
    }
}

impl Run {
    /// A scenario at its beginning, its clips and the prompts it may hear.
    pub fn new(scenario: Scenario, clips: Clips, library: Arc<Library>) -> Self {
        Self {
            scenario: Arc::new(scenario),
            clips,
            spotter: Spotter::new(library),
            next: 0,
            since: Duration::ZERO,
            asked: false,
            act: None,
            spoken_over: None,
            is_answered: false,
            consumed: 0,
            verdicts: Vec::new(),
        }
    }

    /// What became of the steps so far.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// Whether every step went as told.
    pub fn went_as_told(&self) -> bool {
        self.next == self.scenario.steps.len() && self.verdicts.iter().all(|verdict| verdict.passed)
    }

    fn has_failed(&self) -> bool {
        self.verdicts.last().is_some_and(|verdict| !verdict.passed)
    }

    /// The steps that were never reached.
    pub fn unreached(&self) -> &[Step] {
        &self.scenario.steps[self.next..]
    }

    /// Every prompt heard: its names, from when until when.
    pub fn heard(&self) -> impl Iterator<Item = (Vec<&str>, &Sighting)> {
        let sightings = self.spotter.sightings().iter();
        sightings.map(|sighting| (self.spotter.names(sighting), sighting))
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
        self.since = now;
        self.asked = false;
    }

    /// The first frame of sound that began after the caller's last act did. Sound of the prompt
    /// that was spoken over is no answer.
    pub(super) fn answer(&self, ear: &Ear) -> Option<usize> {
        let act = self.act?;
        let over = self
            .spoken_over
            .and_then(|over| self.spotter.sightings().get(over));
        let is_old = |frame: usize| {
            over.is_some_and(|over| {
                over.from <= frame && over.end.is_none_or(|end| frame < end.frame())
            })
        };
        let bursts = ear.bursts().iter().rev().map(|burst| burst.from);
        bursts
            .take_while(|&from| ear.arrival(from) > act.onset)
            .filter(|&from| !is_old(from))
            .last()
    }

    /// When that answer began, unless it was counted before.
    pub(super) fn reply(&mut self, ear: &Ear) -> Option<Reply> {
        let act = self.act.filter(|_| !self.is_answered)?;
        let arrived = ear.arrival(self.answer(ear)?);
        self.is_answered = true;
        Some(match arrived.checked_sub(act.end) {
            None => Reply::TooEarly(act.end - arrived),
            Some(took) => Reply::After(Measure {
                took,
                kind: match act.kind {
                    ActKind::Speech => MeasureKind::ReplyToSpeech,
                    ActKind::Keys => MeasureKind::ReplyToKeys,
                },
            }),
        })
    }
}

/// When an answer began.
pub(super) enum Reply {
    /// So long before the caller had finished.
    TooEarly(Duration),
    /// So long after.
    After(Measure),
}

impl Director for Run {
    fn tick(&mut self, now: Duration, ear: &Ear, mouth: &mut Mouth) -> Wish {
        self.spotter.tick(ear);
        if self.next == 0 && self.since == Duration::ZERO {
            self.since = now;
        }
        let scenario = Arc::clone(&self.scenario);
        // Each turn settles one step, so this ends.
        while let Some(step) = scenario.steps.get(self.next).filter(|_| !self.has_failed()) {
            match self.stand(&step.action, now, ear, mouth) {
                Standing::Pending => return Wish::GoOn,
                Standing::Failed(finding) => self.settle(now, false, finding, Vec::new()),
                Standing::Passed(finding, measures) => self.settle(now, true, finding, measures),
            }
        }
        Wish::HangUp
    }

    fn ended(&mut self, now: Duration, _ear: &Ear, ending: &Ending) {
        let Some(step) = self.scenario.steps.get(self.next) else {
            return;
        };
        if self.has_failed() {
            return;
        }
        match (&step.action, ending) {
            (Action::ExpectBye { .. }, Ending::ByPeer) => {
                let waited = now.saturating_sub(self.since).as_secs_f64();
                self.settle(now, true, format!("after {waited:.1} s"), Vec::new());
            }
            (_, Ending::ByPeer) => {
                self.settle(now, false, "the other side hung up".into(), Vec::new())
            }
            (_, Ending::Failed(what)) => self.settle(now, false, what.clone(), Vec::new()),
            (_, Ending::ByUs | Ending::Refused(..)) => {}
        }
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
