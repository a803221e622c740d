//! Bytes from the network: whatever they are, the leg goes on.

mod line;

use call_audio::AudioLeg;
use call_model::{CallTime, Codec, Key, PromptId};
use dsp::{Goertzel, tone};
use line::{Told, leg};
use proptest::prelude::*;
use std::time::Duration;

/// A packet's fate: bytes that are changed, and where the packet is cut off.
type Fate = (Vec<(usize, u8)>, Option<usize>);

fn fate() -> impl Strategy<Value = Fate> {
    let changes = prop::collection::vec((0..24_usize, any::<u8>()), 0..4);
    (changes, prop::option::of(0..200_usize))
}

/// A leg that is spoken to, packet by packet.
struct Victim {
    speaker: AudioLeg,
    victim: AudioLeg,
    told: Told,
    ticks: u64,
}

impl Victim {
    fn new() -> Self {
        let mut speaker = leg(Codec::Pcmu, 7);
        speaker.play(PromptId(1), tone(440.0, 8_000, 240_000, 9_000).into());
        speaker.send_key(Key::ZERO).expect("room for it");
        Self {
            speaker,
            victim: leg(Codec::Pcmu, 1),
            told: Told::default(),
            ticks: 0,
        }
    }

    /// 20 ms in which the speaker's packet becomes what `change` makes of it.
    fn tick(&mut self, change: impl Fn(&mut Vec<u8>)) {
        let now = CallTime::from_millis(self.ticks * 20);
        let mut said = Told::default();
        self.speaker.tick(now);
        said.drain(&mut self.speaker);
        let mut packet = said.packets[0].as_bytes().to_vec();
        change(&mut packet);
        let _refused_or_not = self.victim.handle_packet(now, &packet);
        self.victim.tick(now);
        self.told.drain(&mut self.victim);
        self.ticks += 1;
    }

    /// Two seconds of what the speaker says, and then it is heard.
    fn recovers(&mut self) -> bool {
        for _ in 0..100 {
            self.tick(|_| {});
        }
        let last = &self.told.heard[self.told.heard.len() - 800..];
        Goertzel::new(440.0, 8_000).share(last) > 0.9
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_are_survived_and_told_once_a_tick(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..60),
    ) {
        let mut victim = leg(Codec::Pcma, 1);
        let mut told = Told::default();
        for (tick, packet) in (0..).zip(&packets) {
            let now = CallTime::from_millis(tick * 20);
            let _refused_or_not = victim.handle_packet(now, packet);
            victim.tick(now);
            told.drain(&mut victim);
        }
        prop_assert_eq!(told.frames.len(), packets.len());
        prop_assert!(victim.stats().buffered <= Duration::from_millis(512));
    }

    #[test]
    fn plausible_headers_over_random_payloads_are_survived(
        packets in prop::collection::vec(
            (0x80..0xc0_u8, prop::sample::select(vec![0_u8, 13, 101, 0x80, 96]),
             prop::collection::vec(any::<u8>(), 0..2_000)),
            0..60,
        ),
    ) {
        let mut victim = leg(Codec::Pcmu, 1);
        for (tick, (flags, kind, rest)) in (0..).zip(packets) {
            let packet = [&[flags, kind][..], &rest].concat();
            let _refused_or_not = victim.handle_packet(CallTime::from_millis(tick * 20), &packet);
            victim.tick(CallTime::from_millis(tick * 20));
            while victim.poll_output().is_some() {}
        }
    }

    #[test]
    fn a_speaker_is_heard_again_after_mutilated_packets(
        fates in prop::collection::vec(fate(), 1..60),
    ) {
        let mut victim = Victim::new();
        for (changes, cut) in &fates {
            victim.tick(|packet| {
                for &(place, value) in changes {
                    packet[place % 14] = value;
                }
                packet.truncate(cut.unwrap_or(packet.len()));
            });
        }
        prop_assert!(victim.recovers());
        prop_assert!(victim.victim.stats().buffered <= Duration::from_millis(320));
    }
}

#[test]
fn too_much_sound_in_one_packet_is_refused_and_counted() {
    let mut victim = leg(Codec::Pcmu, 1);
    let mut packet = vec![0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7];
    packet.resize(12 + 1_601, 0xff);
    let refused = victim
        .handle_packet(CallTime::ZERO, &packet)
        .expect_err("too long");
    assert_eq!(
        refused.to_string(),
        "1601 bytes of sound in one packet, more than 1600"
    );
    assert_eq!(victim.stats().malformed, 1);
    packet.pop();
    assert_eq!(victim.handle_packet(CallTime::ZERO, &packet), Ok(()));
}
