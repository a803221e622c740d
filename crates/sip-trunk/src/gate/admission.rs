//! Who may place a call now, before anything is kept of it.

use super::head::CallKey;
use super::rate::{Bucket, Sources};
use crate::{TrunkEntry, TrunkSettings};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Names a trunk by its place in the settings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TrunkIndex(pub usize);

/// A verdict on a new INVITE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Admission {
    /// A new call; a place is kept for it.
    New,
    /// A call we know sends its INVITE again.
    Repeated,
    /// A call we know arrives by a second way (RFC 3261 §8.2.2.2).
    Merged,
    /// No new calls are taken.
    Draining,
    /// All trunks together are full.
    AllFull,
    /// This trunk is full.
    TrunkFull,
    /// Too many new calls in too short a time.
    TooFast,
}

/// Calls that were let in, and what limits them.
#[derive(Debug)]
pub(crate) struct Admissions {
    trunks: Vec<TrunkState>,
    max_calls: usize,
    calls: HashMap<CallKey, Place>,
    live: usize,
    /// Ends of reservations and of memories, each in the order of time.
    reserved: VecDeque<(Instant, CallKey)>,
    over: VecDeque<(Instant, CallKey)>,
    sources: Sources,
    strangers: Bucket,
    memory: Duration,
    is_accepting: bool,
}

#[derive(Debug)]
struct TrunkState {
    entry: TrunkEntry,
    live: usize,
    rate: Option<Bucket>,
}

#[derive(Debug)]
struct Place {
    trunk: TrunkIndex,
    branch: String,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Let in; the library has not brought it to us yet.
    Reserved {
        /// When it is given up.
        until: Instant,
    },
    /// It has a leg.
    Taken,
    /// Over; only remembered, so that late repetitions are known.
    Over {
        /// For so long.
        until: Instant,
    },
}

/// A reservation the library never brought back is given up after this.
const RESERVATION: Duration = Duration::from_secs(5);
/// So many strangers a second are told that they are; the rest hears nothing.
const STRANGERS_PER_SECOND: u32 = 50;

impl Admissions {
    /// With nobody in yet.
    pub fn new(settings: &TrunkSettings, now: Instant) -> Self {
        let trunks = settings.trunks.iter().map(|entry| TrunkState {
            entry: entry.clone(),
            live: 0,
            rate: entry
                .max_calls_per_second
                .map(|rate| Bucket::full(rate, now)),
        });
        Self {
            trunks: trunks.collect(),
            max_calls: settings.max_calls,
            calls: HashMap::new(),
            live: 0,
            reserved: VecDeque::new(),
            over: VecDeque::new(),
            strangers: Bucket::full(STRANGERS_PER_SECOND, now),
            sources: Sources::new(
                settings.requests_per_second,
                settings.invites_per_second,
                now,
            ),
            memory: settings.timing.patience(),
            is_accepting: true,
        }
    }

    /// The trunk an address belongs to: the narrowest range that holds it.
    pub fn trunk_of(&self, source: IpAddr) -> Option<TrunkIndex> {
        let ranges =
            self.trunks.iter().enumerate().flat_map(|(index, trunk)| {
                trunk.entry.allow.iter().map(move |range| (index, range))
            });
        ranges
            .filter(|(_, range)| range.contains(source))
            // Of equally narrow ranges `max_by_key` gives the last: number them backwards.
            .max_by_key(|(index, range)| (range.prefix(), usize::MAX - index))
            .map(|(index, _)| TrunkIndex(index))
    }

    /// The name of a trunk.
    pub fn trunk_name(&self, trunk: TrunkIndex) -> &str {
        &self.trunks[trunk.0].entry.name
    }

    /// The most calls of a trunk.
    pub fn trunk_limit(&self, trunk: TrunkIndex) -> usize {
        self.trunks[trunk.0].entry.max_calls
    }

    /// Opens or closes the door for new calls.
    pub fn set_accepting(&mut self, is_accepting: bool) {
        self.is_accepting = is_accepting;
    }

    /// Whether new calls are taken.
    pub fn is_accepting(&self) -> bool {
        self.is_accepting
    }

    /// Calls that count against the limits.
    pub fn live(&self) -> usize {
        self.live
    }

    /// Counts a request of any kind; false above the rate of its source.
    pub fn may_send(&mut self, source: IpAddr, now: Instant) -> bool {
        self.sources.of(source, now).requests.take(now)
    }

    /// Whether one more stranger is to be told so.
    pub fn may_tell_stranger(&mut self, now: Instant) -> bool {
        self.strangers.take(now)
    }

    /// Judges an INVITE outside of any dialog, and keeps a place for a new call.
    pub fn admit(
        &mut self,
        now: Instant,
        trunk: TrunkIndex,
        source: IpAddr,
        key: &CallKey,
        branch: &str,
    ) -> Admission {
        self.forget(now);
        match self.calls.get(key) {
            Some(place) if place.branch == branch => return Admission::Repeated,
            Some(place) if place.stage.is_live() => return Admission::Merged,
            _ => {}
        }
        if let Some(refused) = self.refuse(now, trunk, source) {
            return refused;
        }
        let until = now + RESERVATION;
        let place = Place {
            trunk,
            branch: branch.to_owned(),
            stage: Stage::Reserved { until },
        };
        self.calls.insert(key.clone(), place);
        self.live += 1;
        self.trunks[trunk.0].live += 1;
        self.reserved.push_back((until, key.clone()));
        Admission::New
    }

    fn refuse(&mut self, now: Instant, trunk: TrunkIndex, source: IpAddr) -> Option<Admission> {
        if !self.is_accepting {
            return Some(Admission::Draining);
        }
        if self.live >= self.max_calls {
            return Some(Admission::AllFull);
        }
        let state = &mut self.trunks[trunk.0];
        if state.live >= state.entry.max_calls {
            return Some(Admission::TrunkFull);
        }
        let is_trunk_slow = state.rate.as_mut().is_none_or(|rate| rate.take(now));
        let is_source_slow = self.sources.of(source, now).invites.take(now);
        (!is_trunk_slow || !is_source_slow).then_some(Admission::TooFast)
    }

    /// Turns a reservation into a call; none when there is no such reservation.
    pub fn claim(&mut self, key: &CallKey) -> Option<TrunkIndex> {
        let place = self.calls.get_mut(key)?;
        match place.stage {
            Stage::Reserved { .. } => {
                place.stage = Stage::Taken;
                Some(place.trunk)
            }
            Stage::Taken | Stage::Over { .. } => None,
        }
    }

    /// A call is over; it is remembered for as long as repetitions of its INVITE
    /// may arrive.
    pub fn release(&mut self, now: Instant, key: &CallKey) {
        let Some(place) = self.calls.get_mut(key) else {
            return;
        };
        if place.stage.is_live() {
            let until = now + self.memory;
            place.stage = Stage::Over { until };
            self.live -= 1;
            self.trunks[place.trunk.0].live -= 1;
            self.over.push_back((until, key.clone()));
        }
    }

    /// Gives up what nobody claimed and forgets what is long over.
    fn forget(&mut self, now: Instant) {
        while let Some(key) = due(&mut self.reserved, now) {
            let stage = self.calls.get(&key).map(|place| place.stage);
            if matches!(stage, Some(Stage::Reserved { until }) if until <= now) {
                self.release(now, &key);
            }
        }
        while let Some(key) = due(&mut self.over, now) {
            let stage = self.calls.get(&key).map(|place| place.stage);
            if matches!(stage, Some(Stage::Over { until }) if until <= now) {
                self.calls.remove(&key);
            }
        }
    }
}

impl Stage {
    const fn is_live(self) -> bool {
        match self {
            Self::Reserved { .. } | Self::Taken => true,
            Self::Over { .. } => false,
        }
    }
}

/// The next key whose time has come.
fn due(queue: &mut VecDeque<(Instant, CallKey)>, now: Instant) -> Option<CallKey> {
    let is_due = queue.front().is_some_and(|(at, _)| *at <= now);
    is_due
        .then(|| queue.pop_front())
        .flatten()
        .map(|(_, key)| key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const TRUNK: TrunkIndex = TrunkIndex(0);

    fn entry(name: &str, allow: &str, max_calls: usize) -> TrunkEntry {
        TrunkEntry {
            name: name.to_owned(),
            allow: vec![allow.parse().expect("a network")],
            max_calls,
            max_calls_per_second: None,
        }
    }

    fn admissions(trunks: Vec<TrunkEntry>, now: Instant) -> Admissions {
        let mut settings = TrunkSettings::new("127.0.0.1:0".parse().expect("an address"));
        settings.trunks = trunks;
        settings.max_calls = 3;
        Admissions::new(&settings, now)
    }

    fn key(number: u32) -> CallKey {
        CallKey::read(&format!("call-{number}"), "<sip:7@h>;tag=f", 1).expect("a key")
    }

    #[test]
    fn a_repeated_invite_takes_no_second_place() {
        let now = Instant::now();
        let mut door = admissions(vec![entry("a", "127.0.0.1", 2)], now);
        assert_eq!(
            door.admit(now, TRUNK, SOURCE, &key(1), "b1"),
            Admission::New
        );
        assert_eq!(
            door.admit(now, TRUNK, SOURCE, &key(1), "b1"),
            Admission::Repeated
        );
        assert_eq!(
            door.admit(now, TRUNK, SOURCE, &key(1), "b2"),
            Admission::Merged
        );
        assert_eq!(door.live(), 1);
        door.claim(&key(1)).expect("a place");
        door.release(now, &key(1));
        door.release(now, &key(1));
        assert_eq!(door.live(), 0);
        assert_eq!(
            door.admit(now, TRUNK, SOURCE, &key(1), "b1"),
            Admission::Repeated
        );
        assert_eq!(
            door.admit(now, TRUNK, SOURCE, &key(1), "b3"),
            Admission::New
        );
    }

    #[test]
    fn limits_hold_for_a_trunk_and_for_all() {
        let now = Instant::now();
        let trunks = vec![entry("a", "127.0.0.1", 2), entry("b", "127.0.0.2", 5)];
        let mut door = admissions(trunks, now);
        door.admit(now, TRUNK, SOURCE, &key(1), "b");
        door.admit(now, TRUNK, SOURCE, &key(2), "b");
        assert_eq!(
            door.admit(now, TRUNK, SOURCE, &key(3), "b"),
            Admission::TrunkFull
        );
        let other = TrunkIndex(1);
        assert_eq!(door.admit(now, other, SOURCE, &key(3), "b"), Admission::New);
        assert_eq!(
            door.admit(now, other, SOURCE, &key(4), "b"),
            Admission::AllFull
        );
        door.set_accepting(false);
        assert_eq!(
            door.admit(now, other, SOURCE, &key(4), "b"),
            Admission::Draining
        );
        assert_eq!(
            door.admit(now, TRUNK, SOURCE, &key(1), "b"),
            Admission::Repeated
        );
    }

    #[test]
    fn a_place_nobody_claims_is_given_up() {
        let now = Instant::now();
        let mut door = admissions(vec![entry("a", "127.0.0.1", 1)], now);
        door.admit(now, TRUNK, SOURCE, &key(1), "b");
        let later = now + RESERVATION;
        assert_eq!(
            door.admit(later, TRUNK, SOURCE, &key(2), "b"),
            Admission::New
        );
        assert_eq!(door.claim(&key(1)), None);
        assert_eq!(door.claim(&key(2)), Some(TRUNK));
        let much_later = later + Duration::from_secs(3_600);
        assert_eq!(
            door.admit(much_later, TRUNK, SOURCE, &key(3), "b"),
            Admission::TrunkFull
        );
    }

    #[test]
    fn what_is_over_is_forgotten_in_the_end() {
        let mut now = Instant::now();
        let mut door = admissions(vec![entry("a", "127.0.0.1", 1)], now);
        for number in 0..1_000 {
            now += Duration::from_secs(1);
            assert_eq!(
                door.admit(now, TRUNK, SOURCE, &key(number), "b"),
                Admission::New
            );
            door.claim(&key(number));
            door.release(now, &key(number));
        }
        assert!(door.calls.len() < 50 && door.over.len() < 50 && door.reserved.len() < 50);
    }

    #[test]
    fn the_narrowest_range_names_the_trunk() {
        let now = Instant::now();
        let trunks = vec![
            entry("wide", "10.0.0.0/8", 1),
            entry("narrow", "10.1.0.0/16", 1),
            entry("again", "10.1.0.0/16", 1),
        ];
        let door = admissions(trunks, now);
        let name = |address: &str| {
            let address = address.parse().expect("an address");
            door.trunk_of(address).map(|trunk| door.trunk_name(trunk))
        };
        assert_eq!(name("10.2.0.1"), Some("wide"));
        assert_eq!(name("10.1.0.1"), Some("narrow"));
        assert_eq!(name("192.0.2.1"), None);
    }

    #[test]
    fn a_flood_of_new_calls_is_slowed_down() {
        let now = Instant::now();
        let mut fast = entry("a", "127.0.0.1", 100);
        fast.max_calls_per_second = Some(1);
        let mut door = admissions(vec![fast], now);
        let verdicts: Vec<_> = (0..3)
            .map(|number| door.admit(now, TRUNK, SOURCE, &key(number), "b"))
            .collect();
        assert_eq!(
            verdicts,
            [Admission::New, Admission::New, Admission::TooFast]
        );
    }
}
