//! G.711 as the agreed codec of a leg (RFC 3551 §4.5.14): a byte a sample.

use call_model::Codec;
use dsp::g711;

/// The code of one linear sample.
pub fn encode_sample(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcmu => g711::linear_to_ulaw(sample),
        Codec::Pcma => g711::linear_to_alaw(sample),
    }
}

/// The linear sample of one code.
pub fn decode_sample(codec: Codec, code: u8) -> i16 {
    match codec {
        Codec::Pcmu => g711::ulaw_to_linear(code),
        Codec::Pcma => g711::alaw_to_linear(code),
    }
}

/// Encodes samples into codes, as many as both slices hold.
pub fn encode(codec: Codec, samples: &[i16], codes: &mut [u8]) {
    for (code, &sample) in codes.iter_mut().zip(samples) {
        *code = encode_sample(codec, sample);
    }
}

/// Decodes codes into samples, as many as both slices hold.
pub fn decode(codec: Codec, codes: &[u8], samples: &mut [i16]) {
    for (sample, &code) in samples.iter_mut().zip(codes) {
        *sample = decode_sample(codec, code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_codec_decodes_what_it_encoded() {
        let sound = dsp::tone(440.0, 8_000, 800, 12_000);
        for codec in [Codec::Pcmu, Codec::Pcma] {
            let (mut codes, mut heard) = (vec![0; 800], vec![0; 800]);
            encode(codec, &sound, &mut codes);
            decode(codec, &codes, &mut heard);
            assert!(dsp::Goertzel::new(440.0, 8_000).share(&heard) > 0.999);
        }
        assert_ne!(
            encode_sample(Codec::Pcmu, 500),
            encode_sample(Codec::Pcma, 500)
        );
    }
}
