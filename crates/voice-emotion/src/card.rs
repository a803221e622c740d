//! What a model was made from, and how good it is.

use serde::{Deserialize, Serialize};

/// A model card (after Mitchell et al. 2019), as short as the file it stands in.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct ModelCard {
    /// What it is for, and what it is not for.
    pub purpose: String,
    /// The licence of the weights.
    pub licence: String,
    /// The recordings it was trained on.
    pub data: Vec<CardData>,
    /// The speakers it was trained on: they must not judge it.
    pub speakers: Vec<String>,
    /// Figures on speakers that were left out of training.
    pub figures: Vec<CardFigure>,
    /// Known limits.
    pub limits: Vec<String>,
    /// The seed it was trained with.
    pub seed: u64,
}

/// One collection of recordings.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CardData {
    /// Its name.
    pub corpus: String,
    /// Its language.
    pub language: String,
    /// Its licence.
    pub licence: String,
    /// Recordings that were used.
    pub clips: usize,
    /// Of so many speakers.
    pub speakers: usize,
}

/// How well anger is told from the rest in one collection.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CardFigure {
    /// The collection.
    pub corpus: String,
    /// Area under the ROC curve, all speakers.
    pub auc: f64,
    /// Of women, where there are any.
    pub auc_women: Option<f64>,
    /// Of men, where there are any.
    pub auc_men: Option<f64>,
    /// With the caller's baseline.
    pub auc_with_baseline: f64,
}
