//! How a caller sounds when calm, as far as this call has told.

use crate::features::{FEATURES, Features};

/// Utterances that a baseline is the mean of, at most; later ones push old ones out slowly.
const UTTERANCES_MAX: f32 = 6.0;
/// A baseline of `n` utterances is trusted by n / (n + 3).
const SHRINKING: f32 = 3.0;

/// The mean of a caller's calm utterances; it dies with the call.
#[derive(Clone, PartialEq, Debug)]
pub struct Baseline {
    /// The mean of each feature.
    pub values: [f32; FEATURES],
    /// The mean level of voiced frames, in dB.
    pub level_db: f32,
    count: f32,
}

impl Baseline {
    /// Of a caller who was not heard yet.
    pub const fn new() -> Self {
        Self {
            values: [0.0; FEATURES],
            level_db: 0.0,
            count: 0.0,
        }
    }

    /// Nothing is known of the caller.
    pub fn is_empty(&self) -> bool {
        self.count == 0.0
    }

    /// How far it is trusted, 0 to 1.
    pub fn trust(&self) -> f32 {
        self.count / (self.count + SHRINKING)
    }

    /// Takes in a calm utterance.
    pub fn learn(&mut self, features: &Features) {
        self.count = (self.count + 1.0).min(UTTERANCES_MAX);
        let rate = 1.0 / self.count;
        for (own, new) in self.values.iter_mut().zip(&features.values) {
            *own += rate * (new - *own);
        }
        self.level_db += rate * (features.level_db - self.level_db);
    }
}

impl Default for Baseline {
    fn default() -> Self {
        Self::new()
    }
}
