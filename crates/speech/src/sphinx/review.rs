//! What a stranger said so far, searched again for escalation words while they speak.
//!
//! What a line adds is only guessed when its caller begins to speak for the first time, and a word that is searched for with
//! a wrong guess is not found. It is known better by the end of the word, so the last seconds are searched
//! again from time to time; what that finds is added to what the search under way has.

use super::ffi::Cepstrum;
use super::judgement::PhoneLoop;
use super::models::Duty;
use super::pool::{Lender, PHONE_LOOP};
use super::search::Search;
use super::searching::{moment, path, whole};
use super::spotter::{Spotter, candidates};
use super::windows;
use crate::SpeechError;
use call_model::{CallTime, SpottedWord};
use std::sync::Arc;

/// Windows between two looks: half a second.
const EVERY: usize = 50;
/// So many windows are looked at, the last ones: three seconds.
const LENGTH: usize = 300;
/// With less speech than this nothing better is known yet, in windows.
const FIRST: usize = 50;

/// Looks again at what a stranger says.
pub(super) struct Review {
    words: Arc<Search>,
    /// The windows that there were at the last look.
    looked: usize,
    found: Vec<SpottedWord>,
}

impl Review {
    pub(super) fn new(words: Arc<Search>) -> Self {
        Self {
            words,
            looked: 0,
            found: Vec::new(),
        }
    }

    /// The words found at the last look, which is taken now if it is time; the first window of the turn began then.
    pub(super) fn passing(
        &mut self,
        heard: &[Cepstrum],
        spotter: &Spotter,
        lender: &Lender,
        began: CallTime,
    ) -> Result<&[SpottedWord], SpeechError> {
        if heard.len() >= self.looked + EVERY {
            self.looked = heard.len();
            self.found = match self.look(heard, spotter, lender, began) {
                // Whoever speaks next to this one needs the decoder more.
                Err(SpeechError::AllEarsBusy { .. }) => Vec::new(),
                found => found?,
            };
        }
        Ok(&self.found)
    }

    fn look(
        &self,
        heard: &[Cepstrum],
        spotter: &Spotter,
        lender: &Lender,
        began: CallTime,
    ) -> Result<Vec<SpottedWord>, SpeechError> {
        let speech = windows::speech(heard).filter(|(from, to)| to - from >= FIRST);
        let Some((from, to)) = speech else {
            return Ok(Vec::new());
        };
        let sounds = lender.model.sounds.as_deref();
        let mean = windows::stranger_mean(&heard[from..to], sounds);
        let first = from.max(to.saturating_sub(LENGTH));
        let recent = windows::normalised(&heard[first..to], &mean);
        let mut decoder = lender.lease(Duty::Spotting)?;
        decoder.load(&self.words)?;
        let path = decoder.with(|decoder| {
            decoder.start(&self.words.name)?;
            decoder.push(&recent)?;
            // Before its end: what is looked at breaks off anywhere.
            let path = path(decoder);
            decoder.end()?;
            Ok(path)
        })?;
        let mut found = candidates(&self.words, path);
        found.retain(|candidate| candidate.is_settled(heard.len() - first));
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let mut phones = lender.lease(Duty::Understanding)?;
        let (_, phones) = phones.with(|decoder| whole(decoder, PHONE_LOOP, &recent))?;
        Ok(spotter.believed(&found, &PhoneLoop::of(&phones), moment(began, first)))
    }
}

/// The words of both, in the order of time; where they overlap, those that were there stay.
pub(super) fn joined(mut there: Vec<SpottedWord>, found: &[SpottedWord]) -> Vec<SpottedWord> {
    for word in found {
        let is_apart = |known: &SpottedWord| word.to <= known.from || known.to <= word.from;
        if there.iter().all(is_apart) {
            there.push(word.clone());
        }
    }
    there.sort_by_key(|word| word.from);
    there
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{PerMille, WordClass};

    #[test]
    fn a_word_is_added_where_none_was_found_and_nowhere_else() {
        let word = |text: &str, from, to| SpottedWord {
            word: text.to_owned(),
            class: WordClass::Demand,
            from: CallTime::from_millis(from),
            to: CallTime::from_millis(to),
            confidence: PerMille::ONE,
        };
        let there = vec![word("sue", 1_000, 1_400)];
        let found = [
            word("赔偿", 1_300, 1_900),
            word("lawyer", 1_400, 1_900),
            word("投诉", 200, 700),
        ];
        let all = joined(there, &found);
        let names: Vec<&str> = all.iter().map(|word| word.word.as_str()).collect();
        assert_eq!(names, ["投诉", "sue", "lawyer"]);
    }
}
