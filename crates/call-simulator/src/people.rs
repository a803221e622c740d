//! The people who are fetched, and the waiting room before them.

use crate::dice::Dice;
use call_model::{CallTime, Handoff, PersonFailure, PersonOutcome};
use std::time::Duration;

/// What was asked of the people.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// Numbers the searches; news of an earlier one is not told any more.
    search: u32,
    is_queued: bool,
}

/// News of a search, and when it comes.
pub(crate) type Coming = (CallTime, Search, PersonOutcome);

/// One search for a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Search {
    /// By REFER, which nobody can take back.
    ForGood,
    /// By the waiting room, until it is released.
    Queued(u32),
}

const FAILURES: [PersonFailure; 7] = [
    PersonFailure::NoneConfigured,
    PersonFailure::AfterHours,
    PersonFailure::QueueFull,
    PersonFailure::Busy,
    PersonFailure::NoAnswer,
    PersonFailure::Refused,
    PersonFailure::Unreachable,
];

/// How likely things are, and how long they take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Odds {
    pub(crate) takes: (u64, u64),
    pub(crate) connects_percent: u64,
    pub(crate) never_percent: u64,
}

impl People {
    /// Whether this news still counts.
    pub(crate) fn is_current(&self, search: Search) -> bool {
        match search {
            Search::ForGood => true,
            Search::Queued(number) => self.is_queued && number == self.search,
        }
    }

    /// The caller waits for nobody any more.
    pub(crate) const fn release(&mut self) {
        self.is_queued = false;
    }

    /// News that ends a search.
    pub(crate) const fn told(&mut self, outcome: PersonOutcome) {
        match outcome {
            PersonOutcome::Connected | PersonOutcome::Failed(_) | PersonOutcome::Left => {
                self.is_queued = false;
            }
            PersonOutcome::Queued { .. } | PersonOutcome::Ringing => {}
        }
    }

    /// A person is to be fetched, or fetched more urgently: what will be told.
    pub(crate) fn fetch(
        &mut self,
        at: CallTime,
        handoff: &Handoff,
        odds: Odds,
        dice: &mut Dice,
    ) -> Vec<Coming> {
        if handoff.queue.is_none() {
            return self.refer(at, odds, dice);
        }
        let soon = at + dice.millis(0, 30);
        if self.is_queued {
            let queued = PersonOutcome::Queued { ahead: 0 };
            return vec![(soon, Search::Queued(self.search), queued)];
        }
        self.is_queued = true;
        self.search += 1;
        self.wait(soon, odds, dice)
    }

    /// Tried at once, by the trunk's way.
    fn refer(&self, at: CallTime, odds: Odds, dice: &mut Dice) -> Vec<Coming> {
        let search = Search::ForGood;
        if dice.percent(odds.never_percent) {
            return Vec::new();
        }
        let takes = dice.millis(odds.takes.0, odds.takes.1);
        let mut coming = vec![(at + takes / 2, search, PersonOutcome::Ringing)];
        if dice.percent(odds.connects_percent) {
            coming.push((at + takes, search, PersonOutcome::Connected));
        } else {
            let why = *dice.one_of(&FAILURES);
            coming.push((at + takes, search, PersonOutcome::Failed(why)));
        }
        coming
    }

    /// A place in the waiting room: phones ring in vain, then one is answered, or the
    /// room sends the caller away, or nothing happens for ever.
    fn wait(&self, at: CallTime, odds: Odds, dice: &mut Dice) -> Vec<Coming> {
        let search = Search::Queued(self.search);
        let ahead = u32::try_from(dice.below(9)).unwrap_or(0);
        let mut coming = vec![(at, search, PersonOutcome::Queued { ahead })];
        if dice.percent(10) {
            let why = *dice.one_of(&[PersonFailure::AfterHours, PersonFailure::QueueFull]);
            return vec![(at, search, PersonOutcome::Failed(why))];
        }
        let mut at = at;
        for _ in 0..dice.below(3) {
            at = at + dice.millis(500, 100_000);
            coming.push((at, search, PersonOutcome::Ringing));
            at = at + dice.millis(500, 20_000);
            coming.push((at, search, PersonOutcome::Queued { ahead: 0 }));
        }
        if dice.percent(3 * odds.never_percent) {
            return coming;
        }
        let longest = *dice.one_of(&[2_000, 30_000, 200_000]);
        at = at + dice.millis(0, longest);
        coming.push((at, search, PersonOutcome::Ringing));
        at = at + dice.millis(200, 20_000);
        let last = match dice.percent(odds.connects_percent.max(40)) {
            true => PersonOutcome::Connected,
            false => PersonOutcome::Failed(*dice.one_of(&FAILURES)),
        };
        coming.push((at, search, last));
        coming
    }

    /// How long a person talks, and whether they hang up first.
    pub(crate) fn talk(&self, dice: &mut Dice) -> (Duration, bool) {
        (dice.millis(1_000, 30_000), dice.percent(30))
    }
}
