//! The trunk over real sockets: single calls told in text, and many at once.

mod calls;
mod load;
mod support;
