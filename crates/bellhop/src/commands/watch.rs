//! `bellhop watch`: calls as they happen, told from their journals.

use super::journals;
use crate::timeline::Timeline;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often the archive is looked at.
const LOOK: Duration = Duration::from_millis(150);

/// Follows every journal that appears from now on.
pub fn run(archive: &Path, idle_s: u64) -> anyhow::Result<ExitCode> {
    let roots = [archive.join("calls")];
    let known = if roots[0].is_dir() {
        journals::find(&roots)?
    } else {
        Vec::new()
    };
    let mut followed: BTreeMap<PathBuf, Option<Follower>> =
        known.into_iter().map(|path| (path, None)).collect();
    let mut last_news = Instant::now();
    loop {
        let present = if roots[0].is_dir() {
            journals::find(&roots)?
        } else {
            Vec::new()
        };
        for path in present {
            followed
                .entry(path)
                .or_insert_with(|| Some(Follower::default()));
        }
        for (path, follower) in &mut followed {
            let Some(open) = follower else { continue };
            let told = open.read_on(path)?;
            if !told.is_empty() {
                last_news = Instant::now();
                let mut out = std::io::stdout().lock();
                out.write_all(told.as_bytes())?;
                out.flush()?;
            }
            if open.has_ended {
                *follower = None;
            }
        }
        if idle_s > 0 && last_news.elapsed() > Duration::from_secs(idle_s) {
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(LOOK);
    }
}

/// One journal that is read as it grows.
struct Follower {
    place: u64,
    timeline: Timeline,
    has_ended: bool,
}

impl Default for Follower {
    fn default() -> Self {
        let timeline = Timeline::new(std::io::stdout().is_terminal());
        Self {
            place: 0,
            timeline,
            has_ended: false,
        }
    }
}

impl Follower {
    fn read_on(&mut self, path: &Path) -> anyhow::Result<String> {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(self.place))?;
        let mut bytes = Vec::new();
        self.place += file.read_to_end(&mut bytes)? as u64;
        // A character may be cut in two by the end of what is written so far: leave it for later.
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        self.place -= (bytes.len() - whole) as u64;
        let lines = String::from_utf8_lossy(&bytes[..whole]);
        let mut told = String::new();
        for line in journals::lines(&lines) {
            told += &self.timeline.tell(&line);
            self.has_ended |= matches!(line, call_model::JournalLine::End(..));
        }
        Ok(told)
    }
}
