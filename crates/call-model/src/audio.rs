//! Sound as it moves through a call.

use crate::CallTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Samples a second on a telephone line.
pub const SAMPLE_RATE: u32 = 8_000;
/// Samples of one frame.
pub const FRAME_SAMPLES: usize = 160;
/// The length of one frame.
pub const FRAME_TIME: Duration = Duration::from_millis(20);

/// 20 ms of one party's sound: 160 linear samples at 8 kHz.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PcmFrame {
    /// When its first sample sounded, on the call's clock.
    pub at: CallTime,
    /// The samples, 16 bits signed.
    pub samples: [i16; FRAME_SAMPLES],
    /// Made up by loss concealment: no packet brought it.
    pub concealed: bool,
}

impl PcmFrame {
    /// A frame without sound.
    pub const fn silent(at: CallTime) -> Self {
        Self {
            at,
            samples: [0; FRAME_SAMPLES],
            concealed: false,
        }
    }
}

/// A speech codec of the RTP/AVP profile (RFC 3551 §4.5.14).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Codec {
    /// G.711 µ-law, static payload type 0.
    Pcmu,
    /// G.711 A-law, static payload type 8.
    Pcma,
}

impl Codec {
    /// Its name in an `a=rtpmap` line.
    pub const fn encoding_name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }

    /// Its static payload type.
    pub const fn static_payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }
}

/// Which RTP payload type carries what, as offer and answer agreed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct PayloadMap {
    /// The agreed speech codec.
    pub codec: Codec,
    /// The payload type that carries it.
    pub audio: u8,
    /// The payload type of RFC 4733 telephone events, if they were agreed.
    pub telephone_event: Option<u8>,
}
