//! What can be wrong with a server while somebody needs a person.

use call_model::EscalationReason;
use std::fmt;

/// One fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Trouble {
    /// None.
    None,
    /// The recogniser is gone, or gives no result.
    DeadRecogniser,
    /// The intent tier does not answer.
    DeadIntentTier,
    /// A back end does not answer in time.
    SlowApi,
    /// The queue is full.
    FullQueue,
    /// Nobody works at this hour.
    Night,
    /// Prompts and results are late, some prompts cannot be made, we wake up late.
    Overload,
    /// No agent takes the call.
    AgentRefuses,
    /// No call can be placed.
    TrunkDead,
}

/// Whether a reason can come about under a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Chance {
    Can,
    Cannot,
}

impl Trouble {
    /// Every fault.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::DeadRecogniser,
        Self::DeadIntentTier,
        Self::SlowApi,
        Self::FullQueue,
        Self::Night,
        Self::Overload,
        Self::AgentRefuses,
        Self::TrunkDead,
    ];

    /// Its name at the head of a table's column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::DeadRecogniser => "no ear",
            Self::DeadIntentTier => "no tier",
            Self::SlowApi => "slow api",
            Self::FullQueue => "full",
            Self::Night => "night",
            Self::Overload => "overload",
            Self::AgentRefuses => "refused",
            Self::TrunkDead => "no trunk",
        }
    }

    /// A tier that does not answer sends nobody to a person; all else can meet.
    pub(super) const fn chance(self, reason: EscalationReason) -> Chance {
        match (self, reason) {
            (Self::DeadIntentTier, EscalationReason::IntentTransfer) => Chance::Cannot,
            (
                Self::None
                | Self::DeadRecogniser
                | Self::DeadIntentTier
                | Self::SlowApi
                | Self::FullQueue
                | Self::Night
                | Self::Overload
                | Self::AgentRefuses
                | Self::TrunkDead,
                _,
            ) => Chance::Can,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
