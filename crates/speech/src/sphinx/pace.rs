//! How fast the words of a path would have been said.
//!
//! What is foreign to a grammar is often forced onto a phrase with more syllables than there was time for: a short
//! word fits two of another language that each match a piece of it. People say four to seven syllables a second, ten
//! at the very most, so a path that needs more is believed less.

use super::ffi::Segment;
use super::search::Search;
use super::searching::length;
use super::syllables::Voicing;

/// So many windows a syllable takes at least in words that are said at ease. Of 148 real commands
/// understood rightly the fastest had 13.0, of 41 digits taken for commands half had less than 13.8.
const SAID_MIN: f32 = 14.0;
/// And so long a voice sounds for each at least, whose consonants may have none.
const VOICED_MIN: f32 = 10.0;
/// What each window that a syllable lacks takes off the distance from rejection.
const WEIGHT: f32 = 3.0;

/// A path's syllables, and the time that they had, in windows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pace {
    syllables: usize,
    said: usize,
    voiced: usize,
}

impl Pace {
    /// Of a path whose first window is the turn's window `first`.
    pub(super) fn of(search: &Search, path: &[Segment], voicing: &Voicing, first: usize) -> Self {
        let (mut syllables, mut said) = (0, 0);
        let mut span: Option<(usize, usize)> = None;
        for segment in path {
            let Some(token) = search.token(&segment.word) else {
                continue;
            };
            syllables += token.syllables();
            said += length(segment);
            let from = span.map_or(segment.from as usize, |(from, _)| from);
            span = Some((from, segment.to as usize + 1));
        }
        let voiced = span.map_or(0, |(from, to)| voicing.span(first + from, first + to));
        Self {
            syllables,
            said,
            voiced,
        }
    }

    /// What is to be taken off the path's distance from rejection; nothing at any usual speed.
    pub(super) fn penalty(self) -> f32 {
        if self.syllables == 0 {
            return 0.0;
        }
        let each = |windows: usize| windows as f32 / self.syllables as f32;
        let lack = |least: f32, windows| (least - each(windows)).max(0.0);
        WEIGHT * (lack(SAID_MIN, self.said) + lack(VOICED_MIN, self.voiced))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_nobody_says_so_fast_are_believed_less() {
        let penalty = |syllables, said, voiced| {
            let pace = Pace {
                syllables,
                said,
                voiced,
            };
            pace.penalty()
        };
        for usual in [(1, 30, 11), (2, 40, 30), (12, 180, 170), (0, 0, 0)] {
            assert_eq!(penalty(usual.0, usual.1, usual.2), 0.0, "{usual:?}");
        }
        // Two syllables in 160 ms of voice, as in 对 taken for 坐席.
        assert_eq!(penalty(2, 30, 16), 6.0);
        assert_eq!(penalty(10, 120, 115), 6.0);
    }
}
