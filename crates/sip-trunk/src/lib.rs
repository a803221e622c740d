//! SIP signalling and SDP: calls come in, are answered, refused, transferred
//! and ended, and are placed. The SIP library behind it is hidden whole.
//!
//! A [`Trunk`] listens on UDP, and on TCP where it is told to, and tells [`TrunkEvent`]s; the server answers with
//! commands by [`LegId`]. Nothing here touches RTP: what caller and trunk agreed
//! on is told as [`AgreedMedia`].
//!
//! ```no_run
//! use sip_trunk::{Trunk, TrunkEntry, TrunkError, TrunkEvent, TrunkSettings};
//!
//! # async fn serve() -> Result<(), TrunkError> {
//! let mut settings = TrunkSettings::new(([127, 0, 0, 1], 5060).into());
//! settings.trunks.push(TrunkEntry {
//!     name: "carrier".to_owned(),
//!     allow: vec![std::net::IpAddr::from([192, 0, 2, 10]).into()],
//!     max_calls: 100,
//!     max_calls_per_second: Some(20),
//! });
//! let (trunk, mut events) = Trunk::start(settings).await?;
//! while let Some(event) = events.recv().await {
//!     if let TrunkEvent::Incoming(call) = event {
//!         // The caller may have hung up meanwhile: then the leg is gone.
//!         trunk.answer(call.leg, ([127, 0, 0, 1], 16_384).into()).ok();
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What stands in front
//!
//! Every datagram passes our own gate before the library sees it: it is cleaned
//! (bytes that are not UTF-8, a missing Content-Length), checked against the
//! allow-list and the limits, and refused without leaving any state behind
//! where it must be. What is dropped or refused is counted ([`Trunk::counts`]).
//!
//! TCP connections are ours too: only addresses that may say something are let
//! in, so many of them and no more, and a stream that cannot be cut into messages,
//! comes too slowly or is not read by its peer is closed. A connection carries the
//! answers to what came by it, and our own requests of its call while it is open.
//!
//! # Whose the dialogs are
//!
//! Parsing, transport, transactions and their timers are the library's; dialogs
//! are ours, one [`LegId`] each, and leave when their call ends. That keeps the
//! ACK rules, transfers and refusals in one place, and leaves no table of the
//! library's to be cleaned. Ours is also the client's side of INVITE: who answers
//! twice, late or after a CANCEL must be acknowledged and told goodbye.
//!
//! # Who may speak in a call of ours
//!
//! Whom we call need stand on no allow-list. Its responses count when they carry
//! the branch of our INVITE, its requests when they carry our tag: both are drawn
//! at random and told to nobody else.
//!
//! # Logs
//!
//! This crate logs no caller's number and no message. The library behind it
//! logs whole messages at `INFO`: an application must filter `rsipstack=warn`.

mod call;
mod calling;
mod command;
mod dialog;
mod digest;
mod event;
mod forks;
mod gate;
mod hold;
mod incoming;
mod invite;
mod keys;
mod leg;
mod library;
mod media;
mod network;
mod path;
mod request;
mod sdp;
mod settings;
mod socket;
mod switchboard;
mod tcp;
mod text;
mod transfer;
mod trunk;
mod within;

pub use call::{Credentials, OutgoingCall};
pub use command::{LegError, RejectStatus, Rejection, TrunkError};
pub use event::{IncomingCall, LegEnd, LegId, TransferId, TransferNews, TrunkEvent};
pub use media::{AgreedMedia, Answered, MediaDirection, MediaOffer, OfferedCodec};
pub use network::{Network, NetworkError};
pub use settings::{SipTiming, TrunkEntry, TrunkSettings};
pub use tcp::TcpSettings;
pub use trunk::{Trunk, TrunkLoad};
