//! The caller's half of SIP over UDP: messages, offer and answer, one call.

mod dialog;
mod message;
mod parse;
mod party;
mod phase;
mod retransmit;
mod sdp;
mod uac;

pub use message::{Message, StartLine};
pub use parse::ParseError;
pub use party::{Callee, Caller};
pub use sdp::{Codec, RemoteMedia, SdpError, read_answer};
pub use uac::{EndedBy, Uac, UacEvent};
