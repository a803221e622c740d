//! The words that mean the same everywhere in a plan.

use serde::{Deserialize, Serialize};

/// The global words of one language, normalised, each once: the shipped lists
/// with what the plan adds and removes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Vocabulary {
    /// "Say that again", 再说一遍.
    pub repeat: Vec<String>,
    /// "Uh-huh", 嗯: said while listening, meaning nothing.
    pub backchannels: Vec<String>,
    /// Yes.
    pub yes: Vec<String>,
    /// No.
    pub no: Vec<String>,
    /// "Goodbye", 没有了: the caller has nothing else.
    #[serde(default)]
    pub goodbye: Vec<String>,
    /// Words of anger, which weigh beside the voice and escalate nothing alone.
    pub angry: Vec<String>,
    /// Words within which an escalation word means something else: 理赔, human resources.
    pub apart: Vec<String>,
}
