//! The trunk over real sockets: single calls told in text, and many at once.

mod addresses;
mod calls;
mod garbage;
mod hold;
mod keys;
mod load;
mod outgoing;
mod privacy;
mod support;
mod transfers;
