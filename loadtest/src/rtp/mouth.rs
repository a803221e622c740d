//! What the caller sends: one packet every tick, speech, keys or silence.

use super::keys::{Key, KeyPress};
use super::packet::Header;
use crate::sip::RemoteMedia;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

const FRAME: usize = 160;
/// Ticks of silence after a key, so that two presses are two.
const BETWEEN_KEYS: u32 = 4;
/// How far below its loudest 10 ms a clip may be and still count as speech.
const SPEECH_RANGE_DB: f32 = 35.0;

/// Something the caller said or keyed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Act {
    /// Which way.
    pub kind: ActKind,
    /// When the first packet with voice left, or the first packet of the first key.
    pub onset: Duration,
    /// When the last packet with voice left, or the first packet of the last key.
    pub end: Duration,
}

/// How the caller acted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActKind {
    /// By voice.
    Speech,
    /// By keys.
    Keys,
}

#[derive(Debug)]
enum Part {
    Speech {
        audio: Arc<[i16]>,
        at: usize,
        voiced: std::ops::Range<usize>,
    },
    Key(Key),
    Pressing(KeyPress),
    Pause(u32),
}

/// The sending half of one call's media.
#[derive(Debug)]
pub struct Mouth {
    remote: RemoteMedia,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    parts: VecDeque<Part>,
    act: Option<Act>,
    said: Option<Vec<i16>>,
}

impl Mouth {
    /// A silent mouth; `seed` sets where sequence and timestamps begin.
    pub fn new(remote: RemoteMedia, seed: u64) -> Self {
        Self {
            remote,
            sequence: (seed >> 48) as u16,
            timestamp: (seed >> 16) as u32,
            ssrc: (seed >> 24) as u32 ^ 0x5eed,
            parts: VecDeque::new(),
            act: None,
            said: None,
        }
    }

    /// Keeps what is sent, for a recording.
    pub fn keep_recording(&mut self) {
        self.said = Some(Vec::new());
    }

    /// Speaks a clip (8 kHz) after what is already queued.
    pub fn say(&mut self, audio: Arc<[i16]>) {
        self.begin_act();
        let voiced = speech_extent(&audio);
        let at = 0;
        self.parts.push_back(Part::Speech { audio, at, voiced });
    }

    /// Presses keys after what is already queued.
    pub fn press(&mut self, keys: impl IntoIterator<Item = Key>) {
        self.begin_act();
        for key in keys {
            self.parts.push_back(Part::Key(key));
            self.parts.push_back(Part::Pause(BETWEEN_KEYS));
        }
    }

    fn begin_act(&mut self) {
        if self.parts.is_empty() {
            self.act = None;
        }
    }

    /// Whether all that was queued has left.
    pub fn is_idle(&self) -> bool {
        self.parts.is_empty()
    }

    /// The latest act, from its first voiced packet or key on.
    pub const fn act(&self) -> Option<Act> {
        self.act
    }

    /// The other side's address and types, where they changed.
    pub const fn move_to(&mut self, remote: RemoteMedia) {
        self.remote = remote;
    }

    /// What was sent so far, if it is kept; keys are silence.
    pub fn said(&self) -> &[i16] {
        self.said.as_deref().unwrap_or_default()
    }

    /// Writes the packet that leaves at `now`.
    pub fn tick(&mut self, now: Duration, datagram: &mut Vec<u8>) {
        let mut samples = [0; FRAME];
        match self.next_event(now) {
            Some(event) => {
                let events = self.remote.events.unwrap_or(101);
                self.header(event.marker, events, event.timestamp)
                    .write(&event.payload, datagram);
            }
            None => {
                self.fill(now, &mut samples);
                let coded = samples.map(|sample| self.remote.codec.encode(sample));
                self.header(false, self.remote.audio, self.timestamp)
                    .write(&coded, datagram);
            }
        }
        if let Some(said) = &mut self.said {
            said.extend_from_slice(&samples);
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
    }

    fn header(&self, marker: bool, payload_type: u8, timestamp: u32) -> Header {
        Header {
            marker,
            payload_type,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
        }
    }

    fn next_event(&mut self, now: Duration) -> Option<super::keys::EventPacket> {
        if let Some(Part::Key(key)) = self.parts.front() {
            let press = KeyPress::new(*key, self.timestamp);
            self.mark(ActKind::Keys, now);
            self.parts[0] = Part::Pressing(press);
        }
        let Some(Part::Pressing(press)) = self.parts.front_mut() else {
            return None;
        };
        let event = press.next();
        if event.is_none() {
            self.parts.pop_front();
        }
        event
    }

    fn fill(&mut self, now: Duration, samples: &mut [i16; FRAME]) {
        let mut is_voiced = false;
        match self.parts.front_mut() {
            Some(Part::Speech { audio, at, voiced }) => {
                let frame = &audio[*at..audio.len().min(*at + FRAME)];
                samples[..frame.len()].copy_from_slice(frame);
                is_voiced = voiced.start < *at + FRAME && *at < voiced.end;
                *at += FRAME;
                if *at >= audio.len() {
                    self.parts.pop_front();
                }
            }
            Some(Part::Pause(ticks)) => {
                *ticks -= 1;
                if *ticks == 0 {
                    self.parts.pop_front();
                }
            }
            Some(Part::Key(_) | Part::Pressing(_)) | None => {}
        }
        if is_voiced {
            self.mark(ActKind::Speech, now);
        }
    }

    fn mark(&mut self, kind: ActKind, now: Duration) {
        let onset = self.act.map_or(now, |act| act.onset);
        let end = now;
        self.act = Some(Act { kind, onset, end });
    }
}

/// From the first to the last 10 ms of a clip that are speech, in samples: what lies within
/// 35 dB of its loudest 10 ms.
pub fn speech_extent(audio: &[i16]) -> std::ops::Range<usize> {
    const BLOCK: usize = 80;
    let levels: Vec<f32> = audio.chunks(BLOCK).map(dsp::level::dbfs).collect();
    let loudest = levels.iter().copied().fold(f32::MIN, f32::max);
    let is_speech = |level: &f32| *level > loudest - SPEECH_RANGE_DB && *level > -60.0;
    match (
        levels.iter().position(is_speech),
        levels.iter().rposition(is_speech),
    ) {
        (Some(first), Some(last)) => first * BLOCK..((last + 1) * BLOCK).min(audio.len()),
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::remote;

    fn mouth() -> Mouth {
        Mouth::new(remote(), 0x1234_5678_9abc_def0)
    }

    fn run(mouth: &mut Mouth, ticks: u64) -> Vec<(Header, Vec<u8>)> {
        let mut datagram = Vec::new();
        (0..ticks)
            .map(|tick| {
                mouth.tick(Duration::from_millis(tick * 20), &mut datagram);
                let (header, payload) = Header::parse(&datagram).unwrap();
                (header, payload.to_vec())
            })
            .collect()
    }

    #[test]
    fn silence_is_sent_too_and_the_clock_never_stops() {
        let mut mouth = mouth();
        mouth.press(['4', '7'].map(|face| Key::try_from(face).unwrap()));
        let packets = run(&mut mouth, 40);
        for pair in packets.windows(2) {
            assert_eq!(pair[1].0.sequence, pair[0].0.sequence.wrapping_add(1));
        }
        let audio: Vec<&Header> = packets
            .iter()
            .map(|(header, _)| header)
            .filter(|header| header.payload_type == 0)
            .collect();
        let begin = packets[0].0.timestamp;
        assert_eq!(
            audio.last().unwrap().timestamp,
            begin.wrapping_add(39 * 160)
        );
        assert_eq!(
            packets
                .iter()
                .filter(|(header, _)| header.payload_type == 96)
                .count(),
            14
        );
        assert_eq!(
            packets.iter().filter(|(header, _)| header.marker).count(),
            2
        );
        assert!(mouth.is_idle());
        let act = mouth.act().unwrap();
        assert_eq!((act.kind, act.onset), (ActKind::Keys, Duration::ZERO));
        assert_eq!(
            act.end,
            Duration::from_millis(220),
            "the second key begins after 7 + 4 ticks"
        );
    }

    #[test]
    fn an_act_lasts_from_the_first_to_the_last_voiced_packet() {
        let mut clip = vec![0; 480];
        clip.extend(dsp::tone(440.0, 8_000, 800, 8_000));
        clip.extend([0; 480]);
        assert_eq!(speech_extent(&clip), 480..1_280);
        let mut mouth = mouth();
        mouth.say(clip.into());
        run(&mut mouth, 11);
        assert!(mouth.is_idle());
        let act = mouth.act().unwrap();
        assert_eq!(act.onset, Duration::from_millis(60));
        assert_eq!(act.end, Duration::from_millis(140));
    }
}
