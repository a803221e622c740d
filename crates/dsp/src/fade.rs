//! Fades over a whole slice, for sound that is at hand in one piece.
//!
//! Sound that arrives frame by frame is faded with [`crate::Gain`].

use crate::to_sample;
use std::f32::consts::PI;

/// Raises the samples from silence to their own level, along half a cosine.
pub fn fade_in(samples: &mut [i16]) {
    let length = samples.len() as f32;
    for (n, sample) in samples.iter_mut().enumerate() {
        *sample = scaled(*sample, n as f32 / length);
    }
}

/// Lowers the samples from their own level to silence, along half a cosine.
pub fn fade_out(samples: &mut [i16]) {
    let length = samples.len() as f32;
    for (n, sample) in samples.iter_mut().enumerate() {
        *sample = scaled(*sample, 1.0 - (n + 1) as f32 / length);
    }
}

fn scaled(sample: i16, way: f32) -> i16 {
    let gain = 0.5 - 0.5 * (PI * way).cos();
    to_sample(f32::from(sample) * gain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::steepest_step;

    #[test]
    fn a_fade_reaches_silence_and_has_no_step() {
        let mut rising = [20_000; 80];
        fade_in(&mut rising);
        assert_eq!(rising[0], 0);
        let mut falling = [20_000; 80];
        fade_out(&mut falling);
        assert_eq!(falling[79], 0);
        for faded in [&rising, &falling] {
            assert!(steepest_step(faded) < 20_000 / 40);
        }
        fade_in(&mut []);
    }
}
