//! Intervals of figures whose recordings come from a few callers.
//!
//! Recordings of one voice are right and wrong together, so they tell less about the next caller than as many of as
//! many callers would. Where several callers spoke, whole callers are drawn again and again, with all their
//! recordings (the cluster bootstrap; A. C. Davison and D. V. Hinkley, Bootstrap Methods and their
//! Application, §3.8), by the same seed in every run.

use std::collections::BTreeMap;

/// A measured value and whose it is; nobody's name stands for a caller of its own.
pub type OfCaller<'a, T> = (&'a str, T);

/// What an interval holds for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// Each recording counts by itself: it has its own caller, or nobody knows better.
    Recordings,
    /// All recordings are one caller's: nothing is known of others.
    OneCaller,
    /// Callers were drawn, of so many.
    Callers(usize),
}

impl Basis {
    /// As a table shows it, behind the interval.
    pub fn shown(self) -> String {
        match self {
            Self::Recordings => String::new(),
            Self::OneCaller => ", one caller".to_owned(),
            Self::Callers(count) => format!(", {count} callers"),
        }
    }

    /// How many callers are known to have spoken.
    pub const fn callers(self) -> Option<usize> {
        match self {
            Self::Recordings => None,
            Self::OneCaller => Some(1),
            Self::Callers(count) => Some(count),
        }
    }
}

/// So many draws.
const DRAWS: usize = 2_000;
const SEED: u64 = 0x5eed;

/// Values, caller by caller.
pub struct ByCaller<T> {
    callers: Vec<Vec<T>>,
    basis: Basis,
}

impl<T: Copy> ByCaller<T> {
    /// Sorts values by whose they are.
    pub fn of(values: &[OfCaller<'_, T>]) -> Self {
        let mut named: BTreeMap<&str, Vec<T>> = BTreeMap::new();
        let mut callers = Vec::new();
        for (caller, value) in values {
            match caller.is_empty() {
                true => callers.push(vec![*value]),
                false => named.entry(caller).or_default().push(*value),
            }
        }
        callers.extend(named.into_values());
        let basis = match callers.len() {
            count if count == values.len() => Basis::Recordings,
            1 => Basis::OneCaller,
            count => Basis::Callers(count),
        };
        Self { callers, basis }
    }

    /// What the interval holds for.
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// The interval of a statistic over all values, which is never narrower than `of_recordings`, the one that
    /// supposes nothing of callers: few callers may be alike by chance.
    pub fn interval(
        &self,
        of_recordings: (f64, f64),
        statistic: impl Fn(&mut dyn Iterator<Item = T>) -> f64,
    ) -> (f64, f64) {
        let Basis::Callers(count) = self.basis else {
            return of_recordings;
        };
        let mut dice = SplitMix(SEED);
        let mut drawn: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let callers: Vec<usize> = (0..count).map(|_| dice.below(count)).collect();
                let mut values = callers.iter().flat_map(|&one| self.callers[one].iter());
                statistic(&mut values.by_ref().copied())
            })
            .filter(|value| value.is_finite())
            .collect();
        drawn.sort_by(f64::total_cmp);
        let (Some(low), Some(high)) = (
            drawn.get(drawn.len() * 25 / 1_000),
            drawn.get((drawn.len() * 975).div_ceil(1_000).saturating_sub(1)),
        ) else {
            return of_recordings;
        };
        (of_recordings.0.min(*low), of_recordings.1.max(*high))
    }
}

/// G. L. Steele, D. Lea and C. H. Flood, Fast Splittable Pseudorandom Number Generators, 2014.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &mut dyn Iterator<Item = f64>) -> f64 {
        let (sum, count) =
            values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    }

    /// `each` values of every caller, all of the first ones 1 and all of the others 0.
    fn split(callers: usize, ones: usize, each: usize) -> Vec<(String, f64)> {
        let of = |caller: usize| {
            let value = if caller < ones { 1.0 } else { 0.0 };
            (0..each).map(move |_| (format!("c{caller}"), value))
        };
        (0..callers).flat_map(of).collect()
    }

    fn interval(values: &[(String, f64)]) -> (Basis, (f64, f64)) {
        let values: Vec<(&str, f64)> = values.iter().map(|(who, it)| (who.as_str(), *it)).collect();
        let sorted = ByCaller::of(&values);
        (sorted.basis(), sorted.interval((0.5, 0.5), mean))
    }

    #[test]
    fn a_hundred_recordings_of_each_caller_tell_no_more_than_one_of_each() {
        let (_, many) = interval(&split(20, 10, 100));
        let (basis, few) = interval(&split(20, 10, 2));
        assert_eq!(basis, Basis::Callers(20));
        // Half of twenty: 1.96 · √(.25 / 20) to either side.
        for (low, high) in [many, few] {
            assert!(
                (low - 0.28).abs() < 0.06 && (high - 0.72).abs() < 0.06,
                "{low} {high}"
            );
        }
    }

    #[test]
    fn the_same_values_have_the_same_interval_in_every_run() {
        assert_eq!(interval(&split(7, 3, 5)), interval(&split(7, 3, 5)));
    }

    #[test]
    fn one_caller_and_recordings_without_names_keep_the_interval_of_recordings() {
        let one = split(1, 1, 50);
        assert_eq!(interval(&one), (Basis::OneCaller, (0.5, 0.5)));
        let nameless: Vec<_> = (0..50).map(|_| (String::new(), 1.0)).collect();
        assert_eq!(interval(&nameless), (Basis::Recordings, (0.5, 0.5)));
        let each_their_own = split(50, 25, 1);
        assert_eq!(interval(&each_their_own), (Basis::Recordings, (0.5, 0.5)));
    }

    #[test]
    fn callers_who_are_alike_by_chance_do_not_make_it_narrower() {
        let alike: Vec<_> = split(3, 3, 10);
        let values: Vec<(&str, f64)> = alike.iter().map(|(who, it)| (who.as_str(), *it)).collect();
        assert_eq!(ByCaller::of(&values).interval((0.9, 1.0), mean), (0.9, 1.0));
    }
}
