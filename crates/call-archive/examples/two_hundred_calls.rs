//! Measures the archive under 200 calls at the pace of real ones: how long a call
//! waits for its start row, what a sync round costs, and what a frame costs the
//! media thread.
//!
//! `cargo run --release --package call-archive --example two_hundred_calls -- FOLDER`

use call_archive::{Archive, ArchiveSettings};
use call_model::{
    CallHeader, CallId, CallInput, CallOutcome, CallTime, HungUp, JournalEntry, JournalLine, Key,
    Language, RecordingChoice,
};
use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const CALLS: usize = 200;
const TALK: u64 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1).ok_or("name a folder")?;
    let (archive, _) = Archive::open(ArchiveSettings::new(PathBuf::from(dir)))?;
    let mut waits = Vec::with_capacity(CALLS);
    let mut writers = Vec::with_capacity(CALLS);
    for number in 0..CALLS {
        let header = header(number)?;
        let began = Instant::now();
        writers.push(archive.begin(&header)?);
        waits.push(began.elapsed());
    }
    let start = Instant::now();
    let mut on_media_thread = Duration::ZERO;
    let line = JournalEntry::In(CallInput::KeyPressed(Key::ZERO));
    for tick in 0..TALK * 50 {
        let due = start + Duration::from_millis(tick * 20);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let began = Instant::now();
        for writer in &mut writers {
            writer.append_audio(&[tick as i16; 160], &[-(tick as i16); 160]);
            if tick % 10 == 0 {
                let at = CallTime::from_millis(tick * 20);
                writer.append_journal(&JournalLine::At(at, line.clone()))?;
            }
        }
        on_media_thread += began.elapsed();
    }
    let health = archive.health();
    for writer in writers {
        let hung_up = CallOutcome::Ended(HungUp::ByCaller);
        writer.seal(CallTime::from_millis(TALK * 1_000), hung_up);
    }
    let began = Instant::now();
    archive.flush()?;
    let sealed_in = began.elapsed();
    waits.sort();
    println!(
        "start rows: p50 {:?}, p95 {:?}, longest {:?}",
        waits[CALLS / 2],
        waits[CALLS * 95 / 100],
        waits[CALLS - 1]
    );
    println!("longest sync round: {:?}", health.slowest_sync);
    println!("frames dropped: {}", health.dropped_frames);
    let frames = TALK as u32 * 50 * CALLS as u32;
    println!("media thread: {:?} a frame", on_media_thread / frames);
    println!("{CALLS} calls written, hashed, sealed and found: {sealed_in:?}");
    Ok(())
}

fn header(number: usize) -> Result<CallHeader, Box<dyn Error>> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let started = u64::try_from(since_1970.as_millis())?;
    Ok(CallHeader {
        call: CallId::new(started, number as u128),
        sip_call_id: format!("{number}@caller.example"),
        started_unix_millis: started,
        trunk: "measure".into(),
        caller: format!("{number}").into(),
        called: "100".into(),
        plan: "none".into(),
        plan_digest: "00".repeat(32),
        engine_version: env!("CARGO_PKG_VERSION").into(),
        language: Language::En,
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        seed: number as u64,
        recording: RecordingChoice::On,
    })
}
