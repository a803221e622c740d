//! `loadtest hold` and `loadtest rate`: many calls without words.

use super::Outcome;
use crate::call::{self, CallRecord, Dial, Director, Ending, Wish};
use crate::cli::{HoldArgs, RateArgs, TargetArgs};
use crate::report::{percentile, tell};
use crate::rtp::{Ear, Mouth};
use serde::Serialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

/// So many calls at the most in one run; each takes two sockets.
const MOST_CALLS: usize = 100_000;

pub async fn hold(args: &HoldArgs) -> Outcome {
    let held = Duration::from_secs(args.seconds);
    let figures = place_many(&args.target, args.calls, args.cps, held).await?;
    figures.print(args.json)?;
    Ok(figures.failed == 0)
}

pub async fn rate(args: &RateArgs) -> Outcome {
    let held = Duration::from_millis(args.hold_ms);
    let figures = place_many(&args.target, args.calls, args.cps, held).await?;
    figures.print(args.json)?;
    Ok(figures.failed == 0)
}

/// Says nothing for so long, then hangs up.
struct Silent {
    held: Duration,
    until: Option<Duration>,
}

impl Director for Silent {
    fn tick(&mut self, now: Duration, _ear: &Ear, _mouth: &mut Mouth) -> Wish {
        let until = *self.until.get_or_insert(now + self.held);
        if now >= until {
            Wish::HangUp
        } else {
            Wish::GoOn
        }
    }

    fn ended(&mut self, _now: Duration, _ear: &Ear, _ending: &Ending) {}
}

/// What many calls came to.
#[derive(Debug, Default, Serialize)]
struct Figures {
    calls: usize,
    established: usize,
    failed: usize,
    /// Why calls failed, and how many each.
    failures: BTreeMap<String, usize>,
    packets_sent: u64,
    packets_received: u64,
    packets_lost: u64,
    answer_p50_ms: f64,
    answer_p95_ms: f64,
    jitter_p50_ms: f64,
    jitter_p95_ms: f64,
    longest_gap_p50_ms: f64,
    longest_gap_worst_ms: f64,
    /// How often this machine itself was a whole tick late: what is measured beside many of these
    /// is not the server's doing.
    late_ticks: u64,
    wall_seconds: f64,
    own_cpu_seconds: Option<f64>,
}

async fn place_many(
    target: &TargetArgs,
    calls: usize,
    cps: f64,
    held: Duration,
) -> Result<Figures, Box<dyn Error>> {
    if calls > MOST_CALLS || !(0.1..=10_000.0).contains(&cps) {
        return Err(format!("at most {MOST_CALLS} calls, at 0.1 to 10000 a second").into());
    }
    let pause = Duration::from_secs_f64(1.0 / cps);
    let started = Instant::now();
    let mut under_way = JoinSet::new();
    for (number, due) in (0u64..).zip((0..calls as u32).map(|call| started + pause * call)) {
        sleep_until(due.into()).await;
        let mut dial = target.dial(number)?;
        dial.keep_audio = false;
        dial.longest = held + Duration::from_secs(60);
        under_way.spawn(hold_one(dial, held));
    }
    let mut records = Vec::with_capacity(calls);
    while let Some(record) = under_way.join_next().await {
        records.push(record??);
    }
    Ok(Figures::of(&records, started.elapsed()))
}

async fn hold_one(dial: Dial, held: Duration) -> std::io::Result<CallRecord> {
    let mut director = Silent { held, until: None };
    call::place(&dial, &mut director).await
}

impl Figures {
    fn of(records: &[CallRecord], wall: Duration) -> Self {
        let mut figures = Self {
            calls: records.len(),
            wall_seconds: wall.as_secs_f64(),
            own_cpu_seconds: own_cpu_seconds(),
            ..Self::default()
        };
        for record in records {
            figures.count(record);
        }
        let sorted = |mut times: Vec<Duration>| {
            times.sort();
            move |share| percentile(&times, share).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        let answers = sorted(
            records
                .iter()
                .filter_map(|record| record.answered_after)
                .collect(),
        );
        let heard = || records.iter().filter(|record| record.stats.received > 1);
        let jitters = sorted(heard().map(|record| record.stats.jitter()).collect());
        let gaps = sorted(heard().map(|record| record.stats.longest_gap).collect());
        (figures.answer_p50_ms, figures.answer_p95_ms) = (answers(50), answers(95));
        (figures.jitter_p50_ms, figures.jitter_p95_ms) = (jitters(50), jitters(95));
        (figures.longest_gap_p50_ms, figures.longest_gap_worst_ms) = (gaps(50), gaps(100));
        figures
    }

    fn count(&mut self, record: &CallRecord) {
        self.packets_sent += record.sent;
        self.packets_received += record.stats.received;
        self.packets_lost += record.stats.lost;
        self.late_ticks += u64::from(record.clock_moved);
        let failure = match &record.ending {
            Ending::ByUs if record.stats.received > 0 => {
                self.established += 1;
                return;
            }
            Ending::ByUs => "no media came".to_owned(),
            Ending::ByPeer => "the other side hung up early".to_owned(),
            Ending::Refused(status, reason) => format!("{status} {reason}"),
            Ending::Failed(what) => what.clone(),
        };
        self.failed += 1;
        *self.failures.entry(failure).or_default() += 1;
    }

    fn print(&self, json: bool) -> Result<(), serde_json::Error> {
        if json {
            tell(serde_json::to_string_pretty(self)?);
        } else {
            tell(self);
        }
        Ok(())
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            calls,
            established,
            failed,
            ..
        } = self;
        writeln!(
            f,
            "calls {calls}, established {established}, failed {failed}"
        )?;
        for (why, count) in &self.failures {
            writeln!(f, "  {count} x {why}")?;
        }
        let Self {
            answer_p50_ms,
            answer_p95_ms,
            ..
        } = self;
        writeln!(
            f,
            "answered after p50 {answer_p50_ms:.1} ms, p95 {answer_p95_ms:.1} ms"
        )?;
        let Self {
            packets_sent,
            packets_received,
            packets_lost,
            ..
        } = self;
        writeln!(
            f,
            "packets sent {packets_sent}, received {packets_received}, lost {packets_lost}"
        )?;
        let Self {
            jitter_p50_ms,
            jitter_p95_ms,
            ..
        } = self;
        write!(
            f,
            "jitter p50 {jitter_p50_ms:.2} ms, p95 {jitter_p95_ms:.2} ms; "
        )?;
        let Self {
            longest_gap_p50_ms,
            longest_gap_worst_ms,
            ..
        } = self;
        writeln!(
            f,
            "longest gap p50 {longest_gap_p50_ms:.1} ms, worst {longest_gap_worst_ms:.1} ms"
        )?;
        let cpu = self
            .own_cpu_seconds
            .map_or("unknown".to_owned(), |cpu| format!("{cpu:.1} s"));
        write!(
            f,
            "wall {:.1} s, own CPU {cpu}, own late ticks {}",
            self.wall_seconds, self.late_ticks
        )
    }
}

/// User and system time of this process, as Linux counts it in hundredths of a second.
fn own_cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_ascii_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::RtpStats;

    fn record(ending: Ending, received: u64) -> CallRecord {
        let mut stats = RtpStats::default();
        stats.received = received;
        CallRecord {
            call_id: "x".into(),
            ending,
            answered_after: Some(Duration::from_millis(5)),
            begun: Duration::ZERO,
            sent: 10,
            stats,
            clock_moved: 0,
            heard: Vec::new(),
            said: Vec::new(),
        }
    }

    #[test]
    fn a_call_without_media_or_cut_short_is_no_success() {
        let records = [
            record(Ending::ByUs, 10),
            record(Ending::ByUs, 0),
            record(Ending::ByPeer, 10),
            record(Ending::Refused(503, "Busy".into()), 0),
        ];
        let figures = Figures::of(&records, Duration::from_secs(1));
        assert_eq!((figures.established, figures.failed), (1, 3));
        assert_eq!(figures.failures.get("503 Busy"), Some(&1));
        assert_eq!(figures.packets_sent, 40);
    }
}
