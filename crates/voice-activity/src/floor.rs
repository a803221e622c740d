//! The noise of the line itself.

/// Share of the way down to a quieter frame; a floor that is too high makes us deaf.
const FALLING: f32 = 0.3;
/// Share of the way up while no voice is heard: steady noise is learnt in about half a second.
const RISING: f32 = 0.04;
/// Share of the way up while a voice is heard: 10 s, so that a long sentence stays above it.
const RISING_UNDER_VOICE: f32 = 0.002;

/// The level that the line has when nobody speaks, learnt as the call goes.
#[derive(Clone, Debug)]
pub(crate) struct NoiseFloor {
    dbfs: f32,
}

impl NoiseFloor {
    /// A quiet line, until it shows itself otherwise.
    pub(crate) const fn new() -> Self {
        Self { dbfs: -65.0 }
    }

    /// The floor in dBFS.
    pub(crate) const fn dbfs(&self) -> f32 {
        self.dbfs
    }

    /// Learns from one frame's level.
    pub(crate) fn learn(&mut self, level_dbfs: f32, heard_voice: bool) {
        let share = if level_dbfs < self.dbfs {
            FALLING
        } else if heard_voice {
            RISING_UNDER_VOICE
        } else {
            RISING
        };
        self.dbfs += (level_dbfs - self.dbfs) * share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_noise_becomes_the_floor_within_two_seconds_and_silence_within_a_fifth() {
        let mut floor = NoiseFloor::new();
        (0..100).for_each(|_| floor.learn(-35.0, false));
        assert!((floor.dbfs() + 35.0).abs() < 1.0, "{}", floor.dbfs());
        (0..10).for_each(|_| floor.learn(-70.0, false));
        assert!(floor.dbfs() < -68.0, "{}", floor.dbfs());
    }

    #[test]
    fn a_long_sentence_stays_above_the_floor() {
        let mut floor = NoiseFloor::new();
        (0..500).for_each(|_| floor.learn(-25.0, true));
        assert!(floor.dbfs() < -35.0, "{}", floor.dbfs());
    }
}
