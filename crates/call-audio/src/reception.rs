//! How one source's packets arrive: what is missing, what came twice, how evenly.

use call_model::CallTime;

/// A sequence number this much ahead is still the same run (RFC 3550 A.1).
const DROPOUT_MAX: u16 = 3_000;
/// A sequence number this much behind is a latecomer of the same run.
const MISORDER_MAX: u16 = 100;
/// A change of transit time beyond this, in timestamp units (a second), is a new
/// start of the sender's clock and says nothing about jitter.
const TRANSIT_STEP_MAX: u32 = 8_000;

/// What a sequence number says about its packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Novelty {
    /// It was not here before.
    New,
    /// It was here before.
    Duplicate,
    /// It fits no run of numbers; a second one like it starts a new run.
    Stray,
}

/// The account of one source (RFC 3550 A.1, A.3, A.8).
#[derive(Clone, Debug)]
pub(crate) struct Reception {
    first: u64,
    highest: u64,
    /// Bit n: the packet n before the highest has come.
    recent: u128,
    /// Packets of this run that came, each once.
    came: u64,
    lost_before: u64,
    expected_after_stray: Option<u16>,
    last_transit: Option<u32>,
    /// Sixteen times the jitter.
    jitter_by_16: u32,
}

impl Reception {
    /// A source whose first packet has this number; the packet is still to be noted.
    pub fn starting_at(sequence: u16) -> Self {
        let first = u64::from(sequence) + (1 << 16);
        Self {
            first,
            highest: first - 1,
            recent: 0,
            came: 0,
            lost_before: 0,
            expected_after_stray: None,
            last_transit: None,
            jitter_by_16: 0,
        }
    }

    /// Takes note of one more packet.
    pub fn note(&mut self, sequence: u16) -> Novelty {
        let ahead = sequence.wrapping_sub(self.highest as u16);
        let behind = ahead.wrapping_neg();
        if behind <= MISORDER_MAX {
            self.note_latecomer(behind)
        } else if ahead < DROPOUT_MAX {
            self.note_next(ahead)
        } else {
            self.note_stray(sequence)
        }
    }

    /// Takes note of when a packet of sound came, for the jitter.
    pub fn note_transit(&mut self, now: CallTime, timestamp: u32) {
        let arrival = (now.as_micros() / 125) as u32;
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(last) = self.last_transit.replace(transit) {
            let step = (transit.wrapping_sub(last) as i32).unsigned_abs();
            if step <= TRANSIT_STEP_MAX {
                self.jitter_by_16 += step;
                self.jitter_by_16 -= (self.jitter_by_16 - step + 8) >> 4;
            }
        }
    }

    /// Packets that never came.
    pub fn lost(&self) -> u64 {
        let expected = self.highest + 1 - self.first;
        self.lost_before + expected.saturating_sub(self.came)
    }

    /// Interarrival jitter in timestamp units.
    pub fn jitter(&self) -> u32 {
        self.jitter_by_16 >> 4
    }

    fn note_next(&mut self, ahead: u16) -> Novelty {
        self.highest += u64::from(ahead);
        self.recent = self.recent.checked_shl(ahead.into()).unwrap_or(0) | 1;
        self.came += 1;
        self.expected_after_stray = None;
        Novelty::New
    }

    fn note_latecomer(&mut self, behind: u16) -> Novelty {
        let bit = 1 << behind;
        if self.recent & bit != 0 {
            return Novelty::Duplicate;
        }
        self.recent |= bit;
        self.came += 1;
        // The very first packets came in the wrong order: the run began earlier.
        self.first = self.first.min(self.highest - u64::from(behind));
        Novelty::New
    }

    fn note_stray(&mut self, sequence: u16) -> Novelty {
        let believed = self.expected_after_stray == Some(sequence);
        if !believed {
            self.expected_after_stray = Some(sequence.wrapping_add(1));
            return Novelty::Stray;
        }
        let lost_before = self.lost();
        let jitter_by_16 = self.jitter_by_16;
        *self = Self {
            lost_before,
            jitter_by_16,
            ..Self::starting_at(sequence)
        };
        self.note(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn after(sequences: impl IntoIterator<Item = u16>) -> (Reception, Vec<Novelty>) {
        let mut sequences = sequences.into_iter().peekable();
        let mut reception = Reception::starting_at(*sequences.peek().expect("one packet"));
        let novelties = sequences.map(|s| reception.note(s)).collect();
        (reception, novelties)
    }

    #[test]
    fn numbers_wrap_without_a_loss() {
        let (reception, novelties) = after((0..400).map(|n: u16| n.wrapping_add(65_400)));
        assert_eq!(reception.lost(), 0);
        assert!(novelties.iter().all(|&novelty| novelty == Novelty::New));
    }

    #[test]
    fn a_latecomer_is_no_loss_and_a_repetition_is_none_either() {
        use Novelty::{Duplicate, New};
        let (reception, novelties) = after([10, 11, 14, 13, 14, 11, 13, 9]);
        assert_eq!(
            novelties,
            [New, New, New, New, Duplicate, Duplicate, Duplicate, New]
        );
        assert_eq!(reception.lost(), 1);
    }

    #[test]
    fn one_stray_number_changes_nothing_and_two_start_a_new_run() {
        use Novelty::{New, Stray};
        let (reception, novelties) = after([10, 12, 30_000, 13, 40_000, 40_001, 40_003]);
        assert_eq!(novelties, [New, New, Stray, New, Stray, New, New]);
        // 11 before the new run, 40,002 in it.
        assert_eq!(reception.lost(), 2);
    }

    #[test]
    fn jitter_is_the_smoothed_change_of_transit_time() {
        let mut steady = Reception::starting_at(0);
        let mut shaken = Reception::starting_at(0);
        for n in 0..1_000_u32 {
            let now = CallTime::from_millis(u64::from(n) * 20);
            let odd = Duration::from_millis(u64::from(n % 2) * 10);
            steady.note_transit(now, n.wrapping_mul(160).wrapping_sub(5_000));
            shaken.note_transit(now + odd, n * 160);
        }
        assert_eq!(steady.jitter(), 0);
        // Every step is 10 ms, which is 80 units.
        assert!((79..=80).contains(&shaken.jitter()), "{}", shaken.jitter());
    }

    #[test]
    fn a_new_start_of_the_senders_clock_is_no_jitter() {
        let mut reception = Reception::starting_at(0);
        for n in 0..10 {
            reception.note_transit(CallTime::from_millis(n * 20), n as u32 * 160);
        }
        reception.note_transit(CallTime::from_millis(200), 3_000_000_000);
        reception.note_transit(CallTime::from_millis(220), 3_000_000_160);
        assert_eq!(reception.jitter(), 0);
    }
}
