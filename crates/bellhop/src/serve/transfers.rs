//! Transfers by REFER: callers who go to a person elsewhere, and those whose session
//! broke down.

use super::control::Control;
use super::news::CallNews;
use super::phones::headers;
use call_model::{CallId, Handoff, HungUp, PersonFailure, PersonOutcome};
use sip_trunk::{LegId, TransferNews};
use std::sync::Arc;

impl Control {
    /// Asks the caller's side to call the target instead of us.
    pub fn refer(
        &self,
        leg: LegId,
        call: CallId,
        handoff: &Handoff,
        target: Option<&str>,
    ) -> Result<(), PersonFailure> {
        let target = target.ok_or(PersonFailure::NoneConfigured)?;
        let headers = headers(handoff);
        let transfer = self.trunk.refer(leg, target, &headers).map_err(|error| {
            tracing::error!(%call, %error, "the caller cannot be transferred");
            PersonFailure::Unreachable
        })?;
        self.legs.transferring(leg, transfer);
        Ok(())
    }

    /// News of a transfer.
    pub fn transfer(self: &Arc<Self>, leg: LegId, news: TransferNews) {
        let is_rescue = self.legs.rescued(leg).is_some();
        match news {
            TransferNews::Accepted => {}
            TransferNews::Progress { .. } => {
                self.legs
                    .tell(leg, CallNews::Person(PersonOutcome::Ringing));
            }
            TransferNews::Completed => {
                self.legs
                    .tell(leg, CallNews::Person(PersonOutcome::Connected));
                self.hang_up(leg, "transferred");
                self.legs.tell(leg, CallNews::HungUp(HungUp::Transferred));
                if is_rescue {
                    self.legs.close(leg);
                }
            }
            TransferNews::Failed { status, .. } if is_rescue => {
                tracing::error!(status, "the way to a person failed too");
                self.give_up_rescue(leg);
            }
            TransferNews::Failed { status, .. } => {
                let failure = PersonOutcome::Failed(failure(status));
                self.legs.tell(leg, CallNews::Person(failure));
            }
        }
    }

    /// Nobody could be had for a broken call: the caller is called back.
    pub fn give_up_rescue(self: &Arc<Self>, leg: LegId) {
        if let Some(handoff) = self.legs.rescued(leg) {
            self.book(leg, handoff);
        }
        self.hang_up(leg, "a part of ours failed; the caller will be called back");
        self.legs.close(leg);
    }
}

/// RFC 3261 §21: what a final status says of the person who was tried.
pub fn failure(status: u16) -> PersonFailure {
    match status {
        486 | 600 => PersonFailure::Busy,
        408 | 480 | 487 => PersonFailure::NoAnswer,
        401 | 403 | 407 | 603 => PersonFailure::Refused,
        _ => PersonFailure::Unreachable,
    }
}
