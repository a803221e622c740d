//! The agent's telephone, and the lines on which packets are lost and late.

use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings, RtpHeader, codec};
use call_model::{CallTime, Codec, FRAME_SAMPLES, Key, PayloadMap, PromptId};
use std::collections::BTreeMap;
use std::time::Duration;

/// Not what the caller's telephone speaks.
pub const AGENT_PAYLOADS: PayloadMap = PayloadMap {
    codec: Codec::Pcma,
    audio: 8,
    telephone_event: Some(96),
};

pub const AGENT_HZ: f32 = 410.0;

/// What a network does to packets.
#[derive(Clone, Copy)]
pub struct Weather {
    pub loss_per_mille: u64,
    pub jitter_ms: u64,
}

pub const FAIR: Weather = Weather {
    loss_per_mille: 0,
    jitter_ms: 0,
};

pub const ROUGH: Weather = Weather {
    loss_per_mille: 20,
    jitter_ms: 30,
};

/// A line into the session.
pub struct Line {
    pub weather: Weather,
    random: u64,
    under_way: BTreeMap<(CallTime, u64), Vec<u8>>,
    sent: u64,
}

impl Line {
    pub fn new(seed: u64) -> Self {
        Self {
            weather: FAIR,
            random: seed,
            under_way: BTreeMap::new(),
            sent: 0,
        }
    }

    pub fn send(&mut self, now: CallTime, packet: &[u8]) {
        self.sent += 1;
        if self.below(1_000) >= self.weather.loss_per_mille {
            let late = Duration::from_millis(self.below(self.weather.jitter_ms + 1));
            self.under_way
                .insert((now + late, self.sent), packet.to_vec());
        }
    }

    pub fn arrived(&mut self, now: CallTime) -> Vec<Vec<u8>> {
        let later = self.under_way.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.under_way, later)
            .into_values()
            .collect()
    }

    /// SplitMix64.
    fn below(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// What a telephone makes of the session's packets.
#[derive(Default)]
pub struct Earpiece {
    /// What was heard in each tick, unbuffered.
    pub heard: Vec<[i16; FRAME_SAMPLES]>,
    pub keys: String,
}

impl Earpiece {
    /// Takes one packet; keys are told by the telephone's leg.
    pub fn take(&mut self, now: CallTime, packet: &[u8], payloads: PayloadMap, leg: &mut AudioLeg) {
        let (header, payload) = RtpHeader::parse(packet).expect("a packet");
        let mut heard = [0; FRAME_SAMPLES];
        if header.payload_type == payloads.audio {
            codec::decode(payloads.codec, payload, &mut heard);
        } else {
            assert_eq!(Some(header.payload_type), payloads.telephone_event);
        }
        self.heard.push(heard);
        leg.handle_packet(now, packet).expect("agreed");
        while let Some(output) = leg.poll_output() {
            if let LegOutput::Key(key) = output {
                self.keys.push(key.face());
            }
        }
    }

    pub fn samples(&self, from: usize) -> &[i16] {
        self.heard[from..].as_flattened()
    }
}

/// An agent's telephone that hums from its answer on.
pub struct AgentPhone {
    leg: AudioLeg,
    pub line: Line,
    pub ear: Earpiece,
    pub sends: bool,
    hums: bool,
    /// The leg is open, as the session knows it.
    pub is_up: bool,
}

impl AgentPhone {
    pub fn new() -> Self {
        Self {
            leg: AudioLeg::new(LegSettings {
                payloads: AGENT_PAYLOADS,
                ssrc: 0xa6e7,
                first_sequence: 65_500,
                first_timestamp: u32::MAX - 9_000,
                jitter: JitterSettings::default(),
            }),
            line: Line::new(5),
            ear: Earpiece::default(),
            sends: true,
            hums: true,
            is_up: true,
        }
    }

    /// 20 ms: what arrives at the session now.
    pub fn tick(&mut self, now: CallTime) -> Vec<Vec<u8>> {
        if std::mem::take(&mut self.hums) {
            let hum = dsp::tone(AGENT_HZ, 8_000, 8_000 * 120, 6_000);
            self.leg.play(PromptId(1), hum.into());
        }
        self.leg.tick(now);
        while let Some(output) = self.leg.poll_output() {
            match output {
                LegOutput::Packet(packet) if self.sends => self.line.send(now, packet.as_bytes()),
                LegOutput::Packet(_)
                | LegOutput::Frame(_)
                | LegOutput::Moved(_)
                | LegOutput::Key(_)
                | LegOutput::Sent(_)
                | LegOutput::PromptStarted(_)
                | LegOutput::PromptEnded { .. } => {}
            }
        }
        self.line.arrived(now)
    }

    pub fn take(&mut self, now: CallTime, packet: &[u8]) {
        assert!(self.is_up, "a packet for nobody");
        self.ear.take(now, packet, AGENT_PAYLOADS, &mut self.leg);
    }

    pub fn press(&mut self, keys: &str) {
        for face in keys.chars() {
            let key = Key::try_from(face).expect("a key");
            self.leg.send_key(key).expect("sent");
        }
    }
}
