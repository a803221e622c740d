//! A disk that fails, fills or lags.

mod common;

use call_archive::faults::{FragileDisk, Trouble, Unsynced};
use call_archive::{
    Archive, ArchiveError, ArchiveSettings, Disk, DiskFile, OnFailure, Query, RealDisk, Recording,
};
use call_model::{CallTime, EscalationReason, Evidence, Handoff, Language, Private, Urgency};
use common::{BY_CALLER, append_frames, header, open, pressed, settings, settings_on};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

fn troubled(dir: &Path, on_failure: OnFailure) -> (Archive, FragileDisk) {
    let disk = FragileDisk::new(dir).expect("a disk");
    let settings = ArchiveSettings {
        on_failure,
        ..settings_on(dir, disk.clone())
    };
    (Archive::open(settings).expect("an archive").0, disk)
}

#[test]
fn a_full_disk_refuses_calls_and_takes_them_again_when_there_is_room() {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, disk) = troubled(dir.path(), OnFailure::RefuseCalls);
    assert!(archive.health().is_well);
    disk.set_trouble(Trouble::Full);
    let refused = archive.begin(&header(1));
    assert!(matches!(refused, Err(ArchiveError::Disk { .. })));
    assert!(!archive.health().is_well);
    let refused = archive.begin(&header(2));
    assert!(matches!(refused, Err(ArchiveError::Refusing(_))));
    disk.set_trouble(Trouble::None);
    archive.flush().expect("a flush");
    assert!(archive.health().is_well);
    drop(archive.begin(&header(3)).expect("a writer"));
}

#[test]
fn a_call_on_a_full_disk_is_told_when_its_journal_cannot_be_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, disk) = troubled(dir.path(), OnFailure::RefuseCalls);
    let mut writer = archive.begin(&header(1)).expect("a writer");
    disk.set_trouble(Trouble::Full);
    let line = pressed(CallTime::ZERO);
    let kept = (0..2_000).take_while(|_| writer.append_journal(&line).is_ok());
    assert_eq!(kept.count(), 512);
    assert!(matches!(
        writer.append_journal(&line),
        Err(ArchiveError::JournalFull(_))
    ));
    archive.flush().expect("a flush");
    disk.set_trouble(Trouble::None);
    writer.seal(CallTime::from_millis(10), BY_CALLER);
    archive.flush().expect("a flush");
    let story = archive.show(header(1).call).expect("a story");
    assert_eq!(story.journal.len(), 514);
    assert!(archive.health().failures > 0 && archive.health().is_well);
}

#[test]
fn calls_go_on_unrecorded_where_the_policy_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, disk) = troubled(dir.path(), OnFailure::GoOnUnrecorded);
    let mut running = archive.begin(&header(1)).expect("a writer");
    disk.set_trouble(Trouble::Full);
    let mut unrecorded = archive.begin(&header(2)).expect("a writer");
    assert!(running.is_kept() && !unrecorded.is_kept());
    for _ in 0..518 {
        running
            .append_journal(&pressed(CallTime::ZERO))
            .expect("gone on");
        unrecorded
            .append_journal(&pressed(CallTime::ZERO))
            .expect("gone on");
    }
    append_frames(&mut unrecorded, 0..10);
    unrecorded.seal(CallTime::ZERO, BY_CALLER);
    disk.set_trouble(Trouble::None);
    running.seal(CallTime::ZERO, BY_CALLER);
    archive.flush().expect("a flush");
    let rows = archive.find(&Query::default()).expect("rows");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].seal.as_ref().expect("a seal").lost_lines, 6);
    assert_eq!(archive.health().unrecorded_calls, 1);
    assert_eq!(archive.health().lost_lines, 6);
}

#[test]
fn sound_waits_out_a_full_disk_and_loses_nothing_below_five_seconds() {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, disk) = troubled(dir.path(), OnFailure::RefuseCalls);
    let mut writer = archive.begin(&header(1)).expect("a writer");
    append_frames(&mut writer, 0..50);
    archive.flush().expect("a flush");
    disk.set_trouble(Trouble::Full);
    append_frames(&mut writer, 50..250);
    archive.flush().expect("a flush");
    assert!(!archive.health().is_well);
    disk.set_trouble(Trouble::None);
    writer.seal(CallTime::from_millis(5_000), BY_CALLER);
    archive.flush().expect("a flush");
    let recording = Recording::open(&archive.paths(header(1).call).wav).expect("a recording");
    assert_eq!(recording.duration(), Duration::from_secs(5));
    common::assert_is_frames_from_start(recording.bot(), |place| common::frame(place).1);
}

#[test]
fn a_call_is_sealed_only_when_all_of_it_lasts() {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, disk) = troubled(dir.path(), OnFailure::RefuseCalls);
    let mut writer = archive.begin(&header(1)).expect("a writer");
    append_frames(&mut writer, 0..50);
    writer.seal(CallTime::from_millis(1_000), BY_CALLER);
    disk.set_trouble(Trouble::NoSync);
    archive.flush().expect("a flush");
    let seal = || archive.show(header(1).call).expect("a story").row.seal;
    assert_eq!(seal(), None);
    assert!(!archive.health().is_well);
    disk.set_trouble(Trouble::None);
    archive.flush().expect("a flush");
    assert_eq!(seal().map(|seal| seal.recorded_samples), Some(8_000));
    disk.cut_power(Unsynced::AllLost).expect("a power cut");
    drop(archive);
    let archive = open(dir.path());
    let seal = archive.show(header(1).call).expect("a story").row.seal;
    let seal = seal.expect("a seal");
    assert_eq!((seal.outcome, seal.recorded_samples), (BY_CALLER, 8_000));
    let report = archive.verify(header(1).call).expect("a look");
    assert!(report.expect("a report").is_intact());
}

#[test]
fn a_call_that_ends_on_a_full_disk_ends_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, disk) = troubled(dir.path(), OnFailure::RefuseCalls);
    let mut writer = archive.begin(&header(1)).expect("a writer");
    archive.flush().expect("a flush");
    writer
        .append_journal(&pressed(CallTime::ZERO))
        .expect("kept");
    append_frames(&mut writer, 0..12);
    writer.seal(CallTime::from_millis(240), BY_CALLER);
    disk.set_trouble(Trouble::Full);
    for _ in 0..3 {
        archive.flush().expect("a flush");
    }
    disk.set_trouble(Trouble::None);
    archive.flush().expect("a flush");
    let story = archive.show(header(1).call).expect("a story");
    assert_eq!((story.journal.len(), story.unread_lines), (3, 0));
    assert_eq!(story.row.seal.expect("a seal").recorded_samples, 12 * 160);
}

#[test]
fn a_file_that_takes_nothing_holds_up_no_other_call_and_not_for_ever() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let in_the_way = archive.paths(header(1).call).wav;
    std::fs::create_dir_all(&in_the_way).expect("a folder in the way");
    for number in [1, 2] {
        let writer = archive.begin(&header(number)).expect("a writer");
        writer.seal(CallTime::ZERO, BY_CALLER);
    }
    archive.flush().expect("a flush");
    let seal = |number| {
        let story = archive.show(header(number).call).expect("a story");
        story.row.seal
    };
    assert!(seal(1).is_none() && seal(2).is_some());
    assert!(!archive.health().is_well && archive.health().open_calls == 1);
    for _ in 0..240 {
        archive.flush().expect("a flush");
    }
    assert!(archive.health().is_well && archive.health().open_calls == 0);
    std::fs::remove_dir(&in_the_way).expect("removed");
    drop(archive);
    let archive = open(dir.path());
    let story = archive.show(header(1).call).expect("a story");
    assert_eq!(story.row.seal.expect("a seal").outcome, BY_CALLER);
}

/// A disk that counts how often a file was synced.
#[derive(Debug)]
struct CountingDisk {
    real: RealDisk,
    syncs: Arc<AtomicU32>,
}

#[derive(Debug)]
struct CountingFile {
    real: Box<dyn DiskFile>,
    syncs: Arc<AtomicU32>,
}

impl Disk for CountingDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.real.create_folder(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(CountingFile {
            real: self.real.open(path)?,
            syncs: Arc::clone(&self.syncs),
        }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.real.rename(from, to)
    }
    fn sync_all(&self) -> io::Result<()> {
        self.real.sync_all()
    }
}

impl DiskFile for CountingFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.real.write_at(bytes, offset)
    }
    fn set_len(&self, length: u64) -> io::Result<()> {
        self.real.set_len(length)
    }
    fn sync(&self) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.real.sync()
    }
}

#[test]
fn calls_that_arrive_together_share_one_sync_of_their_start_rows() {
    let dir = tempfile::tempdir().expect("a folder");
    let syncs = Arc::new(AtomicU32::new(0));
    let disk = CountingDisk {
        real: RealDisk::open(dir.path()).expect("a disk"),
        syncs: Arc::clone(&syncs),
    };
    let settings = ArchiveSettings {
        group: Duration::from_secs(1),
        ..settings_on(dir.path(), disk)
    };
    let (archive, _) = Archive::open(settings).expect("an archive");
    let together = Barrier::new(16);
    std::thread::scope(|scope| {
        for number in 0..16 {
            let (archive, together) = (&archive, &together);
            scope.spawn(move || {
                together.wait();
                drop(archive.begin(&header(number)).expect("a writer"));
            });
        }
    });
    assert_eq!(syncs.load(Ordering::Relaxed), 1);
    archive.flush().expect("a flush");
    assert_eq!(archive.find(&Query::default()).expect("rows").len(), 16);
}

#[test]
fn callbacks_are_on_disk_when_they_were_promised() {
    let dir = tempfile::tempdir().expect("a folder");
    let disk = FragileDisk::new(dir.path()).expect("a disk");
    let (archive, _) = Archive::open(settings_on(dir.path(), disk.clone())).expect("an archive");
    let handoff = Handoff {
        call: header(1).call,
        reason: EscalationReason::Wait,
        evidence: Evidence::default(),
        has_priority: false,
        urgency: Urgency::USUAL,
        language: Language::Zh,
        skill: None,
        target: None,
        queue: None,
        display: Private::default(),
        whisper: None,
        callback_within_s: None,
        callback_number: None,
        slots: BTreeMap::new(),
        turns: Vec::new(),
    };
    let number = Private::new("+4915100001".to_owned());
    archive.book_callback(&handoff, &number).expect("booked");
    disk.cut_power(Unsynced::AllLost).expect("a power cut");
    drop(archive);
    let booked = open(dir.path()).callbacks().expect("callbacks");
    assert_eq!(booked.len(), 1);
    assert_eq!((&booked[0].number, &booked[0].handoff), (&number, &handoff));
}

#[test]
fn a_disk_that_hangs_does_not_hold_a_call_for_ever() {
    let dir = tempfile::tempdir().expect("a folder");
    let settings = ArchiveSettings {
        group: Duration::from_millis(400),
        start_within: Duration::from_millis(1),
        ..settings(dir.path())
    };
    let (archive, _) = Archive::open(settings).expect("an archive");
    let late = archive.begin(&header(1));
    assert!(matches!(late, Err(ArchiveError::TooSlow(_))));
}
