//! One loudness for all prompts.

use call_model::FRAME_SAMPLES;
use dsp::level;

/// The level of speech in every prompt, dBFS.
const SPEECH_DBFS: f32 = -20.0;
/// A frame this far below the loudest one is no speech, dB.
const SPEECH_RANGE_DB: f32 = 25.0;
/// No sample of a prompt is louder than this, dBFS.
const PEAK_DBFS: f32 = -1.0;
/// What is quieter than this is silence: it is not raised.
const SILENCE_DBFS: f32 = -60.0;
/// Quiet kept before and after the sound when it is trimmed: 20 and 80 ms.
const LEAD: usize = FRAME_SAMPLES;
const TAIL: usize = 4 * FRAME_SAMPLES;

/// The samples with their speech at −20 dBFS, or as near as the peak allows.
pub(super) fn levelled(mut samples: Vec<i16>) -> Vec<i16> {
    let Some(speech) = speech_dbfs(&samples) else {
        return samples;
    };
    let peak = samples.iter().map(|sample| sample.unsigned_abs()).max();
    let peak_dbfs = level::to_db(f32::from(peak.unwrap_or(1).max(1)) / 32_768.0);
    let gain = level::from_db((SPEECH_DBFS - speech).min(PEAK_DBFS - peak_dbfs));
    for sample in &mut samples {
        *sample = (f32::from(*sample) * gain).round() as i16;
    }
    samples
}

/// The samples without the quiet before and after, but for a little air.
pub(super) fn trimmed(samples: &[i16]) -> &[i16] {
    let Some(loudest) = loudest_dbfs(samples) else {
        return samples;
    };
    // Ends of words fade below what counts as speech; 40 dB down nothing is heard.
    let floor = (loudest - 40.0).max(SILENCE_DBFS);
    let is_sound = |frame: &[i16]| level::dbfs(frame) > floor;
    let frames = || samples.chunks(FRAME_SAMPLES / 4);
    let Some(first) = frames().position(is_sound) else {
        return samples;
    };
    let last = frames().rposition(is_sound).unwrap_or(first);
    let from = (first * FRAME_SAMPLES / 4).saturating_sub(LEAD);
    let to = ((last + 1) * FRAME_SAMPLES / 4 + TAIL).min(samples.len());
    &samples[from..to]
}

/// The mean level of those frames that hold speech.
fn speech_dbfs(samples: &[i16]) -> Option<f32> {
    let floor = loudest_dbfs(samples)? - SPEECH_RANGE_DB;
    let powers: Vec<f32> = samples
        .chunks(FRAME_SAMPLES)
        .filter(|frame| level::dbfs(frame) >= floor)
        .map(|frame| level::rms(frame).powi(2))
        .collect();
    let mean = powers.iter().sum::<f32>() / powers.len() as f32;
    Some(level::to_db(mean.sqrt() / 32_768.0))
}

fn loudest_dbfs(samples: &[i16]) -> Option<f32> {
    samples
        .chunks(FRAME_SAMPLES)
        .map(level::dbfs)
        .max_by(f32::total_cmp)
        .filter(|&loudest| loudest > SILENCE_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp::tone;

    #[test]
    fn quiet_and_loud_speech_come_out_alike_whatever_pauses_they_hold() {
        for amplitude in [60, 1_000, 30_000] {
            let mut samples = vec![0_i16; 8_000];
            samples.extend(tone(440.0, 8_000, 4_000, amplitude));
            samples.extend(vec![0_i16; 16_000]);
            let level = speech_dbfs(&levelled(samples)).expect("sounds");
            assert!(
                (level - SPEECH_DBFS).abs() < 0.3,
                "{amplitude}: {level} dBFS"
            );
        }
    }

    #[test]
    fn a_click_is_not_driven_past_the_peak() {
        let mut samples = tone(440.0, 8_000, 8_000, 300);
        samples[4_000] = 20_000;
        let loudest = levelled(samples).iter().map(|s| s.unsigned_abs()).max();
        assert!(loudest.is_some_and(|peak| peak < 29_300), "{loudest:?}");
    }

    #[test]
    fn silence_stays_silence() {
        assert_eq!(levelled(vec![3; 800]), vec![3; 800]);
        assert_eq!(levelled(Vec::new()), Vec::<i16>::new());
        assert_eq!(trimmed(&[0; 800]), [0; 800]);
    }

    #[test]
    fn quiet_at_the_ends_is_cut_to_a_little_air() {
        let mut samples = vec![0_i16; 8_000];
        samples.extend(tone(440.0, 8_000, 4_000, 8_000));
        samples.extend(vec![0_i16; 8_000]);
        let length = trimmed(&samples).len();
        assert!(
            (4_000 + LEAD..=4_100 + LEAD + TAIL).contains(&length),
            "{length}"
        );
    }
}
