//! A prompt while it plays: how loud, until when, compared with its reference.

use super::match_audio::{Similarity, correlation, similarity};
use super::track::Track;
use crate::rtp::FRAME;
use std::ops::Range;

/// A frame of the reference below this tells nothing about the gain.
const TELLING_DBFS: f32 = -50.0;
/// Below this correlation a frame holds something else, or nothing.
const THERE: f32 = 0.5;
/// The gain of what is not there.
const NOT_THERE_DB: f32 = -96.0;
/// Below this gain the prompt is gone.
const GONE_DB: f32 = -30.0;
/// So many telling frames in a row without the prompt: it was stopped.
const GONE_FRAMES: usize = 3;

/// A reference laid over what was heard.
#[derive(Clone, Copy, Debug)]
pub struct Playback<'a> {
    /// Every sample heard.
    pub heard: &'a [i16],
    /// The prompt as it should sound.
    pub reference: &'a [i16],
    /// Where in `heard` the reference stands.
    pub track: &'a Track,
}

impl Playback<'_> {
    /// The frames of the timeline that the prompt would fill, up to what was heard.
    pub fn frames(&self) -> Range<usize> {
        let from = self.track.offset_at(0).max(0) as usize;
        from.div_ceil(FRAME)..self.end().min(self.heard.len()) / FRAME
    }

    /// The sample of the timeline after the prompt's last.
    pub fn end(&self) -> usize {
        (self.track.last_offset() + self.reference.len() as isize).max(0) as usize
    }

    /// The prompt's gain in one frame of the timeline, in dB; -96 where it is not there, none
    /// where the reference is too quiet to tell.
    pub fn gain_db(&self, frame: usize) -> Option<f32> {
        let heard = self.heard.get(frame * FRAME..(frame + 1) * FRAME)?;
        let at = self.position(frame * FRAME)?;
        let reference = self.reference.get(at..at + FRAME)?;
        if dsp::level::dbfs(reference) < TELLING_DBFS {
            return None;
        }
        if correlation(heard, reference) < THERE {
            return Some(NOT_THERE_DB);
        }
        let (mut product, mut power) = (0i64, 0i64);
        for (&heard, &reference) in heard.iter().zip(reference) {
            product += i64::from(heard) * i64::from(reference);
            power += i64::from(reference) * i64::from(reference);
        }
        let gain = (product as f64 / power as f64) as f32;
        Some(20.0 * gain.log10())
    }

    /// The middle one of the gains in `frames`, in dB: the level the prompt plays at.
    pub fn usual_gain_db(&self, frames: Range<usize>) -> Option<f32> {
        let mut gains: Vec<f32> = self
            .among(frames)
            .filter_map(|frame| self.gain_db(frame))
            .collect();
        gains.sort_by(f32::total_cmp);
        gains.get(gains.len() / 2).copied()
    }

    /// The first of `frames` in which the prompt's gain is at or below `db`.
    pub fn falls_to(&self, db: f32, frames: Range<usize>) -> Option<usize> {
        self.among(frames)
            .find(|&frame| self.gain_db(frame).is_some_and(|gain| gain <= db))
    }

    /// The first of `frames` in which the prompt's gain is at or above `db`.
    pub fn rises_to(&self, db: f32, frames: Range<usize>) -> Option<usize> {
        self.among(frames)
            .find(|&frame| self.gain_db(frame).is_some_and(|gain| gain >= db))
    }

    /// The first of `frames` from which on the prompt is gone, and stays gone for three telling
    /// frames.
    pub fn stops(&self, frames: Range<usize>) -> Option<usize> {
        let mut gone: Option<(usize, usize)> = None;
        for frame in self.among(frames) {
            match self.gain_db(frame) {
                None => {}
                Some(gain) if gain > GONE_DB => gone = None,
                Some(_) => {
                    let (since, count) =
                        gone.map_or((frame, 1), |(since, count)| (since, count + 1));
                    if count >= GONE_FRAMES {
                        return Some(since);
                    }
                    gone = Some((since, count));
                }
            }
        }
        None
    }

    /// How much of the prompt was heard as it is, in these frames of the timeline.
    pub fn similarity(&self, frames: Range<usize>) -> Similarity {
        let heard = frames.start * FRAME..frames.end * FRAME;
        let mut all = Similarity::default();
        for (span, offset) in self.track.spans(heard) {
            let at = |sample: usize| (sample as isize - offset).max(0) as usize;
            let found = similarity(
                self.heard,
                self.reference,
                offset,
                at(span.start)..at(span.end),
            );
            all.same += found.same;
            all.all += found.all;
        }
        all
    }

    /// How many samples of the prompt had been played at a frame of the timeline.
    pub fn played_at(&self, frame: usize) -> usize {
        let played = self.position(frame * FRAME).unwrap_or(0);
        played.min(self.reference.len())
    }

    /// The reference's sample that stands at a heard sample.
    fn position(&self, sample: usize) -> Option<usize> {
        usize::try_from(sample as isize - self.track.offset_at(sample)).ok()
    }

    fn among(&self, frames: Range<usize>) -> Range<usize> {
        let all = self.frames();
        frames.start.max(all.start)..frames.end.min(all.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::babble;

    /// A prompt at full level that is heard from sample 480 on, with a gain for each frame.
    fn heard(reference: &[i16], gain: impl Fn(usize) -> f32) -> Vec<i16> {
        let mut heard = vec![0; 480];
        heard.extend(
            reference
                .iter()
                .enumerate()
                .map(|(at, &sample)| (f32::from(sample) * gain((at + 480) / FRAME)) as i16),
        );
        heard
    }

    #[test]
    fn ducking_and_coming_back_are_found_to_the_frame() {
        let reference = babble(3, 16_000);
        let heard = heard(&reference, |frame| {
            if (40..60).contains(&frame) { 0.25 } else { 1.0 }
        });
        let playback = Playback {
            heard: &heard,
            reference: &reference,
            track: &Track::new(480),
        };
        let down = playback.falls_to(-11.5, 20..90).unwrap();
        assert!((40..42).contains(&down), "{down}");
        let up = playback.rises_to(-1.0, 45..90).unwrap();
        assert!((60..62).contains(&up), "{up}");
        assert_eq!(playback.stops(0..100), None);
        assert_eq!(playback.falls_to(-14.0, 0..100), None);
    }

    #[test]
    fn a_stop_is_found_even_where_another_prompt_follows_at_once() {
        let reference = babble(3, 16_000);
        let mut heard = heard(&reference, |frame| if frame < 50 { 1.0 } else { 0.0 });
        let playback = Playback {
            heard: &heard.clone(),
            reference: &reference,
            track: &Track::new(480),
        };
        assert!((50..52).contains(&playback.stops(0..100).unwrap()));
        for (sample, other) in heard[8_000..].iter_mut().zip(babble(4, 8_000)) {
            *sample = other;
        }
        let playback = Playback {
            heard: &heard,
            reference: &reference,
            track: &Track::new(480),
        };
        let stop = playback.stops(0..100).unwrap();
        assert!((50..56).contains(&stop), "{stop}");
    }

    #[test]
    fn what_was_heard_until_the_stop_is_the_prompt() {
        let reference = babble(3, 16_000);
        let heard = heard(&reference, |frame| if frame < 53 { 1.0 } else { 0.0 });
        let playback = Playback {
            heard: &heard,
            reference: &reference,
            track: &Track::new(480),
        };
        assert_eq!(playback.similarity(0..53).share(), 1.0);
        assert!(playback.similarity(0..103).share() < 0.6);
    }
}
