//! The model: logistic regressions over the features, in a file that people can read.

use crate::VoiceModelError;
use crate::baseline::Baseline;
use crate::card::ModelCard;
use crate::features::{FEATURES, Features, names};
use serde::{Deserialize, Serialize};

/// The version of the features and the file.
pub const MODEL_VERSION: u32 = 3;
/// Main axes along which voices differ; the products of a voice's places on them are inputs, too.
pub const AXES: usize = 32;
/// Products of two places.
pub const PAIRS: usize = AXES * (AXES + 1) / 2;
/// A place on an axis is held within so many deviations.
const PLACE_WITHIN: f32 = 3.0;
/// Standard deviations beyond which a feature is held: what is further out is a fault of measuring.
const HELD_WITHIN: f32 = 4.0;

/// How one feature weighs in each of the three regressions, per standard deviation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FeatureWeights {
    /// The feature's name.
    pub name: String,
    /// Its mean over the training set, which stands for a caller nobody knows.
    pub mean: f32,
    /// Its standard deviation over the training set.
    pub deviation: f32,
    /// For anger, from the voice as it is.
    pub population: f32,
    /// For anger beside the caller's baseline: the voice as it is.
    pub relative: f32,
    /// For anger beside the caller's baseline: the difference to it.
    pub difference: f32,
    /// For arousal.
    pub arousal: f32,
    /// Its part in each main axis.
    pub axes: [f32; AXES],
}

/// How the product of a voice's places on two axes weighs: where anger is loud it sounds unlike
/// where it is cold, which no sum over features alone can say.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct PairWeights {
    /// The two axes, which may be the same.
    pub of: (usize, usize),
    /// For anger, from the voice as it is.
    pub population: f32,
    /// For anger beside the caller's baseline.
    pub relative: f32,
}

/// A straight line from a regression's output to log-odds: `slope · output + intercept` (Platt 1999).
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Platt {
    /// Factor.
    pub slope: f32,
    /// Summand.
    pub intercept: f32,
}

impl Platt {
    /// The log-odds of a regression's output.
    pub fn log_odds(&self, output: f32) -> f32 {
        self.slope * output + self.intercept
    }
}

/// From log-odds to the operating scale.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Scale {
    /// Log-odds, pooled over three utterances, that the stated budget of calm calls reaches.
    pub log_odds_at_80: f32,
    /// That budget: so many calls in a thousand.
    pub budget_per_mille: u16,
    /// The share of angry utterances that the probability assumes.
    pub prior: f32,
}

impl Scale {
    /// Points, not held within 0 to 100: 50 at even odds, 80 at the budget.
    pub fn points(&self, log_odds: f32) -> f32 {
        50.0 + 30.0 * log_odds / self.log_odds_at_80.max(0.1)
    }

    /// The probability at the declared prior of balanced log-odds.
    pub fn probability(&self, log_odds: f32) -> f32 {
        let prior = self.prior.clamp(1e-4, 0.9999);
        1.0 / (1.0 + (-(log_odds + (prior / (1.0 - prior)).ln())).exp())
    }
}

/// How much a site's unlabelled speech stands above what it is counted from, in log-odds. It comes
/// from its lines and callers, and is taken off; nothing learnt yet is no offset.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct SiteOffset {
    /// Of the voice as it is.
    pub population: f32,
    /// Beside the caller's baseline.
    pub relative: f32,
}

/// A trained model.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VoiceModel {
    /// [`MODEL_VERSION`].
    pub version: u32,
    /// Under which it is chosen.
    pub name: String,
    /// What it was made from, and how good it is.
    pub card: ModelCard,
    /// Calibration of the voice as it is.
    pub population: Platt,
    /// Calibration beside the caller's baseline.
    pub relative: Platt,
    /// Weight of the level above the baseline, a dB.
    pub level: f32,
    /// So much of the log-odds the voice as it is must have over the caller-relative to count instead.
    pub margin: f32,
    /// Even odds of arousal.
    pub arousal: Platt,
    /// The operating scale.
    pub scale: Scale,
    /// The training collections' own level, from which the offset of a collection like them is counted.
    pub site: SiteOffset,
    /// The level of calm calls, most of which are neutral: from it the offset of a site that takes calls is counted.
    pub traffic: SiteOffset,
    /// Weights of the pairs of axes, the first axis counting slower.
    pub pairs: Vec<PairWeights>,
    /// Weights, in the order of the features.
    pub features: Vec<FeatureWeights>,
}

/// What a model says of one stretch of speech.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reading {
    /// Balanced log-odds of anger from the voice as it is.
    pub population: f32,
    /// Balanced log-odds of anger beside the caller's baseline.
    pub relative: f32,
    /// The larger of the two, the margin taken off the former.
    pub log_odds: f32,
    /// Balanced log-odds of arousal.
    pub arousal: f32,
}

impl VoiceModel {
    /// Reads a model file.
    ///
    /// # Errors
    /// [`VoiceModelError`] where the file is not of this version or measures other features.
    pub fn read(json: &str) -> Result<Self, VoiceModelError> {
        /// What files of all versions have.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = serde_json::from_str(json)?;
        if version != MODEL_VERSION {
            return Err(VoiceModelError::Version {
                found: version,
                expected: MODEL_VERSION,
            });
        }
        let model: Self = serde_json::from_str(json)?;
        if model.features.len() != FEATURES {
            return Err(VoiceModelError::FeatureCount {
                found: model.features.len(),
                expected: FEATURES,
            });
        }
        let pairs = pairs().collect::<Vec<_>>();
        if !model.pairs.iter().map(|pair| pair.of).eq(pairs) {
            return Err(VoiceModelError::Pairs);
        }
        for (place, (own, expected)) in model.features.iter().zip(names()).enumerate() {
            if own.name != expected.name {
                return Err(VoiceModelError::Feature {
                    place: place + 1,
                    found: own.name.clone(),
                    expected: expected.name.clone(),
                });
            }
        }
        Ok(model)
    }

    /// The model as a file: one feature or pair a line.
    ///
    /// # Errors
    /// [`VoiceModelError::Unreadable`] where a number is none.
    pub fn write(&self) -> Result<String, VoiceModelError> {
        let mut value = serde_json::to_value(self)?;
        let lists = ["features", "pairs"].map(|name| (name, value[name].take()));
        let mut text = serde_json::to_string_pretty(&value)? + "\n";
        for (name, list) in lists {
            let mut lines = Vec::new();
            for entry in list.as_array().into_iter().flatten() {
                lines.push(format!("    {}", serde_json::to_string(entry)?));
            }
            let lines = format!("\"{name}\": [\n{}\n  ]", lines.join(",\n"));
            text = text.replace(&format!("\"{name}\": null"), &lines);
        }
        Ok(text)
    }

    /// What the model says of a stretch, `site` being what is known of the site.
    pub fn reading(&self, features: &Features, baseline: &Baseline, site: &SiteOffset) -> Reading {
        let trust = baseline.trust();
        let (mut population, mut relative, mut arousal) = (0.0, 0.0, 0.0);
        for (k, own) in self.features.iter().enumerate() {
            let standing = own.standing(features.values[k]);
            population += own.population * standing;
            arousal += own.arousal * standing;
            relative += own.relative * standing;
            let difference = own.difference_to(features.values[k], baseline.values[k], trust);
            relative += own.difference * difference;
        }
        relative += self.level * trust * (features.level_db - baseline.level_db);
        let places = self.places(features);
        for pair in &self.pairs {
            let product = places[pair.of.0] * places[pair.of.1];
            population += pair.population * product;
            relative += pair.relative * product;
        }
        let population = self.population.log_odds(population) - site.population;
        let relative = self.relative.log_odds(relative) - site.relative;
        Reading {
            population,
            relative,
            log_odds: if baseline.is_empty() {
                population
            } else {
                relative.max(population - self.margin)
            },
            arousal: self.arousal.log_odds(arousal),
        }
    }
}

impl VoiceModel {
    /// Where a voice stands on each main axis, in deviations.
    pub fn places(&self, features: &Features) -> [f32; AXES] {
        let mut places = [0.0; AXES];
        for (own, value) in self.features.iter().zip(features.values) {
            let standing = own.standing(value);
            for (place, part) in places.iter_mut().zip(own.axes) {
                *place += part * standing;
            }
        }
        places.map(|place| place.clamp(-PLACE_WITHIN, PLACE_WITHIN))
    }
}

/// All pairs of axes, the first one counting slower.
pub fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..AXES).flat_map(|i| (i..AXES).map(move |j| (i, j)))
}

impl FeatureWeights {
    /// How many deviations a value stands above the mean.
    pub fn standing(&self, value: f32) -> f32 {
        ((value - self.mean) / self.deviation).clamp(-HELD_WITHIN, HELD_WITHIN)
    }

    /// How many deviations a value stands above a caller's own, which is trusted by so much, 0 to 1.
    pub fn difference_to(&self, value: f32, own: f32, trust: f32) -> f32 {
        let own = self.mean + trust * (own - self.mean);
        ((value - own) / self.deviation).clamp(-HELD_WITHIN, HELD_WITHIN)
    }
}
