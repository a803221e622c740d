//! A telephone line in virtual time: two legs and a network between them that
//! loses, delays, reorders and repeats packets as its seed has it.
#![allow(
    dead_code,
    reason = "each test file uses the part of the line it is about"
)]

use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings, RtpPacket};
use call_model::{CallTime, Codec, PayloadMap, PcmFrame, PromptEnd, PromptId};
use std::collections::BTreeMap;
use std::time::Duration;

pub const EVENTS: u8 = 101;

pub fn leg(codec: Codec, ssrc: u32) -> AudioLeg {
    AudioLeg::new(LegSettings {
        payloads: PayloadMap {
            codec,
            audio: codec.static_payload_type(),
            telephone_event: Some(EVENTS),
        },
        ssrc,
        // Both counters wrap within the first seconds.
        first_sequence: 65_500,
        first_timestamp: u32::MAX - 4_000,
        jitter: JitterSettings::default(),
    })
}

/// What a network does to packets.
#[derive(Clone, Copy)]
pub struct Weather {
    pub seed: u64,
    pub loss_per_mille: u64,
    pub repeated_per_mille: u64,
    pub jitter: Duration,
    pub keeps_order: bool,
}

pub const FAIR: Weather = Weather {
    seed: 1,
    loss_per_mille: 0,
    repeated_per_mille: 0,
    jitter: Duration::ZERO,
    keeps_order: true,
};

/// 2 % loss and up to 30 ms of jitter.
pub const ROUGH: Weather = Weather {
    loss_per_mille: 20,
    jitter: Duration::from_millis(30),
    ..FAIR
};

/// Packets on their way.
pub struct Line {
    weather: Weather,
    random: Random,
    under_way: BTreeMap<(CallTime, u64), Vec<u8>>,
    serial: u64,
    last_arrival: CallTime,
    blocked_until: CallTime,
}

impl Line {
    pub fn new(weather: Weather) -> Self {
        Self {
            weather,
            random: Random(weather.seed),
            under_way: BTreeMap::new(),
            serial: 0,
            last_arrival: CallTime::ZERO,
            blocked_until: CallTime::ZERO,
        }
    }

    /// Nothing arrives until then, and then everything at once.
    pub fn block_until(&mut self, moment: CallTime) {
        self.blocked_until = moment;
    }

    pub fn send(&mut self, now: CallTime, packet: &[u8]) {
        if self.random.per_mille() < self.weather.loss_per_mille {
            return;
        }
        self.put_under_way(now, packet);
        if self.random.per_mille() < self.weather.repeated_per_mille {
            self.put_under_way(now, packet);
        }
    }

    /// The packets that have arrived by now, each with its moment.
    pub fn arrived(&mut self, now: CallTime) -> Vec<(CallTime, Vec<u8>)> {
        let later = self.under_way.split_off(&(now, u64::MAX));
        let arrived = std::mem::replace(&mut self.under_way, later);
        arrived
            .into_iter()
            .map(|((at, _), packet)| (at, packet))
            .collect()
    }

    fn put_under_way(&mut self, now: CallTime, packet: &[u8]) {
        let jitter = self.weather.jitter.as_micros() as u64;
        let delay = Duration::from_micros(1_000 + self.random.below(jitter + 1));
        let mut at = (now + delay).max(self.blocked_until);
        if self.weather.keeps_order {
            at = at.max(self.last_arrival);
            self.last_arrival = at;
        }
        self.serial += 1;
        self.under_way.insert((at, self.serial), packet.to_vec());
    }
}

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn per_mille(&mut self) -> u64 {
        self.below(1_000)
    }
}

/// Everything a leg told in some ticks.
#[derive(Default)]
pub struct Told {
    pub heard: Vec<i16>,
    pub frames: Vec<PcmFrame>,
    pub sent: Vec<i16>,
    pub packets: Vec<RtpPacket>,
    pub keys: String,
    pub started: Vec<PromptId>,
    pub ended: Vec<(PromptId, PromptEnd)>,
}

impl Told {
    pub fn drain(&mut self, leg: &mut AudioLeg) {
        while let Some(output) = leg.poll_output() {
            match output {
                LegOutput::Frame(frame) => {
                    self.heard.extend(frame.samples);
                    self.frames.push(frame);
                }
                LegOutput::Sent(frame) => self.sent.extend(frame.samples),
                LegOutput::Packet(packet) => self.packets.push(packet),
                LegOutput::Key(key) => self.keys.push(key.face()),
                LegOutput::Moved(_) => {}
                LegOutput::PromptStarted(prompt) => self.started.push(prompt),
                LegOutput::PromptEnded { prompt, end } => self.ended.push((prompt, end)),
            }
        }
    }
}

/// One way of a call: who speaks, the line, who listens.
pub struct OneWay {
    pub speaker: AudioLeg,
    pub line: Line,
    pub listener: AudioLeg,
    pub told: Told,
    pub ticks: u64,
}

impl OneWay {
    pub fn new(codec: Codec, weather: Weather) -> Self {
        Self {
            speaker: leg(codec, 0x5bea),
            line: Line::new(weather),
            listener: leg(codec, 0x1157),
            told: Told::default(),
            ticks: 0,
        }
    }

    pub fn now(&self) -> CallTime {
        CallTime::from_millis(self.ticks * 20)
    }

    /// 20 ms: the speaker ticks, and 7 ms later the listener.
    pub fn tick(&mut self) {
        let now = self.now();
        self.speaker.tick(now);
        let mut said = Told::default();
        said.drain(&mut self.speaker);
        for packet in &said.packets {
            self.line.send(now, packet.as_bytes());
        }
        self.listen(now + Duration::from_millis(7));
        self.ticks += 1;
    }

    pub fn run(&mut self, ticks: u64) {
        for _ in 0..ticks {
            self.tick();
        }
    }

    /// The listener's half of a tick.
    pub fn listen(&mut self, now: CallTime) {
        for (at, packet) in self.line.arrived(now) {
            self.listener
                .handle_packet(at, &packet)
                .expect("a packet in order");
        }
        self.listener.tick(now);
        self.told.drain(&mut self.listener);
    }
}

/// How long sound takes, measured on the sound: speaks a beep of 100 ms at the
/// beginning of every second and says after how many samples each is heard.
pub fn beeps(seconds: usize) -> Vec<i16> {
    let mut sound = Vec::new();
    for _ in 0..seconds {
        sound.extend(dsp::tone(440.0, 8_000, 800, 12_000));
        sound.extend([0; 7_200]);
    }
    sound
}

/// The delays of the beeps, in milliseconds; a beep that is not heard has none.
pub fn beep_delays(heard: &[i16]) -> Vec<Option<usize>> {
    heard
        .chunks_exact(8_000)
        .map(|second| {
            second
                .iter()
                .position(|&sample| sample > 4_000)
                .map(|n| n / 8)
        })
        .collect()
}
