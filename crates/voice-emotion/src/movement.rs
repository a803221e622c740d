//! How fast a voice moves: what changes from one frame to the next and over 40 ms, and how much of
//! the movement of low, middle and high bands belongs to phrases, words, syllables and sounds.

use crate::analysis::FrameTraits;
use crate::spectrum::{BANDS, CEPSTRA};

/// Groups of neighbouring mel bands whose level is followed.
pub const GROUPS: usize = 6;
/// Mel bands of a group.
const GROUP_BANDS: usize = BANDS / GROUPS;
/// Rates of movement: 1 to 2.5, 2.5 to 4.5, 4.5 to 8, 8 to 14 and above 14 Hz.
pub const RATES: usize = 5;
/// Frames of a stride: 40 ms.
const STRIDE: usize = 4;
/// Poles of low passes at 1, 2.5, 4.5, 8 and 14 Hz, at 100 frames a second.
const POLES: [f32; RATES] = [0.060_88, 0.145_36, 0.246_29, 0.395_09, 0.585_14];
/// In a pause a group counts as standing so far below its highest, in dB, whatever noise the line has.
const PAUSE_BELOW_DB: f32 = 25.0;
/// Natural logarithms of power in dB.
const DB: f32 = 4.342_945;

/// The level of each group of bands in a frame, in dB: what its mel bands have in the mean.
pub fn group_levels(log_bands: &[f32; BANDS]) -> [f32; GROUPS] {
    let (groups, _) = log_bands.as_chunks::<GROUP_BANDS>();
    let mut levels = [0.0; GROUPS];
    for (level, bands) in levels.iter_mut().zip(groups) {
        *level = DB * bands.iter().sum::<f32>() / GROUP_BANDS as f32;
    }
    levels
}

/// Sums over the movement of a stretch of speech. Two of them add up to that of both.
#[derive(Clone, Debug)]
pub struct MovementSums {
    /// Pairs of active frames that follow each other, and per cepstrum the squares of its changes.
    pub steps: f32,
    pub step_squares: [f32; CEPSTRA],
    /// Pairs of active frames 40 ms apart with nothing but active ones between them: squares of the
    /// changes of each cepstrum and of the level, and the sum of the level's rises.
    pub strides: f32,
    pub stride_squares: [f32; CEPSTRA],
    pub level_squares: f32,
    pub level_rises: f32,
    /// Those of them with a voice at both ends: the pitch's changes, their sizes and squares, in semitones.
    pub voiced_strides: f32,
    pub pitch_changes: f32,
    pub pitch_sizes: f32,
    pub pitch_squares: f32,
    /// Energy of each group's movement, a rate.
    pub rates: [[f32; RATES]; GROUPS],
}

impl MovementSums {
    /// Of nothing.
    pub const fn new() -> Self {
        Self {
            steps: 0.0,
            step_squares: [0.0; CEPSTRA],
            strides: 0.0,
            stride_squares: [0.0; CEPSTRA],
            level_squares: 0.0,
            level_rises: 0.0,
            voiced_strides: 0.0,
            pitch_changes: 0.0,
            pitch_sizes: 0.0,
            pitch_squares: 0.0,
            rates: [[0.0; RATES]; GROUPS],
        }
    }

    /// Adds another stretch's sums.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.strides += other.strides;
        self.level_squares += other.level_squares;
        self.level_rises += other.level_rises;
        self.voiced_strides += other.voiced_strides;
        self.pitch_changes += other.pitch_changes;
        self.pitch_sizes += other.pitch_sizes;
        self.pitch_squares += other.pitch_squares;
        for k in 0..CEPSTRA {
            self.step_squares[k] += other.step_squares[k];
            self.stride_squares[k] += other.stride_squares[k];
        }
        add_rates(&mut self.rates, &other.rates);
    }
}

fn add_rates(to: &mut [[f32; RATES]; GROUPS], more: &[[f32; RATES]; GROUPS]) {
    for (own, more) in to.as_flattened_mut().iter_mut().zip(more.as_flattened()) {
        *own += more;
    }
}

/// What is kept of an active frame for the steps and strides after it.
#[derive(Clone, Copy, Debug)]
struct Passed {
    cepstra: [f32; CEPSTRA],
    level_db: f32,
    semitones: Option<f32>,
}

/// Follows one utterance's movement.
#[derive(Clone, Debug)]
pub struct Movement {
    /// The last active frames, as a ring.
    passed: [Passed; STRIDE],
    /// Active frames one after another until now.
    run: usize,
    /// Whether the utterance has had an active frame.
    has_begun: bool,
    lows: [[f32; RATES]; GROUPS],
    highest: [f32; GROUPS],
    /// Movement in a pause of which nobody knows yet whether speech follows it.
    pending: [[f32; RATES]; GROUPS],
}

impl Movement {
    /// Of an utterance that has not begun.
    pub const fn new() -> Self {
        Self {
            passed: [Passed {
                cepstra: [0.0; CEPSTRA],
                level_db: 0.0,
                semitones: None,
            }; STRIDE],
            run: 0,
            has_begun: false,
            lows: [[0.0; RATES]; GROUPS],
            highest: [0.0; GROUPS],
            pending: [[0.0; RATES]; GROUPS],
        }
    }

    /// A frame of pause.
    pub fn pause(&mut self) {
        self.run = 0;
        if self.has_begun {
            let levels = self.highest.map(|highest| highest - PAUSE_BELOW_DB);
            self.follow(&levels);
        }
    }

    /// An active frame; it and the pause before it are summed up.
    pub fn take(&mut self, traits: &FrameTraits, sums: &mut MovementSums) {
        let levels = &traits.group_levels_db;
        if !self.has_begun {
            self.has_begun = true;
            self.highest = *levels;
            self.lows = levels.map(|level| [level; RATES]);
        }
        for (highest, level) in self.highest.iter_mut().zip(levels) {
            *highest = highest.max(*level);
        }
        self.follow(levels);
        add_rates(&mut sums.rates, &self.pending);
        self.pending = [[0.0; RATES]; GROUPS];
        let now = Passed {
            cepstra: traits.cepstra,
            level_db: traits.level_db,
            semitones: (traits.pitch.is_voiced()).then(|| traits.pitch.semitones()),
        };
        if self.run >= 1 {
            sums.steps += 1.0;
            let before = &self.passed[(self.run - 1) % STRIDE];
            add_squares(&mut sums.step_squares, &now, before);
        }
        if self.run >= STRIDE {
            self.stride(&now, sums);
        }
        self.passed[self.run % STRIDE] = now;
        self.run += 1;
    }

    /// `now` against the frame 40 ms before, which stands where `now` will be put.
    fn stride(&self, now: &Passed, sums: &mut MovementSums) {
        let before = &self.passed[self.run % STRIDE];
        sums.strides += 1.0;
        add_squares(&mut sums.stride_squares, now, before);
        let louder = now.level_db - before.level_db;
        sums.level_squares += louder * louder;
        sums.level_rises += louder.max(0.0);
        if let (Some(now), Some(before)) = (now.semitones, before.semitones) {
            let higher = now - before;
            sums.voiced_strides += 1.0;
            sums.pitch_changes += higher;
            sums.pitch_sizes += higher.abs();
            sums.pitch_squares += higher * higher;
        }
    }

    /// Each rate's movement is what lies between two low passes; the highest has none above it.
    fn follow(&mut self, levels: &[f32; GROUPS]) {
        for (group, level) in levels.iter().enumerate() {
            let mut above = *level;
            for (rate, pole) in POLES.iter().enumerate().rev() {
                let low = &mut self.lows[group][rate];
                *low += pole * (level - *low);
                self.pending[group][rate] += (above - *low).powi(2);
                above = *low;
            }
        }
    }
}

fn add_squares(sums: &mut [f32; CEPSTRA], now: &Passed, before: &Passed) {
    for (sum, (now, before)) in sums.iter_mut().zip(now.cepstra.iter().zip(&before.cepstra)) {
        *sum += (now - before) * (now - before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::PI;

    fn frame(level_db: f32) -> FrameTraits {
        FrameTraits {
            level_db,
            cepstra: [level_db / 10.0; CEPSTRA],
            group_levels_db: [level_db; GROUPS],
            ..FrameTraits::default()
        }
    }

    fn swinging(hz: f32) -> MovementSums {
        let (mut movement, mut sums) = (Movement::new(), MovementSums::new());
        for n in 0..400 {
            let level_db = 60.0 + 6.0 * (2.0 * PI * hz * n as f32 / 100.0).sin();
            movement.take(&frame(level_db), &mut sums);
        }
        sums
    }

    #[test]
    fn a_faster_swing_moves_at_a_higher_rate() {
        let share_of_fast = |hz: f32| {
            let rates = swinging(hz).rates[0];
            (rates[3] + rates[4]) / rates.iter().sum::<f32>()
        };
        let (slow, middling, fast) = (share_of_fast(1.5), share_of_fast(5.0), share_of_fast(16.0));
        assert!(
            slow < middling && middling < fast,
            "{slow} {middling} {fast}"
        );
        assert!(slow < 0.2 && fast > 0.6, "{slow} {fast}");
    }

    #[test]
    fn strides_reach_over_four_frames_and_never_over_a_pause() {
        let (mut movement, mut sums) = (Movement::new(), MovementSums::new());
        for level_db in [50.0, 51.0, 52.0, 53.0, 54.0, 55.0] {
            movement.take(&frame(level_db), &mut sums);
        }
        assert_eq!((sums.steps, sums.strides), (5.0, 2.0));
        assert_eq!((sums.level_squares, sums.level_rises), (32.0, 8.0));
        assert!((sums.step_squares[0] - 0.05).abs() < 1e-4, "{sums:?}");
        movement.pause();
        (0..4).for_each(|_| movement.take(&frame(70.0), &mut sums));
        assert_eq!((sums.steps, sums.strides), (8.0, 2.0));
        assert_eq!(sums.voiced_strides, 0.0, "there was no voice");
    }

    #[test]
    fn a_pause_counts_once_speech_has_followed_it() {
        let (mut movement, mut sums) = (Movement::new(), MovementSums::new());
        (0..50).for_each(|_| movement.take(&frame(60.0), &mut sums));
        (0..30).for_each(|_| movement.pause());
        assert_eq!(sums.rates, [[0.0; RATES]; GROUPS]);
        movement.take(&frame(60.0), &mut sums);
        assert!(sums.rates[0].iter().all(|energy| *energy > 0.0), "{sums:?}");
    }

    /// The same once more, offline and in double precision: one group's levels with its pauses filled
    /// in, up to the last active frame, through low passes from the first level on.
    fn plain_rates(levels: &[Option<f64>]) -> Vec<f64> {
        let first = levels.iter().position(Option::is_some).unwrap_or(0);
        let last = levels.iter().rposition(Option::is_some).unwrap_or(0);
        let mut filled: Vec<f64> = Vec::new();
        let mut highest = f64::MIN;
        for level in &levels[first..=last] {
            highest = level.map_or(highest, |level| highest.max(level));
            filled.push(level.unwrap_or(highest - 25.0));
        }
        let passed = |hz: f64| -> Vec<f64> {
            let pole = 1.0 - (-2.0 * std::f64::consts::PI * hz / 100.0).exp();
            let mut low = filled[0];
            let each = filled.iter().map(|level| {
                low += pole * (level - low);
                low
            });
            each.collect()
        };
        let mut bounds: Vec<Vec<f64>> = [1.0, 2.5, 4.5, 8.0, 14.0].map(passed).to_vec();
        bounds.push(filled.clone());
        let energy = |pair: &[Vec<f64>]| -> f64 {
            let both = pair[0].iter().zip(&pair[1]);
            both.map(|(low, high)| (high - low).powi(2)).sum()
        };
        bounds.windows(2).map(energy).collect()
    }

    #[test]
    fn the_stream_moves_as_the_plain_definitions_say() {
        let mut dice = crate::dice::Dice::new(12);
        for _ in 0..20 {
            let (mut movement, mut sums) = (Movement::new(), MovementSums::new());
            let mut levels = Vec::new();
            let mut is_pause = true;
            for _ in 0..300 {
                is_pause ^= dice.below(12) == 0;
                let level_db = 40.0 + 30.0 * dice.share();
                levels.push((!is_pause).then_some(f64::from(level_db)));
                if is_pause {
                    movement.pause();
                } else {
                    movement.take(&frame(level_db), &mut sums);
                }
            }
            for (own, plain) in sums.rates[0].iter().zip(plain_rates(&levels)) {
                let off = (f64::from(*own) - plain).abs();
                assert!(off < 1e-3 * plain.max(1.0), "{own} for {plain}");
            }
        }
    }
}
