//! The ear and the voice.
//!
//! Two traits, [`Recognizer`] and [`Synthesizer`], and the engines behind them.
//! An engine owns no thread and no runtime: whoever calls it brings the thread,
//! and nothing here is to be called on a media thread except [`PromptStore::lookup`].

mod automaton;
mod error;
mod program;
mod prompt;
mod recognizer;
mod scripted;
mod voices;

pub use automaton::{PhraseAutomaton, Place};
pub use error::{Fault, SpeechError, UnknownWord};
pub use prompt::{PromptStore, PromptStoreSettings};
pub use recognizer::{CallerChannel, HearingRequest, HearingStream, Recognizer};
pub use scripted::{ScriptedRecognizer, ScriptedTurn};
pub use voices::{EspeakSynthesizer, FliteSynthesizer, Synthesizer, VoiceByLanguage};
