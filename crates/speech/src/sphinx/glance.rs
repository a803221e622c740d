//! What was said up to a pause, searched again with the mean of what was heard.
//!
//! While a caller speaks, the mean of their line is only guessed, and words that nobody said are found in and around
//! pauses. Once they are quiet the speech so far is searched by itself, as at the end of a turn. Where digits are asked
//! for its pauses are cut short first, and the path is held against the syllables that were said.

use super::ffi::Cepstrum;
use super::fitting::{Candidate, answer, number};
use super::models::Duty;
use super::pool::Lender;
use super::search::Search;
use super::searching::path;
use super::syllables::{Voicing, kernels};
use super::windows;
use crate::SpeechError;
use crate::recognizer::ChannelMean;

/// Quiet that is a pause, in windows: 120 ms, longer than most stops inside words.
const PAUSE: usize = 12;
/// So many windows of new sound may be a click; until then what was said is what it was before.
const NEW_SOUND: usize = 30;
/// Quiet windows that are left on each side of a pause.
const PAUSE_KEPT: usize = 12;
/// Speech longer than this is not searched again, in windows: eight seconds without its pauses.
const LONGEST: usize = 800;
/// Nor is speech that is longer than this with them: twenty seconds.
const LONGEST_WITH_PAUSES: usize = 2_000;

/// The words up to a pause.
pub(super) struct Glance {
    /// The window after the last that was speech.
    end: usize,
    of_digits: bool,
    /// None where it was too much to be searched again.
    pub(super) words: Option<Vec<String>>,
}

impl Glance {
    /// Whether these windows end in a pause that was not looked at.
    pub(super) fn is_due(last: Option<&Self>, heard: &[Cepstrum]) -> bool {
        pause(heard).is_some_and(|(_, end)| last.is_none_or(|last| last.end != end))
    }

    /// Whether nothing was said since; where digits are asked for, whether what was said since is too short to be one.
    pub(super) fn holds(&self, heard: &[Cepstrum]) -> bool {
        if !self.of_digits {
            return pause(heard).is_some_and(|(_, end)| end == self.end);
        }
        let Some(floor) = windows::speech_floor(heard) else {
            return false;
        };
        let new = heard.iter().skip(self.end).position(|it| it[0] > floor);
        new.is_none_or(|new| heard.len() <= self.end + new + NEW_SOUND)
    }

    /// Searches the speech before the pause; nothing where there is no pause, or no decoder is free.
    pub(super) fn at(
        heard: &[Cepstrum],
        voicing: &Voicing,
        carried: Option<ChannelMean>,
        search: &Search,
        lender: &Lender,
    ) -> Result<Option<Self>, SpeechError> {
        let Some((from, end)) = pause(heard) else {
            return Ok(None);
        };
        let of_digits = search.asks_digits();
        let to = (end + windows::MARGIN).min(heard.len());
        let mut said = heard[from..to].to_vec();
        if of_digits {
            said = pauses_cut(&said);
        }
        let words = match said.len() <= LONGEST {
            true => match paths(&said, carried, search, lender)? {
                Some((open, ended)) => {
                    let syllables = kernels(heard, voicing, from, to).len();
                    Some(match of_digits {
                        true => number(open, ended, syllables),
                        false => answer(open, ended, syllables),
                    })
                }
                None => return Ok(None),
            },
            false => None,
        };
        Ok(Some(Self {
            end,
            of_digits,
            words,
        }))
    }
}

/// The best path through what was said, and the best one to the grammar's end; none where no decoder is free.
fn paths(
    said: &[Cepstrum],
    carried: Option<ChannelMean>,
    search: &Search,
    lender: &Lender,
) -> Result<Option<(Candidate, Candidate)>, SpeechError> {
    let mut decoder = match lender.lease(Duty::Understanding) {
        Ok(decoder) => decoder,
        Err(SpeechError::AllEarsBusy { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mean = match carried {
        None if search.asks_digits() => {
            windows::stranger_mean(said, lender.model.sounds.as_deref())
        }
        known => windows::utterance_mean(known, said),
    };
    decoder.load(search)?;
    decoder.with(|decoder| {
        decoder.start(&search.name)?;
        decoder.push(&windows::normalised(said, &mean))?;
        let open = Candidate::of(decoder.best(), &path(decoder), search);
        decoder.end()?;
        let ended = Candidate::of(decoder.best(), &path(decoder), search);
        Ok(Some((open, ended)))
    })
}

/// What was said, with no more than a little quiet left of each pause.
fn pauses_cut(said: &[Cepstrum]) -> Vec<Cepstrum> {
    let kept = said.iter().zip(is_kept(said)).filter(|(_, kept)| *kept);
    kept.map(|(window, _)| *window).collect()
}

/// Which windows are near something that was said.
fn is_kept(said: &[Cepstrum]) -> Vec<bool> {
    let Some(floor) = windows::speech_floor(said) else {
        return vec![true; said.len()];
    };
    let mut near = vec![false; said.len()];
    for at in (0..said.len()).filter(|&at| said[at][0] > floor) {
        let to = (at + PAUSE_KEPT + 1).min(said.len());
        near[at.saturating_sub(PAUSE_KEPT)..to].fill(true);
    }
    near
}

/// The first window of speech and the one after its last, where they are followed by a pause.
fn pause(heard: &[Cepstrum]) -> Option<(usize, usize)> {
    let (from, to) = windows::spoken(heard)?;
    let is_pause = heard.len() >= to + PAUSE && to - from <= LONGEST_WITH_PAUSES;
    is_pause.then(|| (from.saturating_sub(windows::MARGIN), to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(parts: &[(f32, usize)]) -> Vec<Cepstrum> {
        let mut windows = Vec::new();
        for &(loudness, count) in parts {
            let mut window: Cepstrum = [0.0; crate::recognizer::CEPSTRUM];
            window[0] = loudness;
            windows.extend(vec![window; count]);
        }
        windows
    }

    #[test]
    fn a_pause_is_looked_at_once_and_again_when_more_was_said() {
        let mut sound = heard(&[(1.0, 20), (20.0, 30), (1.0, PAUSE - 1)]);
        assert!(!Glance::is_due(None, &sound), "that is no pause yet");
        sound.extend(heard(&[(1.0, 1)]));
        assert!(Glance::is_due(None, &sound));
        let glance = Glance {
            end: 50,
            of_digits: false,
            words: None,
        };
        assert!(glance.holds(&sound) && !Glance::is_due(Some(&glance), &sound));
        sound.extend(heard(&[(20.0, 20)]));
        assert!(!glance.holds(&sound) && !Glance::is_due(Some(&glance), &sound));
        sound.extend(heard(&[(1.0, PAUSE)]));
        assert!(Glance::is_due(Some(&glance), &sound));
    }

    #[test]
    fn little_is_left_of_a_pause_and_all_of_what_was_said() {
        let sound = heard(&[(20.0, 30), (1.0, 80), (20.0, 30), (1.0, 5), (20.0, 30)]);
        assert_eq!(pauses_cut(&sound).len(), 30 + 2 * PAUSE_KEPT + 30 + 5 + 30);
        let quiet = heard(&[(1.0, 50)]);
        assert_eq!(pauses_cut(&quiet).len(), 50);
    }

    #[test]
    fn a_number_stands_until_new_sound_is_long_enough_for_a_digit() {
        let glance = |of_digits| Glance {
            end: 50,
            of_digits,
            words: None,
        };
        let mut sound = heard(&[(1.0, 20), (20.0, 30), (1.0, 40), (20.0, NEW_SOUND)]);
        assert!(glance(true).holds(&sound) && !glance(false).holds(&sound));
        sound.extend(heard(&[(20.0, 1)]));
        assert!(!glance(true).holds(&sound));
    }
}
