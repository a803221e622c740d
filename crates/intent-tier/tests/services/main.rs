//! Both ways over the border against services of every kind.

mod chat;
mod privacy;
mod stage;
mod websocket;
