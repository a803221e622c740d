//! How alike two stretches of sound are, whatever their levels.

use std::ops::Range;

/// A window of 200 ms, in samples.
const WINDOW: usize = 1_600;
/// A window of the reference below this says nothing and is not counted.
const SILENT_DBFS: f32 = -50.0;
/// From this correlation on a window counts as the same sound. G.711 alone leaves more than .998
/// of speech, noise 20 dB below it .995; two different sentences stay below .5.
const SAME: f32 = 0.9;
/// The coarse search looks at every fourth sample of a smoothed copy.
const COARSE: usize = 4;
/// So many best coarse places are looked at finely.
const FINALISTS: usize = 3;

/// Where a reference stands in what was heard.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Alignment {
    /// The sample of the heard sound at which the reference's sample 0 stands; negative where
    /// its beginning was not heard.
    pub offset: isize,
    /// The correlation there, 1 for the same sound.
    pub correlation: f32,
}

/// How much of a reference was heard as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Similarity {
    /// Windows of 200 ms that match.
    pub same: usize,
    /// Windows of 200 ms in which the reference is not silent.
    pub all: usize,
}

impl Similarity {
    /// The share of windows that match; 0 of nothing.
    pub fn share(self) -> f32 {
        if self.all == 0 {
            return 0.0;
        }
        self.same as f32 / self.all as f32
    }
}

/// The normalised correlation of two stretches, as long as the shorter: 1 for the same wave at
/// any gain, 0 where either is silent.
pub fn correlation(one: &[i16], two: &[i16]) -> f32 {
    let (mut product, mut power_one, mut power_two) = (0i64, 0i64, 0i64);
    for (&a, &b) in one.iter().zip(two) {
        let (a, b) = (i64::from(a), i64::from(b));
        product += a * b;
        power_one += a * a;
        power_two += b * b;
    }
    if power_one == 0 || power_two == 0 {
        return 0.0;
    }
    (product as f64 / (power_one as f64 * power_two as f64).sqrt()) as f32
}

/// Finds where `probe`, a part of the reference, correlates best with `heard`, its first sample
/// at one of the places `starts`. None where it fits nowhere.
pub fn align(heard: &[i16], probe: &[i16], starts: Range<usize>) -> Option<Alignment> {
    let last = heard.len().checked_sub(probe.len())?;
    let starts = starts.start..starts.end.min(last + 1);
    if starts.is_empty() || probe.is_empty() {
        return None;
    }
    let mut places = coarse_places(heard, probe, starts.clone());
    places.sort_by(|one, two| two.0.total_cmp(&one.0));
    places
        .iter()
        .take(FINALISTS)
        .flat_map(|&(_, place)| {
            let centre = starts.start + place * COARSE;
            centre.saturating_sub(COARSE).max(starts.start)..(centre + COARSE).min(starts.end)
        })
        .map(|start| Alignment {
            offset: start as isize,
            correlation: correlation(&heard[start..], probe),
        })
        .max_by(|one, two| one.correlation.total_cmp(&two.correlation))
}

/// Like [`align`], with a quarter of the samples and to four samples only: to see whether a look is
/// worth its while. Two wholly different sounds may reach .6 here.
pub fn glimpse(heard: &[i16], probe: &[i16], starts: Range<usize>) -> Option<Alignment> {
    let last = heard.len().checked_sub(probe.len())?;
    let starts = starts.start..starts.end.min(last + 1);
    if starts.is_empty() || probe.is_empty() {
        return None;
    }
    let places = coarse_places(heard, probe, starts.clone()).into_iter();
    places
        .map(|(correlation, place)| Alignment {
            offset: (starts.start + place * COARSE) as isize,
            correlation,
        })
        .max_by(|one, two| one.correlation.total_cmp(&two.correlation))
}

/// The correlation at every fourth place.
fn coarse_places(heard: &[i16], probe: &[i16], starts: Range<usize>) -> Vec<(f32, usize)> {
    let coarse_heard = smoothed(&heard[starts.start..starts.end - 1 + probe.len()]);
    let coarse_probe = smoothed(probe);
    (0..starts.len().div_ceil(COARSE))
        .filter_map(|place| {
            Some((
                correlation(coarse_heard.get(place..)?, &coarse_probe),
                place,
            ))
        })
        .collect()
}

/// Means of four samples each: 2 kHz, which keeps the voice's lowest formants.
fn smoothed(samples: &[i16]) -> Vec<i16> {
    samples
        .chunks_exact(COARSE)
        .map(|four| {
            (four.iter().map(|&sample| i32::from(sample)).sum::<i32>() / COARSE as i32) as i16
        })
        .collect()
}

/// Counts the windows of `part` of the reference that are heard as they are, sample for sample,
/// at this offset.
pub fn similarity(
    heard: &[i16],
    reference: &[i16],
    offset: isize,
    part: Range<usize>,
) -> Similarity {
    let mut found = Similarity::default();
    let end = part.end.min(reference.len());
    for from in (part.start..end).step_by(WINDOW) {
        let window = &reference[from..end.min(from + WINDOW)];
        if window.len() < WINDOW / 2 || dsp::level::dbfs(window) < SILENT_DBFS {
            continue;
        }
        found.all += 1;
        let heard = usize::try_from(from as isize + offset)
            .ok()
            .and_then(|at| heard.get(at..at + window.len()));
        if heard.is_some_and(|heard| correlation(heard, window) >= SAME) {
            found.same += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::Codec;
    use crate::stage::babble;

    fn through_the_line(samples: &[i16], gain: f32, delay: usize) -> Vec<i16> {
        let mut heard = vec![0; delay];
        let coded = samples.iter().map(|&sample| {
            let louder = (f32::from(sample) * gain) as i16;
            Codec::Pcmu.decode(Codec::Pcmu.encode(louder))
        });
        heard.extend(coded);
        heard
    }

    #[test]
    fn the_same_prompt_matches_at_any_level_and_delay() {
        let prompt = babble(1, 16_000);
        for (gain, delay) in [(1.0, 0), (0.251, 333), (0.1, 4_001), (1.4, 17)] {
            let heard = through_the_line(&prompt, gain, delay);
            let found = align(&heard, &prompt[..3_200], 0..5_000).unwrap();
            assert_eq!(found.offset, delay as isize, "gain {gain}");
            let share = similarity(&heard, &prompt, found.offset, 0..prompt.len()).share();
            assert!(share > 0.95, "gain {gain}: {share}");
        }
    }

    #[test]
    fn noise_20_db_below_leaves_a_match() {
        let prompt = babble(1, 16_000);
        let mut heard = through_the_line(&prompt, 1.0, 160);
        for (sample, noise) in heard.iter_mut().zip(babble(9, 16_160)) {
            *sample = sample.saturating_add(noise / 10);
        }
        let found = align(&heard, &prompt[..3_200], 0..1_000).unwrap();
        assert_eq!(found.offset, 160);
        assert!(similarity(&heard, &prompt, 160, 0..16_000).share() > 0.9);
    }

    #[test]
    fn another_prompt_does_not_match() {
        let heard = through_the_line(&babble(2, 16_000), 1.0, 100);
        let prompt = babble(1, 16_000);
        let found = align(&heard, &prompt[..3_200], 0..2_000).unwrap();
        assert!(found.correlation < 0.5, "{found:?}");
        assert_eq!(similarity(&heard, &prompt, found.offset, 0..16_000).same, 0);
    }

    #[test]
    fn what_was_not_heard_does_not_match() {
        let prompt = babble(1, 16_000);
        let half = similarity(&prompt[..8_000], &prompt, 0, 0..16_000);
        assert_eq!(half.same, 5, "{half:?}");
        assert_eq!(half.all, 10);
        assert_eq!(Similarity::default().share(), 0.0);
        assert_eq!(align(&prompt[..100], &prompt, 0..10), None);
    }
}
