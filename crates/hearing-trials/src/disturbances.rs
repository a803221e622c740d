//! Short sounds that interrupt nothing, made from a seed.

use crate::dice::Dice;
use call_model::SAMPLE_RATE;

/// A cough: one to three bursts of noise, each with a hard beginning and a soft end.
pub fn cough(seed: u64) -> Vec<i16> {
    let mut dice = Dice::new(seed);
    let level = dsp::level::from_db(-(14.0 + dice.below(17) as f32));
    let mut sound = Vec::new();
    for _ in 0..dice.between(1, 3) {
        let length = ms(dice.between(60, 200));
        let sharpness = 0.3 + 0.1 * dice.below(5) as f32;
        let mut smooth = 0.0;
        for at in 0..length {
            let rise = (at as f32 / ms(5) as f32).min(1.0);
            let fall = (-3.0 * at as f32 / length as f32).exp();
            smooth += sharpness * (dice.swing() - smooth);
            sound.push((smooth * rise * fall * level * 2.0 * 32_767.0) as i16);
        }
        sound.extend(std::iter::repeat_n(0, ms(dice.between(80, 180))));
    }
    sound
}

/// The same sound at another level, in dBFS where it can be heard.
pub fn at_level(sound: &[i16], dbfs: f32) -> Vec<i16> {
    let factor = dsp::level::from_db(dbfs - crate::sounds::speech_dbfs(sound));
    let scaled = sound.iter().map(|sample| f32::from(*sample) * factor);
    scaled.map(|sample| sample as i16).collect()
}

fn ms(millis: u64) -> usize {
    usize::try_from(millis).unwrap_or(0) * SAMPLE_RATE as usize / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coughs_differ_by_seed_and_never_last_a_second_and_a_half() {
        assert_eq!(cough(1), cough(1));
        assert_ne!(cough(1), cough(2));
        assert!((0..100).all(|seed| cough(seed).len() < 12_000));
    }

    #[test]
    fn a_sound_is_brought_to_a_level() {
        let tone = dsp::tone(300.0, 8_000, 8_000, 8_000);
        let level = dsp::level::dbfs(&at_level(&tone, -30.0));
        assert!((level + 30.0).abs() < 0.2, "{level}");
    }
}
