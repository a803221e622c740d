//! Escalation words wherever they stand in a sentence.
//!
//! The words are searched for among loops of phones; each that is found is then held against
//! those phones alone over its own windows. Without that check ordinary speech is full of them.

use super::ffi::{Cepstrum, Decoder, Segment};
use super::judgement::{PhoneLoop, WordCheck};
use super::models::Duty;
use super::pool::Lender;
use super::search::Search;
use super::searching::{Searching, length, moment, path, whole};
use crate::SpeechError;
use call_model::{CallTime, EscalationWord, SpottedWord};
use std::sync::Arc;

/// Windows on both sides of a word that the check begins and ends with.
const AROUND: usize = 6;
/// While the caller speaks, a word is checked when so many windows have followed it.
const SETTLED: usize = 8;
/// The most words checked in one turn.
const CHECKS_MAX: usize = 64;

/// When the spotter is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look {
    /// While the caller may still be speaking.
    Passing,
    /// At the end of the turn.
    Last,
}

/// The search for escalation words in one turn.
pub(super) struct Spotter {
    words: Searching,
    phones: Arc<Search>,
    lender: Lender,
    /// The windows as they were searched.
    fed: Vec<Cepstrum>,
    checked: Vec<Checked>,
}

/// A word that was held against the phones.
struct Checked {
    word: EscalationWord,
    from: u32,
    to: u32,
    check: WordCheck,
}

impl Spotter {
    pub(super) fn open(
        words: Arc<Search>,
        phones: Arc<Search>,
        lender: Lender,
    ) -> Result<Self, SpeechError> {
        Ok(Self {
            words: Searching::begin(words, lender.lease(Duty::Spotting)?)?,
            phones,
            lender,
            fed: Vec::new(),
            checked: Vec::new(),
        })
    }

    /// Searches the next windows.
    pub(super) fn push(&mut self, fresh: &[Cepstrum]) -> Result<(), SpeechError> {
        self.fed.extend(fresh);
        self.words.decoder.with(|decoder| decoder.push(fresh))
    }

    /// Every word found so far that stood up to its check.
    pub(super) fn found(
        &mut self,
        began: CallTime,
        look: Look,
    ) -> Result<Vec<SpottedWord>, SpeechError> {
        let settled = match look {
            Look::Passing => self.fed.len().saturating_sub(SETTLED),
            Look::Last => {
                self.words.decoder.with(Decoder::end)?;
                usize::MAX
            }
        };
        self.found_before(settled, look)?;
        Ok(self.believed(began))
    }

    /// Checks every word on the path that ends before a window.
    fn found_before(&mut self, settled: usize, look: Look) -> Result<(), SpeechError> {
        let candidates: Vec<(EscalationWord, usize, Segment)> = self
            .words
            .decoder
            .with(|decoder| Ok(path(decoder)))?
            .into_iter()
            .filter(|segment| (segment.to as usize) < settled)
            .filter_map(|segment| {
                let (word, phones) = self.words.search.escalation_word(&segment.word)?;
                Some((word.clone(), phones, segment))
            })
            .collect();
        for (word, phones, segment) in candidates {
            self.check(word, phones, &segment, look)?;
        }
        Ok(())
    }

    /// Every word in these windows, searched by themselves at the end of a turn, that stands
    /// up to its check. They replace what was searched before.
    pub(super) fn found_again(
        &mut self,
        began: CallTime,
        windows: Vec<Cepstrum>,
    ) -> Result<Vec<SpottedWord>, SpeechError> {
        self.checked.clear();
        self.fed = windows;
        let search = Arc::clone(&self.words.search);
        let decoder = &mut self.words.decoder;
        decoder.load(&search)?;
        decoder.with(|decoder| whole(decoder, &search.name, &self.fed))?;
        self.found_before(usize::MAX, Look::Last)?;
        Ok(self.believed(began))
    }

    /// Checks a word, unless it was checked where it stands now or near by.
    fn check(
        &mut self,
        word: EscalationWord,
        phones_of_word: usize,
        segment: &Segment,
        look: Look,
    ) -> Result<(), SpeechError> {
        let overlaps = |known: &Checked| {
            known.word == word && known.from <= segment.to && segment.from <= known.to
        };
        if self.checked.len() >= CHECKS_MAX || self.checked.iter().any(overlaps) {
            return Ok(());
        }
        let from = (segment.from as usize).saturating_sub(AROUND);
        let to = (segment.to as usize + 1 + AROUND).min(self.fed.len());
        let around = &self.fed[from.min(to)..to];
        let mut lent;
        let decoder = match look {
            // While the words are still searched for, another decoder has to check them; where none
            // is to be had, a word waits for the end of the turn.
            Look::Passing => match self.lender.lease(Duty::Spotting) {
                Ok(decoder) => {
                    lent = decoder;
                    &mut lent
                }
                Err(SpeechError::AllEarsBusy { .. }) => return Ok(()),
                Err(error) => return Err(error),
            },
            Look::Last => &mut self.words.decoder,
        };
        decoder.load(&self.phones)?;
        let name = &self.phones.name;
        let (_, phones) = decoder.with(|decoder| whole(decoder, name, around))?;
        let shifted = Segment {
            from: segment.from.saturating_sub(from as u32),
            to: segment.to.saturating_sub(from as u32),
            ..segment.clone()
        };
        if let Some(margin) = PhoneLoop::of(&phones).margin(&shifted) {
            self.checked.push(Checked {
                word,
                from: segment.from,
                to: segment.to,
                check: WordCheck {
                    margin,
                    windows: length(segment),
                    phones: phones_of_word,
                },
            });
        }
        Ok(())
    }

    fn believed(&self, began: CallTime) -> Vec<SpottedWord> {
        let (language, rate) = (self.lender.language, self.lender.model.rate);
        self.checked
            .iter()
            .filter_map(|known| {
                let confidence = known.check.verdict(language, known.word.class, rate)?;
                Some(SpottedWord {
                    word: known.word.text.clone(),
                    class: known.word.class,
                    from: moment(began, known.from as usize),
                    to: moment(began, known.to as usize + 1),
                    confidence,
                })
            })
            .collect()
    }
}
