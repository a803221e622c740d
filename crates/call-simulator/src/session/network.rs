//! The way from the telephone to the session.

use crate::dice::Dice;
use call_model::CallTime;
use std::time::Duration;

/// What a network does to packets.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    quality: Quality,
    /// Everything is lost until then.
    gap_until: CallTime,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Quality {
    delay_ms: u64,
    jitter_ms: u64,
    loss_percent: u64,
    doubled_percent: u64,
    /// In so many of ten thousand packets a gap begins.
    gaps: u64,
}

const QUALITIES: [Quality; 4] = [
    Quality {
        delay_ms: 5,
        jitter_ms: 0,
        loss_percent: 0,
        doubled_percent: 0,
        gaps: 0,
    },
    Quality {
        delay_ms: 15,
        jitter_ms: 12,
        loss_percent: 1,
        doubled_percent: 0,
        gaps: 0,
    },
    Quality {
        delay_ms: 40,
        jitter_ms: 70,
        loss_percent: 3,
        doubled_percent: 1,
        gaps: 20,
    },
    Quality {
        delay_ms: 80,
        jitter_ms: 160,
        loss_percent: 12,
        doubled_percent: 4,
        gaps: 60,
    },
];

impl Network {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        Self {
            quality: *dice.one_of(&QUALITIES),
            gap_until: CallTime::ZERO,
        }
    }

    /// Nothing is lost on it, and nothing is late.
    pub(crate) fn is_perfect(&self) -> bool {
        self.quality == QUALITIES[0]
    }

    /// When the copies of a packet arrive, none of them if it is lost.
    pub(crate) fn carry(&mut self, now: CallTime, dice: &mut Dice) -> [Option<CallTime>; 2] {
        if dice.below(10_000) < self.quality.gaps {
            self.gap_until = now + dice.millis(40, 900);
        }
        if now < self.gap_until || dice.percent(self.quality.loss_percent) {
            return [None, None];
        }
        let first = self.arrival(now, dice);
        let again = dice.percent(self.quality.doubled_percent);
        [Some(first), again.then(|| self.arrival(now, dice))]
    }

    fn arrival(&self, now: CallTime, dice: &mut Dice) -> CallTime {
        let Quality {
            delay_ms,
            jitter_ms,
            ..
        } = self.quality;
        let micros = Duration::from_micros(dice.below(1_000));
        now + dice.millis(delay_ms, delay_ms + jitter_ms) + micros
    }
}
