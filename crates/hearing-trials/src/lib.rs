//! How a call hears, measured over many recordings: when speech is noticed, when a prompt gives
//! way, when a turn ends.
//!
//! Recordings are laid on a telephone line (`line`): noise, codec, packets, losses, the jitter
//! buffer. Time is virtual and chance has a seed, so a trial is the same however busy the
//! machine is. Files are read and voices made by whoever asks for a trial.

mod call;
mod dice;
mod disturbances;
mod echo;
mod error;
mod line;
mod over_prompt;
mod scene;
mod sounds;
mod turns;
mod vad;

pub use disturbances::{at_level, cough};
pub use echo::Echo;
pub use error::TrialError;
pub use line::{Beneath, Line, Telephone};
pub use over_prompt::{BACK_WITHIN, Disturbance, Disturbed, Interrupted, USUAL_SPEECH_DBFS};
pub use scene::{Asked, Scene};
pub use sounds::{LINE_NOISE_DBFS, NoSpeech, audible, made_sounds, mixed, speech_dbfs};
pub use turns::{TurnCame, utterance};
pub use vad::{FalseSpeech, VoiceFigures, notice, notice_nothing, turns_noticed};
