//! Sound from and to files: WAV and FLAC, 16 bit, one channel, 8 kHz inside.

use std::path::{Path, PathBuf};
use std::sync::Arc;

const RATE: u32 = 8_000;

/// Why a sound file cannot be read or written; names the file.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// Not there, not readable, or no WAV.
    #[error("{0}: {1}")]
    Wav(PathBuf, hound::Error),
    /// Not there, not readable, or no FLAC.
    #[error("{0}: {1}")]
    Flac(PathBuf, claxon::Error),
    /// Not one channel of 16 bits.
    #[error("{path}: {channels} channels of {bits} bits; one of 16 is wanted")]
    Shape {
        /// The file.
        path: PathBuf,
        /// Its channels.
        channels: u32,
        /// Its bits a sample.
        bits: u32,
    },
}

/// Reads a WAV file, or a FLAC file by its extension, and brings it to 8 kHz.
pub fn read(path: &Path) -> Result<Arc<[i16]>, AudioError> {
    let is_flac = path
        .extension()
        .is_some_and(|extension| extension == "flac");
    let (rate, samples) = if is_flac {
        read_flac(path)?
    } else {
        read_wav(path)?
    };
    Ok(match rate {
        RATE => samples.into(),
        other => dsp::resample(&samples, other, RATE).into(),
    })
}

fn read_wav(path: &Path) -> Result<(u32, Vec<i16>), AudioError> {
    let bad = |error| AudioError::Wav(path.to_owned(), error);
    let mut file = hound::WavReader::open(path).map_err(bad)?;
    let spec = file.spec();
    check_shape(
        path,
        u32::from(spec.channels),
        u32::from(spec.bits_per_sample),
    )?;
    let samples: Result<Vec<i16>, hound::Error> = file.samples().collect();
    Ok((spec.sample_rate, samples.map_err(bad)?))
}

fn read_flac(path: &Path) -> Result<(u32, Vec<i16>), AudioError> {
    let bad = |error| AudioError::Flac(path.to_owned(), error);
    let mut file = claxon::FlacReader::open(path).map_err(bad)?;
    let info = file.streaminfo();
    check_shape(path, info.channels, info.bits_per_sample)?;
    let samples: Result<Vec<i16>, claxon::Error> = file
        .samples()
        .map(|sample| sample.map(|sample| sample as i16))
        .collect();
    Ok((info.sample_rate, samples.map_err(bad)?))
}

fn check_shape(path: &Path, channels: u32, bits: u32) -> Result<(), AudioError> {
    if (channels, bits) == (1, 16) {
        return Ok(());
    }
    Err(AudioError::Shape {
        path: path.to_owned(),
        channels,
        bits,
    })
}

/// Writes channels of 8 kHz side by side; a shorter one is filled up with silence.
pub fn write(path: &Path, channels: &[&[i16]]) -> Result<(), AudioError> {
    let bad = |error| AudioError::Wav(path.to_owned(), error);
    let spec = hound::WavSpec {
        channels: u16::try_from(channels.len()).unwrap_or(u16::MAX),
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).map_err(bad)?;
    let longest = channels
        .iter()
        .map(|channel| channel.len())
        .max()
        .unwrap_or(0);
    for at in 0..longest {
        for channel in channels {
            let sample = channel.get(at).copied().unwrap_or(0);
            file.write_sample(sample).map_err(bad)?;
        }
    }
    file.finalize().map_err(bad)
}
