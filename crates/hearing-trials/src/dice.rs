//! Seeded chance.

/// A SplitMix64 generator: the same seed throws the same dice.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `below` less one; 0 where `below` is 0.
    pub(crate) const fn below(&mut self, below: u64) -> u64 {
        match below {
            0 => 0,
            _ => self.throw() % below,
        }
    }

    /// From `from` to `to`, both included.
    pub(crate) const fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    /// From −1 to 1, all as likely.
    pub(crate) fn swing(&mut self) -> f32 {
        (self.below(2_000_001) as f32 - 1e6) / 1e6
    }

    /// A place in a list of so many; 0 where it is empty.
    pub(crate) fn place(&mut self, of: usize) -> usize {
        usize::try_from(self.below(of as u64)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same_dice() {
        let throws = |seed| {
            let mut dice = Dice::new(seed);
            [dice.throw(), dice.below(6), dice.between(3, 9)]
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
    }

    #[test]
    fn swings_stay_within_one() {
        let mut dice = Dice::new(1);
        assert!((0..1_000).all(|_| dice.swing().abs() <= 1.0));
        assert_eq!(dice.place(0), 0);
    }
}
