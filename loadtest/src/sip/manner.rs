//! How an agent's phone takes the calls that come to it.

use std::fmt;
use std::time::Duration;

/// How a phone takes calls, until it is told otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Rings for so long, then answers.
    Answers {
        /// So long it rings.
        rings: Duration,
        /// So long after its answer it hangs up by itself.
        leaves_after: Option<Duration>,
    },
    /// Rings for so long, then declines.
    Declines {
        /// So long it rings.
        rings: Duration,
        /// What it says.
        with: Decline,
    },
    /// Rings until it is told to answer, or the caller gives up.
    RingsOn,
    /// Not a word comes back.
    Dead,
}

/// How a call is declined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decline {
    /// 486 Busy Here.
    Busy,
    /// 603 Decline.
    Refused,
}

impl Decline {
    /// Status and reason phrase.
    pub const fn status(self) -> (u16, &'static str) {
        match self {
            Self::Busy => (486, "Busy Here"),
            Self::Refused => (603, "Decline"),
        }
    }
}

/// As it is written in a scenario.
impl fmt::Display for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers {
                rings,
                leaves_after,
            } => {
                write!(f, "rings {rings:?} then answers")?;
                match leaves_after {
                    None => Ok(()),
                    Some(after) => write!(f, " then hangs up after {after:?}"),
                }
            }
            Self::Declines { rings, with } => {
                let how = match with {
                    Decline::Busy => "is busy",
                    Decline::Refused => "refuses",
                };
                write!(f, "rings {rings:?} then {how}")
            }
            Self::RingsOn => f.write_str("never answers"),
            Self::Dead => f.write_str("is dead"),
        }
    }
}
