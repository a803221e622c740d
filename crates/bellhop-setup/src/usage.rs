//! What a running program costs, as Linux counts it in `/proc` (proc(5)).

use std::fs;
use std::time::Duration;

/// A running program.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    process: u32,
}

impl Running {
    /// The program of this name in a process group.
    pub fn in_group(group: u32, name: &str) -> Result<Self, String> {
        let problem = |error: std::io::Error| format!("/proc: {error}");
        let processes = fs::read_dir("/proc")
            .map_err(problem)?
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_it = |process: &u32| {
            let stat = Stat::of(*process);
            stat.is_some_and(|stat| stat.group == group && stat.name == name)
        };
        let mut found = processes.filter(is_it);
        let process = found.next();
        process
            .map(|process| Self { process })
            .ok_or_else(|| format!("no {name} runs in group {group}"))
    }

    /// Its resident memory in kilobytes (`VmRSS`).
    pub fn resident_kb(&self) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.process);
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        resident_kb(&text).ok_or_else(|| format!("{path} names no VmRSS"))
    }

    /// The CPU time it took so far, user and system.
    pub fn cpu(&self) -> Result<Duration, String> {
        let stat = Stat::of(self.process);
        stat.map(|stat| stat.cpu)
            .ok_or_else(|| format!("process {} is gone", self.process))
    }
}

fn resident_kb(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// What `/proc/PID/stat` tells.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Stat {
    name: String,
    group: u32,
    cpu: Duration,
}

impl Stat {
    fn of(process: u32) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    /// The name stands in brackets and may hold anything, brackets too.
    fn read(text: &str) -> Option<Self> {
        let (head, tail) = text.rsplit_once(") ")?;
        let (_, name) = head.split_once('(')?;
        let fields: Vec<_> = tail.split(' ').collect();
        let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
        Some(Self {
            name: name.to_owned(),
            group: fields.get(2)?.parse().ok()?,
            // In hundredths of a second.
            cpu: Duration::from_millis((number(11)? + number(12)?) * 10),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_what_follows() {
        let text = "77 (odd) name) S 1 70 70 0 -1 4194560 9 0 0 0 150 25 3 4 20 0 1 0 5 6 7";
        let stat = Stat::read(text).expect("readable");
        assert_eq!((stat.name.as_str(), stat.group), ("odd) name", 70));
        assert_eq!(stat.cpu, Duration::from_millis(1_750));
        assert_eq!(Stat::read("77 (cut"), None);
    }

    #[test]
    fn resident_memory_is_read_in_kilobytes() {
        let status = "VmPeak:\t 2000 kB\nVmRSS:\t    1234 kB\nThreads:\t3\n";
        assert_eq!(resident_kb(status), Some(1_234));
        assert_eq!(resident_kb("Name:\tkernel thread\n"), None);
    }

    #[test]
    fn this_very_program_is_found_and_has_memory() {
        let own = Stat::of(std::process::id()).expect("we run");
        let found = Running::in_group(own.group, &own.name).expect("found");
        assert!(found.resident_kb().is_ok_and(|kb| kb > 100));
        assert!(found.cpu().is_ok());
    }
}
