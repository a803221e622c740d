//! What a plan asks of a back end over HTTP, and what comes back.

use crate::Private;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Numbers the requests of one call, from 1.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ApiRequestId(pub u32);

/// How a back end is asked (RFC 9110 §9.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiMethod {
    /// Nothing is sent but the address.
    Get,
    /// A body goes with it.
    Post,
}

/// One request to a back end; answered by exactly one `CallInput::Api`, unless the
/// call ends first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApiRequest {
    /// Its number.
    pub request: ApiRequestId,
    /// How to ask.
    pub method: ApiMethod,
    /// Where, with what the caller told in its places.
    pub url: Private<String>,
    /// What goes with it, as JSON.
    pub body: Option<Private<String>>,
    /// By header name the environment variable that holds its value, so that no
    /// secret stands in a plan or a journal.
    pub headers_env: BTreeMap<String, String>,
    /// By slot the JSON pointer (RFC 6901) of the field that fills it.
    pub keep: BTreeMap<String, String>,
    /// For one try, in milliseconds, to the last byte of the answer.
    pub deadline_ms: u32,
    /// So often it is tried again.
    pub retries: u8,
    /// Sent as `Idempotency-Key`, the same in every try: the back end does it once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiOutcome {
    /// The back end answered.
    Answered {
        /// Its HTTP status.
        status: u16,
        /// The fields that the node keeps, as text, by slot.
        fields: BTreeMap<String, Private<String>>,
    },
    /// It did not, after every try.
    Failed {
        /// Why.
        why: ApiFailure,
    },
}

/// Why a back end gave no answer that is one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiFailure {
    /// The deadline passed.
    TimedOut,
    /// No connection could be made, or it broke.
    Unreachable,
    /// It answered with a status that is no success.
    Status(u16),
    /// It answered with something that cannot be read.
    Garbled,
}
