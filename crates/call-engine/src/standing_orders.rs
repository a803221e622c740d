//! What the shell was told to do and has not been told to stop: the person it
//! seeks, the music it plays. Each order is given once and taken back once.

use call_model::{CallAction, Handoff};
use std::collections::VecDeque;

/// The orders that stand.
#[derive(Debug, Default)]
pub(crate) struct StandingOrders {
    person: Sought,
    music: Music,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Sought {
    #[default]
    Nobody,
    Person,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Music {
    #[default]
    Off,
    On,
}

impl StandingOrders {
    /// A person is to be fetched, or fetched more urgently.
    pub(crate) fn fetch(&mut self, handoff: Handoff, out: &mut VecDeque<CallAction>) {
        self.person = Sought::Person;
        out.push_back(CallAction::FetchPerson(Box::new(handoff)));
    }

    /// The search came to its own end.
    pub(crate) const fn settled(&mut self) {
        self.person = Sought::Nobody;
    }

    /// No phone is to ring for this caller any more.
    pub(crate) fn release(&mut self, out: &mut VecDeque<CallAction>) {
        if std::mem::take(&mut self.person) == Sought::Person {
            out.push_back(CallAction::ReleasePerson);
        }
    }

    /// Music, where it is wanted: it begins when nothing is being said, and ends at once.
    pub(crate) fn music(
        &mut self,
        is_wanted: bool,
        may_begin: bool,
        out: &mut VecDeque<CallAction>,
    ) {
        match (self.music, is_wanted) {
            (Music::Off, true) if may_begin => {
                self.music = Music::On;
                out.push_back(CallAction::StartMusic);
            }
            (Music::On, false) => {
                self.music = Music::Off;
                out.push_back(CallAction::StopMusic);
            }
            (Music::Off | Music::On, _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn music_begins_after_the_words_and_ends_once() {
        let mut orders = StandingOrders::default();
        let mut out = VecDeque::new();
        for (is_wanted, may_begin) in [(true, false), (true, true), (true, true), (false, true)] {
            orders.music(is_wanted, may_begin, &mut out);
        }
        orders.music(false, false, &mut out);
        assert_eq!(out, [CallAction::StartMusic, CallAction::StopMusic]);
    }

    #[test]
    fn nobody_is_released_who_was_not_sought() {
        let mut orders = StandingOrders::default();
        let mut out = VecDeque::new();
        orders.release(&mut out);
        orders.settled();
        orders.release(&mut out);
        assert!(out.is_empty());
    }
}
