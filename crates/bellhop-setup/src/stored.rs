//! The calls that the steps left behind, decided again.

use crate::process::Patience;
use crate::steps::Done;
use crate::unanswered;
use crate::workshop::Workshop;
use std::path::PathBuf;

/// Every folder whose step keeps an archive.
pub const ARCHIVES: [&str; 12] = [
    "demo",
    "verify-sipp",
    "verify-held",
    "verify-reload",
    "verify-softphone",
    "verify-digits",
    "verify-commands",
    "verify-reach-english",
    "verify-reach-mandarin",
    "verify-wait",
    "verify-outcomes",
    unanswered::FOLDER,
];

/// How long one archive may take.
const PATIENCE: Patience = Patience::minutes(10);

/// Clears all of them, so that no call of an earlier build is taken for one of this.
pub fn forget(workshop: &Workshop) -> Result<(), String> {
    ARCHIVES
        .iter()
        .try_for_each(|purpose| workshop.folder_without_calls(purpose).map(drop))
}

/// Replays every journal of every archive that is there; each decision must be the same.
pub fn run(workshop: &Workshop) -> Result<Done, String> {
    let mut replayed = 0;
    for purpose in ARCHIVES {
        let archive = workshop.folder(purpose)?.join("archive");
        if archive.join("calls").is_dir() {
            println!("   {purpose}:");
            replay(workshop, archive).map_err(|why| format!("{purpose}: {why}"))?;
            replayed += 1;
        }
    }
    match replayed {
        0 => Err("no step has left a call".into()),
        _ => Ok(Done::Passed),
    }
}

/// Replays every journal of one archive.
pub fn replay(workshop: &Workshop, archive: PathBuf) -> Result<(), String> {
    let mut replay = workshop.program("bellhop");
    let calls = archive.join("calls");
    replay.arg("replay").arg("--archive").args([archive, calls]);
    workshop.run(&mut replay, PATIENCE)
}
