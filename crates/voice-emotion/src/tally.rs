//! Sums over half a second of speech, which add up to functionals over any longer stretch.

use crate::analysis::FrameTraits;
use crate::movement::MovementSums;
use crate::spectrum::CEPSTRA;
use crate::tilt::Tilt;

/// Measures taken of voiced frames beside the cepstra.
pub const MEASURES: usize = 10;
/// All that is taken of voiced frames: measures, then cepstra.
pub const VOICED: usize = MEASURES + CEPSTRA;
/// Of three formants: frequency, width, height.
pub const FORMANT_MEASURES: usize = 9;
/// Of frames without voice.
pub const UNVOICED: usize = 5;
/// Bands of the level's own movement: 2 to 4, 4 to 8 and above 8 Hz.
pub const RHYTHM_BANDS: usize = 3;

/// Seconds between two analysis frames.
pub const FRAME_S: f32 = 0.01;

/// Sums of a stretch of speech. Two of them add up to that of both.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Frames of speech.
    pub active: f32,
    /// Those of them that hold a voice.
    pub voiced: f32,
    /// Frames of pause between frames of speech.
    pub paused: f32,
    /// Level of active frames: sum, squares, highest.
    pub level: f32,
    pub level_squares: f32,
    pub level_max: f32,
    /// Level of voiced frames: sum and squares.
    pub voiced_level: f32,
    pub voiced_level_squares: f32,
    /// Per voiced measure: sum, squares, sum weighed by amplitude, sum of absolute changes.
    pub sums: [f32; VOICED],
    pub squares: [f32; VOICED],
    pub weighed: [f32; VOICED],
    pub changes: [f32; VOICED],
    /// The amplitudes that weighed.
    pub weight: f32,
    /// Pairs of voiced frames that follow each other.
    pub pairs: f32,
    /// Absolute change of level over those pairs; the rises among them, and how many.
    pub level_changes: f32,
    pub level_rises: f32,
    pub rises: f32,
    /// Triples of voiced frames; absolute second differences of pitch and of level over them.
    pub triples: f32,
    pub jitter: f32,
    pub shimmer: f32,
    /// Voiced frames with three formants, and per formant measure sum and squares.
    pub shaped: f32,
    pub formants: [f32; FORMANT_MEASURES],
    pub formant_squares: [f32; FORMANT_MEASURES],
    /// Cepstra over all active frames.
    pub cepstra: [f32; CEPSTRA],
    pub cepstra_squares: [f32; CEPSTRA],
    /// Change of the spectrum's shape over all active frames.
    pub flux: f32,
    /// Active frames without voice, and sums over them.
    pub unvoiced: f32,
    pub unvoiced_sums: [f32; UNVOICED],
    /// Beginnings of a voice.
    pub onsets: f32,
    /// Peaks of the level that stand for syllables.
    pub syllables: f32,
    /// Energy of the level's movement a band.
    pub rhythm: [f32; RHYTHM_BANDS],
    /// Lowest and highest pitch.
    pub pitch_min: f32,
    pub pitch_max: f32,
    /// Over voiced frames with their time in seconds: sums for the slope of pitch and level.
    pub time: f32,
    pub time_squares: f32,
    pub time_pitch: f32,
    pub time_level: f32,
    /// How fast everything moves.
    pub movement: MovementSums,
}

impl Tally {
    /// Of nothing.
    pub const fn new() -> Self {
        Self {
            active: 0.0,
            voiced: 0.0,
            paused: 0.0,
            level: 0.0,
            level_squares: 0.0,
            level_max: f32::MIN,
            voiced_level: 0.0,
            voiced_level_squares: 0.0,
            sums: [0.0; VOICED],
            squares: [0.0; VOICED],
            weighed: [0.0; VOICED],
            changes: [0.0; VOICED],
            weight: 0.0,
            pairs: 0.0,
            level_changes: 0.0,
            level_rises: 0.0,
            rises: 0.0,
            triples: 0.0,
            jitter: 0.0,
            shimmer: 0.0,
            shaped: 0.0,
            formants: [0.0; FORMANT_MEASURES],
            formant_squares: [0.0; FORMANT_MEASURES],
            cepstra: [0.0; CEPSTRA],
            cepstra_squares: [0.0; CEPSTRA],
            flux: 0.0,
            unvoiced: 0.0,
            unvoiced_sums: [0.0; UNVOICED],
            onsets: 0.0,
            syllables: 0.0,
            rhythm: [0.0; RHYTHM_BANDS],
            pitch_min: f32::MAX,
            pitch_max: f32::MIN,
            time: 0.0,
            time_squares: 0.0,
            time_pitch: 0.0,
            time_level: 0.0,
            movement: MovementSums::new(),
        }
    }

    /// Adds another stretch's sums.
    pub fn add(&mut self, other: &Self) {
        self.level_max = self.level_max.max(other.level_max);
        self.pitch_min = self.pitch_min.min(other.pitch_min);
        self.pitch_max = self.pitch_max.max(other.pitch_max);
        for (own, more) in self
            .plain_sums()
            .into_iter()
            .zip(other.clone().plain_sums())
        {
            *own += *more;
        }
        add_each(&mut self.sums, &other.sums);
        add_each(&mut self.squares, &other.squares);
        add_each(&mut self.weighed, &other.weighed);
        add_each(&mut self.changes, &other.changes);
        add_each(&mut self.formants, &other.formants);
        add_each(&mut self.formant_squares, &other.formant_squares);
        add_each(&mut self.cepstra, &other.cepstra);
        add_each(&mut self.cepstra_squares, &other.cepstra_squares);
        add_each(&mut self.unvoiced_sums, &other.unvoiced_sums);
        add_each(&mut self.rhythm, &other.rhythm);
        self.movement.add(&other.movement);
    }

    fn plain_sums(&mut self) -> [&mut f32; 24] {
        [
            &mut self.active,
            &mut self.voiced,
            &mut self.paused,
            &mut self.level,
            &mut self.level_squares,
            &mut self.voiced_level,
            &mut self.voiced_level_squares,
            &mut self.weight,
            &mut self.pairs,
            &mut self.level_changes,
            &mut self.level_rises,
            &mut self.rises,
            &mut self.triples,
            &mut self.jitter,
            &mut self.shimmer,
            &mut self.shaped,
            &mut self.flux,
            &mut self.unvoiced,
            &mut self.onsets,
            &mut self.syllables,
            &mut self.time,
            &mut self.time_squares,
            &mut self.time_pitch,
            &mut self.time_level,
        ]
    }

    /// Takes in one active frame.
    pub fn take(&mut self, traits: &FrameTraits) {
        self.active += 1.0;
        self.level += traits.level_db;
        self.level_squares += traits.level_db * traits.level_db;
        self.level_max = self.level_max.max(traits.level_db);
        self.flux += traits.flux_db;
        for (k, value) in traits.cepstra.iter().enumerate() {
            self.cepstra[k] += value;
            self.cepstra_squares[k] += value * value;
        }
        if !traits.pitch.is_voiced() {
            self.unvoiced += 1.0;
            let tilt = &traits.tilt;
            let values = [
                tilt.alpha_db,
                tilt.centroid_khz,
                tilt.flatness_db,
                traits.flux_db,
                traits.level_db,
            ];
            add_each(&mut self.unvoiced_sums, &values);
        }
    }

    /// Takes in what a voiced frame has beside, at `at_s` seconds of the call.
    pub fn take_voiced(&mut self, traits: &FrameTraits, at_s: f32) {
        let values = voiced_values(traits);
        let level = traits.level_db;
        let amplitude = 10.0_f32.powf(level / 20.0);
        self.voiced += 1.0;
        self.voiced_level += level;
        self.voiced_level_squares += level * level;
        self.weight += amplitude;
        for (k, value) in values.iter().enumerate() {
            self.sums[k] += value;
            self.squares[k] += value * value;
            self.weighed[k] += value * amplitude;
        }
        let pitch = values[0];
        self.pitch_min = self.pitch_min.min(pitch);
        self.pitch_max = self.pitch_max.max(pitch);
        self.time += at_s;
        self.time_squares += at_s * at_s;
        self.time_pitch += at_s * pitch;
        self.time_level += at_s * level;
        if let Some(formants) = &traits.formants {
            self.shaped += 1.0;
            for (n, formant) in formants.iter().enumerate() {
                let values = [formant.hz.ln(), formant.width_hz.ln(), formant.height_db];
                for (m, value) in values.iter().enumerate() {
                    self.formants[3 * n + m] += value;
                    self.formant_squares[3 * n + m] += value * value;
                }
            }
        }
    }
}

fn add_each<const N: usize>(to: &mut [f32; N], more: &[f32; N]) {
    for (own, more) in to.iter_mut().zip(more) {
        *own += more;
    }
}

/// What is taken of a voiced frame, in the order of the sums.
pub fn voiced_values(traits: &FrameTraits) -> [f32; VOICED] {
    let Tilt {
        alpha_db,
        hammarberg_db,
        slope_low,
        slope_high,
        centroid_khz,
        flatness_db,
        middle_db,
    } = traits.tilt;
    let measures = [
        traits.pitch.semitones(),
        traits.pitch.harmonicity_db(),
        alpha_db,
        hammarberg_db,
        slope_low,
        slope_high,
        centroid_khz,
        flatness_db,
        middle_db,
        traits.flux_db,
    ];
    let mut values = [0.0; VOICED];
    values[..MEASURES].copy_from_slice(&measures);
    values[MEASURES..].copy_from_slice(&traits.cepstra);
    values
}
