//! A running leg allocates nothing, and is small.

mod line;

use call_audio::{AudioLeg, LegOutput};
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
fn a_bridge_with_keys_and_music_allocates_nothing() {
    let rough = Weather {
        jitter: Duration::from_millis(90),
        keeps_order: false,
        ..ROUGH
    };
    let mut phones = [leg(Codec::Pcmu, 1), leg(Codec::Pcma, 2)];
    let mut lines = [Line::new(rough), Line::new(Weather { seed: 9, ..rough })];
    let mut legs = [leg(Codec::Pcmu, 3), leg(Codec::Pcma, 4)];
    legs[0].set_music(Some(dsp::tone(440.0, 8_000, 3_001, 9_000).into()));
    let mut allocations = 0;
    for tick in 0..600 {
        let now = CallTime::from_millis(tick * 20);
        if tick % 100 == 50 {
            phones[(tick / 100 % 2) as usize]
                .send_key(Key::ZERO)
                .expect("room");
        }
        for (phone, line) in phones.iter_mut().zip(&mut lines) {
            let mut said = Told::default();
            phone.tick(now);
            said.drain(phone);
            line.send(now, said.packets[0].as_bytes());
        }
        let packets = lines.each_mut().map(|line| line.arrived(now));
        let is_held = (200..300).contains(&tick);
        let measured = allocation_counter::measure(|| bridge(&mut legs, &packets, now, is_held));
        allocations += measured.count_total;
    }
    let sent = legs.each_ref().map(|leg| leg.stats().received);
    assert!(sent.iter().all(|packets| *packets > 550), "{sent:?}");
    assert_eq!(allocations, 0);
}

/// One tick of two legs that are joined, or of which one plays music to the other.
fn bridge(
    legs: &mut [AudioLeg; 2],
    packets: &[Vec<(CallTime, Vec<u8>)>; 2],
    now: CallTime,
    is_held: bool,
) {
    for (leg, packets) in legs.iter_mut().zip(packets) {
        for (at, packet) in packets {
            let _taken = leg.handle_packet(*at, packet);
        }
        leg.listen(now);
    }
    match is_held {
        true => legs[0].start_music(),
        false => legs[0].stop_music(),
    }
    let [caller, agent] = legs;
    pass(caller, agent, is_held);
    pass(agent, caller, is_held);
    for leg in legs {
        leg.speak(now);
        while leg.poll_output().is_some() {}
    }
}

fn pass(from: &mut AudioLeg, to: &mut AudioLeg, is_held: bool) {
    while let Some(output) = from.poll_output() {
        match output {
            LegOutput::Frame(frame) if !is_held => to.feed(&frame.samples),
            LegOutput::Key(key) => to.send_key(key).expect("room"),
            LegOutput::Frame(_)
            | LegOutput::Moved(_)
            | LegOutput::Packet(_)
            | LegOutput::Sent(_)
            | LegOutput::PromptStarted(_)
            | LegOutput::PromptEnded { .. } => {}
        }
    }
}

#[test]
fn a_leg_takes_less_than_32_kilobytes() {
    let mut kept = None;
    let measured = allocation_counter::measure(|| kept = Some(leg(Codec::Pcmu, 1)));
    let whole = measured.bytes_current + std::mem::size_of_val(&kept) as i64;
    assert!((16_000..32_000).contains(&whole), "{whole} bytes");
}
