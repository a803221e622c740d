//! Opus as telephones speak it, there and back.

use opus_pure::{Application, Bandwidth, OpusDecoder, OpusEncoder};

/// 20 ms at 8 kHz.
pub const OPUS_FRAME: usize = 160;

const RATE: i32 = 8_000;
/// The upper end of what RFC 7587 §3.1.1 names for narrow-band speech.
const BITS_A_SECOND: i32 = 12_000;
/// More than a frame of 20 ms takes at any bit rate (RFC 6716 §3.2.1).
const PACKET_BYTES: usize = 1_275;

/// One direction of a call over Opus (RFC 6716): narrow-band speech at 8 kHz, 20 ms a packet, 12 kbit/s, no
/// forward error correction. What comes out is some 6.5 ms late.
pub struct OpusLeg {
    encoder: OpusEncoder,
    decoder: OpusDecoder,
    packet: [u8; PACKET_BYTES],
}

impl Default for OpusLeg {
    fn default() -> Self {
        const ITS_OWN: &str = "8 kHz and one channel are of Opus";
        let mut encoder = OpusEncoder::new(RATE, 1, Application::Voip).expect(ITS_OWN);
        encoder.bitrate_bps = BITS_A_SECOND;
        encoder.max_bandwidth = Bandwidth::Narrowband;
        Self {
            encoder,
            decoder: OpusDecoder::new(RATE, 1).expect(ITS_OWN),
            packet: [0; PACKET_BYTES],
        }
    }
}

impl OpusLeg {
    /// The next 20 ms as the other end hears them: of a packet that does not arrive, what its decoder makes up.
    pub fn pass(&mut self, frame: &[i16; OPUS_FRAME], arrives: bool) -> [i16; OPUS_FRAME] {
        let packet = &mut self.packet;
        let encoded = self.encoder.encode_s16(frame, OPUS_FRAME, packet);
        // A frame that could not be encoded would be one that is lost; those of this size all can.
        let length = encoded.ok().filter(|_| arrives).unwrap_or(0);
        let mut heard = [0; OPUS_FRAME];
        if let Err(_refused) = self
            .decoder
            .decode_s16(&packet[..length], OPUS_FRAME, &mut heard)
        {
            heard = [0; OPUS_FRAME];
        }
        heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By how many decibels a sound comes out quieter than it went in, the first 100 ms aside.
    fn lost_db(sound: &[i16], arrives: impl Fn(usize) -> bool) -> f32 {
        let mut leg = OpusLeg::default();
        let frames = sound.as_chunks::<OPUS_FRAME>().0.iter().enumerate();
        let heard: Vec<i16> = frames
            .flat_map(|(number, frame)| leg.pass(frame, arrives(number)))
            .collect();
        crate::level::dbfs(&sound[800..]) - crate::level::dbfs(&heard[800..])
    }

    /// A voice's vowel, more or less: a pitch of 120 Hz and its overtones.
    fn vowel() -> Vec<i16> {
        let mut sum = vec![0; 8_000];
        for overtone in 1..=12_u8 {
            let tone = crate::tone(120.0 * f32::from(overtone), 8_000, sum.len(), 1_000);
            for (to, from) in sum.iter_mut().zip(tone) {
                *to += from;
            }
        }
        sum
    }

    #[test]
    fn a_voice_comes_through_as_loud_as_it_went_in() {
        assert!(lost_db(&vowel(), |_| true).abs() < 1.0);
        // What is made up fades, and the voice takes a packet to come back.
        let lossy = lost_db(&vowel(), |number| number % 10 != 0);
        assert!((-1.0..6.0).contains(&lossy), "{lossy}");
    }

    #[test]
    fn a_packet_that_is_lost_is_made_up_and_a_long_gap_falls_silent() {
        let mut leg = OpusLeg::default();
        let sound = vowel();
        let frames = sound.as_chunks::<OPUS_FRAME>().0;
        for frame in &frames[..20] {
            leg.pass(frame, true);
        }
        let made_up = leg.pass(&frames[20], false);
        assert!(crate::level::dbfs(&made_up) > crate::level::dbfs(&frames[20]) - 6.0);
        let after: Vec<_> = (0..25).map(|_| leg.pass(&frames[21], false)).collect();
        assert!(crate::level::dbfs(&after[24]) < -50.0);
    }

    #[test]
    fn a_voice_takes_no_more_than_a_telephones_bit_rate() {
        let mut leg = OpusLeg::default();
        let mut bytes = 0;
        let sound = vowel();
        let frames = sound.as_chunks::<OPUS_FRAME>().0;
        for frame in frames {
            bytes += leg
                .encoder
                .encode_s16(frame, OPUS_FRAME, &mut leg.packet)
                .expect("encodes");
        }
        let bits_a_second = bytes * 8 * 50 / frames.len();
        assert!((6_000..16_000).contains(&bits_a_second), "{bits_a_second}");
    }
}
