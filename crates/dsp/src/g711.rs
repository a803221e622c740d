//! G.711: a telephone's two ways to put a sample into eight bits.
//!
//! All four directions are tables built at compile time. Codes are as they
//! stand in an RTP payload (RFC 3551 §4.5.14): µ-law inverted, A-law with its
//! even bits inverted.

/// µ-law code of silence.
pub const ULAW_SILENCE: u8 = 0xff;
/// A-law code nearest to silence; it stands for +8 of 32,768.
pub const ALAW_SILENCE: u8 = 0xd5;

/// What ITU-T G.711 adds to a µ-law magnitude so that segments double.
const ULAW_BIAS: i16 = 33;
/// The largest biased µ-law magnitude, in 14-bit steps.
const ULAW_PEAK: i16 = 0x1fff;

static ULAW_DECODED: [i16; 256] = ulaw_samples();
static ALAW_DECODED: [i16; 256] = alaw_samples();
static ULAW_ENCODED: [u8; 1 << 14] = ulaw_codes();
static ALAW_ENCODED: [u8; 1 << 12] = alaw_codes();

/// The linear sample of a µ-law code, −32,124 to 32,124.
pub fn ulaw_to_linear(code: u8) -> i16 {
    ULAW_DECODED[usize::from(code)]
}

/// The µ-law code of a linear sample; the two lowest bits do not count.
pub fn linear_to_ulaw(sample: i16) -> u8 {
    ULAW_ENCODED[usize::from(sample as u16 >> 2)]
}

/// The linear sample of an A-law code, −32,256 to 32,256.
pub fn alaw_to_linear(code: u8) -> i16 {
    ALAW_DECODED[usize::from(code)]
}

/// The A-law code of a linear sample; the four lowest bits do not count.
pub fn linear_to_alaw(sample: i16) -> u8 {
    ALAW_ENCODED[usize::from(sample as u16 >> 4)]
}

const fn ulaw_samples() -> [i16; 256] {
    let mut samples = [0; 256];
    let mut code = 0;
    while code < samples.len() {
        samples[code] = expand_ulaw(code as u8);
        code += 1;
    }
    samples
}

const fn alaw_samples() -> [i16; 256] {
    let mut samples = [0; 256];
    let mut code = 0;
    while code < samples.len() {
        samples[code] = expand_alaw(code as u8);
        code += 1;
    }
    samples
}

const fn ulaw_codes() -> [u8; 1 << 14] {
    let mut codes = [0; 1 << 14];
    let mut index = 0;
    while index < codes.len() {
        codes[index] = compress_ulaw((index << 2) as u16 as i16);
        index += 1;
    }
    codes
}

const fn alaw_codes() -> [u8; 1 << 12] {
    let mut codes = [0; 1 << 12];
    let mut index = 0;
    while index < codes.len() {
        codes[index] = compress_alaw((index << 4) as u16 as i16);
        index += 1;
    }
    codes
}

const fn expand_ulaw(code: u8) -> i16 {
    let plain = !code;
    let mantissa = (plain & 0x0f) as i16;
    let segment = plain >> 4 & 0x07;
    let magnitude = (((mantissa << 1) + ULAW_BIAS) << segment) - ULAW_BIAS;
    let sample = magnitude << 2;
    if plain & 0x80 == 0 { sample } else { -sample }
}

const fn compress_ulaw(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 {
        (0x80, !sample >> 2)
    } else {
        (0x00, sample >> 2)
    };
    let biased = magnitude + ULAW_BIAS;
    let biased = if biased > ULAW_PEAK {
        ULAW_PEAK
    } else {
        biased
    };
    let segment = 10 - biased.leading_zeros() as u8;
    let mantissa = (biased >> (segment + 1)) as u8 & 0x0f;
    !(sign | segment << 4 | mantissa)
}

const fn expand_alaw(code: u8) -> i16 {
    let plain = code ^ 0x55;
    let mantissa = (plain & 0x0f) as i16;
    let segment = plain >> 4 & 0x07;
    let magnitude = match segment {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (segment - 1),
    };
    if plain & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

const fn compress_alaw(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 {
        (0x00, !sample >> 4)
    } else {
        (0x80, sample >> 4)
    };
    let code = if magnitude < 32 {
        magnitude as u8
    } else {
        let segment = 12 - magnitude.leading_zeros() as u8;
        segment << 4 | (magnitude >> (segment - 1)) as u8 & 0x0f
    };
    (sign | code) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_values_of_the_recommendation() {
        let ulaw = [
            (0xff, 0),
            (0x7f, 0),
            (0xfe, 8),
            (0x80, 32_124),
            (0x00, -32_124),
        ];
        for (code, sample) in ulaw {
            assert_eq!(ulaw_to_linear(code), sample, "µ-law {code:#04x}");
        }
        let alaw = [
            (0xd5, 8),
            (0x55, -8),
            (0xd4, 24),
            (0xaa, 32_256),
            (0x2a, -32_256),
        ];
        for (code, sample) in alaw {
            assert_eq!(alaw_to_linear(code), sample, "A-law {code:#04x}");
        }
        assert_eq!(linear_to_ulaw(0), ULAW_SILENCE);
        assert_eq!(linear_to_alaw(0), ALAW_SILENCE);
    }

    #[test]
    fn a_decoded_code_is_encoded_as_itself() {
        for code in 0..=u8::MAX {
            assert_eq!(linear_to_alaw(alaw_to_linear(code)), code);
            // µ-law has two zeros; the negative one becomes the positive one.
            let expected = if code == 0x7f { ULAW_SILENCE } else { code };
            assert_eq!(linear_to_ulaw(ulaw_to_linear(code)), expected);
        }
    }

    #[test]
    fn every_sample_comes_back_within_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let loudness = i32::from(sample).abs();
            // A segment's step is at most a sixteenth of the loudness; half of it
            // is the error, plus what clipping and the dropped bits cost.
            let allowed = loudness / 32 + 20 + (loudness - 32_124).max(0);
            for heard in [
                ulaw_to_linear(linear_to_ulaw(sample)),
                alaw_to_linear(linear_to_alaw(sample)),
            ] {
                let error = (i32::from(heard) - i32::from(sample)).abs();
                assert!(error <= allowed, "{sample} became {heard}");
            }
        }
    }

    #[test]
    fn louder_samples_never_get_quieter_codes() {
        for sample in i16::MIN..i16::MAX {
            let ulaw = |s| ulaw_to_linear(linear_to_ulaw(s));
            let alaw = |s| alaw_to_linear(linear_to_alaw(s));
            assert!(ulaw(sample) <= ulaw(sample + 1) && alaw(sample) <= alaw(sample + 1));
        }
    }
}
