//! RTP to PCM and back, without sockets: one leg of a call as a pure value.
//!
//! [`AudioLeg`] is told of packets and of the 20 ms ticks of the media clock,
//! and answers with frames heard, keys pressed and packets to send. It opens
//! nothing, reads no clock, and once running allocates nothing per packet.
//!
//! ```text
//! packet ─► rtp ─┬► events ─► Key
//!                └► reception ─► jitter buffer ─► concealment ─► Frame   (each tick)
//! prompt ─► playout ─┐
//! another leg ─► live ┼► codec ─► Packet, Sent                            (each tick)
//! loop ─► music ──────┘
//! ```
//!
//! ```
//! use call_audio::{AudioLeg, JitterSettings, LegOutput, LegSettings};
//! use call_model::{CallTime, Codec, PayloadMap, PromptId};
//!
//! let mut leg = AudioLeg::new(LegSettings {
//!     payloads: PayloadMap {
//!         codec: Codec::Pcmu,
//!         audio: 0,
//!         telephone_event: Some(101),
//!     },
//!     ssrc: 0x0bee_f00d,
//!     first_sequence: 17,
//!     first_timestamp: 4_711,
//!     jitter: JitterSettings::default(),
//! });
//! leg.play(PromptId(1), dsp::tone(440.0, 8_000, 8_000, 9_000).into());
//! leg.tick(CallTime::from_millis(20));
//! while let Some(output) = leg.poll_output() {
//!     if let LegOutput::Packet(packet) = output {
//!         assert_eq!(packet.as_bytes().len(), 12 + 160);
//!     }
//! }
//! ```
//!
//! Keys are heard as RFC 4733 telephone events alone. Tones in the sound itself
//! are not looked for: a line that sends both would give every key twice.

pub mod codec;
mod concealment;
mod event;
mod jitter;
mod key_in;
mod key_out;
mod leg;
mod live;
mod music;
mod playout;
mod reception;
mod ring;
mod rtcp;
mod rtp;
mod slack;
mod source;
mod stats;

pub use event::TelephoneEvent;
pub use jitter::JitterSettings;
pub use key_out::KeyRefused;
pub use leg::{AudioLeg, LegOutput, LegSettings};
pub use rtcp::is_rtcp;
pub use rtp::{PacketError, RtpHeader, RtpPacket};
pub use stats::LegStats;
