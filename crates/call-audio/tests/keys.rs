//! Keys between two legs: each press once, and the sound's clock goes on.

mod line;

use call_audio::{KeyRefused, RtpHeader, TelephoneEvent};
use call_model::{Codec, Key, PayloadMap, PromptId};
use dsp::tone;
use line::{EVENTS, FAIR, OneWay, Weather};
use std::time::Duration;

const DIALLED: &str = "0123456789*#ABCD0001";

fn dialling(weather: Weather) -> OneWay {
    let mut way = OneWay::new(Codec::Pcmu, weather);
    way.run(10);
    for face in DIALLED.chars() {
        let key = Key::try_from(face).expect("a key");
        way.speaker.send_key(key).expect("room for it");
    }
    way.run(10 * DIALLED.len() as u64 + 20);
    way
}

#[test]
fn every_key_is_told_once_however_its_packets_travel() {
    for seed in 0..200 {
        let way = dialling(Weather {
            seed,
            loss_per_mille: 100,
            repeated_per_mille: 300,
            jitter: Duration::from_millis(90),
            keeps_order: seed % 2 == 0,
        });
        assert_eq!(way.told.keys, DIALLED, "seed {seed}");
    }
}

#[test]
fn sound_that_gives_way_to_keys_is_no_loss() {
    let way = dialling(FAIR);
    let stats = way.listener.stats();
    assert_eq!(way.told.keys, DIALLED);
    assert_eq!(
        (stats.concealed_frames, stats.lost, stats.late),
        (0, 0, 0),
        "{stats:?}"
    );
}

#[test]
fn keys_take_the_place_of_sound_and_the_clock_of_sound_goes_on() {
    let mut way = OneWay::new(Codec::Pcmu, FAIR);
    way.speaker.send_key(Key::ZERO).expect("room for it");
    let mut told = line::Told::default();
    for _ in 0..12 {
        way.speaker.tick(way.now());
        told.drain(&mut way.speaker);
    }
    let shown: Vec<String> = told
        .packets
        .iter()
        .map(|packet| {
            let (header, payload) = RtpHeader::parse(packet.as_bytes()).expect("ours");
            let ticks = header.timestamp.wrapping_sub(u32::MAX - 4_000) / 160;
            let sequence = header.sequence.wrapping_sub(65_500);
            match TelephoneEvent::parse(payload) {
                Ok(event) if header.payload_type == EVENTS => {
                    let end = if event.end { " end" } else { "" };
                    format!("{sequence}: at {ticks} key for {}{end}", event.duration)
                }
                _ => format!("{sequence}: at {ticks} sound"),
            }
        })
        .collect();
    let golden = [
        "0: at 0 key for 160",
        "1: at 0 key for 320",
        "2: at 0 key for 480",
        "3: at 0 key for 640",
        "4: at 0 key for 800 end",
        "5: at 0 key for 800 end",
        "6: at 0 key for 800 end",
        "7: at 7 sound",
        "8: at 8 sound",
        "9: at 9 sound",
        "10: at 10 sound",
        "11: at 11 sound",
    ];
    assert_eq!(shown, golden);
}

#[test]
fn a_prompt_waits_while_a_key_is_sent() {
    let mut way = OneWay::new(Codec::Pcmu, FAIR);
    way.speaker
        .play(PromptId(1), tone(440.0, 8_000, 1_600, 9_000).into());
    way.speaker.send_key(Key::ZERO).expect("room for it");
    way.run(40);
    let heard = way
        .told
        .heard
        .iter()
        .filter(|sample| sample.abs() > 100)
        .count();
    assert!((1_400..1_650).contains(&heard), "{heard} samples of 1,600");
    assert_eq!(way.told.keys, "0");
}

#[test]
fn where_events_were_not_agreed_no_key_is_sent() {
    let mut way = OneWay::new(Codec::Pcmu, FAIR);
    way.speaker.send_key(Key::ZERO).expect("room for it");
    way.speaker.set_payloads(PayloadMap {
        codec: Codec::Pcmu,
        audio: 0,
        telephone_event: None,
    });
    assert_eq!(way.speaker.send_key(Key::ZERO), Err(KeyRefused::NotAgreed));
    way.run(20);
    assert_eq!(way.told.keys, "");
}

#[test]
fn another_payload_type_for_events_is_followed() {
    let mut way = OneWay::new(Codec::Pcma, FAIR);
    let agreed = PayloadMap {
        codec: Codec::Pcma,
        audio: 8,
        telephone_event: Some(96),
    };
    way.speaker.set_payloads(agreed);
    way.listener.set_payloads(agreed);
    way.speaker.send_key(Key::ZERO).expect("room for it");
    way.run(20);
    assert_eq!(way.told.keys, "0");
}
