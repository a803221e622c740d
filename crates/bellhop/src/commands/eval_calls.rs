//! `bellhop eval calls`: what real calls understood, held against what was spoken in them.

use super::journals;
use anyhow::Context;
use call_model::{CallAction, CallTime, Decision, JournalEntry, JournalLine};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// One row of what `loadtest speech` writes; its other columns do not matter here.
#[derive(Deserialize)]
struct Row {
    call_id: String,
    path: String,
    text: String,
    slots: String,
    outcome: String,
    onset_ms: u64,
}

/// What one call collected: when, and what; nothing where nothing fitted.
type Results = Vec<(CallTime, Option<String>)>;

/// Wrong utterances shown at most.
const SHOWN: usize = 10;

/// Bars to hold, in percent.
pub struct Bars {
    /// Utterances right.
    pub right: Option<f64>,
    /// Slots understood.
    pub slots: Option<f64>,
}

/// What was counted.
#[derive(Default)]
struct Score {
    utterances: usize,
    right: usize,
    slots: usize,
    slots_found: usize,
}

/// Scores every utterance that was spoken.
pub fn run(archive: &Path, spoken: &Path, bars: &Bars) -> anyhow::Result<ExitCode> {
    let calls = results(archive)?;
    let mut rows = csv::Reader::from_path(spoken)
        .with_context(|| format!("cannot read {}", spoken.display()))?;
    let mut by_call: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows.deserialize() {
        let row: Row = row.with_context(|| format!("{}: a row is odd", spoken.display()))?;
        by_call.entry(row.call_id.clone()).or_default().push(row);
    }
    let mut score = Score::default();
    let (mut unsaid, mut shown) = (0, 0);
    for (call, rows) in &by_call {
        let nothing = Vec::new();
        let results = calls.get(call).unwrap_or(&nothing);
        for (place, row) in rows.iter().enumerate() {
            if row.outcome == "unsaid" {
                unsaid += 1;
                continue;
            }
            let next = rows.get(place + 1).map(|next| next.onset_ms);
            let heard = heard_between(results, row.onset_ms, next);
            if !score.count(row, heard)? && shown < SHOWN {
                shown += 1;
                println!(
                    "{}: heard {}",
                    row.path,
                    heard.unwrap_or("nothing that fits")
                );
            }
        }
    }
    println!(
        "\n{} calls, {unsaid} utterances never spoken",
        by_call.len()
    );
    Ok(score.hold(bars))
}

impl Score {
    /// Counts one utterance; whether all of it was understood.
    fn count(&mut self, meant: &Row, heard: Option<&str>) -> anyhow::Result<bool> {
        let heard = heard.unwrap_or_default();
        self.utterances += 1;
        let is_right = if meant.slots.is_empty() {
            heard == meant.text
        } else {
            let slots: BTreeMap<String, String> = serde_json::from_str(&meant.slots)
                .with_context(|| format!("{}: its slots are no JSON object", meant.path))?;
            let found = slots
                .values()
                .filter(|value| has_words(heard, value))
                .count();
            self.slots += slots.len();
            self.slots_found += found;
            found == slots.len()
        };
        self.right += usize::from(is_right);
        Ok(is_right)
    }

    /// Prints the figures and holds them against the bars.
    fn hold(&self, bars: &Bars) -> ExitCode {
        let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let right = percent(self.right, self.utterances);
        println!(
            "{} of {} utterances right: {right:.1} %",
            self.right, self.utterances
        );
        let slots = percent(self.slots_found, self.slots);
        if self.slots > 0 {
            println!(
                "{} of {} slots understood: {slots:.1} %",
                self.slots_found, self.slots
            );
        }
        let holds = |figure: f64, bar: Option<f64>| bar.is_none_or(|bar| figure >= bar);
        match holds(right, bars.right) && holds(slots, bars.slots) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }
}

/// Whether these words stand in the text one after another.
fn has_words(text: &str, words: &str) -> bool {
    let text: Vec<_> = text.split_whitespace().collect();
    let words: Vec<_> = words.split_whitespace().collect();
    words.is_empty() || text.windows(words.len()).any(|part| part == words)
}

/// The first result between the beginnings of two utterances.
fn heard_between(results: &Results, onset_ms: u64, next_ms: Option<u64>) -> Option<&str> {
    let is_within = |at: &CallTime| {
        at.as_millis() >= onset_ms && next_ms.is_none_or(|next| at.as_millis() < next)
    };
    let (_, heard) = results.iter().find(|(at, _)| is_within(at))?;
    heard.as_deref()
}

/// Every call's results, by its SIP Call-ID.
fn results(archive: &Path) -> anyhow::Result<BTreeMap<String, Results>> {
    let mut calls = BTreeMap::new();
    for path in journals::find(&[archive.join("calls")])? {
        let mut call = None;
        let mut results = Vec::new();
        for line in journals::lines(&journals::text(&path)?) {
            match line {
                JournalLine::Begin(header) => call = Some(header.sip_call_id),
                JournalLine::At(at, JournalEntry::Out(CallAction::Decide(decision))) => {
                    match decision {
                        Decision::Collected { value, .. } => {
                            results.push((at, Some(value.into_revealed())));
                        }
                        Decision::NoMatch { .. } => results.push((at, None)),
                        _ => {}
                    }
                }
                JournalLine::At(..) | JournalLine::End(..) => {}
            }
        }
        if let Some(call) = call {
            calls.insert(call, results);
        }
    }
    Ok(calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_whole_words_in_their_order() {
        assert!(has_words("a large iced coffee", "iced coffee"));
        assert!(
            !has_words("a large iced coffee", "ice") && !has_words("coffee iced", "iced coffee")
        );
    }

    #[test]
    fn a_result_belongs_to_the_utterance_that_began_before_it() {
        let at = CallTime::from_millis;
        let results = vec![(at(1_500), Some("one".to_owned())), (at(4_000), None)];
        assert_eq!(heard_between(&results, 1_000, Some(3_000)), Some("one"));
        assert_eq!(heard_between(&results, 3_000, Some(6_000)), None);
        assert_eq!(heard_between(&results, 6_000, None), None);
    }
}
