//! Calls for the archive's tests.

#![allow(dead_code, reason = "each test file uses its share")]

use call_archive::{Archive, ArchiveSettings, CallWriter, Disk};
use call_model::{
    CallAction, CallHeader, CallId, CallInput, CallOutcome, CallTime, EscalationReason, Evidence,
    HungUp, JournalEntry, JournalLine, Language, RecordingChoice,
};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Settings whose rounds run only when a test flushes: no test waits for a clock.
pub fn settings(dir: &Path) -> ArchiveSettings {
    ArchiveSettings {
        sync_interval: Duration::from_secs(3_600),
        start_within: Duration::from_secs(30),
        ..ArchiveSettings::new(dir)
    }
}

pub fn settings_on(dir: &Path, disk: impl Disk + 'static) -> ArchiveSettings {
    ArchiveSettings {
        disk: Some(Arc::new(disk)),
        ..settings(dir)
    }
}

pub fn open(dir: &Path) -> Archive {
    Archive::open(settings(dir)).expect("an archive").0
}

/// The header of the call of this number; a day holds 1,000 of them.
pub fn header(number: u64) -> CallHeader {
    let started = 1_767_225_600_000 + number * 86_400;
    CallHeader {
        call: CallId::new(started, u128::from(number)),
        sip_call_id: format!("{number}@caller.example"),
        started_unix_millis: started,
        trunk: "home".into(),
        caller: format!("+49151000{number:04}").into(),
        called: "100".into(),
        plan: "kfz".into(),
        plan_digest: "0f".repeat(32),
        engine_version: "test".into(),
        language: Language::En,
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        seed: number,
        recording: RecordingChoice::On,
    }
}

/// The caller's and the bot's frame at this place: every sample tells where it belongs.
pub fn frame(place: u64) -> ([i16; 160], [i16; 160]) {
    let sample = |at: usize| (place as i16 + 1).wrapping_mul(160).wrapping_add(at as i16);
    (
        std::array::from_fn(sample),
        std::array::from_fn(|at| !sample(at)),
    )
}

pub fn append_frames(writer: &mut CallWriter, places: std::ops::Range<u64>) {
    for place in places {
        let (caller, bot) = frame(place);
        writer.append_audio(&caller, &bot);
    }
}

pub fn pressed(at: CallTime) -> JournalLine {
    let key = call_model::Key::ZERO;
    JournalLine::At(at, JournalEntry::In(CallInput::KeyPressed(key)))
}

pub fn escalated(at: CallTime, reason: EscalationReason) -> JournalLine {
    let evidence = Box::new(Evidence::default());
    let action = CallAction::Escalate { reason, evidence };
    JournalLine::At(at, JournalEntry::Out(action))
}

pub const BY_CALLER: CallOutcome = CallOutcome::Ended(HungUp::ByCaller);

/// Asserts that a side of a recording is the frames from 0 on, as far as it goes.
pub fn assert_is_frames_from_start(heard: &[i16], side: impl Fn(u64) -> [i16; 160]) {
    for (place, found) in heard.chunks(160).enumerate() {
        let expected = side(place as u64);
        assert!(found == &expected[..found.len()], "frame {place} differs");
    }
}
