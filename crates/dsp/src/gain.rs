//! A level that changes without a click.

use crate::to_sample;

/// An amplitude factor that glides to a new value sample by sample.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gain {
    now: f32,
    target: f32,
    step: f32,
    samples_left: u32,
}

impl Gain {
    /// A gain that stands at `factor`: 1 leaves a sound as it is, 0 silences it.
    pub const fn new(factor: f32) -> Self {
        Self {
            now: factor,
            target: factor,
            step: 0.0,
            samples_left: 0,
        }
    }

    /// Glides in a straight line to `factor` over so many samples, from wherever
    /// it stands now; over none, it is there at once.
    pub fn glide_to(&mut self, factor: f32, samples: u32) {
        self.target = factor;
        self.samples_left = samples;
        if samples == 0 {
            self.now = factor;
        } else {
            self.step = (factor - self.now) / samples as f32;
        }
    }

    /// Where it stands.
    pub const fn factor(&self) -> f32 {
        self.now
    }

    /// Has it still a way to go?
    pub const fn is_gliding(&self) -> bool {
        self.samples_left > 0
    }

    /// Changes the samples by this gain, and the gain by so many steps.
    pub fn apply(&mut self, samples: &mut [i16]) {
        if !self.is_gliding() && self.now == 1.0 {
            return;
        }
        for sample in samples {
            self.advance();
            *sample = to_sample(f32::from(*sample) * self.now);
        }
    }

    fn advance(&mut self) {
        match self.samples_left {
            0 => {}
            1 => {
                self.now = self.target;
                self.samples_left = 0;
            }
            _ => {
                self.now += self.step;
                self.samples_left -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::steepest_step;

    #[test]
    fn a_glide_ends_exactly_at_its_target_and_crosses_slices() {
        let mut gain = Gain::new(1.0);
        gain.glide_to(0.0, 80);
        let mut sound = [16_000; 160];
        let (first, second) = sound.split_at_mut(33);
        gain.apply(first);
        assert!(gain.is_gliding());
        gain.apply(second);
        assert!(!gain.is_gliding());
        assert_eq!(gain.factor(), 0.0);
        assert_eq!(sound[79..], [0; 81]);
        assert!(sound[0] < 16_000 && steepest_step(&sound) <= 201);
    }

    #[test]
    fn a_new_glide_starts_where_the_old_one_stood() {
        let mut gain = Gain::new(1.0);
        gain.glide_to(0.0, 100);
        gain.apply(&mut [0; 50]);
        gain.glide_to(1.0, 100);
        let mut sound = [10_000; 100];
        gain.apply(&mut sound);
        assert!((5_000..5_100).contains(&sound[0]), "{}", sound[0]);
        assert_eq!(sound[99], 10_000);
    }

    #[test]
    fn a_gain_of_one_changes_nothing_and_too_much_clips() {
        let mut sound = [1, -2, i16::MAX, i16::MIN];
        Gain::new(1.0).apply(&mut sound);
        assert_eq!(sound, [1, -2, i16::MAX, i16::MIN]);
        Gain::new(2.0).apply(&mut sound);
        assert_eq!(sound, [2, -4, i16::MAX, i16::MIN]);
    }
}
