//! The caller's media: packets, keys, the 20 ms clock, a mouth and an ear.

mod ear;
mod keys;
mod mouth;
mod pacer;
mod packet;
mod stats;

pub use ear::{Burst, Ear, FRAME, LOUD_DBFS};
pub use keys::{Key, KeyError};
pub use mouth::{Act, ActKind, Mouth, speech_extent};
pub use pacer::{Pacer, TICK};
pub use packet::{Header, PacketError};
pub use stats::RtpStats;
