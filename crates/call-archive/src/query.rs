//! Searching for calls.

use crate::seal::Seal;
use call_model::{CallHeader, CallOutcome, EscalationReason, HungUp};

/// One call, as a search finds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallRow {
    /// How it began.
    pub header: CallHeader,
    /// How it ended; none while it runs.
    pub seal: Option<Seal>,
}

/// What to search for; what is left out matches every call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// Calls that began at this moment or later, milliseconds of Unix time.
    pub since: Option<u64>,
    /// Calls that began before this moment, milliseconds of Unix time.
    pub until: Option<u64>,
    /// Calls that ended so.
    pub outcome: Option<CallOutcome>,
    /// Calls over this trunk.
    pub trunk: Option<String>,
    /// Calls whose caller's number holds this.
    pub caller: Option<String>,
    /// Calls to a number that holds this.
    pub called: Option<String>,
    /// Calls that went to a person for this reason.
    pub reason: Option<EscalationReason>,
    /// At most so many, the latest first.
    pub limit: u32,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            since: None,
            until: None,
            outcome: None,
            trunk: None,
            caller: None,
            called: None,
            reason: None,
            limit: 100,
        }
    }
}

/// The name of an outcome in searches and tables, e.g. `by_caller`.
pub const fn outcome_name(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Interrupted => "interrupted",
        CallOutcome::Ended(HungUp::ByCaller) => "by_caller",
        CallOutcome::Ended(HungUp::Cancelled) => "cancelled",
        CallOutcome::Ended(HungUp::ByBot) => "by_bot",
        CallOutcome::Ended(HungUp::Transferred) => "transferred",
        CallOutcome::Ended(HungUp::NoAck) => "no_ack",
        CallOutcome::Ended(HungUp::MediaLost) => "media_lost",
        CallOutcome::Ended(HungUp::TooLong) => "too_long",
        CallOutcome::Ended(HungUp::Drained) => "drained",
        CallOutcome::Ended(HungUp::Fault) => "fault",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_searched_by_the_name_it_is_journaled_under() {
        let outcomes = [
            HungUp::ByCaller,
            HungUp::Cancelled,
            HungUp::ByBot,
            HungUp::Transferred,
            HungUp::NoAck,
            HungUp::MediaLost,
            HungUp::TooLong,
            HungUp::Drained,
            HungUp::Fault,
        ];
        for hung_up in outcomes {
            let json = serde_json::to_string(&hung_up).expect("json");
            let name = outcome_name(CallOutcome::Ended(hung_up));
            assert_eq!(json, format!("\"{name}\""));
        }
    }
}
