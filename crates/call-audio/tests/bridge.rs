//! Two legs joined: what one telephone says the other hears, each in its own codec.

mod line;

use call_audio::{AudioLeg, LegOutput, RtpHeader};
use call_model::{CallTime, Codec, FRAME_SAMPLES, PcmFrame, PromptId};
use dsp::level::{rms, steepest_step, to_db};
use dsp::{Goertzel, tone};
use line::{FAIR, Line, ROUGH, Told, Weather, beep_delays, beeps, leg};
use std::time::Duration;

const CALLER_HZ: f32 = 310.0;
const AGENT_HZ: f32 = 410.0;
const LOUDNESS: i16 = 8_000;
/// The steepest step of either hum, with two codecs' rounding.
const STEEPEST: u16 = 2_600 + 1_000;

/// A telephone, its lines there and back, and our leg at their end.
struct End {
    phone: AudioLeg,
    there: Line,
    back: Line,
    leg: AudioLeg,
    heard: Told,
    sent: Told,
}

impl End {
    fn new(codec: Codec, weather: Weather, ssrc: u32) -> Self {
        let reversed = Weather {
            seed: weather.seed + 1,
            ..weather
        };
        Self {
            phone: leg(codec, !ssrc),
            there: Line::new(weather),
            back: Line::new(reversed),
            leg: leg(codec, ssrc),
            heard: Told::default(),
            sent: Told::default(),
        }
    }

    fn hum(&mut self, hz: f32) {
        let hum = tone(hz, 8_000, 8_000 * 70, LOUDNESS);
        self.phone.play(PromptId(1), hum.into());
    }

    /// The telephone's tick, and our leg's first half: what is heard of it.
    fn listen(&mut self, now: CallTime) -> PcmFrame {
        for (at, packet) in self.back.arrived(now) {
            self.phone.handle_packet(at, &packet).expect("in order");
        }
        self.phone.tick(now);
        let said = self.heard.packets.len();
        self.heard.drain(&mut self.phone);
        for packet in &self.heard.packets[said..] {
            self.there.send(now, packet.as_bytes());
        }
        let now = now + Duration::from_millis(7);
        for (at, packet) in self.there.arrived(now) {
            self.leg.handle_packet(at, &packet).expect("in order");
        }
        self.leg.listen(now);
        let mut frame = PcmFrame::silent(now);
        while let Some(output) = self.leg.poll_output() {
            match output {
                LegOutput::Frame(heard) => frame = heard,
                LegOutput::Moved(_) => {}
                LegOutput::Key(key) => self.sent.keys.push(key.face()),
                other => panic!("{other:?} in the first half of a tick"),
            }
        }
        frame
    }

    fn speak(&mut self, now: CallTime) {
        let now = now + Duration::from_millis(7);
        self.leg.speak(now);
        let said = self.sent.packets.len();
        self.sent.drain(&mut self.leg);
        for packet in &self.sent.packets[said..] {
            self.back.send(now, packet.as_bytes());
        }
    }
}

struct Bridge {
    caller: End,
    agent: End,
    ticks: u64,
}

impl Bridge {
    /// µ-law on the caller's side, A-law on the agent's.
    fn new(weather: Weather) -> Self {
        let mut bridge = Self {
            caller: End::new(Codec::Pcmu, weather, 0xca11),
            agent: End::new(
                Codec::Pcma,
                Weather {
                    seed: 77,
                    ..weather
                },
                0xa6e7,
            ),
            ticks: 0,
        };
        bridge.caller.hum(CALLER_HZ);
        bridge.agent.hum(AGENT_HZ);
        bridge
    }

    fn run(&mut self, ticks: u64, is_joined: bool) {
        for _ in 0..ticks {
            let now = CallTime::from_millis(self.ticks * 20);
            let (caller, agent) = (self.caller.listen(now), self.agent.listen(now));
            if is_joined {
                pass_keys(&mut self.caller, &mut self.agent);
                pass_keys(&mut self.agent, &mut self.caller);
                self.caller.leg.feed(&agent.samples);
                self.agent.leg.feed(&caller.samples);
            }
            self.caller.speak(now);
            self.agent.speak(now);
            self.ticks += 1;
        }
    }
}

fn pass_keys(from: &mut End, to: &mut End) {
    for face in from.sent.keys.drain(..) {
        let key = call_model::Key::try_from(face).expect("a key");
        to.leg.send_key(key).expect("agreed");
    }
}

fn share(hz: f32, samples: &[i16]) -> f32 {
    Goertzel::new(hz, 8_000).share(samples)
}

/// The hum's share, a tenth of a second at a time: where sound was cut or stretched its
/// phase leaps, which no ear minds.
fn purity(hz: f32, heard: &[i16]) -> f32 {
    let shares: Vec<f32> = heard
        .chunks_exact(800)
        .map(|part| share(hz, part))
        .collect();
    shares.iter().sum::<f32>() / shares.len() as f32
}

#[test]
fn each_hears_the_other_at_full_level_and_never_himself() {
    for (weather, purest, steepest) in [(FAIR, 0.998, STEEPEST), (ROUGH, 0.94, STEEPEST + 1_000)] {
        let mut bridge = Bridge::new(weather);
        bridge.run(60 * 50, true);
        let ways = [
            (&bridge.caller, AGENT_HZ, CALLER_HZ),
            (&bridge.agent, CALLER_HZ, AGENT_HZ),
        ];
        for (end, other, own) in ways {
            for five_seconds in end.heard.heard[80_000..].chunks_exact(40_000) {
                let purity = purity(other, five_seconds);
                assert!(purity > purest, "{purity}");
                assert!(share(own, five_seconds) < 0.001);
                let level = to_db(rms(five_seconds) / rms(&tone(other, 8_000, 8_000, LOUDNESS)));
                assert!(level.abs() < 0.7, "{level} dB");
            }
            let step = steepest_step(&end.heard.heard);
            assert!(step < steepest, "{step}");
        }
    }
}

/// From the agent's mouth to the packet that goes to the caller.
#[test]
fn a_bridge_adds_no_delay_to_that_of_the_jitter_buffer() {
    for (weather, longest) in [(FAIR, 30), (ROUGH, 70)] {
        let mut bridge = Bridge::new(weather);
        bridge.agent.phone.play(PromptId(2), beeps(30).into());
        bridge.run(30 * 50, true);
        let delays = beep_delays(&bridge.caller.sent.sent);
        let settled: Vec<usize> = delays.into_iter().skip(10).flatten().collect();
        println!("{settled:?} ms");
        assert!(settled.len() >= 19, "{settled:?}");
        let late = settled.iter().filter(|delay| **delay > longest).count();
        assert!(late <= 1, "{settled:?}");
    }
}

#[test]
fn each_side_has_its_own_source_numbers_and_clock_that_never_leap() {
    let mut bridge = Bridge::new(ROUGH);
    bridge.run(50, false);
    bridge.run(500, true);
    bridge.run(50, false);
    for (end, ssrc, payload_type) in [(&bridge.caller, 0xca11, 0), (&bridge.agent, 0xa6e7, 8)] {
        assert_eq!(end.sent.packets.len(), 600);
        for (n, packet) in end.sent.packets.iter().enumerate() {
            let (header, _) = RtpHeader::parse(packet.as_bytes()).expect("ours");
            assert_eq!((header.ssrc, header.payload_type), (ssrc, payload_type));
            assert_eq!(header.sequence, 65_500_u16.wrapping_add(n as u16));
            let samples = (FRAME_SAMPLES * n) as u32;
            assert_eq!(header.timestamp, (u32::MAX - 4_000).wrapping_add(samples));
        }
    }
}

#[test]
fn a_bridge_begins_and_ends_without_a_step_and_within_10_ms() {
    let mut bridge = Bridge::new(FAIR);
    for _ in 0..5 {
        bridge.run(23, false);
        bridge.run(23, true);
    }
    bridge.run(2, false);
    for end in [&bridge.caller, &bridge.agent] {
        assert!(steepest_step(&end.sent.sent) < STEEPEST);
        for cycle in end.sent.sent.chunks_exact(46 * FRAME_SAMPLES).skip(1) {
            let (apart, joined) = cycle.split_at(23 * FRAME_SAMPLES);
            assert!(apart[80..].iter().all(|sample| *sample == 0));
            assert!(rms(&joined[80..]) > 5_000.0);
        }
    }
}

#[test]
fn a_prompt_over_a_bridge_is_heard_beside_it_by_one_side_alone() {
    let mut bridge = Bridge::new(FAIR);
    bridge.run(50, true);
    let said = tone(700.0, 8_000, 8_000, LOUDNESS);
    bridge.caller.leg.play(PromptId(9), said.into());
    bridge.run(50, true);
    let (caller, agent) = (
        &bridge.caller.sent.sent[8_000..],
        &bridge.agent.sent.sent[8_000..],
    );
    assert!(
        (share(700.0, caller) - 0.5).abs() < 0.05 && (share(AGENT_HZ, caller) - 0.5).abs() < 0.05
    );
    assert!(share(CALLER_HZ, agent) > 0.99);
}

#[test]
fn keys_of_either_side_reach_the_other_once_each() {
    for seed in 0..20 {
        let mut bridge = Bridge::new(Weather {
            seed,
            loss_per_mille: 100,
            repeated_per_mille: 200,
            ..ROUGH
        });
        bridge.run(20, true);
        for (caller, agent) in "4711#".chars().zip("*0855".chars()) {
            let key = |face| call_model::Key::try_from(face).expect("a key");
            bridge.caller.phone.send_key(key(caller)).expect("room");
            bridge.agent.phone.send_key(key(agent)).expect("room");
        }
        bridge.run(150, true);
        assert_eq!(bridge.agent.heard.keys, "4711#", "seed {seed}");
        assert_eq!(bridge.caller.heard.keys, "*0855", "seed {seed}");
    }
}
