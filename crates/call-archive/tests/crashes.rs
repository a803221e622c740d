//! What a crash or a power cut leaves is brought to an end at the next start.

mod common;

use call_archive::faults::{FragileDisk, Unsynced};
use call_archive::{Archive, ArchiveReader, Query, Recording, RecoveryReport};
use call_model::{
    CallAction, CallId, CallInput, CallOutcome, CallTime, EscalationReason, Evidence, Handoff,
    JournalEntry, JournalLine, Language, PersonOutcome, Private, Urgency,
};
use common::{
    BY_CALLER, append_frames, assert_is_frames_from_start, frame, header, pressed, settings,
    settings_on,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Frames between two rounds at the usual interval of 250 ms, rounded up.
const ROUND_FRAMES: u64 = 13;

fn reopen(dir: &Path) -> (Archive, RecoveryReport) {
    Archive::open(settings(dir)).expect("an archive after a crash")
}

/// Three calls begin, talk for so many frames with a round in every 260 ms, and then
/// the power goes.
fn lose_power_after(dir: &Path, frames: u64, unsynced: Unsynced) {
    let disk = FragileDisk::new(dir).expect("a disk");
    let (archive, _) = Archive::open(settings_on(dir, disk.clone())).expect("an archive");
    let mut writers: Vec<_> = (0..3)
        .map(|number| archive.begin(&header(number)).expect("a writer"))
        .collect();
    for place in 0..frames {
        for writer in &mut writers {
            append_frames(writer, place..place + 1);
            let at = CallTime::from_millis(place * 20);
            writer.append_journal(&pressed(at)).expect("kept");
        }
        if place % ROUND_FRAMES == ROUND_FRAMES - 1 {
            archive.flush().expect("a flush");
        }
    }
    disk.cut_power(unsynced).expect("a power cut");
    drop(writers);
}

/// Every call has its row, opens, lost a second at most, and holds what it held.
fn assert_all_is_mended(archive: &Archive, frames: u64) {
    let rows = archive.find(&Query::default()).expect("rows");
    assert_eq!(rows.len(), 3);
    for row in rows {
        let call = row.header.call;
        let seal = row.seal.expect("a seal");
        assert_eq!(seal.outcome, CallOutcome::Interrupted);
        let recording = Recording::open(&archive.paths(call).wav).expect("a recording");
        assert!(recording.is_whole());
        let spoken = Duration::from_millis(frames * 20);
        let lost = spoken.saturating_sub(recording.duration());
        assert!(
            lost <= Duration::from_secs(1),
            "{lost:?} of {spoken:?} lost"
        );
        assert_eq!(recording.duration(), seal.recorded());
        let story = archive.show(call).expect("a story");
        assert_eq!(story.unread_lines, 0);
        assert_eq!(story.journal[0], JournalLine::Begin(Box::new(row.header)));
        let end = JournalLine::End(seal.ended, CallOutcome::Interrupted);
        assert_eq!(story.journal.last(), Some(&end));
        let journaled = story.journal.len() as u64 - 2;
        assert!(journaled + 50 >= frames, "{journaled} of {frames} lines");
        let report = archive.verify(call).expect("a look").expect("a report");
        assert!(report.is_intact());
    }
}

#[test]
fn a_power_cut_takes_no_more_than_a_second_of_any_call() {
    for frames in [0, 1, 12, 13, 14, 130, 257, 499] {
        let dir = tempfile::tempdir().expect("a folder");
        lose_power_after(dir.path(), frames, Unsynced::AllLost);
        let (archive, report) = reopen(dir.path());
        assert_eq!((report.calls, report.interrupted), (3, 3));
        assert_all_is_mended(&archive, frames);
        for number in 0..3 {
            let wav = archive.paths(header(number).call).wav;
            let recording = Recording::open(&wav).expect("a recording");
            assert_is_frames_from_start(recording.caller(), |place| frame(place).0);
        }
    }
}

#[test]
fn recovery_does_the_same_whether_the_index_is_there_or_not() {
    let dir = tempfile::tempdir().expect("a folder");
    lose_power_after(dir.path(), 100, Unsynced::AllLost);
    let (archive, _) = reopen(dir.path());
    let rows = archive.find(&Query::default()).expect("rows");
    drop(archive);
    fs::remove_file(dir.path().join("index.sqlite")).expect("remove");
    let (archive, report) = reopen(dir.path());
    assert_eq!((report.calls, report.interrupted), (3, 0));
    assert_eq!(archive.find(&Query::default()).expect("rows"), rows);
}

#[test]
fn what_was_recovered_once_is_not_looked_at_again() {
    let dir = tempfile::tempdir().expect("a folder");
    lose_power_after(dir.path(), 30, Unsynced::AllLost);
    drop(reopen(dir.path()));
    let (archive, report) = reopen(dir.path());
    assert_eq!((report.calls, report.interrupted), (0, 0));
    let writer = archive.begin(&header(7)).expect("a writer");
    drop(archive);
    drop(writer);
    let (_archive, report) = reopen(dir.path());
    assert_eq!((report.calls, report.interrupted), (1, 1));
}

#[test]
fn a_call_that_ended_but_was_not_sealed_keeps_its_outcome() {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, _) = reopen(dir.path());
    let mut writer = archive.begin(&header(1)).expect("a writer");
    append_frames(&mut writer, 0..10);
    writer.seal(CallTime::from_millis(200), BY_CALLER);
    archive.flush().expect("a flush");
    let paths = archive.paths(header(1).call);
    drop(archive);
    fs::remove_file(&paths.seal).expect("remove");
    fs::remove_file(dir.path().join("index.sqlite")).expect("remove");
    let (archive, report) = reopen(dir.path());
    assert_eq!((report.sealed_late, report.interrupted), (1, 0));
    assert_eq!((report.mended_recordings, report.cut_journals), (0, 0));
    let row = archive.show(header(1).call).expect("a story").row;
    assert_eq!(row.seal.expect("a seal").outcome, BY_CALLER);
}

#[test]
fn a_torn_start_row_belongs_to_nobody_and_hurts_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, _) = reopen(dir.path());
    drop(archive.begin(&header(1)).expect("a writer"));
    archive.flush().expect("a flush");
    drop(archive);
    let starts = fs::read_dir(dir.path().join("starts")).expect("a folder");
    let path = starts.last().expect("a file").expect("an entry").path();
    let mut rows = fs::read(&path).expect("rows");
    rows.extend(b"{\"call\":\"0123");
    rows.extend([b'4'; 2_000]);
    fs::write(&path, rows).expect("write");
    let (archive, report) = reopen(dir.path());
    assert_eq!(report.unreadable_starts, 1);
    drop(archive.begin(&header(2)).expect("a writer"));
    drop(archive);
    fs::remove_file(dir.path().join("index.sqlite")).expect("remove");
    let (archive, report) = reopen(dir.path());
    assert_eq!((report.calls, report.unreadable_starts), (2, 0));
    assert_eq!(archive.find(&Query::default()).expect("rows").len(), 2);
}

#[test]
fn a_torn_line_of_any_length_leaves_no_trace_behind_the_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let (call, ..) = unsealed_call(dir.path());
    let path = ArchiveReader::open(dir.path())
        .expect("a reader")
        .paths(call)
        .journal;
    let mut journal = fs::read(&path).expect("a journal");
    journal.extend([b'{'; 5_000]);
    fs::write(&path, journal).expect("write");
    let (archive, report) = reopen(dir.path());
    assert_eq!((report.cut_journals, report.mended_recordings), (1, 0));
    let story = archive.show(call).expect("a story");
    assert_eq!((story.journal.len(), story.unread_lines), (22, 0));
}

/// A closed archive with one call of 2 s, not sealed, and its files' lengths.
fn unsealed_call(dir: &Path) -> (CallId, u64, u64) {
    let (archive, _) = reopen(dir);
    let mut writer = archive.begin(&header(1)).expect("a writer");
    append_frames(&mut writer, 0..100);
    for millis in 0..20 {
        let at = CallTime::from_millis(millis * 100);
        writer.append_journal(&pressed(at)).expect("kept");
    }
    archive.flush().expect("a flush");
    let paths = archive.paths(header(1).call);
    let length = |path: &Path| fs::metadata(path).expect("a file").len();
    let lengths = (length(&paths.wav), length(&paths.journal));
    drop(archive);
    drop(writer);
    (header(1).call, lengths.0, lengths.1)
}

fn cut(path: &Path, length: u64) {
    let file = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .expect("a file");
    file.set_len(length).expect("a cut");
}

fn story(call: CallId) -> Box<Handoff> {
    Box::new(Handoff {
        call,
        reason: EscalationReason::Demand,
        evidence: Evidence::default(),
        has_priority: false,
        urgency: Urgency::USUAL,
        language: Language::Zh,
        skill: None,
        target: None,
        queue: None,
        callback_within_s: None,
        callback_number: None,
        display: Private::default(),
        whisper: None,
        slots: BTreeMap::new(),
        turns: Vec::new(),
    })
}

#[test]
fn a_caller_who_was_owed_a_person_when_the_power_went_is_called_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let disk = FragileDisk::new(dir.path()).expect("a disk");
    let (archive, _) = Archive::open(settings_on(dir.path(), disk.clone())).expect("an archive");
    let (owed, served) = (header(1), header(2));
    let mut writers = Vec::new();
    for header in [&owed, &served] {
        let mut writer = archive.begin(header).expect("a writer");
        let fetch = JournalEntry::Out(CallAction::FetchPerson(story(header.call)));
        let line = JournalLine::At(CallTime::from_millis(500), fetch);
        writer.append_journal(&line).expect("kept");
        writers.push(writer);
    }
    let connected = JournalEntry::In(CallInput::Person(PersonOutcome::Connected));
    let line = JournalLine::At(CallTime::from_millis(900), connected);
    writers[1].append_journal(&line).expect("kept");
    archive.flush().expect("a flush");
    disk.cut_power(Unsynced::AllLost).expect("a power cut");
    drop((writers, archive));

    let (archive, report) = reopen(dir.path());
    assert_eq!(report.booked_callbacks, 1);
    let booked = archive.callbacks().expect("callbacks");
    assert_eq!(booked.len(), 1);
    assert_eq!(
        (&booked[0].number, booked[0].handoff.call),
        (&owed.caller, owed.call)
    );
    drop(archive);
    let (archive, report) = reopen(dir.path());
    assert_eq!(report.booked_callbacks, 0, "once is enough");
    assert_eq!(archive.callbacks().expect("callbacks").len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn files_cut_at_any_byte_open_with_all_that_stands_before_the_cut(
        sound_share in 0.0_f64..=1.0,
        journal_share in 0.0_f64..=1.0,
    ) {
        let dir = tempfile::tempdir().expect("a folder");
        let (call, wav_bytes, journal_bytes) = unsealed_call(dir.path());
        let reader = ArchiveReader::open(dir.path()).expect("a reader");
        let paths = reader.paths(call);
        let wav_cut = (wav_bytes as f64 * sound_share) as u64;
        let journal_cut = (journal_bytes as f64 * journal_share) as u64;
        cut(&paths.wav, wav_cut);
        cut(&paths.journal, journal_cut);
        let whole = fs::read(&paths.journal).expect("a journal");
        let whole_lines = whole.iter().filter(|&&byte| byte == b'\n').count();

        let (archive, report) = reopen(dir.path());
        prop_assert_eq!(report.interrupted, 1);
        let recording = Recording::open(&paths.wav).expect("a recording");
        prop_assert!(recording.is_whole());
        let pairs = wav_cut.saturating_sub(44) / 4;
        prop_assert_eq!(recording.caller().len() as u64, pairs);
        assert_is_frames_from_start(recording.caller(), |place| frame(place).0);
        let journal = archive.show(call).expect("a story").journal;
        prop_assert_eq!(journal.len(), whole_lines.max(1) + 1);
        prop_assert!(archive.verify(call).expect("a look").expect("a report").is_intact());
    }

    #[test]
    fn a_power_cut_that_keeps_some_pages_and_loses_others_is_mended_too(
        frames in 0_u64..400,
        seed in any::<u64>(),
    ) {
        let dir = tempfile::tempdir().expect("a folder");
        lose_power_after(dir.path(), frames, Unsynced::SomeLost(seed));
        let (archive, _) = reopen(dir.path());
        assert_all_is_mended(&archive, frames);
    }
}
