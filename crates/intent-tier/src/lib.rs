//! The border to a remote mind, for what a plan's own rules leave open.
//!
//! Two ways lead over it: [`WebSocketTier`] speaks our own streaming contract
//! (`CONTRACT.md`, [`contract`]) to any service, and [`ChatTier`] asks an
//! OpenAI-compatible chat-completion endpoint. Both are an [`IntentTier`]: a
//! question goes in, its answer comes back as [`IntentNews`] while it is being
//! made, and ends with exactly one `Done` or `Failed`.
//!
//! # What a caller of this crate may rely on
//!
//! A service that is slow, dead, garbled or endless costs a question and nothing
//! else. The first piece and the whole answer each have their deadline, every
//! size and count has a limit ([`limits`]), and where `goto` leads was allowed by
//! the question. Nothing here decides: whether a call may end, and whether a
//! person is owed, the engine judges whatever the tier says.
//!
//! # Logs
//!
//! What a caller said, what is answered and where is asked reach no log. A failure
//! is told with its kind and a remedy.
//!
//! [`IntentNews`]: call_model::IntentNews

mod answer;
mod chat;
pub mod contract;
pub mod limits;
mod line;
mod tier;
mod trouble;
mod websocket;

pub use chat::{ChatSettings, ChatTier};
pub use tier::{AskHandle, IntentTier, IntentTierError, NewsSink};
pub use websocket::{WebSocketSettings, WebSocketTier};
