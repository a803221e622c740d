//! A call is recorded, sealed, found and verified.

mod common;

use call_archive::{
    Archive, ArchiveError, ArchiveReader, ArchiveSettings, FileCheck, HeardAgain, Query, Recording,
    RevisedTurn, Revision,
};
use call_model::{
    CallOutcome, CallTime, EscalationReason, JournalLine, Language, PerMille, RecordingChoice,
    TurnId,
};
use common::{
    BY_CALLER, append_frames, assert_is_frames_from_start, escalated, frame, header, open, pressed,
    settings,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

const ENDED: CallTime = CallTime::from_millis(3_500);

/// A call of 2.94 s of sound that was escalated and hung up by its caller.
fn tell_a_call(archive: &Archive, number: u64) -> call_model::CallId {
    let header = header(number);
    let mut writer = archive.begin(&header).expect("a writer");
    append_frames(&mut writer, 0..147);
    let lines = [
        pressed(CallTime::from_millis(900)),
        escalated(CallTime::from_millis(901), EscalationReason::Asked),
        escalated(CallTime::from_millis(1_901), EscalationReason::Wait),
    ];
    for line in &lines {
        writer.append_journal(line).expect("a kept line");
    }
    writer.seal(ENDED, BY_CALLER);
    archive.flush().expect("a flush");
    header.call
}

#[test]
fn a_recording_holds_caller_and_bot_sample_for_sample() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let call = tell_a_call(&archive, 1);
    let paths = archive.paths(call);
    let recording = Recording::open(&paths.wav).expect("a recording");
    assert!(recording.is_whole());
    assert_eq!(recording.duration(), Duration::from_millis(2_940));
    assert_is_frames_from_start(recording.caller(), |place| frame(place).0);
    assert_is_frames_from_start(recording.bot(), |place| frame(place).1);
    let reader = hound::WavReader::open(&paths.wav).expect("a WAV file");
    assert_eq!(reader.duration(), 147 * 160);
}

#[test]
fn a_journal_begins_with_the_header_and_ends_with_the_outcome() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let call = tell_a_call(&archive, 1);
    let story = archive.show(call).expect("the story");
    assert_eq!(story.journal.len(), 5);
    assert_eq!(story.journal[0], JournalLine::Begin(Box::new(header(1))));
    assert_eq!(story.journal[1], pressed(CallTime::from_millis(900)));
    assert_eq!(story.journal[4], JournalLine::End(ENDED, BY_CALLER));
    assert_eq!(story.unread_lines, 0);
}

#[test]
fn the_first_escalation_is_the_one_that_is_searched_for() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let call = tell_a_call(&archive, 1);
    let find = |reason| {
        let reason = Some(reason);
        let query = Query {
            reason,
            ..Query::default()
        };
        archive.find(&query).expect("rows").len()
    };
    assert_eq!(find(EscalationReason::Asked), 1);
    assert_eq!(find(EscalationReason::Wait), 0);
    let row = archive.show(call).expect("the story").row;
    let seal = row.seal.expect("a seal");
    assert_eq!((seal.ended, seal.outcome), (ENDED, BY_CALLER));
    assert_eq!(seal.recorded(), Duration::from_millis(2_940));
}

#[test]
fn a_running_call_is_found_and_has_no_seal_yet() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let writer = archive.begin(&header(1)).expect("a writer");
    archive.flush().expect("a flush");
    let rows = archive.find(&Query::default()).expect("rows");
    assert_eq!((rows.len(), &rows[0].seal), (1, &None));
    assert_eq!(archive.verify(header(1).call).expect("a report"), None);
    drop(writer);
}

#[test]
fn each_search_field_finds_its_calls_and_no_others() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let mut called = header(3);
    called.called = "4711".into();
    called.trunk = "carrier".into();
    for header in [header(1), header(2), called.clone()] {
        let writer = archive.begin(&header).expect("a writer");
        writer.seal(ENDED, BY_CALLER);
    }
    archive.flush().expect("a flush");
    let all = Query::default();
    let since = Some(header(2).started_unix_millis);
    let table: [(Query, &[u64]); 7] = [
        (all.clone(), &[3, 2, 1]),
        (
            Query {
                limit: 2,
                ..all.clone()
            },
            &[3, 2],
        ),
        (
            Query {
                since,
                ..all.clone()
            },
            &[3, 2],
        ),
        (
            Query {
                until: since,
                ..all.clone()
            },
            &[1],
        ),
        (
            Query {
                trunk: Some("carrier".into()),
                ..all.clone()
            },
            &[3],
        ),
        (
            Query {
                caller: Some("0002".into()),
                ..all.clone()
            },
            &[2],
        ),
        (
            Query {
                called: Some("71".into()),
                ..all.clone()
            },
            &[3],
        ),
    ];
    for (query, expected) in table {
        let rows = archive.find(&query).expect("rows");
        let found: Vec<u64> = rows.iter().map(|row| row.header.seed).collect();
        assert_eq!(found, expected, "{query:?}");
    }
    let interrupted = Some(CallOutcome::Interrupted);
    let query = Query {
        outcome: interrupted,
        ..all
    };
    assert!(archive.find(&query).expect("rows").is_empty());
}

#[test]
fn a_changed_recording_or_journal_is_found_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let call = tell_a_call(&archive, 1);
    let paths = archive.paths(call);
    let verify = || archive.verify(call).expect("a look").expect("a report");
    assert!(verify().is_intact());

    let mut sound = std::fs::read(&paths.wav).expect("sound");
    sound[1_000] ^= 1;
    std::fs::write(&paths.wav, &sound).expect("write");
    assert!(matches!(verify().audio, FileCheck::Differs { .. }));
    std::fs::remove_file(&paths.wav).expect("remove");
    assert_eq!(verify().audio, FileCheck::Missing);
    assert_eq!(verify().journal, FileCheck::Matches);

    let journal = std::fs::read_to_string(&paths.journal).expect("journal");
    std::fs::write(&paths.journal, journal.replace("by_caller", "by_bot")).expect("write");
    assert!(matches!(verify().journal, FileCheck::Differs { .. }));
    std::fs::remove_file(&paths.seal).expect("remove");
    assert!(!verify().seal_agrees);
}

#[test]
fn what_is_heard_afterwards_stands_beside_the_call_and_is_verified_with_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let call = tell_a_call(&archive, 1);
    let (paths, revisions) = (archive.paths(call), archive.revisions());
    let journal = std::fs::read(&paths.journal).expect("journal");
    let verify = || archive.verify(call).expect("a look").expect("a report");
    assert_eq!(verify().revision, FileCheck::NotRecorded);
    assert!(!revisions.has(call));

    let seal = archive.show(call).expect("a story").row.seal;
    let seal = seal.expect("sealed");
    let revision = Revision {
        call,
        engine: "better".to_owned(),
        heard_unix_millis: 1_767_225_600_000,
        audio_sha256: seal.audio_sha256.expect("recorded"),
        journal_sha256: seal.journal_sha256,
        left: None,
        turns: vec![RevisedTurn {
            turn: TurnId(1),
            from: CallTime::from_millis(200),
            to: CallTime::from_millis(900),
            heard: HeardAgain::Words {
                text: "我要退保".to_owned().into(),
                confidence: PerMille::new(910),
                language: Language::Zh,
            },
        }],
    };
    revisions.keep(&revision).expect("kept");
    assert!(revisions.has(call));
    assert_eq!(
        archive.show(call).expect("a story").revision,
        Some(revision.clone())
    );
    assert!(verify().is_intact() && verify().revision == FileCheck::Matches);
    assert_eq!(std::fs::read(&paths.journal).expect("journal"), journal);

    let kept = std::fs::read_to_string(&paths.revision).expect("a revision");
    std::fs::write(&paths.revision, kept.replace("退保", "投保")).expect("write");
    assert!(matches!(verify().revision, FileCheck::Differs { .. }) && !verify().is_intact());
    let json: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    assert_eq!(
        json["revision"]["turns"][0]["heard"]["words"]["text"],
        "我要退保"
    );
    std::fs::write(&paths.revision, &kept.as_bytes()[..kept.len() / 2]).expect("write");
    assert!(!verify().is_intact());
    assert_eq!(archive.show(call).expect("a story").revision, None);

    // One that was made of other sound is no revision of this call.
    let foreign = Revision {
        audio_sha256: "0".repeat(64),
        ..revision
    };
    revisions.keep(&foreign).expect("kept");
    assert!(matches!(verify().revision, FileCheck::Differs { .. }));
    assert_eq!(verify().audio, FileCheck::Matches);
}

#[test]
fn a_call_that_is_not_recorded_has_a_journal_and_no_sound() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let mut silent = header(1);
    silent.recording = RecordingChoice::Off;
    let mut writer = archive.begin(&silent).expect("a writer");
    append_frames(&mut writer, 0..50);
    writer.seal(ENDED, BY_CALLER);
    archive.flush().expect("a flush");
    assert!(!archive.paths(silent.call).wav.exists());
    let report = archive
        .verify(silent.call)
        .expect("a look")
        .expect("a report");
    assert_eq!(report.audio, FileCheck::NotRecorded);
    assert!(report.is_intact());
}

#[test]
fn a_recording_opens_while_it_grows() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let mut writer = archive.begin(&header(1)).expect("a writer");
    for round in 1..=4 {
        append_frames(&mut writer, (round - 1) * 50..round * 50);
        archive.flush().expect("a flush");
        let wav = archive.paths(header(1).call).wav;
        let recording = Recording::open(&wav).expect("a recording");
        assert!(recording.is_whole());
        assert_eq!(recording.duration(), Duration::from_secs(round));
    }
}

#[test]
fn a_writer_dropped_without_a_seal_leaves_an_interrupted_call() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let mut writer = archive.begin(&header(1)).expect("a writer");
    append_frames(&mut writer, 0..7);
    writer
        .append_journal(&pressed(CallTime::from_millis(140)))
        .expect("kept");
    drop(writer);
    archive.flush().expect("a flush");
    let seal = archive
        .show(header(1).call)
        .expect("a story")
        .row
        .seal
        .expect("a seal");
    assert_eq!(seal.outcome, CallOutcome::Interrupted);
    assert_eq!(seal.recorded(), Duration::from_millis(140));
    assert_eq!(seal.ended, CallTime::from_millis(140));
}

#[test]
fn sound_that_the_disk_cannot_follow_turns_to_silence_in_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let mut writer = archive.begin(&header(1)).expect("a writer");
    append_frames(&mut writer, 0..600); // 12 s, of which 5 s wait
    writer.seal(ENDED, BY_CALLER);
    archive.flush().expect("a flush");
    let call = header(1).call;
    let recording = Recording::open(&archive.paths(call).wav).expect("a recording");
    assert_eq!(recording.duration(), Duration::from_secs(12));
    let (lost, kept) = recording.caller().split_at(350 * 160);
    assert!(lost.iter().all(|&sample| sample == 0));
    assert_eq!(kept[..160], frame(350).0);
    assert_eq!(kept[249 * 160..], frame(599).0);
    let seal = archive
        .show(call)
        .expect("a story")
        .row
        .seal
        .expect("a seal");
    assert_eq!(seal.dropped_frames, 350);
    assert_eq!(archive.health().dropped_frames, 350);
}

#[test]
fn plans_are_kept_under_their_digest() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    let digest = "ab".repeat(32);
    assert_eq!(archive.plan(&digest).expect("a look"), None);
    archive.keep_plan(&digest, "{\"a\":1}").expect("kept");
    archive.keep_plan(&digest, "{\"a\":1}").expect("kept again");
    let kept = archive.plan(&digest).expect("a look");
    assert_eq!(kept.as_deref(), Some("{\"a\":1}"));
    let beginning = |digits| archive.plan_beginning(digits);
    assert_eq!(beginning("abab").expect("a look"), kept);
    assert_eq!(beginning("ac").expect("a look"), None);
    archive.keep_plan(&"abcd".repeat(16), "{}").expect("kept");
    let ambiguous = beginning("ab");
    assert!(matches!(ambiguous, Err(ArchiveError::AmbiguousDigest(_))));
    let refused = archive.keep_plan("../x", "{}");
    assert!(matches!(refused, Err(ArchiveError::NoDigest(_))));
}

#[test]
fn an_archive_has_one_owner_and_many_readers() {
    let dir = tempfile::tempdir().expect("a folder");
    assert!(matches!(
        ArchiveReader::open(dir.path()),
        Err(ArchiveError::NoArchive(_))
    ));
    let archive = open(dir.path());
    let second = Archive::open(settings(dir.path()));
    assert!(matches!(second, Err(ArchiveError::InUse(_))));
    let call = tell_a_call(&archive, 1);
    let reader = ArchiveReader::open(dir.path()).expect("a reader");
    assert_eq!(reader.find(&Query::default()).expect("rows").len(), 1);
    drop(archive);
    assert_eq!(reader.show(call).expect("a story").journal.len(), 5);
    assert!(matches!(
        reader.show(header(9).call),
        Err(ArchiveError::UnknownCall(_))
    ));
}

#[test]
fn a_call_is_written_and_sealed_without_anybody_asking() {
    let dir = tempfile::tempdir().expect("a folder");
    let settings = ArchiveSettings {
        sync_interval: Duration::from_millis(5),
        ..settings(dir.path())
    };
    let (archive, _) = Archive::open(settings).expect("an archive");
    let mut writer = archive.begin(&header(1)).expect("a writer");
    append_frames(&mut writer, 0..50);
    writer.seal(ENDED, BY_CALLER);
    let began = Instant::now();
    let is_sealed = || {
        let rows = archive.find(&Query::default()).expect("rows");
        rows.iter().any(|row| row.seal.is_some())
    };
    while !is_sealed() {
        assert!(began.elapsed() < Duration::from_secs(20), "never sealed");
        std::thread::yield_now();
    }
}

#[test]
fn what_callers_said_is_for_the_servers_eyes_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(&dir.path().join("archive"));
    let call = tell_a_call(&archive, 1);
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
    };
    assert_eq!(mode(&dir.path().join("archive")) & 0o777, 0o700);
    assert_eq!(mode(&archive.paths(call).wav) & 0o777, 0o600);
    assert_eq!(mode(&archive.paths(call).journal) & 0o777, 0o600);
}

#[test]
fn closing_seals_what_was_handed_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = open(dir.path());
    for number in 0..20 {
        let mut writer = archive.begin(&header(number)).expect("a writer");
        append_frames(&mut writer, 0..10);
        writer.seal(ENDED, BY_CALLER);
    }
    drop(archive);
    let reader = ArchiveReader::open(dir.path()).expect("a reader");
    let rows = reader.find(&Query::default()).expect("rows");
    assert_eq!(rows.iter().filter(|row| row.seal.is_some()).count(), 20);
}
