//! `loadtest agents-matrix`: every outcome of an agent's phone × the caller leaves at every step.

use super::Outcome as Verdicts;
use super::matrix_cases::{Circumstances, Leaves, Outcome, scenario};
use super::people::{DESK, Troupe};
use crate::call::Acted;
use crate::cli::MatrixArgs;
use crate::report::tell;
use crate::scenario::{RingEnd, RingLog};
use crate::sip::Message;
use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{sleep, timeout};

/// An INVITE that nobody answers may be sent again for so long (RFC 3261 timer B), and some more.
const TIMER_B: Duration = Duration::from_secs(33);
/// How long the server's metrics are waited for.
const METRICS_WITHIN: Duration = Duration::from_secs(2);
const ACTIVE: &str = "bellhop_calls_active";

/// One case that was tried.
struct Tried {
    outcome: Outcome,
    leaves: Leaves,
    as_told: bool,
    phone: String,
    caller: String,
}

pub async fn try_all(args: &MatrixArgs) -> Verdicts {
    let mut troupe = Troupe::gather(&args.people)?;
    let of = Circumstances {
        agent: args.people.agent,
        says: &args.says,
        patience: args.patience,
    };
    let (mut tried, mut was_dead) = (Vec::new(), false);
    for outcome in Outcome::ALL {
        for leaves in Leaves::ALL {
            let name = format!("{}/{}", outcome.name(), leaves.name());
            let is_wanted = args.only.as_ref().is_none_or(|only| name.contains(only));
            if let Some(text) = scenario(outcome, leaves, &of).filter(|_| is_wanted) {
                if was_dead {
                    // What was sent to a dead phone comes again, and is not of the next case.
                    sleep(TIMER_B).await;
                }
                was_dead = outcome == Outcome::Dead;
                tell(format_args!("\n{name}"));
                let acted = troupe.act(&text, &mut |verdict| tell(verdict)).await?;
                tried.push(Tried::of(outcome, leaves, &acted?));
            }
        }
    }
    tell(format_args!("\n{}", table(&tried)));
    let is_empty = is_nothing_left(args).await?;
    let as_told = tried.iter().filter(|case| case.as_told).count();
    tell(format_args!("{as_told} of {} cases as told", tried.len()));
    Ok(as_told == tried.len() && !tried.is_empty() && is_empty)
}

impl Tried {
    fn of(outcome: Outcome, leaves: Leaves, acted: &Acted) -> Self {
        let was_held = acted.calls.iter().all(|(_, call)| call.was_held());
        let failure = acted.run.verdicts().iter().find(|verdict| !verdict.passed);
        let heard: Vec<String> = acted
            .run
            .heard()
            .map(|(names, _)| names.join(" or "))
            .collect();
        Self {
            outcome,
            leaves,
            as_told: acted.run.went_as_told() && was_held,
            phone: seen_by_phone(acted.run.rings(DESK)),
            caller: match failure {
                Some(failure) => format!("NOT: {} — {}", failure.step, failure.finding),
                None if heard.is_empty() => "heard us all the time".to_owned(),
                None => format!("heard {}", heard.join(", ")),
            },
        }
    }
}

fn seen_by_phone(rings: &[RingLog]) -> String {
    let ends: Vec<String> = rings
        .iter()
        .map(|log| match log.end {
            None => "rang".to_owned(),
            Some((at, end)) => {
                let lasted = at.saturating_sub(log.ring.at).as_secs_f64();
                let how = match end {
                    RingEnd::Answered => "answered".to_owned(),
                    RingEnd::Declined(status) => format!("said {status}"),
                    RingEnd::TakenBack => "taken back".to_owned(),
                };
                format!("rang {lasted:.1} s, {how}")
            }
        })
        .collect();
    match ends.as_slice() {
        [] => "never rang".to_owned(),
        ends => ends.join("; "),
    }
}

/// The cases at a glance, then what each party saw.
fn table(tried: &[Tried]) -> String {
    let mut text = format!("{:<12}", "phone");
    for leaves in Leaves::ALL {
        text += &format!("{:>14}", leaves.name());
    }
    text.push('\n');
    for outcome in Outcome::ALL {
        text += &format!("{:<12}", outcome.name());
        for leaves in Leaves::ALL {
            let case = tried
                .iter()
                .find(|case| (case.outcome, case.leaves) == (outcome, leaves));
            text += &format!(
                "{:>14}",
                match case.map(|case| case.as_told) {
                    None => "-",
                    Some(true) => "as told",
                    Some(false) => "NOT",
                }
            );
        }
        text.push('\n');
    }
    text.push('\n');
    for case in tried {
        let name = format!("{}/{}", case.outcome.name(), case.leaves.name());
        text += &format!(
            "{name:<26} the phone {}; the caller {}\n",
            case.phone, case.caller
        );
    }
    text
}

/// Listens where the phone was, and asks the server how many calls it has.
async fn is_nothing_left(args: &MatrixArgs) -> Result<bool, Box<dyn Error>> {
    let began = Instant::now();
    let settled = Duration::from_secs(args.settle);
    let late = UdpSocket::bind(args.people.agent).await?;
    let (mut again, mut last_again) = (0, Duration::ZERO);
    let mut empty_after = None;
    tell(format_args!(
        "listening for {} s where the phone was",
        args.settle
    ));
    let mut datagram = vec![0; 65_536];
    while began.elapsed() < settled {
        if let Some(metrics) = args.metrics.filter(|_| empty_after.is_none())
            && active_calls(metrics).await? == 0
        {
            empty_after = Some(began.elapsed());
        }
        if let Ok(came) = timeout(Duration::from_secs(1), late.recv_from(&mut datagram)).await {
            let (length, _) = came?;
            let message = Message::parse(&datagram[..length]);
            let rings = message.is_ok_and(|message| message.method() == Some("INVITE"));
            if rings {
                again += 1;
                last_again = began.elapsed();
            }
        }
    }
    tell(format_args!(
        "INVITEs at the phone after all had left: {again}, the last after {:.1} s",
        last_again.as_secs_f64()
    ));
    let is_empty = match (args.metrics, empty_after) {
        (None, _) => {
            tell("SKIPPED: whether the server holds calls (no --metrics)");
            true
        }
        (Some(_), Some(after)) => {
            tell(format_args!(
                "no call left after {:.1} s",
                after.as_secs_f64()
            ));
            true
        }
        (Some(metrics), None) => {
            let left = active_calls(metrics).await?;
            tell(format_args!("calls left after {} s: {left}", args.settle));
            left == 0
        }
    };
    Ok(is_empty && last_again <= TIMER_B)
}

/// The server's own count of its calls, asked over HTTP.
async fn active_calls(server: SocketAddr) -> Result<u64, Box<dyn Error>> {
    let asked = async {
        let mut stream = TcpStream::connect(server).await?;
        let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = timeout(METRICS_WITHIN, asked)
        .await
        .map_err(|_| format!("{server}: no metrics within {METRICS_WITHIN:?}"))?
        .map_err(|error| format!("{server}: {error}"))?;
    // Pending ticks of the server's own renderer are given a moment.
    sleep(Duration::from_millis(10)).await;
    read_active(&answer).ok_or_else(|| format!("{server}: {ACTIVE} is not told").into())
}

fn read_active(metrics: &str) -> Option<u64> {
    if !metrics.starts_with("HTTP/1.1 200") {
        return None;
    }
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    let values = lines.filter_map(|line| {
        let (name, value) = line.rsplit_once(' ')?;
        let is_it = name == ACTIVE
            || name
                .strip_prefix(ACTIVE)
                .is_some_and(|rest| rest.starts_with('{'));
        is_it.then_some(value.parse::<f64>().ok()?)
    });
    // A gauge that was never set is told by nobody: there was no call yet.
    let all: Vec<f64> = values.collect();
    Some(all.iter().sum::<f64>().max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_count_is_read_and_a_refusal_is_none() {
        let metrics = "HTTP/1.1 200 OK\r\n\r\n# HELP bellhop_calls_active Calls\n\
                       bellhop_calls_active 3\nbellhop_calls_active_total 9\n";
        assert_eq!(read_active(metrics), Some(3));
        assert_eq!(read_active("HTTP/1.1 401 Unauthorized\r\n\r\n"), None);
        assert_eq!(read_active("HTTP/1.1 200 OK\r\n\r\n"), Some(0));
    }
}
