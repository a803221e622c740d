//! What a plan may ask of the call itself, beside what its nodes fill.

use crate::call::Call;
use call_model::{CallHeader, Private};
use dialplan::{CallSlot, Day, Slots};

/// What the header tells.
#[derive(Debug)]
pub(crate) struct Known {
    number: Private<String>,
    started_unix_millis: u64,
}

impl Known {
    pub(crate) fn of(header: &CallHeader) -> Self {
        Self {
            number: header.caller.clone(),
            started_unix_millis: header.started_unix_millis,
        }
    }
}

impl Call {
    /// Every slot that the plan may read, as it stands now.
    pub(crate) fn known_slots(&self) -> Slots {
        let mut slots = self.story.slots.clone();
        for slot in CallSlot::ALL {
            slots.insert(slot.name().to_owned(), self.call_slot(slot));
        }
        slots
    }

    /// Whether nobody knows where to call back to.
    pub(crate) fn is_number_withheld(&self) -> bool {
        self.known.number.reveal().is_empty()
    }

    fn call_slot(&self, slot: CallSlot) -> Private<String> {
        match slot {
            CallSlot::Language => Private::new(self.language.tag().to_owned()),
            CallSlot::Number => self.known.number.clone(),
            CallSlot::Open => {
                let told = if self.is_open() { "yes" } else { "no" };
                Private::new(told.to_owned())
            }
            CallSlot::Asks => Private::new(self.ledger.asks().to_string()),
        }
    }

    /// Within the plan's hours, by the clock on the wall; a plan without hours is never closed.
    fn is_open(&self) -> bool {
        let hours = self.plan.hours();
        hours.is_none_or(|hours| hours.is_open(self.unix_millis()))
    }

    /// The day where the caller is.
    pub(crate) fn today(&self) -> Day {
        self.plan.today(self.unix_millis())
    }

    fn unix_millis(&self) -> u64 {
        let started = self.known.started_unix_millis;
        started.saturating_add(self.now.as_millis())
    }
}
