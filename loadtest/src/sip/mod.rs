//! The caller's half of SIP over UDP: messages, offer and answer, one call.

mod dialog;
mod message;
mod retransmit;
mod sdp;
mod uac;

pub use message::{Message, ParseError, StartLine};
pub use sdp::{Codec, RemoteMedia, SdpError, read_answer};
pub use uac::{Callee, Caller, EndedBy, Uac, UacEvent};
