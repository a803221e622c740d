//! Samples that wait, each at its own place in time.

use call_model::FRAME_SAMPLES;

/// A place on a stream's own timeline, or a distance along it, in samples.
pub(crate) type Samples = i64;

/// 20 ms of a stream; `None` where no packet brought a sample.
pub(crate) type Holed = [Option<i16>; FRAME_SAMPLES];

/// Samples a ring holds: half a second.
pub(crate) const CAPACITY: Samples = 4_096;

/// Half a second of samples by their place in time. It knows no order of
/// packets and no packet lengths: 10, 30 or 60 ms, early or late, are the same.
#[derive(Clone, Debug)]
pub(crate) struct SampleRing {
    slots: Box<[Option<i16>]>,
}

impl SampleRing {
    pub fn new() -> Self {
        Self {
            slots: vec![None; CAPACITY as usize].into_boxed_slice(),
        }
    }

    /// Puts a sample at its place; what stood half a second before it is gone.
    pub fn put(&mut self, place: Samples, sample: i16) {
        self.slots[slot(place)] = Some(sample);
    }

    /// What stands at the place; it stays there.
    pub fn peek(&self, place: Samples) -> Option<i16> {
        self.slots[slot(place)]
    }

    /// 20 ms from the place on, if not one sample is missing.
    pub fn whole_frame(&self, place: Samples) -> Option<[i16; FRAME_SAMPLES]> {
        let mut frame = [0; FRAME_SAMPLES];
        for (sample, at) in frame.iter_mut().zip(place..) {
            *sample = self.peek(at)?;
        }
        Some(frame)
    }

    /// Takes 20 ms away, as they are.
    pub fn take_frame(&mut self, place: Samples) -> Holed {
        std::array::from_fn(|n| self.slots[slot(place + n as Samples)].take())
    }

    /// Takes everything from `from` to before `to` away, unheard.
    pub fn discard(&mut self, from: Samples, to: Samples) {
        for place in from..to.min(from + CAPACITY) {
            self.slots[slot(place)] = None;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.slots.fill(None);
    }
}

fn slot(place: Samples) -> usize {
    place.rem_euclid(CAPACITY) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_taken_once_and_from_its_own_place() {
        let mut ring = SampleRing::new();
        ring.put(-3, 7);
        assert_eq!(ring.whole_frame(-3), None);
        let taken = ring.take_frame(-10);
        assert_eq!(taken[7], Some(7));
        assert_eq!(taken.iter().flatten().count(), 1);
        assert_eq!(ring.take_frame(-10), [None; FRAME_SAMPLES]);
    }

    #[test]
    fn what_was_discarded_or_cleared_is_not_heard() {
        let mut ring = SampleRing::new();
        for place in 0..320 {
            ring.put(place, 1);
        }
        ring.discard(0, 160);
        assert_eq!((ring.peek(159), ring.peek(160)), (None, Some(1)));
        assert!(ring.whole_frame(160).is_some());
        ring.clear();
        assert_eq!(ring.peek(160), None);
    }
}
