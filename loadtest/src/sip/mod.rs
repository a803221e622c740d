//! SIP over UDP as telephones speak it: messages, offer and answer, one call out, calls in.

mod dialog;
mod manner;
mod message;
mod parse;
mod party;
mod phase;
mod phone;
mod retransmit;
mod ring;
mod sdp;
mod uac;
mod unfinished;

pub use manner::{Decline, Manner};
pub use message::{Message, StartLine};
pub use parse::ParseError;
pub use party::{Callee, Caller};
pub use phone::{Phone, PhoneEvent, Seat};
pub use ring::Ring;
pub use sdp::{Codec, RemoteMedia, SdpError, read_answer};
pub use uac::{EndedBy, Uac, UacEvent};
