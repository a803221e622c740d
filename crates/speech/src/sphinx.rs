//! The grammar recogniser: CMU Sphinx models through the C library libpocketsphinx, loaded at run time.
//!
//! One turn is heard by up to three searches over the same windows of sound, each in a decoder of
//! its own: the node's grammar, a free loop over the phones that says how well *anything* would
//! have fitted (0.004 CPU seconds a second), and the escalation words among everyday words.
//! The first gives the words, its distance to the second gives confidence and
//! rejection, the third finds escalation words that no grammar has. Where the language is not known
//! yet, two languages do so side by side.

mod common;
mod costs;
mod dictionary;
mod ffi;
mod fitting;
mod glance;
mod judgement;
mod lexicon;
mod linking;
mod listening;
mod models;
mod noise;
mod pace;
mod pool;
mod review;
mod search;
mod searching;
mod sounds;
mod spotter;
mod stream;
mod syllables;
mod windows;

pub use models::{ModelRate, SphinxModel, SphinxModels};

use crate::{CallerChannel, HearingRequest, HearingStream, Recognizer, SpeechError};
use call_model::{EscalationWords, Language, PhraseGrammar};
use ffi::Library;
use lexicon::Lexicon;
use listening::Opening;
use models::{CheckedModel, Duty};
use pool::{Lender, Pool};
use search::{Search, Searches};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stream::SphinxStream;

/// How the recogniser is set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SphinxSettings {
    /// The models, by language.
    pub models: SphinxModels,
    /// The most decoders open at once, 4 to 6 MB each; a speaking caller takes up to three.
    pub max_decoders: usize,
}

/// The `sphinx` engine.
pub struct SphinxRecognizer {
    settings: SphinxSettings,
    library: Arc<Library>,
    pool: Arc<Pool>,
    ears: Mutex<BTreeMap<Language, Ear>>,
}

/// What is loaded for one language.
struct Ear {
    model: Arc<CheckedModel>,
    lexicon: Lexicon,
    searches: Searches,
}

impl SphinxRecognizer {
    /// Loads the library. Models are looked at when [`Recognizer::prepare`] first needs them.
    ///
    /// # Errors
    /// [`SpeechError::LibraryMissing`] names the Debian package to install.
    pub fn open(settings: SphinxSettings) -> Result<Self, SpeechError> {
        Ok(Self {
            library: Library::load()?,
            pool: Pool::new(settings.max_decoders),
            ears: Mutex::new(BTreeMap::new()),
            settings,
        })
    }

    /// Decoders that are open now, idle or not.
    pub fn open_decoders(&self) -> usize {
        self.pool.open_decoders()
    }

    /// Whether two words share a pronunciation in the language's dictionary; words that it
    /// lacks sound like nothing.
    pub fn sounds_alike(&self, language: Language, one: &str, other: &str) -> bool {
        let alike = self.with_ear(language, |ear| {
            let words = [one, other].map(str::to_owned);
            ear.lexicon.learn(&words.into_iter().collect())?;
            let (one, other) = (ear.lexicon.token(one), ear.lexicon.token(other));
            Ok(one.zip(other).is_some_and(|(one, other)| {
                let known = &other.pronunciations;
                one.pronunciations.iter().any(|it| known.contains(it))
            }))
        });
        alike.unwrap_or(false)
    }

    fn ears(&self) -> MutexGuard<'_, BTreeMap<Language, Ear>> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lender(&self, language: Language, ear: &Ear) -> Lender {
        Lender {
            pool: Arc::clone(&self.pool),
            library: Arc::clone(&self.library),
            model: Arc::clone(&ear.model),
            language,
        }
    }

    /// Calls `with` with the language's ear, loaded first where it was not.
    fn with_ear<T>(
        &self,
        language: Language,
        with: impl FnOnce(&mut Ear) -> Result<T, SpeechError>,
    ) -> Result<T, SpeechError> {
        let mut ears = self.ears();
        let ear = match ears.entry(language) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let model = CheckedModel::of(language, self.settings.models.of(language)?)?;
                entry.insert(Ear {
                    lexicon: Lexicon::of(&model.dictionary, language),
                    searches: Searches::default(),
                    model: Arc::new(model),
                })
            }
        };
        with(ear)
    }

    /// Makes ready for what one language says, and reports its unknown words at the end.
    fn prepare_language(
        &self,
        language: Language,
        grammars: &[&Arc<PhraseGrammar>],
        words: &[&Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        let (lender, searches) = self.with_ear(language, |ear| {
            let mut needed = search::words_of(grammars);
            needed.extend(search::thinking_words(language));
            needed.extend(words.iter().flat_map(|list| search::spoken_words(list)));
            if words.iter().any(|list| !list.words.is_empty()) {
                needed.extend(search::everyday_words(language));
            }
            ear.lexicon.learn(&needed)?;
            let mut searches = Vec::new();
            for grammar in grammars {
                searches.push(ear.searches.of_grammar(grammar, &ear.lexicon)?);
            }
            for list in words.iter().filter(|list| !list.words.is_empty()) {
                searches.push(ear.searches.of_words(list, &ear.lexicon));
            }
            Ok((self.lender(language, ear), searches))
        })?;
        // One decoder for each duty is opened ahead and tried on everything.
        for duty in [Duty::Understanding, Duty::Spotting] {
            let mut decoder = lender.lease(duty)?;
            for search in searches.iter().filter(|search| search.duty() == duty) {
                decoder.load(search)?;
            }
        }
        self.with_ear(language, |ear| ear.lexicon.unknown_among(grammars, words))
    }
}

impl SphinxRecognizer {
    /// What one language needs to listen for a grammar and words.
    fn opening(
        &self,
        grammar: Option<&Arc<PhraseGrammar>>,
        words: &Arc<EscalationWords>,
        channel: &CallerChannel,
    ) -> Result<Opening, SpeechError> {
        let language = grammar.map_or(words.language, |grammar| grammar.language);
        self.with_ear(language, |ear| {
            let grammar = match grammar {
                Some(grammar) => {
                    let mut needed = search::words_of(&[grammar]);
                    needed.extend(search::thinking_words(language));
                    ear.lexicon.learn(&needed)?;
                    Some(ear.searches.of_grammar(grammar, &ear.lexicon)?)
                }
                None => None,
            };
            let is_ours = words.language == language && !words.words.is_empty();
            let words = match is_ours {
                true => Some(ear.words_search(words)?),
                false => None,
            };
            Ok(Opening {
                lender: self.lender(language, ear),
                channel: channel.clone(),
                grammar,
                words,
            })
        })
    }
}

impl Ear {
    /// The search for escalation words, made on first use.
    fn words_search(&mut self, list: &Arc<EscalationWords>) -> Result<Arc<Search>, SpeechError> {
        if let Some(known) = self.searches.known_words(list) {
            return Ok(known);
        }
        let mut needed = search::spoken_words(list);
        needed.extend(search::everyday_words(list.language));
        self.lexicon.learn(&needed)?;
        Ok(self.searches.of_words(list, &self.lexicon))
    }
}

impl Recognizer for SphinxRecognizer {
    fn prepare(
        &self,
        grammars: &[Arc<PhraseGrammar>],
        words: &[Arc<EscalationWords>],
    ) -> Result<(), SpeechError> {
        let mut outcome = Ok(());
        for language in Language::ALL {
            let grammars: Vec<_> = grammars.iter().filter(|g| g.language == language).collect();
            let words: Vec<_> = words.iter().filter(|w| w.language == language).collect();
            if grammars.is_empty() && words.is_empty() {
                continue;
            }
            outcome = outcome.and(self.prepare_language(language, &grammars, &words));
        }
        outcome
    }

    fn open(&self, request: HearingRequest) -> Result<Box<dyn HearingStream>, SpeechError> {
        let asked = self.opening(
            request.grammar.as_ref(),
            &request.escalation,
            &request.channel,
        )?;
        let also = match &request.also {
            Some((grammar, words)) => {
                Some(self.opening(grammar.as_ref(), words, &request.channel)?)
            }
            None => None,
        };
        let stream = SphinxStream::open(request.turn, asked, also)?;
        Ok(Box::new(stream))
    }

    fn name(&self) -> &str {
        "sphinx"
    }
}
