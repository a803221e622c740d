//! Why there is no answer, for the engine and for whoever mends it.

use call_model::IntentFailure;
use http::StatusCode;

/// A failure with its ground in an operator's words, which hold nothing of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Trouble {
    pub why: IntentFailure,
    pub what: String,
}

impl Trouble {
    pub fn new(why: IntentFailure, what: impl Into<String>) -> Self {
        Self {
            why,
            what: what.into(),
        }
    }

    pub fn unreachable(what: impl Into<String>) -> Self {
        Self::new(IntentFailure::Unreachable, what)
    }

    pub fn garbled(what: impl Into<String>) -> Self {
        Self::new(IntentFailure::Garbled, what)
    }

    pub fn overrun(what: impl Into<String>) -> Self {
        Self::new(IntentFailure::Overrun, what)
    }

    /// JSON that is none, or not what was agreed. The parser's own words would quote it.
    pub fn json(what: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::garbled(format!("{what} cannot be read at {line}:{column}"))
    }

    /// An HTTP status that is no success. Those that come again until somebody
    /// changes the configuration are told apart.
    pub fn status(status: StatusCode) -> Self {
        let number = status.as_u16();
        match number {
            401 | 403 => Self::new(
                IntentFailure::NotConfigured,
                format!("status {number}: the key is not accepted; check intent.key_env"),
            ),
            408 | 425 | 429 | 500.. => Self::unreachable(format!("status {number}")),
            _ => Self::new(
                IntentFailure::NotConfigured,
                format!("status {number}: check intent.url and intent.model"),
            ),
        }
    }
}
