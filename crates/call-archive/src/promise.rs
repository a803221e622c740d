//! What a call's journal still owes its caller: a crash must not undo a promise.

use crate::call_writer::json_line;
use crate::layout::Layout;
use crate::ledger::end_of_last_line;
use crate::reader::{ArchiveReader, Callback};
use crate::{ArchiveError, Disk, Result};
use call_model::{
    CallAction, CallId, CallInput, Decision, Handoff, HungUp, JournalEntry, PersonOutcome, Private,
};
use std::collections::BTreeSet;

/// The person a caller is owed, followed line by line.
#[derive(Clone, Debug, Default)]
pub(crate) enum Promise {
    /// Nothing is owed.
    #[default]
    None,
    /// A person was being fetched.
    Person(Box<Handoff>),
    /// A call back was promised, and said so.
    Callback(Box<Handoff>),
}

impl Promise {
    /// Takes the next line.
    pub(crate) fn follow(self, entry: JournalEntry) -> Self {
        match (self, entry) {
            (_, JournalEntry::Out(CallAction::BookCallback(handoff))) => Self::Callback(handoff),
            (Self::None | Self::Person(_), JournalEntry::Out(CallAction::FetchPerson(handoff))) => {
                Self::Person(handoff)
            }
            (Self::Person(_), entry) if is_settled_by(&entry) => Self::None,
            (promise, _) => promise,
        }
    }

    /// The story for whoever calls back, if somebody must.
    pub(crate) fn into_owed(self) -> Option<Box<Handoff>> {
        match self {
            Self::None => None,
            Self::Person(handoff) | Self::Callback(handoff) => Some(handoff),
        }
    }
}

/// A caller who is owed a person, and the number they called from.
#[derive(Debug)]
pub(crate) struct Owed {
    pub handoff: Box<Handoff>,
    pub caller: Private<String>,
}

/// Books a call back for each that has none, and returns once that is on disk; how
/// many there were.
pub(crate) fn book_missing(layout: &Layout, disk: &dyn Disk, owed: Vec<Owed>) -> Result<u64> {
    if owed.is_empty() {
        return Ok(0);
    }
    let path = layout.callbacks();
    let booked: BTreeSet<CallId> = ArchiveReader::new(layout.clone())
        .callbacks()?
        .into_iter()
        .map(|callback| callback.handoff.call)
        .collect();
    let (mut lines, mut count) = (Vec::new(), 0);
    for Owed { handoff, caller } in owed {
        if !booked.contains(&handoff.call) {
            let callback = Callback::now(*handoff, caller);
            let line = json_line(&callback);
            lines.extend(line.map_err(|why| ArchiveError::malformed(&path, why))?);
            count += 1;
        }
    }
    if count == 0 {
        return Ok(0);
    }
    let end = end_of_last_line(&path).map_err(ArchiveError::disk("read", &path))?;
    let written = disk.open(&path).and_then(|file| {
        file.set_len(end)?;
        file.write_at(&lines, end)?;
        file.sync()
    });
    written.map_err(ArchiveError::disk("write", &path))?;
    Ok(count)
}

/// A person has the caller, or the caller chose otherwise.
fn is_settled_by(entry: &JournalEntry) -> bool {
    matches!(
        entry,
        JournalEntry::In(CallInput::Person(PersonOutcome::Connected))
            | JournalEntry::Out(CallAction::Decide(
                Decision::DeclinedPerson | Decision::HandoffGivenUp
            ))
            | JournalEntry::In(CallInput::HungUp(
                HungUp::ByCaller | HungUp::Cancelled | HungUp::Transferred
            ))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{CallId, EscalationReason, Evidence, Language, Urgency};
    use std::collections::BTreeMap;

    fn story() -> Box<Handoff> {
        Box::new(Handoff {
            call: CallId::new(1, 1),
            reason: EscalationReason::Demand,
            evidence: Evidence::default(),
            has_priority: false,
            urgency: Urgency::USUAL,
            language: Language::En,
            skill: None,
            target: None,
            queue: None,
            callback_within_s: None,
            callback_number: None,
            display: Private::default(),
            whisper: None,
            slots: BTreeMap::new(),
            turns: Vec::new(),
        })
    }

    #[test]
    fn the_number_that_the_caller_gave_is_the_one_to_call() {
        let number = |given: Option<&str>| {
            let mut story = story();
            story.callback_number = given.map(|number| Private::new(number.to_owned()));
            let callback = Callback::now(*story, Private::new("100".to_owned()));
            callback.number.reveal().clone()
        };
        assert_eq!(number(None), "100");
        assert_eq!(number(Some("13900010002")), "13900010002");
    }

    fn owed(entries: Vec<JournalEntry>) -> bool {
        let promise = entries.into_iter().fold(Promise::None, Promise::follow);
        promise.into_owed().is_some()
    }

    #[test]
    fn a_person_is_owed_until_they_came_or_the_caller_chose_otherwise() {
        let fetch = || JournalEntry::Out(CallAction::FetchPerson(story()));
        let book = || JournalEntry::Out(CallAction::BookCallback(story()));
        let hung_up = |by| JournalEntry::In(CallInput::HungUp(by));
        let person = |outcome| JournalEntry::In(CallInput::Person(outcome));
        let declined = || JournalEntry::Out(CallAction::Decide(Decision::DeclinedPerson));
        assert!(!owed(vec![]));
        assert!(owed(vec![fetch()]));
        assert!(owed(vec![fetch(), person(PersonOutcome::Ringing)]));
        assert!(!owed(vec![fetch(), person(PersonOutcome::Connected)]));
        assert!(!owed(vec![fetch(), declined()]));
        assert!(!owed(vec![fetch(), hung_up(HungUp::ByCaller)]));
        assert!(owed(vec![fetch(), hung_up(HungUp::Fault)]));
        assert!(owed(vec![fetch(), declined(), fetch()]));
        // A call back that was promised is owed also after the caller hung up.
        assert!(owed(vec![book(), hung_up(HungUp::ByCaller)]));
    }
}
