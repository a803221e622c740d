//! What tests of several modules play with: a bot's sound, as packets.

use crate::rtp::{FRAME, Header};
use crate::sip::{Codec, RemoteMedia};

/// The law everyone speaks on this stage.
pub const CODEC: Codec = Codec::Pcmu;

/// The other side of a call, which is nowhere.
pub fn remote() -> RemoteMedia {
    RemoteMedia {
        address: ([127, 0, 0, 1], 9).into(),
        codec: CODEC,
        audio: 0,
        events: Some(96),
    }
}

/// A packet of the bot's stream: its frame number `tick`.
pub fn packet(tick: usize, samples: &[i16]) -> Vec<u8> {
    let header = Header {
        marker: false,
        payload_type: 0,
        sequence: tick as u16,
        timestamp: (tick * FRAME) as u32,
        ssrc: 1,
    };
    let coded: Vec<u8> = samples.iter().map(|&sample| CODEC.encode(sample)).collect();
    let mut datagram = Vec::new();
    header.write(&coded, &mut datagram);
    datagram
}

/// Noise that rises and falls like syllables: a stand-in for speech, other for every seed.
pub fn babble(seed: u32, samples: usize) -> Vec<i16> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut low = 0.0f32;
    (0..samples)
        .map(|at| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let white = state as i32 as f32 / 2.0f32.powi(31);
            low += 0.3 * (white - low);
            let syllable = (at as f32 / 700.0 + seed as f32).sin().abs();
            (low * syllable * 20_000.0) as i16
        })
        .collect()
}
