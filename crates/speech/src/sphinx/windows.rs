//! From telephone sound to normalised windows.

use super::ffi::{Cepstrum, FrontEnd, Library};
use super::models::{CheckedModel, ModelRate};
use super::sounds::Sounds;
use crate::SpeechError;
use crate::recognizer::{CEPSTRUM, ChannelMean};
use dsp::Doubler;
use std::sync::Arc;
use std::time::Duration;

/// How long one window moves on.
pub(super) const WINDOW: Duration = Duration::from_millis(10);
/// Noise added to every sample, up and down: on a line that carries exact zeros the
/// logarithm of nothing would drown what is said (digits 82 % without, 87 % with).
const DITHER: i16 = 8;
/// How far up between quietest and loudest window speech begins.
const SPEECH_SHARE: f32 = 0.4;
/// Quiet windows kept on both sides of speech.
pub(super) const MARGIN: usize = 5;
/// Loudest less quietest window of a turn in which somebody may have spoken.
const LIFT_MIN: f32 = 4.0;
/// How much what is known of a caller weighs against an utterance, in windows.
const CARRIED_WINDOWS: f32 = 200.0;
/// How much the mean weighs against what else a stranger's line may add, in windows.
const GUESS_WINDOWS: f32 = 30.0;
/// So much of the past stays in a caller's mean, in windows.
const MEMORY_WINDOWS: f32 = 300.0;

/// The ear's front: samples in, windows out.
pub(super) struct Front {
    front: FrontEnd,
    doubler: Option<Doubler>,
    noise: u32,
    sound: Vec<i16>,
}

impl Front {
    pub(super) fn open(library: &Arc<Library>, model: &CheckedModel) -> Result<Self, SpeechError> {
        let mut front = FrontEnd::open(library, &model.options)?;
        front.start()?;
        Ok(Self {
            front,
            doubler: match model.rate {
                ModelRate::Hz8000 => None,
                ModelRate::Hz16000 => Some(Doubler::new()),
            },
            noise: 1,
            sound: Vec::new(),
        })
    }

    /// Adds the windows that these samples at 8 kHz complete.
    pub(super) fn push(
        &mut self,
        samples: &[i16],
        windows: &mut Vec<Cepstrum>,
    ) -> Result<(), SpeechError> {
        self.sound.clear();
        match &mut self.doubler {
            Some(doubler) => doubler.extend(samples, &mut self.sound),
            None => self.sound.extend(samples),
        }
        for sample in &mut self.sound {
            // A linear congruential step (Numerical Recipes): the same noise in every turn.
            self.noise = self
                .noise
                .wrapping_mul(1_664_525)
                .wrapping_add(1_013_904_223);
            let noise = (self.noise >> 16) as i32 % i32::from(2 * DITHER + 1);
            *sample = sample.saturating_add(noise as i16 - DITHER);
        }
        self.front.push(&self.sound, windows)
    }

    /// Adds the last window.
    pub(super) fn end(&mut self, windows: &mut Vec<Cepstrum>) -> Result<(), SpeechError> {
        self.front.end(windows)
    }
}

/// Where in a turn there was speech, with a little quiet around it: first window and end.
pub(super) fn speech(windows: &[Cepstrum]) -> Option<(usize, usize)> {
    let (first, end) = spoken(windows)?;
    Some((
        first.saturating_sub(MARGIN),
        (end + MARGIN).min(windows.len()),
    ))
}

/// The first window of speech in a turn, and the one after its last.
pub(super) fn spoken(windows: &[Cepstrum]) -> Option<(usize, usize)> {
    let floor = speech_floor(windows)?;
    let first = windows.iter().position(|window| window[0] > floor)?;
    let last = windows.iter().rposition(|window| window[0] > floor)?;
    Some((first, last + 1))
}

/// How loud a window of speech is at least in these; none where nobody may have spoken.
pub(super) fn speech_floor(windows: &[Cepstrum]) -> Option<f32> {
    let loudness = || windows.iter().map(|window| window[0]);
    let quietest = loudness().min_by(f32::total_cmp)?;
    let loudest = loudness().max_by(f32::total_cmp)?;
    let lift = loudest - quietest;
    (lift >= LIFT_MIN).then_some(quietest + lift * SPEECH_SHARE)
}

/// The mean to take off an utterance: its own, drawn towards what is known of the
/// caller. A caller never heard before is judged by the utterance alone.
pub(super) fn utterance_mean(carried: Option<ChannelMean>, windows: &[Cepstrum]) -> Cepstrum {
    let own = mean_of(windows);
    match carried {
        Some(carried) => {
            let known = ChannelMean {
                windows: carried.windows.min(CARRIED_WINDOWS),
                ..carried
            };
            joined(known, own).mean
        }
        None => own.mean,
    }
}

/// What a stranger's line adds, as far as it can be told from what was said so far: where the model can say what
/// speech sounds like, what makes these windows most like it; otherwise their mean.
pub(super) fn stranger_mean(windows: &[Cepstrum], sounds: Option<&Sounds>) -> Cepstrum {
    let own = mean_of(windows).mean;
    sounds.map_or(own, |sounds| sounds.added(windows, &own, GUESS_WINDOWS))
}

/// What is known of a caller after one more utterance.
pub(super) fn learnt(known: ChannelMean, windows: &[Cepstrum]) -> ChannelMean {
    let known = ChannelMean {
        windows: known.windows.min(MEMORY_WINDOWS),
        ..known
    };
    joined(known, mean_of(windows))
}

/// The windows less a mean.
pub(super) fn normalised(windows: &[Cepstrum], mean: &Cepstrum) -> Vec<Cepstrum> {
    windows
        .iter()
        .map(|window| std::array::from_fn(|at| window[at] - mean[at]))
        .collect()
}

fn mean_of(windows: &[Cepstrum]) -> ChannelMean {
    let count = windows.len() as f32;
    let mut mean = [0.0; CEPSTRUM];
    for window in windows {
        for (sum, coefficient) in mean.iter_mut().zip(window) {
            *sum += coefficient / count;
        }
    }
    ChannelMean {
        mean,
        windows: count,
    }
}

fn joined(one: ChannelMean, other: ChannelMean) -> ChannelMean {
    let windows = one.windows + other.windows;
    if windows == 0.0 {
        return one;
    }
    let weigh = |at: usize| (one.mean[at] * one.windows + other.mean[at] * other.windows) / windows;
    ChannelMean {
        mean: std::array::from_fn(weigh),
        windows,
    }
}

/// The mean while an utterance is still under way, from all that was heard of it.
#[derive(Clone, Debug)]
pub(super) struct LiveMean {
    so_far: ChannelMean,
}

impl LiveMean {
    /// Begins from what is known of the caller.
    pub(super) fn new(known: ChannelMean) -> Self {
        Self {
            so_far: ChannelMean {
                windows: known.windows.min(CARRIED_WINDOWS),
                ..known
            },
        }
    }

    /// Takes new windows in, and the mean off them.
    pub(super) fn normalise(&mut self, windows: &[Cepstrum]) -> Vec<Cepstrum> {
        self.so_far = joined(self.so_far, mean_of(windows));
        normalised(windows, &self.so_far.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(loudness: f32) -> Cepstrum {
        let mut window = [0.0; CEPSTRUM];
        window[0] = loudness;
        window
    }

    #[test]
    fn speech_is_found_with_a_little_quiet_around_it() {
        let mut windows = vec![window(1.0); 50];
        windows.extend(vec![window(20.0); 30]);
        windows.extend(vec![window(1.0); 50]);
        assert_eq!(speech(&windows), Some((50 - MARGIN, 80 + MARGIN)));
        assert_eq!(speech(&windows[..40]), None);
        assert_eq!(speech(&[]), None);
    }

    #[test]
    fn a_known_caller_steadies_the_mean_of_a_short_word() {
        let known = ChannelMean {
            mean: window(10.0),
            windows: 500.0,
        };
        let short = vec![window(20.0); 25];
        assert!((utterance_mean(None, &short)[0] - 20.0).abs() < 1e-3);
        let steadied = utterance_mean(Some(known), &short)[0];
        assert!((11.0..12.0).contains(&steadied), "{steadied}");
        let after = learnt(known, &vec![window(20.0); 300]);
        assert!((after.mean[0] - 15.0).abs() < 1e-3 && after.windows == 600.0);
    }
}
