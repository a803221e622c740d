//! Many calls at once, placed by SIPp's own `uac` scenario: INVITE, ACK, a pause, BYE.

use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service, free_udp};
use crate::steps::Done;
use crate::workshop::Workshop;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// New calls a second.
const RATE: u32 = 50;
/// How long each call stays.
const STAY: Duration = Duration::from_secs(2);

/// Places `calls` calls at 50 a second with a server of our own; each must succeed.
pub fn run(workshop: &Workshop, calls: u32) -> Result<Done, String> {
    let folder = workshop.folder_without_calls("verify-sipp")?;
    let server = Server::start(workshop, &folder, &Service::front_desk(workshop, Ear::Deaf))?;
    let tally = place(&server, &folder, calls);
    let stopped = server.stop();
    let tally = tally?;
    stopped?;
    println!(
        "   SIPp: {} calls succeeded, {} failed",
        tally.succeeded, tally.failed
    );
    match tally {
        Tally {
            succeeded,
            failed: 0,
        } if succeeded == calls => Ok(Done::Passed),
        Tally { .. } => Err(format!(
            "{calls} calls were to succeed; see {}",
            folder.display()
        )),
    }
}

fn place(server: &Server, folder: &Path, calls: u32) -> Result<Tally, String> {
    let local = free_udp()?;
    let limit = STAY + Duration::from_secs(u64::from(calls / RATE) + 60);
    let mut sipp = Command::new("sipp");
    sipp.current_dir(folder)
        .args([&server.sip.to_string(), "-sn", "uac", "-s", "front-desk"])
        .args(["-i", "127.0.0.1", "-p", &local.port().to_string()])
        .args(["-m", &calls.to_string(), "-r", &RATE.to_string()])
        .args(["-d", &STAY.as_millis().to_string()])
        .args([
            "-timeout",
            &format!("{}s", limit.as_secs()),
            "-timeout_error",
        ])
        .args(["-nostdin", "-trace_err", "-error_file", "sipp-errors.log"]);
    let screen = folder.join("sipp-screen.log");
    let problem = |error: std::io::Error| format!("{}: {error}", screen.display());
    let output = File::create(&screen).map_err(problem)?;
    let errors = output.try_clone().map_err(problem)?;
    let mut group = Group::start_writing_to(&sipp, Stdio::from(output), Stdio::from(errors))?;
    group.wait(Patience(limit + Duration::from_secs(30)))?;
    let screen_text = fs::read_to_string(&screen).map_err(problem)?;
    Tally::read(&screen_text)
        .ok_or_else(|| format!("SIPp counted nothing; see {}", screen.display()))
}

/// How SIPp's calls went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Tally {
    succeeded: u32,
    failed: u32,
}

impl Tally {
    /// Reads the last statistics screen.
    fn read(screen: &str) -> Option<Self> {
        let last = |name: &str| {
            let line = screen
                .lines()
                .rev()
                .find(|line| line.trim_start().starts_with(name))?;
            line.rsplit('|').next()?.trim().parse().ok()
        };
        Some(Self {
            succeeded: last("Successful call")?,
            failed: last("Failed call")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_statistics_screen_counts() {
        let screen = "\
  Successful call        |        0                  |       50
  Failed call            |        0                  |        2
-------------------------+---------------------------+--------
  Successful call        |        0                  |       97
  Failed call            |        1                  |        3
  Response Time 1        | 00:00:00:000000           | 00:00:00:000000
";
        let tally = Tally::read(screen).expect("a tally");
        assert_eq!((tally.succeeded, tally.failed), (97, 3));
        assert_eq!(Tally::read("sipp: command failed"), None);
    }
}
