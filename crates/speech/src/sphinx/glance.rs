//! What was said up to a pause, searched again with the mean of what was heard.
//!
//! While a caller speaks, the mean of their line is only guessed, and words that nobody said are found in and around
//! pauses. Once they are quiet the speech so far is searched by itself, as at the end of a turn.

use super::ffi::{Cepstrum, Segment};
use super::models::Duty;
use super::pool::Lender;
use super::search::Search;
use super::searching::{path, words_in};
use super::windows;
use crate::SpeechError;
use crate::recognizer::ChannelMean;

/// Quiet that is a pause, in windows: 120 ms, longer than most stops inside words.
const PAUSE: usize = 12;
/// A path to the grammar's end is taken where it fits nearly as well as the best one, which may stop in the middle
/// of a phrase: the caller did pause. In the library's steps of 0.1024 nats.
const ENDED_LESS_MAX: i32 = 60;
/// Speech longer than this is not searched again, in windows: eight seconds.
const LONGEST: usize = 800;

/// The words up to a pause.
pub(super) struct Glance {
    /// The window after the last that was speech.
    end: usize,
    pub(super) words: Vec<String>,
}

impl Glance {
    /// Whether these windows end in a pause that was not looked at.
    pub(super) fn is_due(last: Option<&Self>, heard: &[Cepstrum]) -> bool {
        pause(heard).is_some_and(|(_, end)| last.is_none_or(|last| last.end != end))
    }

    /// Whether nothing was said since.
    pub(super) fn holds(&self, heard: &[Cepstrum]) -> bool {
        pause(heard).is_some_and(|(_, end)| end == self.end)
    }

    /// Searches the speech before the pause; nothing where there is no pause, or no decoder is free.
    pub(super) fn at(
        heard: &[Cepstrum],
        carried: Option<ChannelMean>,
        search: &Search,
        lender: &Lender,
    ) -> Result<Option<Self>, SpeechError> {
        let Some((from, end)) = pause(heard) else {
            return Ok(None);
        };
        let mut decoder = match lender.lease(Duty::Understanding) {
            Ok(decoder) => decoder,
            Err(SpeechError::AllEarsBusy { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let speech = &heard[from..(end + windows::MARGIN).min(heard.len())];
        let mean = windows::utterance_mean(carried, speech);
        decoder.load(search)?;
        let (open, ended) = decoder.with(|decoder| {
            decoder.start(&search.name)?;
            decoder.push(&windows::normalised(speech, &mean))?;
            let open = (decoder.best(), path(decoder));
            decoder.end()?;
            Ok((open, (decoder.best(), path(decoder))))
        })?;
        let words = words_in(search, &nearer(open, ended));
        Ok(Some(Self { end, words }))
    }
}

/// A path's score, where there is one, and the path.
type Scored = (Option<i32>, Vec<Segment>);

fn nearer(open: Scored, ended: Scored) -> Vec<Segment> {
    match (open.0, ended.0) {
        (Some(best), Some(score)) if best - score <= ENDED_LESS_MAX => ended.1,
        (None, Some(_)) => ended.1,
        (_, None) | (Some(_), Some(_)) => open.1,
    }
}

/// The first window of speech and the one after its last, where they are followed by a pause.
fn pause(heard: &[Cepstrum]) -> Option<(usize, usize)> {
    let (from, to) = windows::spoken(heard)?;
    let is_pause = heard.len() >= to + PAUSE && to - from <= LONGEST;
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
            words: Vec::new(),
        };
        assert!(glance.holds(&sound) && !Glance::is_due(Some(&glance), &sound));
        sound.extend(heard(&[(20.0, 20)]));
        assert!(!glance.holds(&sound) && !Glance::is_due(Some(&glance), &sound));
        sound.extend(heard(&[(1.0, PAUSE)]));
        assert!(Glance::is_due(Some(&glance), &sound));
    }

    #[test]
    fn a_path_to_the_end_is_taken_where_it_fits_nearly_as_well() {
        let path = |word: &str| {
            vec![Segment {
                word: word.to_owned(),
                from: 0,
                to: 9,
                acoustic: 0,
            }]
        };
        let chosen = |open, ended| nearer((open, path("open")), (ended, path("ended")));
        assert_eq!(
            chosen(Some(-100), Some(-100 - ENDED_LESS_MAX)),
            path("ended")
        );
        assert_eq!(
            chosen(Some(-100), Some(-101 - ENDED_LESS_MAX)),
            path("open")
        );
        assert_eq!(chosen(Some(-100), None), path("open"));
    }
}
