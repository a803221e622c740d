//! What the model is given of a stretch of speech: functionals that do not depend on the line's level.

use crate::movement::{GROUPS, MovementSums, RATES};
use crate::spectrum::CEPSTRA;
use crate::tally::{FORMANT_MEASURES, FRAME_S, MEASURES, RHYTHM_BANDS, Tally, UNVOICED, VOICED};
use std::sync::LazyLock;

/// What a feature tells of, for the reasons.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Aspect {
    /// How high the voice is.
    PitchHeight,
    /// How the pitch moves.
    PitchMovement,
    /// How hard the spectrum is.
    Hardness,
    /// How clear or rough the voice is.
    Roughness,
    /// How the mouth shapes the sound.
    Mouth,
    /// How the level moves.
    Stress,
    /// How fast and with what pauses.
    Pace,
    /// The level against the caller's own.
    Loudness,
}

/// Features a stretch has.
pub const FEATURES: usize =
    4 * VOICED + 2 * FORMANT_MEASURES + 3 * CEPSTRA + UNVOICED + RHYTHM_BANDS + GROUPS * RATES + 22;

/// The features of a stretch of speech.
#[derive(Clone, PartialEq, Debug)]
pub struct Features {
    /// Their values, in the order of [`names`].
    pub values: [f32; FEATURES],
    /// Mean level of the voiced frames in dB; only differences of it mean something.
    pub level_db: f32,
}

/// A feature's name and what it tells of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeatureName {
    /// As in a model file.
    pub name: String,
    /// For the reasons.
    pub aspect: Aspect,
}

static NAMES: LazyLock<Vec<FeatureName>> = LazyLock::new(|| {
    let mut names = Vec::with_capacity(FEATURES);
    walk(&Tally::new(), &mut |name, aspect, _| {
        names.push(FeatureName {
            name: name.to_string(),
            aspect,
        });
    });
    names
});

/// The names of all features, in their order.
pub fn names() -> &'static [FeatureName] {
    &NAMES
}

impl Features {
    /// Of a stretch; nothing where it holds too little voice to tell (under 0.15 s).
    pub fn of(tally: &Tally) -> Option<Self> {
        if tally.voiced < 15.0 {
            return None;
        }
        let mut values = [0.0; FEATURES];
        let mut next = 0;
        walk(tally, &mut |_, _, value| {
            values[next] = value;
            next += 1;
        });
        Some(Self {
            values,
            level_db: tally.voiced_level / tally.voiced,
        })
    }
}

/// A feature's name, put together only where it is wanted.
#[derive(Clone, Copy)]
enum Name {
    Plain(&'static str),
    Of(&'static str, &'static str),
    Numbered(&'static str, usize, &'static str),
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(name) => f.write_str(name),
            Self::Of(name, what) => write!(f, "{name}_{what}"),
            Self::Numbered(name, number, what) => write!(f, "{name}{number}_{what}"),
        }
    }
}

const MEASURE_NAMES: [(&str, Aspect); MEASURES] = [
    ("pitch", Aspect::PitchMovement),
    ("harmonicity", Aspect::Roughness),
    ("alpha", Aspect::Hardness),
    ("hammarberg", Aspect::Hardness),
    ("slope_low", Aspect::Hardness),
    ("slope_high", Aspect::Hardness),
    ("centroid", Aspect::Hardness),
    ("flatness", Aspect::Roughness),
    ("middle", Aspect::Hardness),
    ("flux", Aspect::Stress),
];
const FORMANT_NAMES: [&str; 3] = ["hz", "width", "height"];
const RATE_NAMES: [&str; RATES] = ["1hz", "2hz", "4hz", "8hz", "14hz"];
const UNVOICED_NAMES: [&str; UNVOICED] = ["alpha", "centroid", "flatness", "flux", "level"];

fn voiced_name(k: usize, what: &'static str) -> (Name, Aspect) {
    match k.checked_sub(MEASURES) {
        None => (Name::Of(MEASURE_NAMES[k].0, what), MEASURE_NAMES[k].1),
        Some(0) => (Name::Numbered("cepstrum", 1, what), Aspect::Hardness),
        Some(c) => (Name::Numbered("cepstrum", c + 1, what), Aspect::Mouth),
    }
}

/// Mean and deviation of `count` values.
fn moments(sum: f32, squares: f32, count: f32) -> (f32, f32) {
    let mean = sum / count.max(1.0);
    (
        mean,
        (squares / count.max(1.0) - mean * mean).max(0.0).sqrt(),
    )
}

/// Tells every feature in order.
fn walk(tally: &Tally, tell: &mut impl FnMut(Name, Aspect, f32)) {
    use Name::{Numbered, Of, Plain};
    let pairs = tally.pairs.max(1.0);
    for k in 0..VOICED {
        let (mean, deviation) = moments(tally.sums[k], tally.squares[k], tally.voiced);
        let (name, aspect) = voiced_name(k, "mean");
        let height = if k == 0 { Aspect::PitchHeight } else { aspect };
        tell(name, height, mean);
        tell(voiced_name(k, "deviation").0, aspect, deviation);
        let stressed = tally.weighed[k] / tally.weight.max(1e-6) - mean;
        tell(voiced_name(k, "stressed").0, aspect, stressed);
        tell(voiced_name(k, "change").0, aspect, tally.changes[k] / pairs);
    }
    for k in 0..FORMANT_MEASURES {
        let (mean, deviation) = moments(tally.formants[k], tally.formant_squares[k], tally.shaped);
        let (number, what) = (k / 3 + 1, FORMANT_NAMES[k % 3]);
        tell(Numbered("formant", number, what), Aspect::Mouth, mean);
        tell(
            Numbered("formant_spread", number, what),
            Aspect::Mouth,
            deviation,
        );
    }
    for k in 0..CEPSTRA {
        let (_, deviation) = moments(tally.cepstra[k], tally.cepstra_squares[k], tally.active);
        tell(
            Numbered("cepstrum", k + 1, "all_deviation"),
            Aspect::Mouth,
            deviation,
        );
    }
    let (level, level_deviation) = moments(tally.level, tally.level_squares, tally.active);
    for (k, what) in UNVOICED_NAMES.iter().enumerate() {
        let off = if *what == "level" { level } else { 0.0 };
        let mean = tally.unvoiced_sums[k] / tally.unvoiced.max(1.0) - off;
        let mean = if tally.unvoiced < 3.0 { 0.0 } else { mean };
        tell(Of("unvoiced", what), Aspect::Stress, mean);
    }
    let movement: f32 = tally.rhythm.iter().sum::<f32>().max(1e-6);
    for (k, energy) in tally.rhythm.iter().enumerate() {
        tell(
            Numbered("rhythm", k + 1, "share"),
            Aspect::Pace,
            (energy / movement + 1e-3).ln(),
        );
    }
    let (_, voiced_deviation) =
        moments(tally.voiced_level, tally.voiced_level_squares, tally.voiced);
    tell(Plain("level_deviation"), Aspect::Stress, level_deviation);
    tell(
        Plain("level_voiced_deviation"),
        Aspect::Stress,
        voiced_deviation,
    );
    tell(Plain("level_peak"), Aspect::Stress, tally.level_max - level);
    tell(
        Plain("level_change"),
        Aspect::Stress,
        tally.level_changes / pairs,
    );
    tell(
        Plain("level_rise"),
        Aspect::Stress,
        tally.level_rises / tally.rises.max(1.0),
    );
    tell(
        Plain("flux_all"),
        Aspect::Stress,
        tally.flux / tally.active.max(1.0),
    );
    let pitch = tally.sums[0] / tally.voiced.max(1.0);
    tell(
        Plain("pitch_top"),
        Aspect::PitchMovement,
        tally.pitch_max - pitch,
    );
    tell(
        Plain("pitch_bottom"),
        Aspect::PitchMovement,
        tally.pitch_min - pitch,
    );
    let triples = tally.triples.max(1.0);
    tell(
        Plain("jitter"),
        Aspect::Roughness,
        (tally.jitter / triples + 1e-3).ln(),
    );
    tell(Plain("shimmer"), Aspect::Roughness, tally.shimmer / triples);
    let slopes = slopes(tally);
    tell(Plain("pitch_slope"), Aspect::PitchMovement, slopes.0);
    tell(Plain("level_slope"), Aspect::Stress, slopes.1);
    let active = tally.active.max(1.0);
    tell(Plain("voiced_share"), Aspect::Pace, tally.voiced / active);
    tell(
        Plain("pause_share"),
        Aspect::Pace,
        tally.paused / (active + tally.paused),
    );
    tell(
        Plain("onset_rate"),
        Aspect::Pace,
        tally.onsets / (active * FRAME_S),
    );
    tell(
        Plain("voiced_run"),
        Aspect::Pace,
        (tally.voiced / tally.onsets.max(1.0)).max(1.0).ln(),
    );
    tell(
        Plain("syllable_rate"),
        Aspect::Pace,
        tally.syllables / (active * FRAME_S),
    );
    walk_movement(&tally.movement, tell);
}

/// Pairs of frames below which a movement is not told.
const PAIRS_LEAST: f32 = 4.0;

/// Tells how fast everything moves.
fn walk_movement(sums: &MovementSums, tell: &mut impl FnMut(Name, Aspect, f32)) {
    use Name::{Numbered, Plain};
    let size = |squares: f32, count: f32| {
        let is_told = count >= PAIRS_LEAST;
        let size = (squares / count.max(1.0)).sqrt();
        if is_told { (size + 1e-2).ln() } else { 0.0 }
    };
    let mean = |sum: f32, count: f32| sum / count.max(1.0);
    for (k, squares) in sums.step_squares.iter().enumerate() {
        let name = Numbered("cepstrum", k + 1, "step");
        tell(name, Aspect::Mouth, size(*squares, sums.steps));
    }
    for (k, squares) in sums.stride_squares.iter().enumerate() {
        let name = Numbered("cepstrum", k + 1, "stride");
        tell(name, Aspect::Mouth, size(*squares, sums.strides));
    }
    let (strides, voiced) = (sums.strides, sums.voiced_strides);
    let (pitch, stress) = (Aspect::PitchMovement, Aspect::Stress);
    for (name, aspect, value) in [
        ("pitch_stride", pitch, size(sums.pitch_squares, voiced)),
        ("pitch_stride_size", pitch, mean(sums.pitch_sizes, voiced)),
        ("pitch_stride_rise", pitch, mean(sums.pitch_changes, voiced)),
        ("level_stride", stress, size(sums.level_squares, strides)),
        ("level_stride_rise", stress, mean(sums.level_rises, strides)),
    ] {
        tell(Plain(name), aspect, value);
    }
    for (group, rates) in sums.rates.iter().enumerate() {
        let all = rates.iter().sum::<f32>().max(1e-6);
        for (energy, name) in rates.iter().zip(RATE_NAMES) {
            let share = (energy / all + 1e-3).ln();
            tell(Numbered("movement", group + 1, name), Aspect::Pace, share);
        }
    }
}

/// Slopes of pitch and level over time, a second, by least squares; held within reason.
fn slopes(tally: &Tally) -> (f32, f32) {
    let count = tally.voiced.max(1.0);
    let spread = tally.time_squares - tally.time * tally.time / count;
    if spread < 1e-2 {
        return (0.0, 0.0);
    }
    let slope = |with: f32, sum: f32| (with - tally.time * sum / count) / spread;
    (
        slope(tally.time_pitch, tally.sums[0]).clamp(-12.0, 12.0),
        slope(tally.time_level, tally.voiced_level).clamp(-20.0, 20.0),
    )
}
