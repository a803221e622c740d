//! A whole recording against a prompt: for judging what another phone recorded.

use super::match_audio::{Similarity, align, correlation};
use crate::judge::Reference;
use std::ops::Range;
use std::time::Duration;

const WINDOW: usize = 1_600;
/// The prompt's first second is looked for in the whole recording.
const PROBE: usize = 8_000;
const SILENT_DBFS: f32 = -50.0;
const SAME: f32 = 0.9;

/// How a prompt stands in a recording.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Comparison {
    /// Where in the recording the prompt begins.
    pub starts_at: Duration,
    /// Windows of 200 ms that match, each at its own best place within the slack.
    pub similarity: Similarity,
    /// The recording's level against the reference's, in dB, over matching windows; none where
    /// nothing matches.
    pub gain_db: Option<f32>,
    /// How far the prompt's parts moved against each other, in samples: 0 where the recorder
    /// neither dropped nor inserted anything.
    pub moved: usize,
}

/// Finds the prompt in the recording. A recorder with a clock of its own may drop or insert
/// samples: each window may stand `slack` samples beside the one before. None for a silent
/// prompt or a recording shorter than it needs.
pub fn compare(heard: &[i16], reference: &Reference, slack: usize) -> Option<Comparison> {
    locate(heard, reference, 0..heard.len(), PROBE, slack)
}

/// Like [`compare`], where it is known about where the prompt begins to sound: at one of the samples
/// `starts`. So many samples of its beginning are looked for there.
pub fn locate(
    heard: &[i16],
    reference: &Reference,
    starts: Range<usize>,
    probe: usize,
    slack: usize,
) -> Option<Comparison> {
    let samples = &reference.samples;
    let probe = &samples[reference.onset..samples.len().min(reference.onset + probe)];
    let place = align(heard, probe, starts)?;
    let first = place.offset - reference.onset as isize;
    let mut walk = Walk {
        offset: first,
        lowest: first,
        highest: first,
        ..Walk::default()
    };
    for from in (0..samples.len()).step_by(WINDOW) {
        walk.step(
            heard,
            samples,
            from..samples.len().min(from + WINDOW),
            slack,
        );
    }
    Some(Comparison {
        starts_at: Duration::from_micros(first.max(0) as u64 * 125),
        similarity: walk.similarity,
        gain_db: walk.gain_db(),
        moved: (walk.highest - walk.lowest).unsigned_abs(),
    })
}

#[derive(Default)]
struct Walk {
    offset: isize,
    lowest: isize,
    highest: isize,
    similarity: Similarity,
    heard_power: f64,
    reference_power: f64,
}

impl Walk {
    fn gain_db(&self) -> Option<f32> {
        let ratio = self.heard_power / self.reference_power;
        (self.similarity.same > 0).then_some(10.0 * ratio.log10() as f32)
    }

    fn step(&mut self, heard: &[i16], reference: &[i16], part: Range<usize>, slack: usize) {
        let window = &reference[part.clone()];
        if window.len() < WINDOW / 2 || dsp::level::dbfs(window) < SILENT_DBFS {
            return;
        }
        self.similarity.all += 1;
        let expected = part.start as isize + self.offset;
        let at = |start: isize| {
            heard
                .get(usize::try_from(start).ok()?..)?
                .get(..window.len())
        };
        let exact = at(expected).map_or(0.0, |heard| correlation(heard, window));
        let start = if exact >= SAME {
            expected
        } else {
            let from = (expected - slack as isize).max(0) as usize;
            match align(heard, window, from..from + 2 * slack + 1) {
                Some(place) if place.correlation >= SAME => place.offset,
                _ => return,
            }
        };
        self.similarity.same += 1;
        self.offset = start - part.start as isize;
        self.lowest = self.lowest.min(self.offset);
        self.highest = self.highest.max(self.offset);
        self.heard_power += power(at(start).unwrap_or_default());
        self.reference_power += power(window);
    }
}

fn power(samples: &[i16]) -> f64 {
    samples
        .iter()
        .map(|&sample| f64::from(sample) * f64::from(sample))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::babble;

    fn prompt() -> Reference {
        Reference::new("p.en".into(), babble(1, 24_000).into())
    }

    #[test]
    fn a_recording_that_dropped_a_frame_still_matches_and_says_so() {
        let mut heard = vec![0; 5_000];
        heard.extend(prompt().samples.iter().map(|&sample| sample / 2));
        heard.drain(17_000..17_160);
        let found = compare(&heard, &prompt(), 240).unwrap();
        assert_eq!(found.starts_at, Duration::from_millis(625));
        assert!(found.similarity.share() > 0.9, "{found:?}");
        assert_eq!(found.moved, 160);
        assert!((found.gain_db.unwrap() + 6.02).abs() < 0.2, "{found:?}");
    }

    #[test]
    fn a_recording_of_something_else_does_not_match() {
        let found = compare(&babble(2, 40_000), &prompt(), 240).unwrap();
        assert!(found.similarity.share() < 0.1, "{found:?}");
    }
}
