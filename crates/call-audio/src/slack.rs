//! How much time packets have to spare, watched over seconds.

use crate::ring::Samples;

/// Ticks over which the least slack is looked for: two seconds.
const WINDOW_TICKS: u32 = 100;
/// Windows with a surplus after which a cut no longer waits for quiet.
const PATIENT_WINDOWS: u32 = 2;

/// The least slack of the packets of the last seconds and what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct SlackWatch {
    margin: Samples,
    least: Option<Samples>,
    ticks_left: u32,
    surplus: Samples,
    windows_with_surplus: u32,
}

impl SlackWatch {
    /// Nothing is known; `margin` is what no packet should go below.
    pub const fn new(margin: Samples) -> Self {
        Self {
            margin,
            least: None,
            ticks_left: WINDOW_TICKS,
            surplus: 0,
            windows_with_surplus: 0,
        }
    }

    /// A packet came with so much slack; negative: too late by so much.
    pub fn note(&mut self, slack: Samples) {
        self.least = Some(self.least.map_or(slack, |least| least.min(slack)));
        self.surplus = self.surplus.min(slack - self.margin).max(0);
    }

    /// Packets have so much more slack from now on; negative: less.
    pub fn shift(&mut self, by: Samples) {
        self.least = self.least.map(|least| least + by);
        self.surplus = (self.surplus + by.min(0)).max(0);
    }

    /// 20 ms have gone by.
    pub fn tick(&mut self) {
        self.ticks_left -= 1;
        if self.ticks_left > 0 {
            return;
        }
        self.ticks_left = WINDOW_TICKS;
        let least = self.least.take().unwrap_or(self.margin);
        self.surplus = (least - self.margin).max(0);
        self.windows_with_surplus = match self.surplus {
            0 => 0,
            _ => self.windows_with_surplus + 1,
        };
    }

    /// What every packet had to spare over the last window, and still has.
    pub fn surplus(&self) -> Samples {
        self.surplus
    }

    /// Has the surplus stood so long that a cut need not wait for quiet?
    pub fn is_impatient(&self) -> bool {
        self.windows_with_surplus > PATIENT_WINDOWS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(watch: &mut SlackWatch, slacks: &[Samples]) {
        for n in 0..WINDOW_TICKS as usize {
            watch.note(slacks[n % slacks.len()]);
            watch.tick();
        }
    }

    #[test]
    fn the_surplus_is_what_the_worst_packet_had_to_spare() {
        let mut watch = SlackWatch::new(160);
        window(&mut watch, &[800, 500, 900]);
        assert_eq!(watch.surplus(), 340);
        watch.note(300);
        assert_eq!(watch.surplus(), 140);
        watch.note(-80);
        assert_eq!(watch.surplus(), 0);
    }

    #[test]
    fn a_cut_is_not_made_twice() {
        let mut watch = SlackWatch::new(160);
        window(&mut watch, &[500]);
        watch.shift(-340);
        assert_eq!(watch.surplus(), 0);
        window(&mut watch, &[160]);
        assert_eq!(watch.surplus(), 0);
    }

    #[test]
    fn patience_ends_after_three_windows_and_returns_with_the_surplus_gone() {
        let mut watch = SlackWatch::new(160);
        for expected in [false, false, true] {
            window(&mut watch, &[500]);
            assert_eq!(watch.is_impatient(), expected);
        }
        window(&mut watch, &[160]);
        assert!(!watch.is_impatient());
    }

    #[test]
    fn a_window_without_packets_knows_of_no_surplus() {
        let mut watch = SlackWatch::new(160);
        for _ in 0..300 {
            watch.tick();
        }
        assert_eq!(watch.surplus(), 0);
    }
}
