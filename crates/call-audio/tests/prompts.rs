//! Prompts as the other side hears them: no step, no gap, told once.

mod line;

use call_audio::{LegOutput, RtpHeader, codec};
use call_model::{CallTime, Codec, PromptEnd, PromptId};
use dsp::level::{rms, steepest_step, to_db};
use dsp::{Goertzel, tone};
use line::{Told, leg};
use std::sync::Arc;

const FIRST: PromptId = PromptId(1);
const SECOND: PromptId = PromptId(2);
/// The steepest step of a 400 Hz hum of 12,000, with a 10 ms fade on top and
/// A-law's rounding of it.
const HUM_STEP: u16 = 3_840 + 150 + 600;

/// A leg and the sound that its packets carry.
struct Talk {
    leg: call_audio::AudioLeg,
    told: Told,
    ticks: u64,
}

impl Talk {
    fn new() -> Self {
        Self {
            leg: leg(Codec::Pcma, 9),
            told: Told::default(),
            ticks: 0,
        }
    }

    fn run(&mut self, ticks: u64) {
        for _ in 0..ticks {
            self.leg.tick(CallTime::from_millis(self.ticks * 20));
            self.told.drain(&mut self.leg);
            self.ticks += 1;
        }
    }

    fn headers(&self) -> Vec<RtpHeader> {
        let mut headers = Vec::new();
        for packet in &self.told.packets {
            headers.push(RtpHeader::parse(packet.as_bytes()).expect("ours").0);
        }
        headers
    }

    /// What the other side decodes.
    fn sound(&self) -> Vec<i16> {
        let mut sound = Vec::new();
        for packet in &self.told.packets {
            let (_, codes) = RtpHeader::parse(packet.as_bytes()).expect("ours");
            sound.extend(
                codes
                    .iter()
                    .map(|&code| codec::decode_sample(Codec::Pcma, code)),
            );
        }
        sound
    }
}

fn hum(ms: usize) -> Arc<[i16]> {
    tone(400.0, 8_000, ms * 8, 12_000).into()
}

#[test]
fn every_tick_sends_20_ms_with_or_without_a_prompt_and_the_counters_wrap() {
    let mut talk = Talk::new();
    talk.run(30);
    talk.leg.play(FIRST, hum(300));
    talk.run(70);
    let headers = talk.headers();
    assert_eq!(headers.len(), 100);
    for (n, header) in headers.iter().enumerate() {
        assert_eq!(header.sequence, 65_500_u16.wrapping_add(n as u16));
        assert_eq!(
            header.timestamp,
            (u32::MAX - 4_000).wrapping_add(160 * n as u32)
        );
        assert_eq!((header.payload_type, header.ssrc), (8, 9));
        // The stream's first packet and the prompt's.
        assert_eq!(header.marker, n == 0 || n == 30, "packet {n}");
    }
    assert_eq!(talk.leg.stats().sent, 100);
}

#[test]
fn the_recorder_is_told_what_goes_out() {
    let mut talk = Talk::new();
    talk.leg.play(FIRST, hum(200));
    talk.run(20);
    assert_eq!(talk.told.sent.len(), talk.sound().len());
    let far = |(a, b): (&i16, &i16)| a.abs_diff(*b) > 300;
    assert!(!talk.told.sent.iter().zip(&talk.sound()).any(far));
    assert!(rms(&talk.told.sent[..1_600]) > 8_000.0);
}

#[test]
fn a_prompt_is_told_to_start_before_its_first_packet_and_to_end_after_its_last() {
    let mut told = String::new();
    let mut leg = leg(Codec::Pcmu, 1);
    leg.play(FIRST, hum(40));
    for tick in 0..3 {
        leg.tick(CallTime::from_millis(tick * 20));
        while let Some(output) = leg.poll_output() {
            told += &match output {
                LegOutput::Frame(_) | LegOutput::Moved(_) | LegOutput::Key(_) => String::new(),
                LegOutput::Packet(_) => "packet ".to_owned(),
                LegOutput::Sent(frame) => format!("{:.0} ", dsp::level::dbfs(&frame.samples)),
                LegOutput::PromptStarted(prompt) => format!("start {} ", prompt.0),
                LegOutput::PromptEnded { prompt, end } => format!("{} {end:?} ", prompt.0),
            };
        }
        told += "| ";
    }
    let golden = "start 1 packet -14 | packet -14 1 Finished | packet -96 | ";
    assert_eq!(told.replace("-13", "-14").replace("-15", "-14"), golden);
}

#[test]
fn prompts_in_a_row_have_no_step_at_their_seams() {
    let mut talk = Talk::new();
    // Music that is cut off anywhere and begins again: a loop's worst case.
    let cut_off: Arc<[i16]> = hum(173)[37..].into();
    for prompt in 0..20 {
        talk.leg.play(PromptId(prompt), Arc::clone(&cut_off));
        talk.told.drain(&mut talk.leg);
        talk.run(9);
    }
    assert!(steepest_step(&talk.sound()) <= HUM_STEP);
    assert_eq!(talk.told.started.len(), 20);
    assert_eq!(talk.told.ended.len(), 20);
    assert!(
        talk.told
            .ended
            .iter()
            .all(|(_, end)| *end == PromptEnd::Finished)
    );
}

#[test]
fn a_stop_is_silence_within_20_ms_on_the_wire() {
    let mut talk = Talk::new();
    talk.leg.play(FIRST, hum(2_000));
    talk.run(25);
    talk.leg.stop(FIRST);
    talk.leg.stop(FIRST);
    talk.run(10);
    let sound = talk.sound();
    let stopped = 25 * 160;
    assert!(rms(&sound[stopped - 160..stopped]) > 8_000.0);
    assert!(
        sound[stopped + 80..]
            .iter()
            .all(|&sample| sample.abs() <= 8)
    );
    assert!(steepest_step(&sound) <= HUM_STEP);
    assert_eq!(
        talk.told.ended,
        [(FIRST, PromptEnd::Stopped { heard_ms: 500 })]
    );
}

#[test]
fn a_new_prompt_stops_the_old_one_first_and_one_without_sound_fails() {
    let mut talk = Talk::new();
    talk.leg.play(FIRST, hum(2_000));
    talk.run(5);
    talk.leg
        .play(SECOND, tone(900.0, 8_000, 8_000, 12_000).into());
    talk.run(5);
    talk.leg.play(PromptId(3), Arc::from([]));
    talk.run(5);
    let ends = [
        (FIRST, PromptEnd::Stopped { heard_ms: 100 }),
        (SECOND, PromptEnd::Stopped { heard_ms: 100 }),
        (PromptId(3), PromptEnd::Failed),
    ];
    assert_eq!(talk.told.ended, ends);
    assert_eq!(talk.told.started, [FIRST, SECOND]);
    let second = &talk.sound()[5 * 160 + 80..10 * 160];
    assert!(Goertzel::new(900.0, 8_000).share(second) > 0.99);
}

#[test]
fn ducking_takes_12_db_off_and_gives_them_back() {
    let mut talk = Talk::new();
    talk.leg.play(FIRST, hum(2_000));
    talk.run(20);
    talk.leg.duck(FIRST);
    talk.run(20);
    talk.leg.unduck(FIRST);
    talk.run(20);
    let sound = talk.sound();
    let level = |from: usize, to: usize| rms(&sound[from * 160 + 80..to * 160]);
    let down = to_db(level(20, 40) / level(1, 20));
    assert!((-12.5..=-11.5).contains(&down), "{down} dB");
    let back = to_db(level(40, 60) / level(1, 20));
    assert!(back.abs() < 0.2, "{back} dB");
    assert!(steepest_step(&sound) <= HUM_STEP);
}
