//! How angry a voice sounds, and why.

mod analysis;
mod baseline;
mod card;
mod dice;
mod error;
pub mod evaluate;
mod features;
mod formants;
pub mod metrics;
mod model;
mod pitch;
mod reasons;
mod scorer;
mod spectrum;
mod tally;
mod tilt;
pub mod train;
mod utterance;

pub use baseline::Baseline;
pub use card::{CardData, CardFigure, ModelCard};
pub use dice::Dice;
pub use error::VoiceModelError;
pub use features::{Aspect, FEATURES, FeatureName, Features, names};
pub use model::{
    AXES, FeatureWeights, MODEL_VERSION, PairWeights, Platt, Reading, Scale, SiteOffset, VoiceModel,
};
pub use scorer::EmotionScorer;
pub use utterance::UtteranceEar;
