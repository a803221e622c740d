//! The words everyone in Bellhop uses for a phone call, and the types that two
//! parts which do not know each other must share.
//!
//! Everything that is journaled is made of integers (microseconds, per mille,
//! tenths of a point): a journal read back is the journal that was written.

mod action;
mod api;
mod audio;
mod emotion;
mod escalation;
mod header;
mod hearing;
mod id;
mod input;
mod intent;
mod key;
mod language;
mod measure;
mod private;
mod prompt;
mod time;
mod urgency;

pub use action::{CallAction, Decision, HangUpCause};
pub use api::{ApiFailure, ApiMethod, ApiOutcome, ApiRequest, ApiRequestId};
pub use audio::{Codec, FRAME_SAMPLES, FRAME_TIME, PayloadMap, PcmFrame, SAMPLE_RATE};
pub use emotion::{EmotionScore, VoiceAnalysis};
pub use escalation::{
    AngerEvidence, AngerTerms, AskEvidence, AskMeans, EscalationReason, Evidence, Handoff,
    HandoffTurn, Speaker, WordEvidence,
};
pub use header::{CallHeader, CallOutcome, JournalEntry, JournalLine, RecordingChoice};
pub use hearing::{
    EscalationWord, EscalationWords, GrammarId, Heard, Hypothesis, Phrase, PhraseGrammar,
    SpottedWord, TurnId, WordClass, WordSpan,
};
pub use id::{CallId, CallIdError};
pub use input::{CallInput, HungUp, PersonFailure, PersonOutcome};
pub use intent::{IntentFact, IntentFailure, IntentNews, IntentQuestion, IntentQuestionId};
pub use key::{Key, KeyError};
pub use language::{Language, UnknownLanguage};
pub use measure::{PerMille, Score};
pub use private::{MASK, Private};
pub use prompt::{Interruption, Pace, PromptEnd, PromptId, PromptPiece, PromptText};
pub use time::CallTime;
pub use urgency::Urgency;
