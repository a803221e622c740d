//! Many calls held at once: what each costs the server.

use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service};
use crate::steps::Done;
use crate::usage::Running;
use crate::workshop::Workshop;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// What a call may take of memory while it is held.
const MOST_KB_A_CALL: f64 = 200.0;
/// How long the calls are held.
const HELD_SECONDS: u64 = 20;
/// Calls that come first, so that what the server fetches once is not counted.
const WARM_UP_CALLS: u32 = 5;
/// How often the server's memory is read.
const LOOK: Duration = Duration::from_millis(200);
/// Placing and ending the calls may take so much longer than holding them.
const AROUND: Duration = Duration::from_secs(90);

/// Holds `calls` silent calls with a server of our own, and holds memory to its bar.
pub fn run(workshop: &Workshop, calls: u32) -> Result<Done, String> {
    let folder = workshop.folder_without_calls("verify-held")?;
    let service = Service::front_desk(workshop, Ear::Deaf);
    let server = Server::start(workshop, &folder, &service)?;
    let cost = measure(workshop, &server, calls);
    let stopped = server.stop();
    let cost = cost?;
    stopped?;
    cost.print(calls);
    if cost.kb_a_call(calls) > MOST_KB_A_CALL {
        return Err(format!("a call may take {MOST_KB_A_CALL} KB"));
    }
    Ok(Done::Passed)
}

/// What the server took for the held calls.
#[derive(Clone, Copy, Debug)]
struct Cost {
    before_kb: u64,
    peak_kb: u64,
    cpu: Duration,
}

impl Cost {
    fn kb_a_call(&self, calls: u32) -> f64 {
        self.peak_kb.saturating_sub(self.before_kb) as f64 / f64::from(calls.max(1))
    }

    fn print(&self, calls: u32) {
        let call_seconds = f64::from(calls.max(1)) * HELD_SECONDS as f64;
        println!(
            "   memory: {} KB before, {} KB at the most with {calls} calls: {:.1} KB a call \
             (bar {MOST_KB_A_CALL} KB)",
            self.before_kb,
            self.peak_kb,
            self.kb_a_call(calls),
        );
        println!(
            "   CPU: {:.2} s, {:.2} ms a second of a call",
            self.cpu.as_secs_f64(),
            1e3 * self.cpu.as_secs_f64() / call_seconds,
        );
    }
}

fn measure(workshop: &Workshop, server: &Server, calls: u32) -> Result<Cost, String> {
    let program = server.running()?;
    println!("   {WARM_UP_CALLS} calls to warm up:");
    workshop.run(
        &mut hold(workshop, server, WARM_UP_CALLS, 3),
        Patience(AROUND),
    )?;
    let (before_kb, cpu_before) = (program.resident_kb()?, program.cpu()?);
    println!("   {calls} calls for {HELD_SECONDS} s:");
    let mut callers = Group::start(&mut hold(workshop, server, calls, HELD_SECONDS))?;
    let peak_kb = peak_until_ended(&program, &mut callers)?;
    let cpu = program.cpu()?.saturating_sub(cpu_before);
    Ok(Cost {
        before_kb,
        peak_kb,
        cpu,
    })
}

fn hold(workshop: &Workshop, server: &Server, calls: u32, seconds: u64) -> Command {
    let mut hold = workshop.program("loadtest");
    hold.args([
        "hold",
        "--target",
        &format!("sip:front-desk@{}", server.sip),
    ])
    .args(["--calls", &calls.to_string()])
    .args(["--seconds", &seconds.to_string()]);
    hold
}

/// The most memory the server had while the callers were there; all of them must have
/// been served.
fn peak_until_ended(server: &Running, callers: &mut Group) -> Result<u64, String> {
    let limit = Duration::from_secs(HELD_SECONDS) + AROUND;
    let began = Instant::now();
    let mut peak = server.resident_kb()?;
    while began.elapsed() < limit {
        if let Some(status) = callers.ended()? {
            return match status.success() {
                true => Ok(peak),
                false => Err(format!("the held calls ended with {status}")),
            };
        }
        peak = peak.max(server.resident_kb()?);
        thread::sleep(LOOK);
    }
    Err(format!("the held calls took longer than {limit:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_before_is_no_calls_cost() {
        let cost = Cost {
            before_kb: 50_000,
            peak_kb: 70_000,
            cpu: Duration::from_secs(4),
        };
        assert!((cost.kb_a_call(200) - 100.0).abs() < 1e-9);
        let shrunk = Cost {
            peak_kb: 40_000,
            ..cost
        };
        assert!(shrunk.kb_a_call(200).abs() < 1e-9);
    }
}
