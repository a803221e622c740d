//! Session descriptions (RFC 8866) and what offer and answer make of them (RFC 3264).
//!
//! The reader is our own: peers send lines in odd orders, ports of 70000 and
//! zeros in `a=fmtp`, and a call should fail for such a thing only where it has
//! nothing else to offer.

mod agree;
mod read;

pub(crate) use agree::{LocalMedia, answer, choose, offer};
pub(crate) use read::{NoMedia, Session, read};
