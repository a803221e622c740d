//! What can keep a trial from being one.

use speech::SpeechError;

/// A trial that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The ear failed, or does not know a word.
    #[error(transparent)]
    Ear(#[from] SpeechError),
    /// No plan can be made of what callers are asked for.
    #[error("no plan can be made of this question: {0}")]
    Plan(String),
    /// There is nothing to speak over.
    #[error("there is no prompt to speak over")]
    NoPrompt,
    /// The call never began to speak: a fault of ours.
    #[error("the call did not begin to speak")]
    Unspoken,
}
