//! How angry a voice sounds, and why: of the voice alone, live, in words a reviewer understands.
//!
//! 1. `analysis` looks at 25 ms of sound every 10 ms: mel spectrum and cepstra, spectral balance,
//!    pitch, formants, nothing of which depends on the line's level but the level itself.
//! 2. `utterance` finds the speech in a caller's turn and sums over half seconds of it (`tally`, `movement`),
//!    which add up to functionals over the last three seconds (`features`).
//! 3. `model` weighs the features, the products of the voice's places on the main axes of voices, and
//!    the difference to the caller's own calm voice (`baseline`): balanced log-odds, calibrated.
//! 4. `scorer` puts that on the operating scale, with the strongest reasons (`reasons`).
//!
//! [`train`] makes models, [`evaluate`] measures them on speakers they never heard. Fusing with words and
//! behaviour, pooling over utterances and judging are the engine's.

mod analysis;
mod baseline;
mod calibration;
mod card;
mod dice;
mod error;
pub mod evaluate;
mod features;
mod formants;
pub mod metrics;
mod model;
mod movement;
mod pitch;
#[cfg(test)]
mod plainly;
mod reasons;
mod scorer;
mod site;
mod spectrum;
mod tally;
mod tilt;
pub mod train;
mod utterance;

pub use baseline::Baseline;
pub use calibration::{ModelMark, SiteCalibration, VoiceSite};
pub use card::{CardData, CardFigure, ModelCard};
pub use dice::Dice;
pub use error::VoiceModelError;
pub use features::{Aspect, FEATURES, FeatureName, Features, names};
pub use model::{
    AXES, FeatureWeights, MODEL_VERSION, PairWeights, Platt, Reading, Scale, SiteOffset, VoiceModel,
};
pub use scorer::EmotionScorer;
pub use site::SiteStatistics;
pub use utterance::UtteranceEar;
