//! The ear and the voice.
//!
//! Two traits, [`Recognizer`] and [`Synthesizer`], and the engines behind them.
//! An engine brings no runtime: whoever calls it brings the thread, and one whose work takes long has
//! a few threads of its own, never one a call. Nothing here is to be called on a media thread except
//! [`PromptStore::lookup`].

#[cfg_attr(not(feature = "sphinx"), allow(dead_code))]
mod automaton;
mod catalogue;
#[cfg(any(feature = "sphinx", feature = "eval"))]
mod distance;
mod error;
#[cfg(feature = "eval")]
pub mod eval;
mod fall_back;
mod program;
mod prompt;
#[cfg_attr(not(feature = "sphinx"), allow(dead_code))]
mod recognizer;
#[cfg(feature = "remote")]
pub mod remote;
mod scratch;
mod scripted;
#[cfg(feature = "sphinx")]
mod sphinx;
mod two_pass;
#[cfg(feature = "remote")]
mod voice_service;
#[cfg(any(feature = "sphinx", feature = "whisper"))]
mod voiced;
mod voices;
#[cfg(feature = "whisper")]
mod whisper;

pub use automaton::{PhraseAutomaton, Place};
pub use catalogue::{Catalogue, CataloguedFile, CataloguedModel, FileState, hex_sha256};
pub use error::{Fault, SpeechError, UnknownWord};
pub use fall_back::FallBack;
pub use prompt::{PromptStore, PromptStoreSettings};
pub use recognizer::{CallerChannel, FinishSink, HearingRequest, HearingStream, Recognizer};
pub use scripted::{ScriptedRecognizer, ScriptedTurn};
#[cfg(feature = "sphinx")]
pub use sphinx::{ModelRate, SphinxModel, SphinxModels, SphinxRecognizer, SphinxSettings};
pub use two_pass::TwoPass;
#[cfg(feature = "remote")]
pub use voice_service::{VoiceService, VoiceServiceSettings};
pub use voices::{EspeakSynthesizer, FliteSynthesizer, Synthesizer, VoiceByLanguage};
#[cfg(feature = "whisper")]
pub use whisper::{WhisperRecognizer, WhisperSettings};
