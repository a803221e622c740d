//! A call again, from its journal: every decision, or the first that differs.

use call_engine::Call;
use call_model::{AngerTerms, CallAction, CallHeader, JournalEntry, JournalLine};
use dialplan::Plan;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// What a replay found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReplayReport {
    /// Actions that came out as they stand in the journal.
    pub decisions: usize,
    /// Pieces of news that went in.
    pub inputs: usize,
    /// The last line was torn, as a crash leaves it; it was left out.
    pub torn_last_line: bool,
    /// The first action that differs.
    pub difference: Option<Difference>,
}

/// Where the engine of today decides otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The line of the journal, from 1.
    pub line: usize,
    /// What the journal has there; JSON, or `nothing`.
    pub expected: String,
    /// What came out now; JSON, or `nothing`.
    pub got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            expected,
            got,
        } = self;
        write!(
            f,
            "line {line}: the journal has {expected}, now it is {got}"
        )
    }
}

/// A journal that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file is empty, or its first line is no `begin`.
    #[error("the journal does not begin with its header")]
    NoHeader,
    /// A line before the last cannot be read.
    #[error("line {line} of the journal cannot be read: {why}")]
    Unreadable {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        why: serde_json::Error,
    },
    /// A second header stands within the journal.
    #[error("line {0} of the journal begins another call")]
    SecondHeader(usize),
    /// The plan it ran over is not to be had.
    #[error("the plan {digest} of this call is not in the archive")]
    NoPlan {
        /// The plan's digest, from the header.
        digest: String,
    },
}

/// Feeds the news of a journal to a fresh call and compares every action.
///
/// `journal` is JSON lines; `plan_of` finds a compiled plan by its digest. A last
/// line that cannot be read is taken as torn. Actions that a torn journal lacks at
/// its very end are no difference.
///
/// # Errors
/// When the journal has no header or an unreadable line, or its plan is missing.
pub fn replay(
    journal: &str,
    plan_of: impl Fn(&str) -> Option<Arc<Plan>>,
) -> Result<ReplayReport, ReplayError> {
    let (lines, torn_last_line) = read(journal)?;
    let Some((_, JournalLine::Begin(header))) = lines.first() else {
        return Err(ReplayError::NoHeader);
    };
    let plan = plan_of(&header.plan_digest).ok_or_else(|| ReplayError::NoPlan {
        digest: header.plan_digest.clone(),
    })?;
    let mut player = Player::new(header, plan);
    for (number, line) in &lines[1..] {
        player.line(*number, line)?;
    }
    let mut report = player.finish(is_whole(&lines));
    report.torn_last_line = torn_last_line;
    Ok(report)
}

/// The same over lines that are at hand; the first difference.
pub(crate) fn compare(
    header: &CallHeader,
    plan: &Arc<Plan>,
    journal: &[JournalLine],
) -> Option<Difference> {
    let mut player = Player::new(header, Arc::clone(plan));
    for (n, line) in journal.iter().enumerate().skip(1) {
        if player.line(n + 1, line).is_err() {
            break;
        }
    }
    player.finish(true).difference
}

pub(crate) type Numbered = (usize, JournalLine);

pub(crate) fn read(journal: &str) -> Result<(Vec<Numbered>, bool), ReplayError> {
    let written: Vec<(usize, &str)> = (1..)
        .zip(journal.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .collect();
    let mut lines = Vec::with_capacity(written.len());
    for (n, (number, line)) in written.iter().enumerate() {
        match serde_json::from_str(line) {
            Ok(read) => lines.push((*number, read)),
            Err(_) if n > 0 && n + 1 == written.len() => return Ok((lines, true)),
            Err(why) => {
                return Err(ReplayError::Unreadable { line: *number, why });
            }
        }
    }
    Ok((lines, false))
}

/// Whether the journal has an end: then nothing may be missing before it.
fn is_whole(lines: &[Numbered]) -> bool {
    matches!(lines.last(), Some((_, JournalLine::End(..))))
}

struct Player {
    call: Call,
    out: VecDeque<CallAction>,
    report: ReplayReport,
    last: usize,
}

impl Player {
    fn new(header: &CallHeader, plan: Arc<Plan>) -> Self {
        Self {
            call: Call::new(header, plan),
            out: VecDeque::new(),
            report: ReplayReport::default(),
            last: 1,
        }
    }

    fn line(&mut self, number: usize, line: &JournalLine) -> Result<(), ReplayError> {
        self.last = number;
        match line {
            JournalLine::Begin(_) => return Err(ReplayError::SecondHeader(number)),
            JournalLine::At(at, JournalEntry::In(input)) => {
                self.nothing_is_left(number);
                self.report.inputs += 1;
                self.call.handle(*at, input);
                while let Some(action) = self.call.poll_action() {
                    self.out.push_back(action);
                }
            }
            JournalLine::At(_, JournalEntry::Out(expected)) => self.expect(number, expected),
            JournalLine::At(_, JournalEntry::Wake { .. }) => {}
            JournalLine::End(..) => self.nothing_is_left(number),
        }
        Ok(())
    }

    fn expect(&mut self, line: usize, expected: &CallAction) {
        let mut got = self.out.pop_front();
        if let Some(got) = &mut got {
            keep_quiet_as(expected, got);
        }
        if got.as_ref() == Some(expected) {
            self.report.decisions += 1;
        } else {
            self.differs(line, Some(expected), got.as_ref());
        }
    }

    fn nothing_is_left(&mut self, line: usize) {
        if let Some(got) = self.out.pop_front() {
            self.differs(line, None, Some(&got));
        }
        self.out.clear();
    }

    fn differs(&mut self, line: usize, expected: Option<&CallAction>, got: Option<&CallAction>) {
        self.report.difference.get_or_insert_with(|| Difference {
            line,
            expected: shown(expected),
            got: shown(got),
        });
    }

    fn finish(mut self, is_whole: bool) -> ReplayReport {
        if is_whole {
            self.nothing_is_left(self.last);
        }
        self.report
    }
}

/// Journals from before the terms of anger were recorded tell none of them; the fused score they have.
fn keep_quiet_as(expected: &CallAction, got: &mut CallAction) {
    let (told, told_now) = match (expected, got) {
        (
            CallAction::Escalate { evidence: told, .. },
            CallAction::Escalate { evidence: now, .. },
        ) => (told.as_ref(), now.as_mut()),
        (CallAction::FetchPerson(told), CallAction::FetchPerson(now))
        | (CallAction::BookCallback(told), CallAction::BookCallback(now)) => {
            (&told.evidence, &mut now.evidence)
        }
        _ => return,
    };
    if told.anger.terms == AngerTerms::default() {
        told_now.anger.terms = AngerTerms::default();
    }
}

fn shown(action: Option<&CallAction>) -> String {
    action.map_or_else(
        || "nothing".to_owned(),
        |action| serde_json::to_string(action).unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    fn journal(seed: u64) -> (String, Arc<Plan>) {
        let run = World::from_seed(seed).run();
        let lines: Vec<String> = run
            .journal
            .iter()
            .map(|line| serde_json::to_string(line).expect("json"))
            .collect();
        (lines.join("\n") + "\n", run.plan)
    }

    #[test]
    fn every_decision_comes_out_again() {
        for seed in 0..40 {
            let (text, plan) = journal(seed);
            let report = replay(&text, |_| Some(Arc::clone(&plan))).expect("a journal");
            assert_eq!(report.difference, None, "seed {seed}");
            assert!(!report.torn_last_line && report.inputs > 0);
        }
    }

    #[test]
    fn a_journal_that_tells_no_terms_of_anger_comes_out_again() {
        let mut without = 0;
        for seed in 0..40 {
            let (text, plan) = journal(seed);
            let mut older = String::new();
            for line in text.lines() {
                let mut rest = line.split("\"terms\":{");
                older += rest.next().unwrap_or_default();
                for part in rest {
                    without += usize::from(!part.starts_with(
                        "\"words\":0,\"interruptions\":0,\"no_matches\":0,\"no_inputs\":0",
                    ));
                    older += part.split_once("},").expect("the terms' end").1;
                }
                older.push('\n');
            }
            let report = replay(&older, |_| Some(Arc::clone(&plan))).expect("a journal");
            assert_eq!(report.difference, None, "seed {seed}");
        }
        assert!(without > 0);
    }

    #[test]
    fn a_torn_last_line_is_tolerated_wherever_it_tears() {
        let (text, plan) = journal(3);
        for cut in text.len().saturating_sub(400)..text.len() - 1 {
            let Some(torn) = text.get(..cut) else {
                continue;
            };
            let report = replay(torn, |_| Some(Arc::clone(&plan))).expect("a journal");
            assert_eq!(report.difference, None, "cut at {cut}");
        }
    }

    #[test]
    fn the_first_decision_that_differs_is_named_with_its_line() {
        let (text, plan) = journal(3);
        let mut lines: Vec<&str> = text.lines().collect();
        let play = lines
            .iter()
            .position(|line| line.contains("\"play\""))
            .expect("a prompt");
        let changed = lines[play].replace("\"prompt\":", "\"prompt\":9");
        lines[play] = &changed;
        let report = replay(&lines.join("\n"), |_| Some(Arc::clone(&plan))).expect("a journal");
        let difference = report.difference.expect("a difference");
        assert_eq!(difference.line, play + 1);
        assert!(difference.expected.contains("play") && difference.got.contains("play"));
    }

    #[test]
    fn a_missing_plan_or_header_is_said_so() {
        let (text, _) = journal(3);
        assert!(matches!(
            replay(&text, |_| None),
            Err(ReplayError::NoPlan { .. })
        ));
        assert!(matches!(replay("", |_| None), Err(ReplayError::NoHeader)));
        let headless = text.split_once('\n').expect("lines").1;
        assert!(matches!(
            replay(headless, |_| None),
            Err(ReplayError::NoHeader)
        ));
    }
}
