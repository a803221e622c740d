//! WAV files: PCM of 8 or 16 bits and G.711, one channel or two, whatever their header claims of its length.

use dsp::g711;

/// The bytes of the header that [`write`] makes.
const HEADER: usize = 44;
const PCM: u16 = 1;
const ALAW: u16 = 6;
const ULAW: u16 = 7;
const EXTENSIBLE: u16 = 0xFFFE;

/// Sound from a file, mixed to one channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Clip {
    pub(crate) rate: u32,
    pub(crate) samples: Vec<i16>,
}

/// Why a file cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum WavError {
    #[error("it is no WAV file")]
    NotWav,
    #[error("its format is not told before its sound")]
    NoFormat,
    #[error("it holds no sound")]
    NoSound,
    #[error(
        "format {tag} with {bits} bits and {channels} channels is not supported; \
         PCM of 16 bits or G.711, in one or two channels, is"
    )]
    Unsupported { tag: u16, bits: u16, channels: u16 },
    #[error("{0} samples a second is no rate for speech: 8000 to 48000 is")]
    Rate(u32),
}

#[derive(Clone, Copy)]
struct Format {
    tag: u16,
    channels: u16,
    rate: u32,
    bits: u16,
}

/// Reads a WAV file. A sound chunk whose length was never filled in (as
/// programs that write to a pipe leave it) reaches to the end.
pub(crate) fn read(bytes: &[u8]) -> Result<Clip, WavError> {
    let is_wav = bytes.get(..4) == Some(b"RIFF") && bytes.get(8..12) == Some(b"WAVE");
    if !is_wav {
        return Err(WavError::NotWav);
    }
    let mut rest = &bytes[12..];
    let mut format = None;
    while let (Some(name), Some(length)) = (rest.get(..4), u32_at(rest, 4)) {
        let body = &rest[8..];
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let whole = body.get(..length).unwrap_or(body);
        match name {
            b"fmt " => format = Some(read_format(whole).ok_or(WavError::NoFormat)?),
            b"data" => {
                let sound = if length == 0 { body } else { whole };
                return decode(format.ok_or(WavError::NoFormat)?, sound);
            }
            _ => {}
        }
        // Chunks are padded to an even length.
        let next = length.saturating_add(length % 2);
        rest = body.get(next..).unwrap_or_default();
    }
    Err(WavError::NoSound)
}

/// A WAV file of one channel of 16-bit samples.
pub(crate) fn write(samples: &[i16], rate: u32) -> Vec<u8> {
    let data = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEADER + samples.len() * 2);
    bytes.extend(b"RIFF");
    bytes.extend(data.saturating_add(HEADER as u32 - 8).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(PCM.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend(rate.saturating_mul(2).to_le_bytes());
    bytes.extend(2_u16.to_le_bytes());
    bytes.extend(16_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    bytes
}

fn read_format(chunk: &[u8]) -> Option<Format> {
    let tag = u16_at(chunk, 0)?;
    // An extensible format tells its tag in the first bytes of a GUID.
    let tag = if tag == EXTENSIBLE {
        u16_at(chunk, 24)?
    } else {
        tag
    };
    Some(Format {
        tag,
        channels: u16_at(chunk, 2)?,
        rate: u32_at(chunk, 4)?,
        bits: u16_at(chunk, 14)?,
    })
}

fn decode(format: Format, sound: &[u8]) -> Result<Clip, WavError> {
    let Format {
        tag,
        channels,
        rate,
        bits,
    } = format;
    if !(8_000..=48_000).contains(&rate) {
        return Err(WavError::Rate(rate));
    }
    let samples: Vec<i16> = match (tag, bits) {
        (PCM, 16) => sound
            .chunks_exact(2)
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect(),
        (PCM, 8) => sound
            .iter()
            .map(|&byte| (i16::from(byte) - 128) << 8)
            .collect(),
        (ALAW, 8) => sound
            .iter()
            .map(|&code| g711::alaw_to_linear(code))
            .collect(),
        (ULAW, 8) => sound
            .iter()
            .map(|&code| g711::ulaw_to_linear(code))
            .collect(),
        _ => {
            return Err(WavError::Unsupported {
                tag,
                bits,
                channels,
            });
        }
    };
    let samples = match channels {
        1 => samples,
        2 => samples
            .chunks_exact(2)
            .map(|pair| middle(pair[0], pair[1]))
            .collect(),
        _ => {
            return Err(WavError::Unsupported {
                tag,
                bits,
                channels,
            });
        }
    };
    if samples.is_empty() {
        return Err(WavError::NoSound);
    }
    Ok(Clip { rate, samples })
}

fn middle(left: i16, right: i16) -> i16 {
    let sum = i32::from(left) + i32::from(right);
    i16::try_from(sum / 2).unwrap_or(0)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at + 2)?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with(tag: u16, channels: u16, bits: u16, sound: &[u8]) -> Vec<u8> {
        let mut bytes = write(&[], 8_000);
        bytes[20..22].copy_from_slice(&tag.to_le_bytes());
        bytes[22..24].copy_from_slice(&channels.to_le_bytes());
        bytes[34..36].copy_from_slice(&bits.to_le_bytes());
        bytes[40..44].copy_from_slice(&(sound.len() as u32).to_le_bytes());
        bytes.extend(sound);
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        let samples = vec![0, 1, -1, i16::MAX, i16::MIN];
        let read = read(&write(&samples, 16_000));
        assert_eq!(
            read,
            Ok(Clip {
                rate: 16_000,
                samples
            })
        );
    }

    #[test]
    fn a_length_that_was_never_filled_in_reaches_to_the_end() {
        for claimed in [0_u32, 0x7FFF_F000, u32::MAX] {
            let mut bytes = write(&[5, 6, 7], 8_000);
            bytes[40..44].copy_from_slice(&claimed.to_le_bytes());
            assert_eq!(read(&bytes).map(|clip| clip.samples), Ok(vec![5, 6, 7]));
        }
    }

    #[test]
    fn g711_and_two_channels_are_understood() {
        let silence = read(&with(ULAW, 1, 8, &[0xFF, 0x7F]));
        assert_eq!(silence.map(|clip| clip.samples), Ok(vec![0, 0]));
        let loud = read(&with(ALAW, 1, 8, &[g711::linear_to_alaw(8_000)]));
        assert!(loud.is_ok_and(|clip| (7_800..8_200).contains(&clip.samples[0])));
        let stereo = read(&with(PCM, 2, 16, &[100, 0, 200, 0]));
        assert_eq!(stereo.map(|clip| clip.samples), Ok(vec![150]));
    }

    #[test]
    fn what_is_no_sound_of_ours_is_refused_by_its_name() {
        for (bytes, error) in [
            (b"RIFX".to_vec(), WavError::NotWav),
            (write(&[], 8_000), WavError::NoSound),
            (write(&[1], 4_000), WavError::Rate(4_000)),
            (
                with(3, 1, 32, &[0; 8]),
                WavError::Unsupported {
                    tag: 3,
                    bits: 32,
                    channels: 1,
                },
            ),
        ] {
            assert_eq!(read(&bytes), Err(error));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            noise in prop::collection::vec(any::<u8>(), 0..80),
            at in 0_usize..60,
        ) {
            let _ = read(&noise);
            let mut damaged = write(&[1, 2, 3, 4], 8_000);
            for (offset, byte) in noise.iter().take(6).enumerate() {
                if let Some(place) = damaged.get_mut(at + offset) {
                    *place = *byte;
                }
            }
            let _ = read(&damaged);
        }
    }
}
