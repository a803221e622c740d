//! Calls judged by their sound.

mod stage;

use call_model::{CallTime, FRAME_SAMPLES, JournalEntry, JournalLine};
use dsp::Goertzel;
use dsp::level::{dbfs, rms, steepest_step};
use stage::{Making, PROMPT_HZ, Stage};
use std::time::Duration;

const CALLER_HZ: f32 = 440.0;

fn share(freq_hz: f32, samples: &[i16]) -> f32 {
    Goertzel::new(freq_hz, 8_000).share(samples)
}

fn callers(stage: &Stage) -> Vec<i16> {
    stage.recorded.iter().flat_map(|r| r.caller).collect()
}

fn bots(stage: &Stage) -> Vec<i16> {
    stage.recorded.iter().flat_map(|r| r.bot).collect()
}

/// When the journal first says so.
fn moment(stage: &Stage, is_it: impl Fn(&JournalEntry) -> bool) -> CallTime {
    let at = stage.journal.iter().find_map(|line| match line {
        JournalLine::At(at, entry) if is_it(entry) => Some(*at),
        JournalLine::At(..) | JournalLine::Begin(_) | JournalLine::End(..) => None,
    });
    at.unwrap_or_else(|| panic!("{}", stage.timed_trace()))
}

/// Talk time by the journal, from the answer to the end.
fn talk_time(stage: &Stage) -> Duration {
    let answered = moment(stage, |e| {
        matches!(e, JournalEntry::In(call_model::CallInput::Answered))
    });
    match stage.journal.last() {
        Some(JournalLine::End(at, _)) => *at - answered,
        _ => panic!("{}", stage.timed_trace()),
    }
}

#[test]
fn the_recording_has_the_caller_left_and_the_bot_right_and_lasts_as_long_as_the_call() {
    let mut stage = Stage::set();
    stage.hum(CALLER_HZ, Duration::from_secs(3));
    stage.until("> PromptEnded 1");
    stage.advance(800);
    stage.hang_up();
    let (caller, bot) = (callers(&stage), bots(&stage));
    let prompt = 400..1_400 * 8;
    assert!(share(CALLER_HZ, &caller[prompt.clone()]) > 0.9);
    assert!(share(PROMPT_HZ, &caller[prompt.clone()]) < 0.001);
    assert!(share(PROMPT_HZ, &bot[prompt.clone()]) > 0.99);
    assert!(share(CALLER_HZ, &bot[prompt]) < 0.001);
    let recorded = Duration::from_millis(20) * stage.recorded.len() as u32;
    let difference = recorded.abs_diff(talk_time(&stage));
    assert!(difference <= Duration::from_millis(40), "{difference:?}");
}

#[test]
fn the_greeting_is_heard_from_its_first_sample_to_its_last() {
    let mut stage = Stage::set();
    stage.until("> PromptEnded 1");
    stage.advance(200);
    let heard = stage.caller.heard.as_flattened();
    let begin = heard.iter().position(|&s| s != 0).expect("a greeting");
    let end = heard.iter().rposition(|&s| s != 0).expect("a greeting");
    let length = (end - begin) / 8;
    assert!((1_490..=1_500).contains(&length), "{length} ms");
    assert!(steepest_step(heard) < 8_000, "{}", steepest_step(heard));
}

/// One call in which the caller speaks over the greeting: how long after the onset at
/// the caller's mouth the prompt was 12 dB down at the caller's door.
fn duck_latency(clip: &str) -> Option<Duration> {
    let mut stage = Stage::making(Making::Hum(Duration::from_secs(8)));
    stage.until("> PromptStarted 1");
    stage.advance(4_000);
    let onset = stage.caller.heard.len() * FRAME_SAMPLES + audible_from(&stage::voice(clip));
    stage.say(clip);
    stage.advance(2_000);
    let heard = stage.caller.heard.as_flattened();
    let full = dbfs(&heard[onset - 1_600..onset]);
    let parts = heard[onset..].chunks_exact(80);
    let quiet = parts.map(dbfs).position(|level| level <= full - 11.5)?;
    Some(Duration::from_millis(10 * quiet as u64))
}

/// Where a clip first stands within 25 dB of its loudest 10 ms.
fn audible_from(clip: &[i16]) -> usize {
    let levels: Vec<f32> = clip.chunks_exact(80).map(dbfs).collect();
    let loudest = levels.iter().copied().fold(-96.0, f32::max);
    80 * levels.iter().position(|&l| l > loudest - 25.0).unwrap_or(0)
}

#[test]
fn a_prompt_is_12_db_down_within_250_ms_of_the_callers_onset() {
    let latency = |clip: &str| duck_latency(clip).unwrap_or_else(|| panic!("{clip} did not duck"));
    let latencies = spread("onset to -12 dB", latency);
    assert!(latencies.p95 <= 250, "{latencies:?}");
}

/// Milliseconds over all clips.
#[derive(Debug)]
struct Spread {
    p50: u128,
    p95: u128,
}

/// What thirty clips by three voices measure.
fn spread(name: &str, measure: impl Fn(&str) -> Duration) -> Spread {
    let words = [
        "order-status",
        "where-is-my-order",
        "agent",
        "real-person",
        "say-that-again",
        "yes",
        "no",
        "stop",
        "digit-4",
        "opening-hours",
    ];
    let clips = ["slt", "rms", "awb"].into_iter();
    let clips = clips.flat_map(|voice| words.map(|words| format!("{voice}/{words}")));
    let mut all: Vec<u128> = clips.map(|clip| measure(&clip).as_millis()).collect();
    all.sort_unstable();
    let (p50, p95) = (all[all.len() / 2], all[all.len() * 95 / 100]);
    println!("{name}: p50 {p50} ms, p95 {p95} ms of {}", all.len());
    Spread { p50, p95 }
}

/// One answered question: from the last audible sound at the caller's mouth to the first
/// packet of the reply, the ear taking 80 ms for its last word.
fn reply_latency(clip: &str) -> Duration {
    let mut stage = Stage::set();
    stage.until("> PromptEnded 1");
    stage.advance(3_000);
    let said = stage.now + Duration::from_millis(audible_until(&stage::voice(clip)) as u64 / 8);
    stage.say(clip);
    stage.until("> SpeechStarted");
    stage.advance(60);
    stage.hears_so_far(1, "order status");
    stage.until("< FinishHearing 1");
    stage.advance(80);
    stage.hears(1, "order status");
    stage.until("> PromptStarted 2") - said
}

/// Where a clip last stands within 25 dB of its loudest 10 ms.
fn audible_until(clip: &[i16]) -> usize {
    let levels: Vec<f32> = clip.chunks_exact(80).map(dbfs).collect();
    let loudest = levels.iter().copied().fold(-96.0, f32::max);
    80 * levels
        .iter()
        .rposition(|&l| l > loudest - 25.0)
        .unwrap_or(0)
}

#[test]
fn the_reply_begins_within_800_ms_of_the_callers_last_sound() {
    let latencies = spread("last sound to reply", reply_latency);
    assert!(
        latencies.p50 <= 800 && latencies.p95 <= 1_200,
        "{latencies:?}"
    );
}

#[test]
fn a_confirmed_interruption_is_silent_within_40_ms() {
    let mut stage = Stage::making(Making::Hum(Duration::from_secs(8)));
    stage.until("> PromptStarted 1");
    stage.advance(1_000);
    stage.say("slt/where-is-my-order");
    stage.until("< Duck 1");
    stage.advance(200);
    stage.hears_so_far(1, "where is");
    stage.until("< StopPlaying 1");
    let before = stage.caller.heard.len();
    stage.advance(200);
    let last = stage.caller.heard[before - 3..before].as_flattened();
    assert!(rms(&last[..160]) > 100.0, "it sounded until then");
    let after = stage.caller.heard[before..].as_flattened();
    assert!(after[40 * 8..].iter().all(|&sample| sample == 0));
}

#[test]
fn after_an_uh_huh_the_prompt_goes_on_at_its_level() {
    let mut stage = Stage::making(Making::Hum(Duration::from_secs(8)));
    stage.until("> PromptStarted 1");
    stage.advance(1_000);
    let full = rms(stage.caller.heard[stage.caller.heard.len() - 20..].as_flattened());
    stage.say("slt/uh-huh");
    stage.until("< Duck 1");
    stage.advance(60);
    let ducked = rms(stage.caller.heard[stage.caller.heard.len() - 2..].as_flattened());
    stage.hears_so_far(1, "uh huh");
    stage.until("< Unduck 1");
    stage.advance(100);
    let again = rms(stage.caller.heard[stage.caller.heard.len() - 3..].as_flattened());
    assert!((ducked / full - 0.25).abs() < 0.02, "{ducked} of {full}");
    assert!((again / full - 1.0).abs() < 0.02, "{again} of {full}");
}

#[test]
fn lost_packets_leave_no_gap_in_the_recording() {
    let mut stage = Stage::set();
    stage.hum(CALLER_HZ, Duration::from_secs(4));
    stage.advance(1_000);
    stage.phone_sends(false);
    stage.advance(40);
    stage.phone_sends(true);
    stage.advance(1_000);
    stage.hang_up();
    let caller = callers(&stage);
    let steady = &caller[8_000 / 2..caller.len() - 1_600];
    let quietest = steady.chunks(160).map(rms).fold(f32::MAX, f32::min);
    assert!(quietest > 1_000.0, "{quietest}");
    let recorded = Duration::from_millis(20) * stage.recorded.len() as u32;
    assert!(recorded.abs_diff(talk_time(&stage)) <= Duration::from_millis(40));
}
