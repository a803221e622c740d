//! Recordings, journals and their index: what was promised to be kept is kept,
//! also through a crash or a power cut.
//!
//! ```text
//! starts/2026-01-31.jsonl         a row a call, on disk before the call is answered
//! calls/2026/01/31/<call>.wav     stereo, caller left, bot right; opens at any time
//! calls/2026/01/31/<call>.jsonl   the journal: what happened, line by line
//! calls/2026/01/31/<call>.seal.json   hashes, length and outcome of a finished call
//! calls/2026/01/31/<call>.revised.json   its words as another engine heard them afterwards
//! plans/<digest>.json             compiled plans, for replays
//! callbacks.jsonl                 callbacks that were promised
//! index.sqlite                    found again from all this if it is lost
//! ```
//!
//! A [`CallWriter`] never waits: what it is given goes to a bounded mailbox. One
//! writer thread empties all mailboxes in rounds (every 250 ms unless set otherwise),
//! and ends each round with one `syncfs(2)` for all calls. Sound travels in blocks
//! of 100 ms. While a sync takes less than the interval, a killed process loses at
//! most 350 ms of sound, and a power cut that and the time of one sync; a sync that
//! takes longer stands in the interval's place.

mod archive;
mod call_writer;
mod disk;
mod error;
pub mod faults;
mod feed;
mod health;
mod index;
mod keeper;
mod layout;
mod ledger;
mod open_call;
mod promise;
mod query;
mod reader;
mod recovery;
mod revision;
mod seal;
mod settings;
mod verify;
mod wav;
mod writer;

pub use archive::Archive;
pub use call_writer::CallWriter;
pub use disk::{Disk, DiskFile, RealDisk};
pub use error::{ArchiveError, Result};
pub use health::ArchiveHealth;
pub use layout::CallPaths;
pub use query::{CallRow, Query, outcome_name};
pub use reader::{ArchiveReader, CallStory, Callback};
pub use recovery::RecoveryReport;
pub use revision::{HeardAgain, RevisedTurn, Revision, Revisions};
pub use seal::Seal;
pub use settings::{ArchiveSettings, OnFailure};
pub use verify::{FileCheck, VerifyReport};
pub use wav::Recording;
