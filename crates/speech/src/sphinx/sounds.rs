//! What speech sounds like to a model, without its words, and what a line adds to it.
//!
//! A telephone line adds nearly the same to every window's cepstrum. The mean of what was said is a poor guess of it
//! while little was said, since it holds the few sounds that were spoken as well. Better is the addition under which
//! what was said looks most like speech to the model: the maximum of the likelihood over all its Gaussians, looked
//! for by expectation and maximisation (Sankar and Lee, 1996, "A maximum-likelihood approach to stochastic
//! matching for robust speech recognition").

use super::ffi::Cepstrum;
use crate::SpeechError;
use crate::recognizer::CEPSTRUM;
use std::fs;
use std::path::Path;

/// What every file of the model's parameters has after its head, to tell how its numbers are stored.
const BYTE_ORDER: u32 = 0x1122_3344;
/// Steps of the search.
const STEPS: usize = 4;

/// The Gaussians of a model that all its phones share, over the cepstra of one window.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Sounds {
    gaussians: Vec<Gaussian>,
}

#[derive(Clone, PartialEq, Debug)]
struct Gaussian {
    mean: Cepstrum,
    /// One over the variance.
    precision: Cepstrum,
    /// The logarithm of its height, but for what all have alike.
    height: f32,
}

impl Sounds {
    /// Those of a model in this folder; none where its Gaussians are of another form.
    pub(super) fn of(folder: &Path) -> Result<Option<Self>, SpeechError> {
        let (Some(means), Some(variances)) = (
            stream(&folder.join("means"))?,
            stream(&folder.join("variances"))?,
        ) else {
            return Ok(None);
        };
        let gaussians = means.into_iter().zip(variances).map(|(mean, variance)| {
            let precision = variance.map(|it| 1.0 / it.max(1e-4));
            Gaussian {
                mean,
                precision,
                height: precision.iter().map(|it| it.ln()).sum::<f32>() / 2.0,
            }
        });
        Ok(Some(Self {
            gaussians: gaussians.collect(),
        }))
    }

    /// What the line adds, as these windows have it, looked for from `guess` on, which weighs as so many windows.
    pub(super) fn added(&self, windows: &[Cepstrum], guess: &Cepstrum, weight: f32) -> Cepstrum {
        let mut added = *guess;
        let mut shares = vec![0.0; self.gaussians.len()];
        for _ in 0..STEPS {
            let (mut sum, mut precision) = ([0.0_f32; CEPSTRUM], [0.0_f32; CEPSTRUM]);
            for window in windows {
                self.share(window, &added, &mut shares);
                for (gaussian, &share) in self.gaussians.iter().zip(&shares) {
                    if share < 1e-3 {
                        continue;
                    }
                    for at in 0..CEPSTRUM {
                        let precise = share * gaussian.precision[at];
                        sum[at] += precise * (window[at] - gaussian.mean[at]);
                        precision[at] += precise;
                    }
                }
            }
            let count = windows.len().max(1) as f32;
            for at in 0..CEPSTRUM {
                let own = weight * precision[at] / count;
                added[at] = (sum[at] + own * guess[at]) / (precision[at] + own).max(1e-9);
            }
        }
        added
    }

    /// How much of a window each Gaussian accounts for.
    fn share(&self, window: &Cepstrum, added: &Cepstrum, shares: &mut [f32]) {
        let clean: Cepstrum = std::array::from_fn(|at| window[at] - added[at]);
        let mut best = f32::NEG_INFINITY;
        for (gaussian, share) in self.gaussians.iter().zip(shares.iter_mut()) {
            let parts = clean.iter().zip(&gaussian.mean).zip(&gaussian.precision);
            let far: f32 = parts
                .map(|((clean, mean), precision)| (clean - mean) * (clean - mean) * precision)
                .sum();
            *share = gaussian.height - far / 2.0;
            best = best.max(*share);
        }
        let mut sum = 0.0;
        for share in shares.iter_mut() {
            *share = (*share - best).exp();
            sum += *share;
        }
        for share in shares {
            *share /= sum;
        }
    }
}

/// The first stream of a file of means or variances: one codebook that all phones share, of plain cepstra.
fn stream(path: &Path) -> Result<Option<Vec<Cepstrum>>, SpeechError> {
    let unusable = |what: String| SpeechError::ModelUnusable {
        path: path.to_owned(),
        what,
    };
    let bytes = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let end = bytes.windows(7).position(|some| some == b"endhdr\n");
    let numbers = end.map_or(&bytes[..0], |end| &bytes[end + 7..]);
    let word = |at: usize| -> Option<[u8; 4]> { numbers.get(at * 4..at * 4 + 4)?.try_into().ok() };
    let count = |at: usize| word(at).map(u32::from_le_bytes);
    let (Some(BYTE_ORDER), Some(1), Some(streams), Some(densities)) =
        (count(0), count(1), count(2), count(3))
    else {
        return Ok(None);
    };
    if count(4) != Some(CEPSTRUM as u32) || streams == 0 {
        return Ok(None);
    }
    let first = 4 + streams as usize + 1;
    let read = |row: usize| -> Option<Cepstrum> {
        let mut cepstrum = [0.0; CEPSTRUM];
        for (at, number) in cepstrum.iter_mut().enumerate() {
            *number = f32::from_le_bytes(word(first + row * CEPSTRUM + at)?);
        }
        Some(cepstrum)
    };
    Ok((0..densities as usize).map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds(means: &[(f32, f32)]) -> Sounds {
        let gaussians = means.iter().map(|&(loudness, colour)| {
            let mut mean = [0.0; CEPSTRUM];
            (mean[0], mean[1]) = (loudness, colour);
            Gaussian {
                mean,
                precision: [1.0; CEPSTRUM],
                height: 0.0,
            }
        });
        Sounds {
            gaussians: gaussians.collect(),
        }
    }

    #[test]
    fn what_a_line_adds_is_told_from_a_single_sound_that_was_said_over_it() {
        let model = sounds(&[(-8.0, 0.0), (8.0, 6.0), (8.0, -6.0)]);
        let mut window = [0.0; CEPSTRUM];
        // The second sound, over a line that adds 1 to the loudness and takes 1 from the colour.
        (window[0], window[1]) = (9.0, 5.0);
        let windows = vec![window; 40];
        let near = [7.0, 3.0].map(|it: f32| it / 2.0);
        let mut guess = [0.0; CEPSTRUM];
        (guess[0], guess[1]) = (near[0], near[1]);
        let added = model.added(&windows, &guess, 0.0);
        assert!(
            (added[0] - 1.0).abs() < 0.1 && (added[1] + 1.0).abs() < 0.1,
            "{added:?}"
        );
        let held = model.added(&windows, &guess, 1e6);
        assert!((held[0] - guess[0]).abs() < 0.1, "{held:?}");
    }

    #[test]
    fn a_shared_codebook_of_cepstra_is_read_and_any_other_form_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, counts: &[u32], numbers: usize| {
            let mut bytes = b"s3\nversion 1.0\nendhdr\n".to_vec();
            for count in counts {
                bytes.extend(count.to_le_bytes());
            }
            for number in 0..numbers {
                bytes.extend((number as f32).to_le_bytes());
            }
            fs::write(folder.path().join(name), bytes).expect("written");
        };
        let shared = [BYTE_ORDER, 1, 1, 2, 13, 26];
        file("means", &shared, 26);
        file("variances", &shared, 26);
        let read = Sounds::of(folder.path())
            .expect("read")
            .expect("of that form");
        assert_eq!(read.gaussians.len(), 2);
        assert_eq!(read.gaussians[1].mean[0], 13.0);
        file("means", &shared, 20);
        assert_eq!(Sounds::of(folder.path()).expect("read"), None, "cut short");
        file("means", &[BYTE_ORDER, 5_000, 1, 2, 13, 26], 26);
        assert_eq!(
            Sounds::of(folder.path()).expect("read"),
            None,
            "one for each sound"
        );
        fs::remove_file(folder.path().join("means")).expect("removed");
        assert!(Sounds::of(folder.path()).is_err());
    }
}
