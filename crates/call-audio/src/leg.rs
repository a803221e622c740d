//! One leg of a call: what comes in, what goes out, and what is told about it.

use crate::concealment::Concealer;
use crate::jitter::{Arrival, JitterBuffer, JitterSettings, PACKET_MAX};
use crate::key_in::KeyReceiver;
use crate::key_out::{KeyPacket, KeySender};
use crate::live::Live;
use crate::music::Music;
use crate::playout::{Ended, Playout};
use crate::source::{Sources, Standing};
use crate::{KeyRefused, LegStats, PacketError, RtpHeader, RtpPacket, TelephoneEvent};
use crate::{codec, is_rtcp};
use call_model::{CallTime, FRAME_SAMPLES, Key, PayloadMap, PcmFrame, PromptEnd, PromptId};
use std::collections::VecDeque;
use std::sync::Arc;

/// Comfort noise (RFC 3389, RFC 3551 §4.5.14): static payload type.
const COMFORT_NOISE: u8 = 13;
/// Outputs that one packet or tick can bring about, and then some.
const OUTPUTS: usize = 16;

/// How a leg begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LegSettings {
    /// What was agreed on.
    pub payloads: PayloadMap,
    /// Our synchronisation source; random, from the call's seed.
    pub ssrc: u32,
    /// The first packet's sequence number; random likewise.
    pub first_sequence: u16,
    /// The first packet's timestamp; random likewise.
    pub first_timestamp: u32,
    /// How long the other side's sound may wait.
    pub jitter: JitterSettings,
}

/// What a leg has to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LegOutput {
    /// 20 ms of the other side; one a tick.
    Frame(PcmFrame),
    /// Told before a frame in which the other side's sound does not go on where it was: so many
    /// samples later, for they were cut out of what waited; earlier where it is negative.
    Moved(i64),
    /// The other side pressed a key; once a press.
    Key(Key),
    /// To be sent now; one a tick.
    Packet(RtpPacket),
    /// The next packet is this prompt's first.
    PromptStarted(PromptId),
    /// A prompt is over; once for each.
    PromptEnded {
        /// Which.
        prompt: PromptId,
        /// How.
        end: PromptEnd,
    },
    /// The sound of the packet just told, for the recorder: prompt, music and live
    /// sound as they were mixed, silence where there is none or a key is sent. One a tick.
    Sent(PcmFrame),
}

/// One leg of a call: RTP on one side, frames, keys and prompts on the other.
///
/// After every call of [`handle_packet`](Self::handle_packet),
/// [`tick`](Self::tick) or its halves, [`play`](Self::play) and
/// [`stop`](Self::stop) its outputs are to be drained with
/// [`poll_output`](Self::poll_output).
///
/// Three things may sound at once and are mixed: a prompt, live sound that is
/// [fed](Self::feed) by another leg, and music. A prompt silences the music, and is
/// heard beside live sound, for nobody who talks is cut off by a machine.
#[derive(Clone, Debug)]
pub struct AudioLeg {
    payloads: PayloadMap,
    sources: Sources,
    buffer: JitterBuffer,
    concealer: Concealer,
    keys_heard: KeyReceiver,
    playout: Playout,
    live: Live,
    music: Music,
    keys_sent: KeySender,
    /// The next packet's header, but for marker and payload type.
    next: RtpHeader,
    counts: LegStats,
    outputs: VecDeque<LegOutput>,
}

impl AudioLeg {
    /// A leg on which nothing was heard or said yet.
    pub fn new(settings: LegSettings) -> Self {
        Self {
            payloads: settings.payloads,
            sources: Sources::new(),
            buffer: JitterBuffer::new(settings.jitter),
            concealer: Concealer::new(),
            keys_heard: KeyReceiver::new(),
            playout: Playout::new(),
            live: Live::new(),
            music: Music::new(),
            keys_sent: KeySender::new(),
            next: RtpHeader {
                marker: true,
                payload_type: settings.payloads.audio,
                sequence: settings.first_sequence,
                timestamp: settings.first_timestamp,
                ssrc: settings.ssrc,
            },
            counts: LegStats::default(),
            outputs: VecDeque::with_capacity(OUTPUTS),
        }
    }

    /// Takes a packet from the network, RTP or RTCP, that came at `now`. An error
    /// says what is wrong with the packet; the leg goes on as if it had not come.
    pub fn handle_packet(&mut self, now: CallTime, packet: &[u8]) -> Result<(), PacketError> {
        let taken = self.take_packet(now, packet);
        match taken {
            Ok(()) => {}
            Err(PacketError::PayloadType(_)) => self.counts.wrong_payload_type += 1,
            Err(_) => self.counts.malformed += 1,
        }
        taken
    }

    /// Moves the media clock on by 20 ms: brings a frame of the other side and a
    /// packet to it.
    pub fn tick(&mut self, now: CallTime) {
        self.listen(now);
        self.speak(now);
    }

    /// The first half of a tick: brings a frame of the other side. Between the halves
    /// another leg may be fed with it.
    pub fn listen(&mut self, now: CallTime) {
        let pulled = self.buffer.pull();
        self.counts.concealed_frames += u64::from(pulled.is_lossy);
        if pulled.moved != 0 {
            self.outputs.push_back(LegOutput::Moved(pulled.moved));
        }
        self.outputs.push_back(LegOutput::Frame(PcmFrame {
            at: now,
            samples: self.concealer.mend(&pulled.samples),
            concealed: pulled.is_lossy,
        }));
    }

    /// The second half of a tick: brings a packet to the other side.
    pub fn speak(&mut self, now: CallTime) {
        match self.keys_sent.tick(self.next.timestamp) {
            Some(key) => self.send_key_packet(now, key),
            None => self.send_sound(now),
        }
        self.next.timestamp = self.next.timestamp.wrapping_add(FRAME_SAMPLES as u32);
        self.next.sequence = self.next.sequence.wrapping_add(1);
        self.counts.sent += 1;
    }

    /// The next thing to tell, in the order in which things came about.
    pub fn poll_output(&mut self) -> Option<LegOutput> {
        self.outputs.pop_front()
    }

    /// Plays a prompt of 8 kHz from the next tick on. A prompt that still plays is
    /// stopped for it; a prompt without a sample has failed.
    pub fn play(&mut self, prompt: PromptId, audio: Arc<[i16]>) {
        for ended in self.playout.play(prompt, audio).into_iter().flatten() {
            self.tell_end(ended);
        }
    }

    /// Lowers the prompt by 12 dB; nothing happens if it does not play.
    pub fn duck(&mut self, prompt: PromptId) {
        self.playout.duck(prompt);
    }

    /// Brings the prompt back to its level; nothing happens if it does not play.
    pub fn unduck(&mut self, prompt: PromptId) {
        self.playout.unduck(prompt);
    }

    /// Stops the prompt; the next tick fades it out within 10 ms. Nothing happens
    /// if it does not play.
    pub fn stop(&mut self, prompt: PromptId) {
        if let Some(ended) = self.playout.stop(prompt) {
            self.tell_end(ended);
        }
    }

    /// Sounds live in the packet of the next tick, beside whatever else does. A tick
    /// without it lets the live sound die away; it comes and goes within 10 ms.
    pub fn feed(&mut self, sound: &[i16; FRAME_SAMPLES]) {
        self.live.feed(sound);
    }

    /// The music of this leg, a loop of 8 kHz; none is silence.
    pub fn set_music(&mut self, sound: Option<Arc<[i16]>>) {
        self.music.set(sound);
    }

    /// Music from the next tick on, wherever no prompt sounds.
    pub fn start_music(&mut self) {
        self.music.want(true);
    }

    /// No more music; the next tick fades it out within 10 ms.
    pub fn stop_music(&mut self) {
        self.music.want(false);
    }

    /// Presses a key towards the other side, after those that wait already. While
    /// it is sent, prompt and music wait and live sound is lost.
    pub fn send_key(&mut self, key: Key) -> Result<(), KeyRefused> {
        match self.payloads.telephone_event {
            Some(_) => self.keys_sent.press(key),
            None => Err(KeyRefused::NotAgreed),
        }
    }

    /// What is agreed.
    pub const fn payloads(&self) -> PayloadMap {
        self.payloads
    }

    /// From now on this is agreed. Keys that wait are dropped if events no longer are.
    pub fn set_payloads(&mut self, payloads: PayloadMap) {
        self.payloads = payloads;
        if payloads.telephone_event.is_none() {
            self.keys_sent.clear();
        }
    }

    /// What was counted until now.
    pub fn stats(&self) -> LegStats {
        LegStats {
            lost: self.sources.lost(),
            jitter: self.sources.jitter(),
            buffered: self.buffer.buffered(),
            ..self.counts
        }
    }

    fn take_packet(&mut self, now: CallTime, packet: &[u8]) -> Result<(), PacketError> {
        if is_rtcp(packet) {
            self.counts.rtcp += 1;
            return Ok(());
        }
        let (header, payload) = RtpHeader::parse(packet)?;
        let payload_type = header.payload_type;
        if Some(payload_type) == self.payloads.telephone_event {
            self.take_event(header, TelephoneEvent::parse(payload)?);
        } else if payload_type == self.payloads.audio {
            self.take_sound(now, header, checked_sound(payload)?);
        } else if payload_type == COMFORT_NOISE {
            self.take_comfort_noise(header);
        } else {
            return Err(PacketError::PayloadType(payload_type));
        }
        Ok(())
    }

    /// Some gateways send events from a source of their own: they are heard, but
    /// say nothing about the source of the sound.
    fn take_event(&mut self, header: RtpHeader, event: TelephoneEvent) {
        if self.sources.is_heard(header.ssrc) {
            self.note(header);
        }
        self.buffer.rest();
        let key = self.keys_heard.hear(header.ssrc, header.timestamp, event);
        self.outputs.extend(key.map(LegOutput::Key));
    }

    fn take_comfort_noise(&mut self, header: RtpHeader) {
        if self.note(header) {
            self.buffer.rest();
        }
    }

    fn take_sound(&mut self, now: CallTime, header: RtpHeader, codes: &[u8]) {
        if !self.note(header) || codes.is_empty() {
            return;
        }
        self.sources.note_transit(now, header.timestamp);
        let mut sound = [0; PACKET_MAX];
        codec::decode(self.payloads.codec, codes, &mut sound);
        match self.buffer.insert(header.timestamp, &sound[..codes.len()]) {
            Arrival::InTime => {}
            Arrival::Late => self.counts.late += 1,
            Arrival::Stray => self.counts.strays += 1,
        }
    }

    /// Takes note of a packet; is it new, and from the source that is heard?
    fn note(&mut self, header: RtpHeader) -> bool {
        match self.sources.note(header.ssrc, header.sequence) {
            Standing::New => {}
            Standing::NewSource => self.buffer.restart(),
            Standing::Duplicate => {
                self.counts.duplicates += 1;
                return false;
            }
            Standing::Stray => {
                self.counts.strays += 1;
                return false;
            }
        }
        self.counts.received += 1;
        true
    }

    fn send_sound(&mut self, now: CallTime) {
        let does_prompt_sound = self.playout.is_playing();
        let mut played = self.playout.next_frame();
        self.live.mix_into(&mut played.samples);
        self.music.mix_into(&mut played.samples, does_prompt_sound);
        // Where talk begins (RFC 3551 §4.1), and on the first packet.
        let header = RtpHeader {
            marker: played.started.is_some() || self.counts.sent == 0,
            payload_type: self.payloads.audio,
            ..self.next
        };
        let packet = RtpPacket::audio(header, self.payloads.codec, &played.samples);
        self.outputs
            .extend(played.started.map(LegOutput::PromptStarted));
        self.tell_sent(now, packet, played.samples);
        if let Some(prompt) = played.finished {
            self.tell_end((prompt, PromptEnd::Finished));
        }
    }

    fn send_key_packet(&mut self, now: CallTime, key: KeyPacket) {
        self.live.skip();
        let header = RtpHeader {
            marker: key.is_first,
            payload_type: self.payloads.telephone_event.unwrap_or_default(),
            timestamp: key.timestamp,
            ..self.next
        };
        let packet = RtpPacket::event(header, key.event);
        self.tell_sent(now, packet, [0; FRAME_SAMPLES]);
    }

    fn tell_sent(&mut self, now: CallTime, packet: RtpPacket, samples: [i16; FRAME_SAMPLES]) {
        self.outputs.push_back(LegOutput::Packet(packet));
        self.outputs.push_back(LegOutput::Sent(PcmFrame {
            samples,
            ..PcmFrame::silent(now)
        }));
    }

    fn tell_end(&mut self, (prompt, end): Ended) {
        self.outputs
            .push_back(LegOutput::PromptEnded { prompt, end });
    }
}

/// A payload of sound that the jitter buffer can take.
fn checked_sound(payload: &[u8]) -> Result<&[u8], PacketError> {
    if payload.len() > PACKET_MAX {
        return Err(PacketError::TooLong {
            bytes: payload.len(),
            limit: PACKET_MAX,
        });
    }
    Ok(payload)
}
