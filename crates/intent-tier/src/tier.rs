//! What both ways over the border have in common.

use call_model::{CallId, IntentFact, IntentNews, IntentQuestion};
use outside_line::AddressError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::AbortHandle;

/// Where the news of one question goes. It is called on a thread of the runtime
/// and must not wait.
pub type NewsSink = Box<dyn Fn(IntentNews) + Send + Sync>;

/// A remote mind.
pub trait IntentTier: Send + Sync {
    /// Asks. The news come in order and end with exactly one `Done` or `Failed`,
    /// unless the question is cancelled first. `ask`, `goto`, `escalate` and `end`
    /// are an answer's last word: `Done` follows at once.
    ///
    /// Both deadlines of the question count from now; the first one is met by news
    /// of any kind. An answer that says nothing and has no last word is `Garbled`.
    fn ask(&self, question: IntentQuestion, news: NewsSink) -> AskHandle;

    /// Tells a fact. It never waits and is never answered; what cannot be told is
    /// lost, for the next question holds all that matters. `Bye` ends what is held
    /// for the call.
    fn tell(&self, call: CallId, fact: IntentFact);
}

/// A question under way. Dropping it cancels the question.
#[must_use = "dropping the handle cancels the question"]
pub struct AskHandle {
    task: AbortHandle,
    is_cancelled: Arc<AtomicBool>,
}

impl AskHandle {
    pub(crate) fn new(task: AbortHandle, is_cancelled: Arc<AtomicBool>) -> Self {
        Self { task, is_cancelled }
    }

    /// The answer no longer matters: no news is begun from now on, the end
    /// included. News whose delivery is under way on another thread may still arrive.
    pub fn cancel(self) {
        drop(self);
    }

    /// Whether nothing more will come.
    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for AskHandle {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Release);
        self.task.abort();
    }
}

impl fmt::Debug for AskHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_over = self.is_over();
        f.debug_struct("AskHandle")
            .field("is_over", &is_over)
            .finish()
    }
}

/// Why a tier cannot be set up; the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum IntentTierError {
    /// The address is none that can be asked.
    #[error("intent.url: {0}")]
    Address(AddressError),
    /// The key cannot be sent.
    #[error("intent.key_env: {0}")]
    Key(AddressError),
}

impl From<AddressError> for IntentTierError {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Key => Self::Key(error),
            AddressError::Unusable { .. } | AddressError::NoRoots => Self::Address(error),
        }
    }
}
