//! The caller's line: what of a sound arrives, and when.

use crate::dice::Dice;
use crate::sounds::line_noise;
use call_audio::{
    AudioLeg, JitterSettings, LegOutput, LegSettings, RtpHeader, RtpPacket, TelephoneEvent,
};
use call_model::{CallTime, Codec, FRAME_SAMPLES, FRAME_TIME, Key, PayloadMap, PcmFrame, PerMille};
use dsp::OpusLeg;
use std::sync::Arc;

/// A telephone line into the server.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its codec.
    pub codec: Codec,
    /// What the caller's telephone speaks.
    pub telephone: Telephone,
    /// Packets that never come: to the server, or to the gateway of a telephone that speaks Opus.
    pub loss: PerMille,
    /// What lies beneath the caller's voice; none: the line's own hiss alone.
    pub beneath: Option<Beneath>,
    /// Of all that is random on it.
    pub seed: u64,
}

/// What the caller's telephone speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Telephone {
    /// The line's own codec, as far as the server.
    OfTheLine,
    /// Opus, as far as a gateway that conceals what it did not get and speaks the line's codec from there.
    Opus,
}

/// A noise that lies beneath the caller's voice.
#[derive(Clone, Debug)]
pub struct Beneath {
    /// Its sound, which is repeated as long as needed.
    pub sound: Arc<[i16]>,
    /// So many decibels below the speech.
    pub snr_db: f32,
}

impl Line {
    /// A quiet line that loses nothing.
    pub const fn quiet(codec: Codec) -> Self {
        Self {
            codec,
            telephone: Telephone::OfTheLine,
            loss: PerMille::ZERO,
            beneath: None,
            seed: 1,
        }
    }

    /// The sound with all that lies beneath it, as it comes to the line: what the caller's telephone sends, or
    /// what a gateway made of it. `speech_dbfs` is how loud the speech in it is.
    pub fn soil(&self, sound: &mut [i16], speech_dbfs: f32) {
        let mut dice = Dice::new(self.seed);
        let hiss = line_noise(dice.throw());
        for (sample, hiss) in sound.iter_mut().zip(hiss) {
            *sample = sample.saturating_add(hiss);
        }
        if let Some(beneath) = &self.beneath {
            beneath.lie(sound, speech_dbfs, &mut dice);
        }
        self.send(sound);
    }

    /// What the caller's telephone and a gateway leave of a sound, before it comes to the line.
    pub fn send(&self, sound: &mut [i16]) {
        if self.telephone == Telephone::OfTheLine {
            return;
        }
        let mut dice = Dice::new(self.seed.rotate_left(16));
        let mut leg = OpusLeg::default();
        for samples in sound.chunks_mut(FRAME_SAMPLES) {
            let mut frame = [0; FRAME_SAMPLES];
            frame[..samples.len()].copy_from_slice(samples);
            let heard = leg.pass(&frame, !self.is_bad_luck(&mut dice));
            samples.copy_from_slice(&heard[..samples.len()]);
        }
    }

    /// What leaves the server's jitter buffer of a sound, a frame a tick. The packet that
    /// ends at 20 ms arrives then; each frame stands at the tick that brought it.
    pub fn carry(&self, sound: &[i16]) -> Vec<PcmFrame> {
        let mut dice = Dice::new(self.seed.rotate_left(32));
        let mut leg = AudioLeg::new(LegSettings {
            payloads: payloads(self.codec),
            ssrc: 1,
            first_sequence: 1,
            first_timestamp: 1,
            jitter: JitterSettings::default(),
        });
        let mut packets = Packets::new(self.codec);
        let mut now = CallTime::ZERO;
        let mut frames = Vec::with_capacity(sound.len() / FRAME_SAMPLES + 1);
        for samples in sound.chunks(FRAME_SAMPLES) {
            now = now + FRAME_TIME;
            let packet = packets.next(samples);
            if !self.loses(&mut dice) {
                // Our own packet is well formed.
                let _ = leg.handle_packet(now, packet.as_bytes());
            }
            leg.tick(now);
            while let Some(output) = leg.poll_output() {
                if let LegOutput::Frame(frame) = output {
                    frames.push(frame);
                }
            }
        }
        frames
    }

    /// What leaves the jitter buffer of a turn with all that lies beneath it, in a call that is under way: the line
    /// is there 200 ms before the turn begins and 100 ms after its end, so that the buffer has begun before it, as it has
    /// before every turn of a call, and keeps none of it back. `sound` comes as `speech_dbfs` loud as [`Self::soil`] says.
    pub fn carry_turn(&self, sound: &[i16], speech_dbfs: f32) -> Vec<PcmFrame> {
        let before = vec![0; BEFORE_TURN * FRAME_SAMPLES];
        let after = vec![0; AFTER_TURN * FRAME_SAMPLES];
        let mut whole = [&before, sound, &after].concat();
        self.soil(&mut whole, speech_dbfs);
        let mut frames = self.carry(&whole);
        frames.drain(..BEFORE_TURN.min(frames.len()));
        frames
    }

    /// Whether the next packet to the server is lost.
    pub(crate) fn loses(&self, dice: &mut Dice) -> bool {
        // What a telephone that speaks Opus loses is lost before the gateway.
        self.telephone == Telephone::OfTheLine && self.is_bad_luck(dice)
    }

    fn is_bad_luck(&self, dice: &mut Dice) -> bool {
        dice.below(1_000) < u64::from(self.loss.thousandths())
    }
}

impl Beneath {
    fn lie(&self, sound: &mut [i16], speech_dbfs: f32, dice: &mut Dice) {
        let noise = &self.sound;
        let factor = dsp::level::from_db(speech_dbfs - self.snr_db - dsp::level::dbfs(noise));
        let begin = dice.place(noise.len());
        let noise = noise.iter().cycle().skip(begin);
        for (sample, &noise) in sound.iter_mut().zip(noise) {
            *sample = sample.saturating_add((f32::from(noise) * factor) as i16);
        }
    }
}

/// Frames of the line before a turn that is carried by itself; more than a jitter buffer waits for.
const BEFORE_TURN: usize = 10;
/// Frames of the line after such a turn.
const AFTER_TURN: usize = 5;

/// The payload type of keys.
const TELEPHONE_EVENT: u8 = 101;

/// What offer and answer agree on over such a line.
pub(crate) const fn payloads(codec: Codec) -> PayloadMap {
    PayloadMap {
        codec,
        audio: codec.static_payload_type(),
        telephone_event: Some(TELEPHONE_EVENT),
    }
}

/// The packets of a telephone that sends without a pause.
#[derive(Clone, Debug)]
pub(crate) struct Packets {
    codec: Codec,
    next: RtpHeader,
}

impl Packets {
    pub(crate) const fn new(codec: Codec) -> Self {
        Self {
            codec,
            next: RtpHeader {
                marker: true,
                payload_type: codec.static_payload_type(),
                sequence: 1,
                timestamp: 1_000,
                ssrc: 0xca11,
            },
        }
    }

    /// The packet of the next 20 ms; what is missing at the end is silence.
    pub(crate) fn next(&mut self, samples: &[i16]) -> RtpPacket {
        let mut frame = [0; FRAME_SAMPLES];
        for (to, &from) in frame.iter_mut().zip(samples) {
            *to = from;
        }
        let packet = RtpPacket::audio(self.next, self.codec, &frame);
        self.move_on();
        packet
    }

    /// The first packet of a key that goes down (RFC 4733 §2.5.1.2), in place of 20 ms of sound.
    pub(crate) fn next_key(&mut self, key: Key) -> RtpPacket {
        let header = RtpHeader {
            marker: true,
            payload_type: TELEPHONE_EVENT,
            ..self.next
        };
        let event = TelephoneEvent {
            event: key.event(),
            end: false,
            volume: 10,
            duration: FRAME_SAMPLES as u16,
        };
        self.move_on();
        RtpPacket::event(header, event)
    }

    const fn move_on(&mut self) {
        self.next.marker = false;
        self.next.sequence = self.next.sequence.wrapping_add(1);
        self.next.timestamp = self.next.timestamp.wrapping_add(FRAME_SAMPLES as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp::level::dbfs;

    fn tone() -> Vec<i16> {
        dsp::tone(440.0, 8_000, 16_000, 8_000)
    }

    #[test]
    fn a_quiet_line_brings_the_whole_sound_and_a_lossy_one_makes_up_what_it_lost() {
        let frames = Line::quiet(Codec::Pcmu).carry(&tone());
        assert_eq!(frames.len(), 100);
        assert!(frames.iter().skip(10).all(|f| !f.concealed));
        let lossy = Line {
            loss: PerMille::new(100),
            ..Line::quiet(Codec::Pcmu)
        };
        let lost = lossy.carry(&tone()).iter().filter(|f| f.concealed).count();
        assert!((4..=20).contains(&lost), "{lost}");
    }

    #[test]
    fn a_turn_of_a_call_under_way_begins_and_ends_with_what_lies_beneath_it() {
        let line = Line {
            beneath: Some(Beneath {
                sound: tone().into(),
                snr_db: 10.0,
            }),
            ..Line::quiet(Codec::Pcma)
        };
        let frames = line.carry_turn(&[0; 8_000], -20.0);
        assert!(frames.len() >= 50, "{}", frames.len());
        let levels = frames.iter().map(|frame| dbfs(&frame.samples));
        assert!(levels.into_iter().all(|level| (level + 30.0).abs() < 1.0));
        let first = frames.first().expect("there are frames");
        assert!(first.at > CallTime::ZERO);
    }

    #[test]
    fn opus_loses_its_packets_before_the_gateway_which_makes_them_up() {
        let clear = Line {
            telephone: Telephone::Opus,
            ..Line::quiet(Codec::Pcma)
        };
        let lossy = Line {
            loss: PerMille::new(100),
            ..clear.clone()
        };
        let sent = |line: &Line| {
            let mut sound = tone();
            line.send(&mut sound);
            sound
        };
        let (whole, mended) = (sent(&clear), sent(&lossy));
        assert!((dbfs(&whole[800..]) - dbfs(&tone())).abs() < 1.0);
        assert_ne!(whole, mended);
        assert!((dbfs(&mended[800..]) - dbfs(&tone())).abs() < 3.0);
        assert!(lossy.carry(&mended).iter().skip(10).all(|f| !f.concealed));
    }

    #[test]
    fn noise_lies_as_far_beneath_as_asked() {
        let line = Line {
            beneath: Some(Beneath {
                sound: dsp::tone(1_000.0, 8_000, 4_000, 1_000).into(),
                snr_db: 10.0,
            }),
            ..Line::quiet(Codec::Pcma)
        };
        let mut sound = vec![0; 8_000];
        line.soil(&mut sound, -20.0);
        assert!((dbfs(&sound) + 30.0).abs() < 0.5, "{}", dbfs(&sound));
    }
}
