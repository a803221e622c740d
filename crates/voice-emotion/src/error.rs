//! What can be wrong with a model.

/// Why a model cannot be used or made.
#[derive(thiserror::Error, Debug)]
pub enum VoiceModelError {
    /// The file is no model of this version.
    #[error("the voice model is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It was made by another version of the features.
    #[error(
        "the voice model has version {found}, this program reads version {expected}: train it again"
    )]
    Version {
        /// The model's.
        found: u32,
        /// The one that is understood.
        expected: u32,
    },
    /// It names other features than are measured.
    #[error(
        "the voice model's feature {place} is '{found}', this program measures '{expected}' there: train it again"
    )]
    Feature {
        /// Counted from 1.
        place: usize,
        /// The model's.
        found: String,
        /// What is measured.
        expected: String,
    },
    /// It lacks features.
    #[error(
        "the voice model has {found} features, this program measures {expected}: train it again"
    )]
    FeatureCount {
        /// The model's.
        found: usize,
        /// What is measured.
        expected: usize,
    },
    /// It lacks pairs of axes, or has them in another order.
    #[error("the voice model's pairs of axes are not those that are expected: train it again")]
    Pairs,
    /// The recordings cannot be learnt from.
    #[error("nothing can be learnt from these recordings: {0}")]
    TooLittle(&'static str),
}
