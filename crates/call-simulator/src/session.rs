//! Whole sessions on bad networks, in virtual time.
//!
//! Each seed is one call with everything but sockets: a telephone that sends real RTP
//! packets with a voice in them, a network that loses, delays, doubles and reorders
//! them, an ear, a scorer, a voice and people that are slow, late or gone, and a clock that
//! stalls. Whatever happens, the same rules hold ([`SessionRule`]).

mod agents;
mod bridge_checks;
mod checks;
mod faults;
mod network;
mod order;
mod phone;
mod rules;
mod score_checks;
mod scorer;
mod services;
mod voice;
mod world;

pub use faults::PlantedSessionFault;
pub use rules::{SessionRule, SessionViolation};
pub use world::{SessionRun, SessionWorld};

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What became of many sessions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SessionSummary {
    /// Sessions that were run.
    pub runs: u64,
    /// How they ended, with how often.
    pub outcomes: BTreeMap<String, u64>,
    /// From answers to ends, all together.
    pub talk: Duration,
    /// Packets that reached the sessions.
    pub packets: u64,
    /// Times a caller and an agent were joined.
    pub bridges: u64,
    /// Every rule that was broken, with the seed that shows it.
    pub violations: Vec<(u64, SessionViolation)>,
}

/// Runs one session for each seed.
pub fn simulate_sessions(seeds: impl IntoIterator<Item = u64>) -> SessionSummary {
    let mut summary = SessionSummary::default();
    for seed in seeds {
        summary.add(seed, SessionWorld::from_seed(seed).run());
    }
    summary
}

impl SessionSummary {
    fn add(&mut self, seed: u64, run: SessionRun) {
        self.runs += 1;
        *self.outcomes.entry(run.outcome).or_default() += 1;
        self.talk += run.talk;
        self.packets += run.packets;
        self.bridges += run.bridges;
        let violations = run.violations.into_iter().map(|found| (seed, found));
        self.violations.extend(violations);
    }
}

/// A line of counts, a line for each outcome, a line for each violation.
impl fmt::Display for SessionSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (talk, packets) = (self.talk.as_secs(), self.packets);
        writeln!(
            f,
            "{} sessions, {talk} s of talk, {packets} packets, {} bridges",
            self.runs, self.bridges
        )?;
        for (outcome, count) in &self.outcomes {
            writeln!(f, "{count:>8} {outcome}")?;
        }
        for (seed, violation) in &self.violations {
            writeln!(f, "seed {seed}: {violation}")?;
        }
        write!(f, "{} violations", self.violations.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_sessions_break_no_rule() {
        let summary = simulate_sessions(0..50);
        println!("{summary}");
        assert_eq!(summary.violations, []);
        assert!(summary.outcomes.len() >= 4, "{summary}");
        assert!(summary.bridges >= 10, "{summary}");
    }

    #[test]
    fn voices_are_scored_and_scoring_is_refused_and_allowed() {
        use call_model::{CallAction, CallInput, JournalEntry, JournalLine, VoiceAnalysis};
        let (mut scores, mut yes, mut no) = (0, 0, 0);
        for seed in 0..100 {
            for line in SessionWorld::from_seed(seed).run().journal {
                let JournalLine::At(_, entry) = line else {
                    continue;
                };
                match entry {
                    JournalEntry::In(CallInput::Emotion(_)) => scores += 1,
                    JournalEntry::Out(CallAction::AnalyseVoice(VoiceAnalysis::On)) => yes += 1,
                    JournalEntry::Out(CallAction::AnalyseVoice(VoiceAnalysis::Off)) => no += 1,
                    JournalEntry::In(_) | JournalEntry::Out(_) | JournalEntry::Wake { .. } => {}
                }
            }
        }
        assert!(
            scores >= 500 && yes >= 4 && no >= 10,
            "{scores} scores, {yes} times yes, {no} times no"
        );
    }

    #[test]
    fn the_same_seed_is_the_same_session() {
        let run = |seed| SessionWorld::from_seed(seed).run();
        assert_eq!(run(3).journal, run(3).journal);
        assert_ne!(run(3).journal, run(4).journal);
    }

    #[test]
    fn every_planted_fault_is_found() {
        for fault in PlantedSessionFault::ALL {
            let found = (0..100).any(|seed| {
                let world = SessionWorld::from_seed(seed).with_fault(fault);
                let broken = world.run().violations;
                broken
                    .iter()
                    .any(|violation| violation.rule == fault.breaks())
            });
            assert!(found, "{fault:?}");
        }
    }
}
