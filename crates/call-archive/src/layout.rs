//! Which file of the archive lies where.

use crate::{ArchiveError, Result};
use call_model::CallId;
use std::path::{Path, PathBuf};

/// The files of one call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallPaths {
    /// The recording: stereo, caller left, bot right. Absent if the call was not recorded.
    pub wav: PathBuf,
    /// The journal: JSON, one line an entry.
    pub journal: PathBuf,
    /// The seal: hashes, length, outcome. Absent while the call runs.
    pub seal: PathBuf,
    /// The words as another engine heard them afterwards. Absent where none did.
    pub revision: PathBuf,
}

/// The archive's folder and the names in it. Days are days of UTC.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    dir: PathBuf,
}

impl Layout {
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn starts_folder(&self) -> PathBuf {
        self.dir.join("starts")
    }

    pub fn starts(&self, call: CallId) -> PathBuf {
        let Day { year, month, day } = Day::of(call);
        self.starts_folder()
            .join(format!("{year:04}-{month:02}-{day:02}.jsonl"))
    }

    pub fn call_folder(&self, call: CallId) -> PathBuf {
        let Day { year, month, day } = Day::of(call);
        self.dir
            .join(format!("calls/{year:04}/{month:02}/{day:02}"))
    }

    pub fn call(&self, call: CallId) -> CallPaths {
        let folder = self.call_folder(call);
        CallPaths {
            wav: folder.join(format!("{call}.wav")),
            journal: folder.join(format!("{call}.jsonl")),
            seal: folder.join(format!("{call}.seal.json")),
            revision: folder.join(format!("{call}.revised.json")),
        }
    }

    pub fn plans_folder(&self) -> PathBuf {
        self.dir.join("plans")
    }

    pub fn plan(&self, digest: &str) -> Result<PathBuf> {
        let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        match is_digest {
            true => Ok(self.plans_folder().join(format!("{digest}.json"))),
            false => Err(ArchiveError::NoDigest(digest.chars().take(80).collect())),
        }
    }

    pub fn callbacks(&self) -> PathBuf {
        self.dir.join("callbacks.jsonl")
    }

    pub fn index(&self) -> PathBuf {
        self.dir.join("index.sqlite")
    }

    pub fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }

    pub fn probe(&self) -> PathBuf {
        self.dir.join("probe")
    }
}

/// A day of the Gregorian calendar.
#[derive(Debug, PartialEq)]
struct Day {
    year: u64,
    month: u64,
    day: u64,
}

impl Day {
    fn of(call: CallId) -> Self {
        Self::since_1970(call.unix_millis() / 86_400_000)
    }

    /// Counts from 1 March, so that the leap day is a year's last; a cycle of the
    /// calendar is 400 years of 146,097 days.
    fn since_1970(days: u64) -> Self {
        let days = days + 719_468;
        let (cycle, day_of_cycle) = (days / 146_097, days % 146_097);
        let leap_days = day_of_cycle / 1_460 + day_of_cycle / 146_096 - day_of_cycle / 36_524;
        let year_of_cycle = (day_of_cycle - leap_days) / 365;
        let years_days = 365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100;
        let day_of_year = day_of_cycle - years_days;
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        Self {
            year: cycle * 400 + year_of_cycle + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_fall_where_the_calendar_has_them() {
        let table = [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_454, (2026, 1, 1)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ];
        for (days, (year, month, day)) in table {
            assert_eq!(Day::since_1970(days), Day { year, month, day }, "{days}");
        }
    }

    #[test]
    fn a_year_of_days_runs_without_a_step() {
        let mut last = Day::since_1970(19_999);
        for days in 20_000..24_000 {
            let day = Day::since_1970(days);
            let next_day = day.day == last.day + 1 && day.month == last.month;
            let next_month = day.day == 1 && (28..=31).contains(&last.day);
            assert!(next_day || next_month, "{last:?} then {day:?}");
            last = day;
        }
    }

    #[test]
    fn a_digest_cannot_lead_out_of_the_folder() {
        let layout = Layout::new(Path::new("a"));
        assert!(layout.plan("../../etc/passwd").is_err());
        assert!(layout.plan(&"0f".repeat(32)).is_ok());
    }
}
