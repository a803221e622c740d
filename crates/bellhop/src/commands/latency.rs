//! `bellhop latency`: what the journals say of waiting.

use super::journals;
use crate::cli::Latency;
use crate::latency::{Measured, Reply, Stopwatch, percentile};
use call_model::{CallAction, Decision, JournalEntry, JournalLine};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Sums up the replies and interruptions of many calls, and holds them against bars.
pub fn run(options: &Latency) -> anyhow::Result<ExitCode> {
    let found = Found::read(&options.journals)?;
    println!("{} journals\n", found.journals);
    println!(
        "{:<34} {:>6} {:>8} {:>8} {:>8}",
        "milliseconds", "count", "p50", "p95", "max"
    );
    let part = |part: fn(&Reply) -> Duration| found.replies.iter().map(part).collect::<Vec<_>>();
    let mut replies = part(Reply::total);
    row("end of speech → first packet", &mut replies);
    row("  of it: pause", &mut part(|reply| reply.pause));
    row("  of it: recognition", &mut part(|reply| reply.recognition));
    row("  of it: decision", &mut part(|reply| reply.decision));
    row("  of it: playout", &mut part(|reply| reply.playout));
    let (mut ducked, mut silenced) = (found.ducked, found.silenced);
    row("onset of speech → −12 dB", &mut ducked);
    row("confirmed → silence", &mut silenced);
    println!(
        "\n{} prompts lowered, {} of them for no interruption ({})",
        ducked.len(),
        found.resumed.values().sum::<usize>(),
        whys(&found.resumed),
    );
    let bars = [
        holds(&mut replies, 50, options.require_reply_p50),
        holds(&mut replies, 95, options.require_reply_p95),
        holds(&mut ducked, 95, options.require_duck_p95),
        holds(&mut silenced, 100, options.require_silence_max),
    ];
    Ok(if bars.contains(&false) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What many journals hold.
#[derive(Default)]
struct Found {
    journals: usize,
    replies: Vec<Reply>,
    ducked: Vec<Duration>,
    silenced: Vec<Duration>,
    /// Prompts that went on after they were lowered, by why.
    resumed: BTreeMap<String, usize>,
}

impl Found {
    fn read(roots: &[PathBuf]) -> anyhow::Result<Self> {
        let mut found = Self::default();
        for path in journals::find(roots)? {
            found.journals += 1;
            let mut watch = Stopwatch::default();
            for line in journals::lines(&journals::text(&path)?) {
                match watch.follow(&line) {
                    Some(Measured::Replied(reply)) => found.replies.push(reply),
                    Some(Measured::Ducked(after)) => found.ducked.push(after),
                    Some(Measured::Silenced(after)) => found.silenced.push(after),
                    None => {}
                }
                let JournalLine::At(_, JournalEntry::Out(CallAction::Decide(decision))) = line
                else {
                    continue;
                };
                if let Decision::Resumed { why } = decision {
                    *found.resumed.entry(why).or_default() += 1;
                }
            }
        }
        Ok(found)
    }
}

fn whys(resumed: &BTreeMap<String, usize>) -> String {
    let told: Vec<_> = resumed
        .iter()
        .map(|(why, count)| format!("{why}: {count}"))
        .collect();
    if told.is_empty() {
        "none".to_owned()
    } else {
        told.join(", ")
    }
}

/// Whether a percentile keeps its bar; a bar on nothing is not kept.
fn holds(samples: &mut [Duration], hundredths: usize, most_ms: Option<u64>) -> bool {
    let Some(most) = most_ms.map(Duration::from_millis) else {
        return true;
    };
    percentile(samples, hundredths).is_some_and(|figure| figure <= most)
}

fn row(name: &str, samples: &mut [Duration]) {
    let count = samples.len();
    let mut at = |hundredths| {
        percentile(samples, hundredths)
            .map_or("–".to_owned(), |value| value.as_millis().to_string())
    };
    let (p50, p95, max) = (at(50), at(95), at(100));
    println!("{name:<34} {count:>6} {p50:>8} {p95:>8} {max:>8}");
}
