//! Recordings as a telephone line would bring them.

use crate::SpeechError;
use crate::prompt::wav;
use call_model::{CallTime, Codec, FRAME_SAMPLES, FRAME_TIME, PcmFrame, SAMPLE_RATE};
use claxon::FlacReader;
use dsp::g711;
use std::fs;
use std::path::Path;

/// Reads a recording of one channel, FLAC or WAV, as 16-bit samples at 8 kHz.
///
/// # Errors
/// [`SpeechError::SoundFile`] names the file and what is wrong with it.
pub fn read(path: &Path) -> Result<Vec<i16>, SpeechError> {
    let unusable = |what: String| SpeechError::SoundFile {
        path: path.to_owned(),
        what,
    };
    let is_flac = path.extension().is_some_and(|end| end == "flac");
    let (samples, rate) = if is_flac {
        flac(path).map_err(|error| unusable(error.to_string()))?
    } else {
        let bytes = fs::read(path).map_err(|error| unusable(error.to_string()))?;
        let clip = wav::read(&bytes).map_err(|error| unusable(error.to_string()))?;
        (clip.samples, clip.rate)
    };
    Ok(dsp::resample(&samples, rate, SAMPLE_RATE))
}

fn flac(path: &Path) -> Result<(Vec<i16>, u32), claxon::Error> {
    let mut reader = FlacReader::open(path)?;
    let about = reader.streaminfo();
    if about.channels != 1 || about.bits_per_sample != 16 {
        return Err(claxon::Error::Unsupported(
            "more than one channel of 16 bits",
        ));
    }
    let samples = reader
        .samples()
        .map(|sample| Ok(i16::try_from(sample?).unwrap_or(0)))
        .collect::<Result<_, claxon::Error>>()?;
    Ok((samples, about.sample_rate))
}

/// A line that brings every sound whole and clean, through a codec and back.
pub fn clean_line(codec: Codec) -> impl Fn(&[i16], u64) -> Vec<PcmFrame> {
    move |sound, _| {
        let mut at = CallTime::ZERO;
        let frames = sound.chunks(FRAME_SAMPLES).map(|samples| {
            let mut frame = PcmFrame::silent(at);
            for (to, from) in frame.samples.iter_mut().zip(samples) {
                *to = through(codec, *from);
            }
            at = at + FRAME_TIME;
            frame
        });
        frames.collect()
    }
}

fn through(codec: Codec, sample: i16) -> i16 {
    match codec {
        Codec::Pcmu => g711::ulaw_to_linear(g711::linear_to_ulaw(sample)),
        Codec::Pcma => g711::alaw_to_linear(g711::linear_to_alaw(sample)),
    }
}

/// The recording between two silences of so many samples.
pub(in crate::eval) fn between_silences(samples: &[i16], silence: usize) -> Vec<i16> {
    let mut all = vec![0; silence];
    all.extend(samples);
    all.resize(all.len() + silence, 0);
    all
}

/// The recording between two silences, through a codec and back.
pub(in crate::eval) fn sent(samples: &[i16], codec: Codec, silence: usize) -> Vec<i16> {
    let mut all = between_silences(samples, silence);
    for sample in &mut all {
        *sample = through(codec, *sample);
    }
    all
}
