//! The recogniser of free speech: whisper models (ggml files of whisper.cpp) on this machine.
//!
//! It hears a whole utterance at once, so a turn is collected and looked at when it is over; if wanted also
//! every so often before, and what two looks in a row agree on is told as a partial. Looks are made by a few
//! threads for all calls, each with a state of its own over one shared model. What such models are
//! known to invent is kept away from calls by guards before a look (nobody spoke) and after it.
//!
//! Where a grammar says what is expected and the text is near one of its own, that one is taken: what the model would
//! have written had it known nothing else, if it need not be forced much.

mod agreement;
mod guards;
mod guide;
mod guided;
mod hints;
mod look;
mod model;
mod pool;
mod reading;
#[cfg(test)]
mod script;
mod stream;

use crate::{HearingRequest, HearingStream, PhraseAutomaton, Recognizer, SpeechError};
use call_model::{EscalationWords, Language, PhraseGrammar};
use guide::Guide;
use look::Pass;
use model::{Looker, Model};
use pool::PassPool;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use stream::{Expected, Hearing, WhisperStream};

/// The most grammars that are kept unfolded.
const GRAMMARS_MAX: usize = 512;

/// How the recogniser is set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhisperSettings {
    /// The model, a ggml file.
    pub model: PathBuf,
    /// Looks made at the same time, each with a few hundred megabytes of its own in the larger models.
    pub passes: usize,
    /// Threads that one look works with.
    pub threads: usize,
    /// Look every so much sound while a caller still speaks; none: only at the end of a turn.
    pub partial_every: Option<Duration>,
    /// How long a caller waits for a look at most; a turn that takes longer is not understood.
    pub limit: Duration,
}

/// The `whisper` engine.
pub struct WhisperRecognizer {
    pool: Arc<PassPool>,
    partial_every: Option<Duration>,
    limit: Duration,
    languages: Vec<Language>,
    model: PathBuf,
    /// Grammars with what is made of them, those asked for last last.
    known: Mutex<VecDeque<Known>>,
}

#[derive(Clone)]
struct Known {
    grammar: Arc<PhraseGrammar>,
    automaton: Arc<PhraseAutomaton>,
    guide: Arc<Guide>,
}

impl WhisperRecognizer {
    /// Opens the model and looks once, so that a model that cannot be worked with is found now.
    ///
    /// # Errors
    /// [`SpeechError::ModelUnusable`] names the file and what is wrong with it.
    pub fn open(settings: &WhisperSettings) -> Result<Self, SpeechError> {
        let model = Arc::new(Model::open(&settings.model, settings.threads)?);
        let hears = |language: &Language| model.hears(*language);
        let languages = Language::ALL.into_iter().filter(hears).collect();
        let mut passes: Vec<Box<dyn Pass>> = Vec::new();
        for number in 0..settings.passes.max(1) {
            let mut looker = Looker::of(Arc::clone(&model))?;
            if number == 0 {
                looker.try_out()?;
            }
            passes.push(Box::new(looker));
        }
        Self::over(passes, settings, languages)
    }

    fn over(
        passes: Vec<Box<dyn Pass>>,
        settings: &WhisperSettings,
        languages: Vec<Language>,
    ) -> Result<Self, SpeechError> {
        Ok(Self {
            pool: Arc::new(PassPool::start(passes)?),
            partial_every: settings.partial_every,
            limit: settings.limit,
            languages,
            model: settings.model.clone(),
            known: Mutex::default(),
        })
    }

    fn known(&self, grammar: &Arc<PhraseGrammar>) -> Result<Known, SpeechError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known
            .iter()
            .position(|it| Arc::ptr_eq(&it.grammar, grammar) || it.grammar == *grammar);
        let found = match place.and_then(|place| known.remove(place)) {
            Some(found) => found,
            None => {
                let automaton = PhraseAutomaton::of(grammar)?;
                Known {
                    grammar: Arc::clone(grammar),
                    guide: Arc::new(Guide::of(&automaton, grammar.language)),
                    automaton: Arc::new(automaton),
                }
            }
        };
        if known.len() == GRAMMARS_MAX {
            known.pop_front();
        }
        known.push_back(found.clone());
        Ok(found)
    }

    fn expected(
        &self,
        grammar: Option<&Arc<PhraseGrammar>>,
        words: &Arc<EscalationWords>,
    ) -> Result<Expected, SpeechError> {
        let language = grammar.map_or(words.language, |grammar| grammar.language);
        self.has(language)?;
        let known = grammar.map(|grammar| self.known(grammar)).transpose()?;
        Ok(Expected {
            language,
            automaton: known.as_ref().map(|it| Arc::clone(&it.automaton)),
            guide: known.map(|it| it.guide),
            words: Arc::clone(words),
            hints: grammar
                .map(|grammar| hints::hints(grammar))
                .unwrap_or_default(),
        })
    }

    fn has(&self, language: Language) -> Result<(), SpeechError> {
        if self.languages.contains(&language) {
            return Ok(());
        }
        let remedy = format!(
            "{} knows English alone; take one without '.en' in its name",
            self.model.display()
        );
        Err(SpeechError::ModelMissing { language, remedy })
    }
}

impl Recognizer for WhisperRecognizer {
    fn prepare(
        &self,
        grammars: &[Arc<PhraseGrammar>],
        words: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        for grammar in grammars {
            self.has(grammar.language)?;
            self.known(grammar)?;
        }
        words.iter().try_for_each(|list| self.has(list.language))
    }

    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        let asked = self.expected(request.grammar.as_ref(), &request.escalation)?;
        let also = match &request.also {
            Some((grammar, words)) => Some(self.expected(grammar.as_ref(), words)?),
            None => None,
        };
        let hearing = Hearing {
            turn: request.turn,
            asked,
            also,
            look_every: self.partial_every,
            limit: self.limit,
        };
        Ok(Box::new(WhisperStream::open(
            hearing,
            Arc::clone(&self.pool),
        )))
    }

    fn name(&self) -> &str {
        "whisper"
    }
}
