//! What the protocols have in common: a turn as messages to and fro.

use call_model::{CallTime, Heard};

/// One turn in the words of one protocol. It lives through reconnections.
pub(super) trait Dialect: Send {
    /// The subprotocol that the greeting names.
    fn subprotocol(&self) -> Option<&'static str>;

    /// Begins on a new connection, from the turn's first sample: the first message.
    fn opening(&mut self) -> String;

    /// Sound as it is sent, a message each; none: it waits for more.
    fn sound(&mut self, samples: &[i16]) -> Vec<Vec<u8>>;

    /// The turn is over: what is left of the sound, and the last message.
    fn ending(&mut self) -> (Option<Vec<u8>>, String);

    /// What tells the other side that the turn no longer matters, so that the connection can
    /// take the next one; none: it is closed.
    fn cancelling(&self) -> Option<String>;

    /// Takes a message; the turn's first sample was heard at `began`.
    fn hear(&mut self, message: &str, began: CallTime) -> Result<Said, Refusal>;

    /// What can stand as the final where none comes.
    fn left_over(&mut self) -> Option<Heard>;

    /// Whether the connection can take another turn.
    fn is_kept(&self) -> bool;
}

/// What a message said.
#[derive(Debug)]
pub(super) enum Said {
    /// A sign of life.
    Nothing,
    /// News of a turn that goes on.
    Partial(Heard),
    /// The last word.
    Last(Heard),
}

/// Why a service is of no use to a turn, in an operator's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal(pub(super) String);

impl Refusal {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// JSON that is none, or not what was agreed. The parser's own words would quote it.
    pub(super) fn json(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self(format!("a message cannot be read at {line}:{column}"))
    }
}
