//! The decoders, shared by all calls and never more than the limit.

use super::ffi::{Decoder, Library};
use super::models::{CheckedModel, Duty};
use super::search::{Search, SearchForm};
use crate::SpeechError;
use call_model::Language;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The name of the free loop over phones, which every decoder has.
pub(super) const PHONE_LOOP: &str = "phones";
/// The most searches that one decoder keeps loaded.
const LOADED_MAX: usize = 24;

/// Open decoders, those idle to be lent.
pub(super) struct Pool {
    shelf: Mutex<Shelf>,
    max: usize,
}

#[derive(Default)]
struct Shelf {
    idle: BTreeMap<(Language, Duty), Vec<TaughtDecoder>>,
    open: usize,
}

/// A decoder and what it has been taught so far.
pub(super) struct TaughtDecoder {
    decoder: Decoder,
    words: BTreeSet<String>,
    /// The searches it has loaded, that used last at the end.
    loaded: VecDeque<String>,
}

impl Pool {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            shelf: Mutex::new(Shelf::default()),
            max,
        })
    }

    pub(super) fn open_decoders(&self) -> usize {
        self.shelf().open
    }

    /// Lends a decoder: an idle one, or a new one while the limit allows.
    ///
    /// # Errors
    /// [`SpeechError::AllEarsBusy`] at the limit.
    fn lease(
        self: &Arc<Self>,
        place: (Language, Duty),
        library: &Arc<Library>,
        model: &CheckedModel,
    ) -> Result<Lease, SpeechError> {
        let idle = self.claim(place)?;
        let decoder = match idle {
            Some(decoder) => Ok(decoder),
            // Opened outside the lock: it takes some 20 ms.
            None => TaughtDecoder::open(library, model, place),
        };
        match decoder {
            Ok(decoder) => Ok(Lease {
                pool: Arc::clone(self),
                place,
                decoder: Some(decoder),
                is_sound: true,
            }),
            Err(error) => {
                self.shelf().open -= 1;
                Err(error)
            }
        }
    }

    /// An idle decoder, or the right to open one.
    fn claim(&self, place: (Language, Duty)) -> Result<Option<TaughtDecoder>, SpeechError> {
        let mut shelf = self.shelf();
        if let Some(decoder) = shelf.idle.get_mut(&place).and_then(Vec::pop) {
            return Ok(Some(decoder));
        }
        if shelf.open >= self.max && !shelf.close_one() {
            return Err(SpeechError::AllEarsBusy { limit: self.max });
        }
        shelf.open += 1;
        Ok(None)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    /// Closes an idle decoder of some language, to make room for another's.
    fn close_one(&mut self) -> bool {
        let is_closed = self.idle.values_mut().any(|idle| idle.pop().is_some());
        self.open -= usize::from(is_closed);
        is_closed
    }
}

impl TaughtDecoder {
    fn open(
        library: &Arc<Library>,
        model: &CheckedModel,
        (language, duty): (Language, Duty),
    ) -> Result<Self, SpeechError> {
        let mut decoder = Decoder::open(library, &model.options_for(language, duty))?;
        decoder.set_phone_loop(PHONE_LOOP)?;
        Ok(Self {
            decoder,
            words: BTreeSet::new(),
            loaded: VecDeque::new(),
        })
    }

    /// Makes a search ready, teaching its words first where they are new.
    pub(super) fn load(&mut self, search: &Search) -> Result<(), SpeechError> {
        if let Some(place) = self.loaded.iter().position(|name| *name == search.name) {
            let name = self.loaded.remove(place);
            self.loaded.extend(name);
            return Ok(());
        }
        for token in search.tokens() {
            if self.words.insert(token.name.clone()) {
                self.decoder.teach(&token.name, &token.pronunciations)?;
            }
        }
        match search.form() {
            SearchForm::Grammar(grammar) => self.decoder.set_grammar(&search.name, &grammar)?,
            SearchForm::Shares(shares) => self.decoder.set_shares(&search.name, &shares)?,
        }
        self.loaded.push_back(search.name.clone());
        if self.loaded.len() > LOADED_MAX
            && let Some(oldest) = self.loaded.pop_front()
        {
            self.decoder.unset(&oldest)?;
        }
        Ok(())
    }
}

/// Lends decoders of one language.
#[derive(Clone)]
pub(super) struct Lender {
    pub(super) pool: Arc<Pool>,
    pub(super) library: Arc<Library>,
    pub(super) model: Arc<CheckedModel>,
    pub(super) language: Language,
}

impl Lender {
    /// A decoder for a duty, if the pool has one to lend.
    pub(super) fn lease(&self, duty: Duty) -> Result<Lease, SpeechError> {
        let place = (self.language, duty);
        self.pool.lease(place, &self.library, &self.model)
    }
}

/// A decoder on loan; it goes back when dropped, unless it failed, when it is closed.
pub(super) struct Lease {
    pool: Arc<Pool>,
    place: (Language, Duty),
    decoder: Option<TaughtDecoder>,
    is_sound: bool,
}

impl Lease {
    /// Makes a search ready; a decoder that refuses is of no more use.
    pub(super) fn load(&mut self, search: &Search) -> Result<(), SpeechError> {
        let loaded = self.taught().load(search);
        self.judged(loaded)
    }

    /// Uses the decoder; one that fails is not lent again.
    pub(super) fn with<T>(
        &mut self,
        with: impl FnOnce(&mut Decoder) -> Result<T, SpeechError>,
    ) -> Result<T, SpeechError> {
        let outcome = with(&mut self.taught().decoder);
        self.judged(outcome)
    }

    fn judged<T>(&mut self, outcome: Result<T, SpeechError>) -> Result<T, SpeechError> {
        self.is_sound &= outcome.is_ok();
        outcome
    }

    fn taught(&mut self) -> &mut TaughtDecoder {
        self.decoder
            .as_mut()
            .expect("a lease holds its decoder until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(decoder) = self.decoder.take() else {
            return;
        };
        let mut shelf = self.pool.shelf();
        if self.is_sound {
            shelf.idle.entry(self.place).or_default().push(decoder);
        } else {
            shelf.open -= 1;
            tracing::warn!(language = %self.place.0, "a decoder failed and was closed");
        }
    }
}
