//! Recordings: RIFF/WAVE, 16-bit linear, 8 kHz, two channels, written so that
//! they open at any moment of their growth (Multimedia Programming Interface and
//! Data Specifications 1.0, "Waveform Audio File Format").

use crate::{ArchiveError, Result};
use call_model::{FRAME_SAMPLES, SAMPLE_RATE};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Bytes before the first sample.
pub(crate) const HEADER_BYTES: u64 = 44;
/// Bytes of one moment: a sample of the caller and one of the bot.
pub(crate) const PAIR_BYTES: u64 = 4;
/// Bytes of 20 ms.
pub(crate) const FRAME_BYTES: usize = FRAME_SAMPLES * PAIR_BYTES as usize;

/// The header of a recording with so many bytes of sound.
pub(crate) fn header(sound_bytes: u64) -> [u8; HEADER_BYTES as usize] {
    let sound = u32::try_from(sound_bytes).unwrap_or(u32::MAX - 36);
    let mut header = [0; HEADER_BYTES as usize];
    header[0..4].copy_from_slice(b"RIFF");
    header[4..8].copy_from_slice(&(sound + 36).to_le_bytes());
    header[8..16].copy_from_slice(b"WAVEfmt ");
    header[16..20].copy_from_slice(&16_u32.to_le_bytes());
    header[20..22].copy_from_slice(&1_u16.to_le_bytes());
    header[22..24].copy_from_slice(&2_u16.to_le_bytes());
    header[24..28].copy_from_slice(&SAMPLE_RATE.to_le_bytes());
    header[28..32].copy_from_slice(&(SAMPLE_RATE * PAIR_BYTES as u32).to_le_bytes());
    header[32..34].copy_from_slice(&(PAIR_BYTES as u16).to_le_bytes());
    header[34..36].copy_from_slice(&16_u16.to_le_bytes());
    header[36..40].copy_from_slice(b"data");
    header[40..44].copy_from_slice(&sound.to_le_bytes());
    header
}

/// How long so many bytes of sound last.
pub(crate) fn sound_time(sound_bytes: u64) -> Duration {
    let pairs = sound_bytes / PAIR_BYTES;
    Duration::from_micros(pairs.saturating_mul(1_000_000) / u64::from(SAMPLE_RATE))
}

/// The bytes of sound in a file of so many bytes, whole pairs of samples.
pub(crate) fn sound_in_file(file_bytes: u64) -> u64 {
    let sound = file_bytes.saturating_sub(HEADER_BYTES);
    sound - sound % PAIR_BYTES
}

/// A recording, read into memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recording {
    caller: Vec<i16>,
    bot: Vec<i16>,
    is_whole: bool,
}

impl Recording {
    /// Reads the recording at `path`, also one that still grows or was cut short.
    ///
    /// # Errors
    /// When the file cannot be read or is no recording of this archive.
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(ArchiveError::disk("read", path))?;
        let sound = sound_in_file(bytes.len() as u64);
        let format = header(0);
        let is_ours = bytes.len() >= HEADER_BYTES as usize
            && bytes[0..4] == format[0..4]
            && bytes[8..40] == format[8..40];
        if !is_ours {
            let why = "no recording: a stereo WAV of 16 bits at 8 kHz is expected";
            return Err(ArchiveError::malformed(path, why));
        }
        let (head, samples) = bytes.split_at(HEADER_BYTES as usize);
        let sample = |pair: &[u8], at: usize| i16::from_le_bytes([pair[at], pair[at + 1]]);
        let pairs = || samples.chunks_exact(PAIR_BYTES as usize);
        Ok(Self {
            caller: pairs().map(|pair| sample(pair, 0)).collect(),
            bot: pairs().map(|pair| sample(pair, 2)).collect(),
            is_whole: head == header(sound) && samples.len() as u64 == sound,
        })
    }

    /// The caller's side, 8,000 samples a second.
    pub fn caller(&self) -> &[i16] {
        &self.caller
    }

    /// The bot's side, as long as the caller's.
    pub fn bot(&self) -> &[i16] {
        &self.bot
    }

    /// How long it lasts.
    pub fn duration(&self) -> Duration {
        sound_time(self.caller.len() as u64 * PAIR_BYTES)
    }

    /// Whether its header tells its length exactly, as it does in every recording
    /// that was sealed or mended.
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_independent_reader_understands_the_header() {
        let mut file = header(8).to_vec();
        for sample in [1_i16, -1, i16::MAX, i16::MIN] {
            file.extend(sample.to_le_bytes());
        }
        let mut reader = hound::WavReader::new(file.as_slice()).expect("a WAV file");
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate), (2, 8_000));
        assert_eq!(spec.bits_per_sample, 16);
        let samples: Result<Vec<i16>, _> = reader.samples().collect();
        assert_eq!(samples.expect("samples"), [1, -1, i16::MAX, i16::MIN]);
    }

    #[test]
    fn a_file_cut_inside_a_sample_counts_whole_pairs() {
        assert_eq!(sound_in_file(0), 0);
        assert_eq!(sound_in_file(47), 0);
        assert_eq!(sound_in_file(51), 4);
        assert_eq!(sound_time(32_000), Duration::from_secs(1));
    }
}
