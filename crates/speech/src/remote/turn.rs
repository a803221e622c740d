//! One turn as two threads see it: the ear worker brings sound and asks for news, the courier
//! carries both. All sound of the turn is kept, so that it can be sent again.

use crate::{FinishSink, SpeechError};
use call_model::{CallTime, FRAME_SAMPLES, Heard, PcmFrame, SAMPLE_RATE};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// A turn is heard for so long; what is said later is not sent.
const KEPT_MAX: usize = 60 * SAMPLE_RATE as usize;
/// How much is sent in one message at most: 100 ms.
const PIECE: usize = 5 * FRAME_SAMPLES;

/// The turn.
#[derive(Default)]
pub(super) struct Turn {
    state: Mutex<State>,
    /// There is something to do for the courier.
    pub(super) wake: Notify,
    /// The turn has ended.
    pub(super) over: Notify,
    told: Condvar,
}

#[derive(Default)]
struct State {
    began: Option<CallTime>,
    kept: Vec<i16>,
    news: Option<Heard>,
    /// The last word, or why there is none.
    outcome: Option<Result<Heard, String>>,
    end: End,
}

/// Whether the turn goes on.
#[derive(Default)]
enum End {
    /// The caller may still speak.
    #[default]
    Open,
    /// It ended, and somebody waits for the outcome, or is called with it.
    Ended(Option<FinishSink>),
    /// Nobody wants the outcome.
    Cancelled,
}

/// What the courier finds to do.
pub(super) enum Work {
    /// Send this.
    Sound(Vec<i16>),
    /// All was sent, and the turn has ended.
    Ended,
    /// All was sent; more may come.
    Wait,
    /// Nobody wants the outcome.
    Cancelled,
}

impl Turn {
    /// Keeps a frame, and tells what is new.
    pub(super) fn push(&self, frame: &PcmFrame) -> Result<Option<Heard>, SpeechError> {
        let mut state = self.lock();
        if let Some(Err(why)) = &state.outcome {
            return Err(SpeechError::Engine(why.clone()));
        }
        state.began.get_or_insert(frame.at);
        if state.outcome.is_none() && state.kept.len() < KEPT_MAX {
            state.kept.extend_from_slice(&frame.samples);
        }
        let news = state.news.take();
        drop(state);
        self.wake.notify_one();
        Ok(news)
    }

    /// The turn is over; `told` is called with the outcome, perhaps at once.
    pub(super) fn end_to(&self, told: FinishSink) {
        let mut state = self.lock();
        match state.outcome.take() {
            Some(outcome) => {
                state.end = End::Cancelled;
                drop(state);
                told(outcome.map_err(SpeechError::Engine));
            }
            None => state.end = End::Ended(Some(told)),
        }
        self.over.notify_one();
        self.wake.notify_one();
    }

    /// The turn is over; waits for the outcome, but not for longer than this.
    pub(super) fn end(&self, longest: Duration) -> Result<Heard, SpeechError> {
        let mut state = self.lock();
        state.end = End::Ended(None);
        self.over.notify_one();
        self.wake.notify_one();
        let waited = self
            .told
            .wait_timeout_while(state, longest, |it| it.outcome.is_none());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let outcome = state.outcome.take();
        let outcome = outcome.unwrap_or_else(|| Err("no answer came in time".to_owned()));
        outcome.map_err(SpeechError::Engine)
    }

    /// Nobody wants the outcome, unless the turn has ended and somebody waits.
    pub(super) fn cancel(&self) {
        let mut state = self.lock();
        if matches!(state.end, End::Open) {
            state.end = End::Cancelled;
            state.kept = Vec::new();
        }
        drop(state);
        self.wake.notify_one();
    }

    /// What there is to do for a courier who has sent so many samples.
    pub(super) fn work(&self, sent: usize) -> Work {
        let state = self.lock();
        match &state.end {
            End::Cancelled => Work::Cancelled,
            End::Open | End::Ended(..) if sent < state.kept.len() => {
                let to = state.kept.len().min(sent + PIECE);
                Work::Sound(state.kept[sent..to].to_vec())
            }
            End::Open => Work::Wait,
            End::Ended(..) => Work::Ended,
        }
    }

    /// When the first sample was heard.
    pub(super) fn began(&self) -> CallTime {
        self.lock().began.unwrap_or_default()
    }

    /// The latest news, which replaces what nobody fetched.
    pub(super) fn tell(&self, news: Heard) {
        self.lock().news = Some(news);
    }

    /// The last word. It gives back who is to be called with it; otherwise somebody waits, or
    /// will come.
    pub(super) fn conclude(
        &self,
        outcome: Result<Heard, String>,
    ) -> Option<(FinishSink, Result<Heard, SpeechError>)> {
        let mut state = self.lock();
        state.kept = Vec::new();
        if let End::Ended(told) = &mut state.end
            && let Some(told) = told.take()
        {
            return Some((told, outcome.map_err(SpeechError::Engine)));
        }
        state.outcome = Some(outcome);
        drop(state);
        self.told.notify_all();
        None
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
