//! A running leg allocates nothing, and is small.

mod line;

use call_model::{CallTime, Codec, Key, PromptId};
use line::{Line, ROUGH, Told, Weather, leg};
use std::time::Duration;

#[test]
fn packets_and_ticks_allocate_nothing() {
    let mut line = Line::new(Weather {
        jitter: Duration::from_millis(90),
        repeated_per_mille: 100,
        keeps_order: false,
        ..ROUGH
    });
    let mut speaker = leg(Codec::Pcmu, 2);
    speaker.send_key(Key::ZERO).expect("room for it");
    let mut listener = leg(Codec::Pcmu, 1);
    listener.play(PromptId(1), dsp::tone(440.0, 8_000, 16_000, 9_000).into());
    let mut allocations = 0;
    for tick in 0..500 {
        let now = CallTime::from_millis(tick * 20);
        let mut said = Told::default();
        speaker.tick(now);
        said.drain(&mut speaker);
        line.send(now, said.packets[0].as_bytes());
        let packets = line.arrived(now);
        let measured = allocation_counter::measure(|| {
            for (at, packet) in &packets {
                let _taken = listener.handle_packet(*at, packet);
            }
            listener.tick(now);
            while listener.poll_output().is_some() {}
        });
        allocations += measured.count_total;
    }
    assert!(listener.stats().received > 450, "{:?}", listener.stats());
    assert_eq!(allocations, 0);
}

#[test]
fn a_leg_takes_less_than_32_kilobytes() {
    let mut kept = None;
    let measured = allocation_counter::measure(|| kept = Some(leg(Codec::Pcmu, 1)));
    let whole = measured.bytes_current + std::mem::size_of_val(&kept) as i64;
    assert!((16_000..32_000).contains(&whole), "{whole} bytes");
}
