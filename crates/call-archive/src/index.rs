//! The index: one row a call, so that calls are found without reading their files.
//! Nothing stands here that the files do not hold; it can be deleted at any time.

use crate::query::{CallRow, Query, outcome_name};
use crate::seal::Seal;
use crate::{ArchiveError, Result};
use call_model::{CallHeader, CallId, EscalationReason};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The layout of the tables; another number means: build the index anew.
const LAYOUT: i64 = 1;

const TABLES: &str = "
    CREATE TABLE calls (
        call TEXT PRIMARY KEY, started INTEGER NOT NULL, trunk TEXT NOT NULL,
        caller TEXT NOT NULL, called TEXT NOT NULL, outcome TEXT, reason TEXT,
        header TEXT NOT NULL, seal TEXT) WITHOUT ROWID;
    CREATE INDEX by_start ON calls (started);
    CREATE TABLE settled (starts TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;";

const FIND: &str = "
    SELECT header, seal FROM calls
    WHERE (?1 IS NULL OR started >= ?1) AND (?2 IS NULL OR started < ?2)
      AND (?3 IS NULL OR outcome = ?3) AND (?4 IS NULL OR trunk = ?4)
      AND (?5 IS NULL OR instr(caller, ?5)) AND (?6 IS NULL OR instr(called, ?6))
      AND (?7 IS NULL OR reason = ?7)
    ORDER BY started DESC, call DESC LIMIT ?8";

/// A connection to the index.
#[derive(Debug)]
pub(crate) struct Index {
    connection: Connection,
    path: PathBuf,
}

impl Index {
    /// Opens the index for writing; one that is missing, broken or of another layout
    /// is made anew and is empty.
    pub fn open(path: &Path) -> Result<Self> {
        if let Ok(index) = Self::open_existing(path) {
            return Ok(index);
        }
        for ending in ["", "-wal", "-shm"] {
            // What is not there need not be deleted; what cannot be fails below.
            let _ = std::fs::remove_file(beside(path, ending));
        }
        let index = Self::connect(path, OpenFlags::default())?;
        index.connection.execute_batch(TABLES)?;
        index
            .connection
            .pragma_update(None, "user_version", LAYOUT)?;
        Ok(index)
    }

    /// An index that was not closed is looked through before it is trusted.
    fn open_existing(path: &Path) -> Result<Self> {
        let was_closed = !beside(path, "-wal").exists();
        let index = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        match index.layout()? == LAYOUT && (was_closed || index.is_sound()?) {
            true => Ok(index),
            false => Err(ArchiveError::Index("unsound or of another layout".into())),
        }
    }

    fn is_sound(&self) -> Result<bool> {
        let check = "PRAGMA quick_check(1)";
        let answer = self
            .connection
            .query_row(check, [], |row| row.get::<_, String>(0))?;
        Ok(answer == "ok")
    }

    /// Opens the index for reading, also while another process writes it.
    pub fn open_to_read(path: &Path) -> Result<Self> {
        let missing = |_| ArchiveError::NoArchive(path.parent().unwrap_or(path).to_owned());
        std::fs::metadata(path).map_err(missing)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(2))?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(2))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    fn layout(&self) -> Result<i64> {
        let version = "user_version";
        Ok(self
            .connection
            .pragma_query_value(None, version, |row| row.get(0))?)
    }

    /// Notes that a call has begun.
    pub fn begun(&self, header: &CallHeader) -> Result<()> {
        self.put("INSERT OR IGNORE", header, None)
    }

    /// Notes that a call is over.
    pub fn over(&self, header: &CallHeader, seal: &Seal) -> Result<()> {
        self.put("INSERT OR REPLACE", header, Some(seal))
    }

    fn put(&self, verb: &str, header: &CallHeader, seal: Option<&Seal>) -> Result<()> {
        let json = |error| ArchiveError::malformed(&self.path, error);
        let sealed = seal.map(serde_json::to_string).transpose().map_err(json)?;
        let sql = format!("{verb} INTO calls VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        self.connection.prepare_cached(&sql)?.execute(params![
            header.call.to_string(),
            sql_integer(header.started_unix_millis),
            header.trunk,
            header.caller.reveal(),
            header.called,
            seal.map(|seal| outcome_name(seal.outcome)),
            seal.and_then(|seal| seal.escalation)
                .map(EscalationReason::name),
            serde_json::to_string(header).map_err(json)?,
            sealed,
        ])?;
        Ok(())
    }

    /// Does `work` as one step.
    pub fn at_once<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let step = self.connection.unchecked_transaction()?;
        let done = work(self)?;
        step.commit()?;
        Ok(done)
    }

    /// How much of a file of start rows needs no second look.
    pub fn settled(&self, starts: &str) -> Result<u64> {
        let sql = "SELECT bytes FROM settled WHERE starts = ?1";
        let bytes: Option<i64> = self
            .connection
            .query_row(sql, [starts], |row| row.get(0))
            .optional()?;
        Ok(bytes
            .and_then(|bytes| u64::try_from(bytes).ok())
            .unwrap_or(0))
    }

    /// Notes that a file of start rows needs no second look up to here.
    pub fn settle(&self, starts: &str, bytes: u64) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO settled VALUES (?1, ?2)";
        self.connection
            .execute(sql, params![starts, sql_integer(bytes)])?;
        Ok(())
    }

    /// The calls that match, the latest first.
    pub fn find(&self, query: &Query) -> Result<Vec<CallRow>> {
        let mut statement = self.connection.prepare_cached(FIND)?;
        let rows = statement.query_map(
            params![
                query.since.map(sql_integer),
                query.until.map(sql_integer),
                query.outcome.map(outcome_name),
                query.trunk,
                query.caller,
                query.called,
                query.reason.map(EscalationReason::name),
                query.limit,
            ],
            columns,
        )?;
        rows.map(|columns| self.row(columns?)).collect()
    }

    /// One call, if there is such a call.
    pub fn call(&self, call: CallId) -> Result<Option<CallRow>> {
        let sql = "SELECT header, seal FROM calls WHERE call = ?1";
        let found = self
            .connection
            .query_row(sql, [call.to_string()], columns)
            .optional()?;
        found.map(|columns| self.row(columns)).transpose()
    }

    fn row(&self, (header, seal): Columns) -> Result<CallRow> {
        let json = |error| ArchiveError::malformed(&self.path, error);
        let seal = seal.as_deref().map(serde_json::from_str).transpose();
        Ok(CallRow {
            header: serde_json::from_str(&header).map_err(json)?,
            seal: seal.map_err(json)?,
        })
    }
}

/// One of the files that SQLite keeps beside the database.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut file = path.as_os_str().to_owned();
    file.push(ending);
    file.into()
}

type Columns = (String, Option<String>);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?))
}

/// SQLite counts to 2^63.
fn sql_integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_is_no_database_is_made_anew() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("index.sqlite");
        std::fs::write(&path, "not a database at all").expect("write");
        let index = Index::open(&path).expect("an index");
        assert!(index.find(&Query::default()).expect("rows").is_empty());
    }
}
