//! Escalation words wherever they stand in a sentence.
//!
//! The words are searched for among some thousand everyday ones, each as likely as it is common, so
//! that ordinary speech finds words of its own. Each that is found is then held against the free
//! loop of phones over its own windows: what fits no better than odd phones is not believed.

use super::ffi::{Cepstrum, Decoder, Segment};
use super::judgement::{PhoneLoop, WordCheck};
use super::models::{Duty, ModelRate};
use super::pool::Lender;
use super::search::Search;
use super::searching::{Searching, length, moment, path, whole};
use crate::SpeechError;
use call_model::{CallTime, EscalationWord, Language, SpottedWord};
use std::sync::Arc;

/// While the caller speaks, a word is believed when so many windows have followed it.
const SETTLED: usize = 12;

/// A word on the path of the search.
pub(super) struct Candidate {
    word: EscalationWord,
    phones: usize,
    segment: Segment,
}

/// The search for escalation words in one turn.
pub(super) struct Spotter {
    words: Searching,
    language: Language,
    rate: ModelRate,
    /// Windows searched so far.
    windows: usize,
}

impl Spotter {
    pub(super) fn open(words: Arc<Search>, lender: &Lender) -> Result<Self, SpeechError> {
        Ok(Self {
            words: Searching::begin(words, lender.lease(Duty::Spotting)?)?,
            language: lender.language,
            rate: lender.model.rate,
            windows: 0,
        })
    }

    /// Searches the next windows.
    pub(super) fn push(&mut self, fresh: &[Cepstrum]) -> Result<(), SpeechError> {
        self.windows += fresh.len();
        self.words.decoder.with(|decoder| decoder.push(fresh))
    }

    /// Words that the path holds while the caller may still be speaking.
    pub(super) fn passing(&mut self) -> Result<Vec<Candidate>, SpeechError> {
        let mut candidates = self.candidates()?;
        candidates.retain(|candidate| candidate.is_settled(self.windows));
        Ok(candidates)
    }

    /// Words that the path holds at the end of the turn.
    pub(super) fn last(&mut self) -> Result<Vec<Candidate>, SpeechError> {
        self.words.decoder.with(Decoder::end_if_begun)?;
        self.candidates()
    }

    /// Words in these windows, searched by themselves at the end of a turn.
    pub(super) fn again(&mut self, windows: &[Cepstrum]) -> Result<Vec<Candidate>, SpeechError> {
        let Searching { search, decoder } = &mut self.words;
        decoder.with(|decoder| whole(decoder, &search.name, windows))?;
        self.candidates()
    }

    /// The search for this request said several times in a row.
    pub(super) fn repeated(&self, word: &str) -> Option<Arc<Search>> {
        self.words.search.repeated(word).cloned()
    }

    /// Of these words, those that stand up to the phones; the first window began then.
    pub(super) fn believed(
        &self,
        candidates: &[Candidate],
        phones: &PhoneLoop,
        began: CallTime,
    ) -> Vec<SpottedWord> {
        let believed = candidates.iter().filter_map(|candidate| {
            let (word, segment) = (&candidate.word, &candidate.segment);
            let check = WordCheck {
                margin: phones.margin(segment)?,
                windows: length(segment),
                phones: candidate.phones,
            };
            Some(SpottedWord {
                word: word.text.clone(),
                class: word.class,
                from: moment(began, segment.from as usize),
                to: moment(began, segment.to as usize + 1),
                confidence: check.verdict(self.language, word.class, self.rate)?,
            })
        });
        believed.collect()
    }

    fn candidates(&mut self) -> Result<Vec<Candidate>, SpeechError> {
        let Searching { search, decoder } = &mut self.words;
        let segments = decoder.with(|decoder| Ok(path(decoder)))?;
        Ok(candidates(search, segments))
    }
}

impl Candidate {
    /// Whether enough of these windows, counted as its own are, came after it.
    pub(super) fn is_settled(&self, windows: usize) -> bool {
        (self.segment.to as usize) < windows.saturating_sub(SETTLED)
    }
}

/// The escalation words on a path.
pub(super) fn candidates(search: &Search, path: Vec<Segment>) -> Vec<Candidate> {
    let words = path.into_iter().filter_map(|segment| {
        let (word, phones) = search.escalation_word(&segment.word)?;
        Some(Candidate {
            word: word.clone(),
            phones,
            segment,
        })
    });
    words.collect()
}
