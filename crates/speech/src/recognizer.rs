//! The ear's trait.

use crate::SpeechError;
use call_model::{EscalationWords, Heard, Language, PcmFrame, PhraseGrammar, TurnId};
use serde::{Deserialize, Serialize};
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

    /// Turns so far that went without an engine that should have heard or corrected them.
    fn turns_without(&self) -> u64 {
        0
    }
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

    /// Ends the turn as [`HearingStream::finish`] does and calls `told` with the outcome: before
    /// it returns where the engine thinks on this thread, later and on a thread that may be
    /// kept busy where it thinks elsewhere. `told` may be dropped uncalled only by a panic.
    fn finish_to(self: Box<Self>, told: FinishSink) {
        told(self.finish());
    }
}

/// Who is told the outcome of a turn.
pub type FinishSink = Box<dyn FnOnce(Result<Heard, SpeechError>) + Send>;

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
pub struct CallerChannel(Arc<Mutex<Known>>);

#[derive(Default, Debug)]
struct Known {
    means: BTreeMap<Language, ChannelMean>,
    /// What an ear elsewhere wants to be told at the next turn, as it gave it.
    elsewhere: Option<String>,
}

/// A mean over so many windows.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ChannelMean {
    pub(crate) mean: [f32; CEPSTRUM],
    pub(crate) windows: f32,
}

impl CallerChannel {
    /// What the model of a language knows so far.
    pub(crate) fn mean(&self, language: Language) -> ChannelMean {
        self.known()
            .means
            .get(&language)
            .copied()
            .unwrap_or_default()
    }

    /// Replaces what the model of a language knows.
    pub(crate) fn learn(&self, language: Language, mean: ChannelMean) {
        self.known().means.insert(language, mean);
    }

    /// All that is known, in a form that can go to another machine and come back; none: nothing is.
    #[cfg(feature = "remote")]
    pub(crate) fn memory(&self) -> Option<String> {
        let known = self.known();
        let memory = (!known.means.is_empty()).then(|| serde_json::to_string(&known.means));
        memory?.ok()
    }

    /// What came back; what is none of ours is nothing.
    #[cfg(feature = "remote")]
    pub(crate) fn remembering(memory: Option<&str>) -> Self {
        let channel = Self::default();
        let means = memory.and_then(|it| serde_json::from_str(it).ok());
        let means: BTreeMap<Language, ChannelMean> = means.unwrap_or_default();
        let is_number = |mean: &ChannelMean| {
            let numbers = mean.mean.iter().chain([&mean.windows]);
            numbers.into_iter().all(|it| it.is_finite()) && mean.windows >= 0.0
        };
        channel.known().means = means.into_iter().filter(|(_, it)| is_number(it)).collect();
        channel
    }

    /// What the ear elsewhere wants to be told.
    #[cfg(feature = "remote")]
    pub(crate) fn memory_elsewhere(&self) -> Option<String> {
        self.known().elsewhere.clone()
    }

    /// Keeps it for the next turn.
    #[cfg(feature = "remote")]
    pub(crate) fn learn_elsewhere(&self, memory: String) {
        self.known().elsewhere = Some(memory);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
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

    #[cfg(feature = "remote")]
    #[test]
    fn what_was_learnt_travels_and_nonsense_is_nothing() {
        let call = CallerChannel::default();
        assert_eq!(call.memory(), None);
        let learnt = ChannelMean {
            mean: [0.1; CEPSTRUM],
            windows: 40.0,
        };
        call.learn(Language::En, learnt);
        let there = CallerChannel::remembering(call.memory().as_deref());
        assert_eq!(there.mean(Language::En), learnt);
        for nonsense in ["", "{}", "[1]", r#"{"en":{"mean":[1],"windows":1}}"#] {
            let there = CallerChannel::remembering(Some(nonsense));
            assert_eq!(there.mean(Language::En), ChannelMean::default());
        }
    }
}
