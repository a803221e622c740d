//! `bellhop replay --anger-above N`: what the anger of stored calls would have done under other numbers.
//!
//! With its plan at hand a call is made again as it went, which tells what words and behaviour added at
//! every moment; its scores are then judged by the engine's own rules with the other numbers. What follows
//! a decision that is now another one stands as it was stored: nobody knows what the caller would have said.

use super::journals;
use super::stored_anger::{Known, StoredAnger};
use crate::cli::{AngerNumbers, Replay};
use anyhow::ensure;
use call_model::CallTime;
use dialplan::{EscalationPolicy, Plan};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

impl AngerNumbers {
    /// Whether any number is to be another one.
    pub const fn are_given(&self) -> bool {
        self.anger_above.is_some() || self.anger_leave.is_some() || self.anger_speech.is_some()
    }

    /// A plan's rules with these numbers in place of its own. A leaving mark that is not named never
    /// stands above the threshold.
    fn put_into(&self, rules: &EscalationPolicy) -> EscalationPolicy {
        let above = self.anger_above.unwrap_or(rules.anger_above);
        EscalationPolicy {
            anger_above: above,
            anger_leave: self.anger_leave.unwrap_or(rules.anger_leave.min(above)),
            anger_speech: self.anger_speech.unwrap_or(rules.anger_speech),
            ..rules.clone()
        }
    }
}

/// Judges the anger of stored calls once more.
pub fn run(
    options: &Replay,
    plan_of: impl Fn(&str) -> Option<Arc<Plan>>,
) -> anyhow::Result<ExitCode> {
    let numbers = &options.anger;
    if let (Some(above), Some(leave)) = (numbers.anger_above, numbers.anger_leave) {
        ensure!(
            leave <= above,
            "--anger-leave {leave} stands above --anger-above {above}: anger would leave before it began"
        );
    }
    let paths = journals::of(options)?;
    let mut totals = Totals::default();
    println!("{:<32}  {:<24} now", "call", "then");
    for path in &paths {
        let text = journals::text(path)?;
        let Some(call) = StoredAnger::read(&text, &plan_of) else {
            totals.unreadable += 1;
            continue;
        };
        let rules = plan_of(&call.plan_digest).map_or_else(EscalationPolicy::default, |plan| {
            plan.policy().escalation.clone()
        });
        let now = call.judged(&numbers.put_into(&rules));
        totals.count(&call, &now);
        if !call.then.is_empty() || !now.is_empty() {
            println!("{}  {:<24} {}", call.call, times(&call.then), times(&now));
        }
    }
    print!("{}", totals.tell(numbers));
    Ok(ExitCode::SUCCESS)
}

/// Moments as a table has them.
fn times(moments: &[CallTime]) -> String {
    if moments.is_empty() {
        return "–".to_owned();
    }
    let seconds = |at: &CallTime| format!("{:.1} s", at.as_millis() as f64 / 1_000.0);
    moments.iter().map(seconds).collect::<Vec<_>>().join(", ")
}

/// Calls by what became of their anger.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Totals {
    calls: usize,
    scored: usize,
    then: usize,
    now: usize,
    both: usize,
    /// Calls by how much is known of words and behaviour, of those with scores.
    known: BTreeMap<&'static str, usize>,
    unreadable: usize,
}

impl Totals {
    fn count(&mut self, call: &StoredAnger, now: &[CallTime]) {
        let (was, is) = (!call.then.is_empty(), !now.is_empty());
        self.calls += 1;
        self.then += usize::from(was);
        self.now += usize::from(is);
        self.both += usize::from(was && is);
        if call.scores().next().is_some() {
            self.scored += 1;
            let known = match call.behaviour {
                Known::Always => "with words and behaviour",
                Known::WhereEscalated => {
                    "their plan is not in the archive: with the words and behaviour that an \
                     escalation's evidence holds, before it by the voice alone"
                }
                Known::Never => "their plan is not in the archive: by the voice alone",
            };
            *self.known.entry(known).or_default() += 1;
        }
    }

    fn tell(&self, numbers: &AngerNumbers) -> String {
        let mut text = format!(
            "\n{} calls, {} with scores; a person was owed for anger in {} then, in {} now: {} in both, {} no more, {} new\n",
            self.calls,
            self.scored,
            self.then,
            self.now,
            self.both,
            self.then - self.both,
            self.now - self.both
        );
        for (known, calls) in &self.known {
            text += &format!("{calls} judged {known}\n");
        }
        let floor = EscalationPolicy::default().anger_voice_floor;
        if numbers.anger_above.is_some_and(|above| above < floor) {
            text += &format!("the voice alone must stand at {floor} all the same\n");
        }
        if self.unreadable > 0 {
            text += &format!("{} journals have no header\n", self.unreadable);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::stored_anger::made;
    use super::*;
    use call_model::{EscalationReason, JournalLine, Score};
    use std::time::Duration;

    fn numbers(above: Option<u16>, leave: Option<u16>, speech: Option<u64>) -> AngerNumbers {
        AngerNumbers {
            anger_above: above.map(Score::from_points),
            anger_leave: leave.map(Score::from_points),
            anger_speech: speech.map(Duration::from_secs),
        }
    }

    fn read(lines: &[JournalLine]) -> StoredAnger {
        StoredAnger::read(&made::text(lines), |_| None).expect("a journal")
    }

    /// When a person would be owed, in seconds.
    fn now(call: &StoredAnger, numbers: &AngerNumbers) -> Vec<u64> {
        let owed = call.judged(&numbers.put_into(&EscalationPolicy::default()));
        owed.iter().map(|at| at.as_millis() / 1_000).collect()
    }

    /// Points 50, 74, 86, 98: pooled over three, 50, 62, 70, 86.
    fn rising() -> Vec<JournalLine> {
        let mut lines = vec![made::begin(1)];
        lines.extend(
            (1..)
                .zip([0.0, 1.0, 1.5, 2.0])
                .map(|(n, odds)| made::scored(n, odds)),
        );
        lines
    }

    #[test]
    fn stored_scores_are_judged_by_other_numbers() {
        let mut lines = rising();
        lines.push(made::escalated(4, EscalationReason::Anger, 0));
        let call = read(&lines);
        for (above, speech, expected) in [
            (None, None, vec![40]),
            (Some(80), None, vec![40]),
            (Some(65), None, vec![30]),
            (Some(60), None, vec![20]),
            (Some(90), None, vec![]),
            (Some(60), Some(9), vec![30]),
            (Some(60), Some(20), vec![]),
        ] {
            let found = now(&call, &numbers(above, None, speech));
            assert_eq!(found, expected, "above {above:?}, speech {speech:?}");
        }
        assert_eq!(times(&call.then), "40.0 s");
    }

    #[test]
    fn words_that_the_evidence_holds_count_from_there_on() {
        let mut lines = rising();
        lines.truncate(4);
        lines.push(made::escalated(3, EscalationReason::Anger, 3));
        let call = read(&lines);
        assert_eq!(call.behaviour, Known::WhereEscalated);
        // Three words add ten points, which is all that words ever add.
        assert_eq!(now(&call, &numbers(Some(79), None, None)), vec![30]);
        assert_eq!(
            now(&call, &numbers(Some(80), None, None)),
            Vec::<u64>::new()
        );
    }

    #[test]
    fn whoever_was_owed_a_person_for_another_reason_first_is_not_owed_one_for_anger() {
        let mut lines = rising();
        lines.insert(2, made::escalated(1, EscalationReason::Demand, 0));
        let call = read(&lines);
        assert_eq!(
            now(&call, &numbers(Some(60), None, None)),
            Vec::<u64>::new()
        );
        assert!(call.then.is_empty());
    }

    #[test]
    fn totals_tell_what_changed_and_what_was_not_known() {
        let mut angry = rising();
        angry.push(made::escalated(4, EscalationReason::Anger, 0));
        let mut totals = Totals::default();
        let numbers = numbers(Some(55), None, None);
        for call in [read(&angry), read(&rising()), read(&[made::begin(2)])] {
            let now = call.judged(&numbers.put_into(&EscalationPolicy::default()));
            totals.count(&call, &now);
        }
        let told = totals.tell(&numbers);
        assert!(
            told.contains(
                "3 calls, 2 with scores; a person was owed for anger in 1 then, in 2 now"
            ),
            "{told}"
        );
        assert!(told.contains("1 in both, 0 no more, 1 new"), "{told}");
        assert!(
            told.contains("by the voice alone") && told.contains("must stand at 60.0"),
            "{told}"
        );
    }
}
