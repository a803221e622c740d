//! What was heard or keyed while a prompt was not to be interrupted: it takes
//! effect when the prompt is over.

use crate::deadline::limits;
use crate::ear::Turn;
use call_model::{CallTime, Hypothesis, Key, Language, Private, SpottedWord};
use std::collections::VecDeque;

/// A turn of the caller with its result.
#[derive(Clone, Debug)]
pub(crate) struct TurnResult {
    pub(crate) turn: Turn,
    /// When it was said.
    pub(crate) span: (CallTime, CallTime),
    /// The readings, best first; empty where nothing fitted.
    pub(crate) readings: Vec<Hypothesis>,
    /// The reading that was rejected.
    pub(crate) rejected: Option<Hypothesis>,
    pub(crate) spotted: Vec<SpottedWord>,
    /// The language the ear heard it in, where it tried two.
    pub(crate) language: Option<Language>,
    pub(crate) words: Words,
}

/// Whether a result's escalation words were weighed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Words {
    Unweighed,
    Weighed,
}

impl TurnResult {
    /// The best reading's text; empty where there is none.
    pub(crate) fn text(&self) -> &str {
        self.readings.first().map_or("", |best| best.text.reveal())
    }

    /// The text for the story: also of a rejected reading.
    pub(crate) fn any_text(&self) -> Option<&Private<String>> {
        let reading = self.readings.first().or(self.rejected.as_ref());
        reading.map(|reading| &reading.text)
    }
}

/// One piece of news that waits.
#[derive(Clone, Debug)]
pub(crate) enum PutOff {
    Turn(Box<TurnResult>),
    Key {
        key: Key,
        at: CallTime,
        words: Words,
    },
}

/// News that waits, oldest first.
#[derive(Debug, Default)]
pub(crate) struct PutOffs {
    news: VecDeque<PutOff>,
    /// The first is on its way to the question it answers, over all that is told before it.
    is_passing: bool,
}

impl PutOffs {
    /// Keeps a piece of news; beyond the limit the oldest is forgotten.
    pub(crate) fn add(&mut self, news: PutOff) {
        if self.news.len() == limits::PUT_OFF {
            self.news.pop_front();
        }
        self.news.push_back(news);
    }

    /// Passes an answer on to the question that follows what is told.
    pub(crate) fn pass_on(&mut self, news: PutOff) {
        self.news.push_front(news);
        self.is_passing = true;
    }

    pub(crate) const fn is_passing(&self) -> bool {
        self.is_passing
    }

    pub(crate) fn take(&mut self) -> Option<PutOff> {
        self.is_passing = false;
        self.news.pop_front()
    }

    pub(crate) fn first(&self) -> Option<&PutOff> {
        self.news.front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.news.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.news.clear();
        self.is_passing = false;
    }
}
