//! The ear's trait.

use crate::SpeechError;
use call_model::{EscalationWords, Heard, Language, PcmFrame, PhraseGrammar, TurnId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Understands callers. One recogniser serves all calls; its models are loaded once.
pub trait Recognizer: Send + Sync {
    /// Makes ready for a plan's grammars and escalation words, so that no caller waits for it.
    ///
    /// # Errors
    /// Names the words whose pronunciation is not known, and whatever is missing
    /// for a language that is asked for.
    fn prepare(
        &self,
        grammars: &[Arc<PhraseGrammar>],
        words: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError>;

    /// Begins to listen to one turn of one caller.
    ///
    /// # Errors
    /// [`SpeechError::AllEarsBusy`] when every decoder is in use, and what
    /// [`Recognizer::prepare`] would have said of a grammar it never saw.
    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError>;

    /// The engine's name for logs, e.g. `sphinx`.
    fn name(&self) -> &str;
}

/// The ear on one turn. Dropping it cancels the turn.
pub trait HearingStream: Send {
    /// Takes the next 20 ms and tells what is new: a [`Heard::Partial`] or nothing.
    ///
    /// # Errors
    /// The engine failed; the stream is of no more use.
    fn push(&mut self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError>;

    /// Ends the turn: [`Heard::Final`] or [`Heard::NoMatch`].
    ///
    /// # Errors
    /// The engine failed.
    fn finish(self: Box<Self>) -> Result<Heard, SpeechError>;
}

/// What the ear is asked to listen for.
#[derive(Clone, Debug)]
pub struct HearingRequest {
    /// The turn that every answer names.
    pub turn: TurnId,
    /// What may be said here; none: only escalation words are listened for.
    pub grammar: Option<Arc<PhraseGrammar>>,
    /// The words that are listened for beside the grammar.
    pub escalation: Arc<EscalationWords>,
    /// The grammar and the words of a second language that the caller may speak instead, where
    /// that is not known yet: both are heard at once, and the last news names the one that won.
    pub also: Option<(Option<Arc<PhraseGrammar>>, Arc<EscalationWords>)>,
    /// What the ear has learnt about this caller's line so far.
    pub channel: CallerChannel,
}

/// Cepstral coefficients of one analysis window, as the Sphinx front end makes them.
pub(crate) const CEPSTRUM: usize = 13;

/// What an engine learns about one caller's voice and line, kept from turn to
/// turn and gone with the call: the mean of the cepstrum as each language's model sees it. It
/// identifies nobody.
///
/// Clones share what is learnt; make one for each call.
#[derive(Clone, Default, Debug)]
pub struct CallerChannel(Arc<Mutex<BTreeMap<Language, ChannelMean>>>);

/// A mean over so many windows.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct ChannelMean {
    pub(crate) mean: [f32; CEPSTRUM],
    pub(crate) windows: f32,
}

impl CallerChannel {
    /// What the model of a language knows so far.
    pub(crate) fn mean(&self, language: Language) -> ChannelMean {
        self.known().get(&language).copied().unwrap_or_default()
    }

    /// Replaces what the model of a language knows.
    pub(crate) fn learn(&self, language: Language, mean: ChannelMean) {
        self.known().insert(language, mean);
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Language, ChannelMean>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_channel_share_what_was_learnt_and_two_calls_do_not() {
        let (call, other) = (CallerChannel::default(), CallerChannel::default());
        let learnt = ChannelMean {
            mean: [1.0; CEPSTRUM],
            windows: 40.0,
        };
        call.clone().learn(Language::Zh, learnt);
        assert_eq!(call.mean(Language::Zh), learnt);
        assert_eq!(call.mean(Language::En), ChannelMean::default());
        assert_eq!(other.mean(Language::Zh), ChannelMean::default());
    }
}
