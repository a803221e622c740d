//! Kill −9 in mid-call: every recording opens, little is lost, no call is forgotten.
//! `BELLHOP_CRASHES` says how many times; two without it.

mod support;

use call_archive::{ArchiveReader, Query, Recording};
use call_model::CallOutcome;
use std::time::{Duration, Instant};
use support::{Caller, Server};

/// Sound that a crash may take.
const LOST_MAX: Duration = Duration::from_secs(1);

#[test]
fn kill_nine_in_mid_call_leaves_recordings_that_open_and_rows_that_say_so() {
    let times = std::env::var("BELLHOP_CRASHES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2);
    let mut folder = tempfile::tempdir().expect("a folder");
    let mut spoken = Vec::new();
    for round in 0..times {
        let server = Server::start_in(folder, "none");
        let mut caller = Caller::call(&server, "100");
        let began = Instant::now();
        caller.stay(Duration::from_millis(2_500 + 173 * round));
        spoken.push(began.elapsed());
        folder = server.kill();
    }
    let server = Server::start_in(folder, "none");
    let archive = ArchiveReader::open(&server.archive()).expect("an archive");
    let mut rows = archive.find(&Query::default()).expect("rows");
    rows.sort_by_key(|row| row.header.started_unix_millis);
    assert_eq!(rows.len(), spoken.len());
    for (row, spoken) in rows.iter().zip(spoken) {
        let seal = row.seal.as_ref().expect("sealed by recovery");
        assert_eq!(seal.outcome, CallOutcome::Interrupted);
        let wav = archive.paths(row.header.call).wav;
        let recording = Recording::open(&wav).expect("the recording opens");
        let lost = spoken.saturating_sub(recording.duration());
        println!("lost {} ms of {} ms", lost.as_millis(), spoken.as_millis());
        assert!(lost <= LOST_MAX, "{lost:?} lost of {spoken:?}");
        assert!(
            archive
                .verify(row.header.call)
                .expect("read")
                .expect("sealed")
                .is_intact()
        );
    }
}
