//! The trunk over real sockets: single calls told in text, and many at once.

mod addresses;
mod calls;
mod cancels;
mod digests;
mod garbage;
mod hold;
mod keys;
mod load;
mod outgoing;
mod privacy;
mod sipp;
mod support;
mod tcp;
mod transfers;
