//! Which of a plan's languages the caller speaks: two are tried until the first
//! words are understood.

use crate::call::Call;
use crate::put_off::TurnResult;
use crate::sightings::Sighting;
use call_model::{CallHeader, Decision, Language};

/// Whether the caller's language is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tongue {
    /// Another is tried beside the call's own.
    Unknown,
    Known,
}

impl Tongue {
    /// The route may have chosen, or the plan may leave no choice.
    pub(crate) fn of(header: &CallHeader, spoken: &[Language]) -> Self {
        match header.language_is_fixed || spoken.len() < 2 {
            true => Self::Known,
            false => Self::Unknown,
        }
    }
}

impl Call {
    /// The language that is tried beside the call's own.
    pub(crate) fn other_tongue(&self) -> Option<Language> {
        match self.tongue {
            Tongue::Known => None,
            Tongue::Unknown => {
                let mut others = self.plan.languages().iter();
                others.find(|other| **other != self.language).copied()
            }
        }
    }

    /// The language of words that no result has named a language for: while nobody
    /// knows better, their script tells.
    pub(crate) fn tongue_of(&self, text: &str) -> Language {
        match self.other_tongue() {
            Some(other) if written_in(text) == Some(other) => other,
            Some(_) | None => self.language,
        }
    }

    /// The first words that are understood choose the language for good. An
    /// escalation word has the caller spoken to in its language, but settles nothing.
    pub(crate) fn learn_tongue(&mut self, result: &TurnResult) {
        let Some(other) = self.other_tongue() else {
            return;
        };
        let least = self.plan.policy().listening.confidence_min;
        let is_understood = result
            .readings
            .iter()
            .any(|reading| reading.confidence >= least && !reading.text.reveal().is_empty());
        if is_understood {
            self.tongue = Tongue::Known;
        }
        let of_words = || {
            result
                .spotted
                .iter()
                .find_map(|spot| written_in(&spot.word))
        };
        let heard_in = match is_understood {
            true => result.language,
            false => of_words(),
        };
        if heard_in == Some(other) {
            self.speak(other);
        }
    }

    /// An escalation word that stands before its turn is over tells as much.
    pub(crate) fn answer_in_tongue_of(&mut self, words: &[Sighting]) {
        let Some(other) = self.other_tongue() else {
            return;
        };
        if words.iter().find_map(|word| written_in(&word.word)) == Some(other) {
            self.speak(other);
        }
    }

    pub(crate) fn speak(&mut self, language: Language) {
        self.language = language;
        self.decide(Decision::LanguageChosen { language });
    }
}

/// The language whose script a text is written in; none where it has no letters.
fn written_in(text: &str) -> Option<Language> {
    let first = text.chars().find(|c| c.is_alphabetic())?;
    Some(match first.is_ascii() {
        true => Language::En,
        false => Language::Zh,
    })
}
