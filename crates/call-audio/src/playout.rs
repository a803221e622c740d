//! What the bot says, 20 ms at each tick, never with a step.
//!
//! A prompt begins and ends with a fade of 10 ms, also when it is stopped; a new
//! prompt fades in while the one it replaces fades out. Ducking glides to −12 dB
//! within 10 ms. Where no prompt plays there is silence.

use call_model::{FRAME_SAMPLES, PromptEnd, PromptId};
use dsp::Gain;
use std::sync::Arc;

/// Samples of every fade: 10 ms.
const FADE: usize = 80;
/// The factor of −12 dB.
const DUCKED: f32 = 0.251_188_64;
/// Samples in a millisecond.
const PER_MS: usize = 8;

/// The one prompt that plays, and what is left of the one before.
#[derive(Clone, Debug)]
pub(crate) struct Playout {
    playing: Option<Playing>,
    /// The stopped prompt's last 10 ms, to be heard in the next frame.
    tail: Option<[i16; FADE]>,
}

#[derive(Clone, Debug)]
struct Playing {
    prompt: PromptId,
    audio: Arc<[i16]>,
    /// The first sample that was not sent yet.
    next: usize,
    /// Fades at beginning and end.
    edge: Gain,
    /// Ducking.
    level: Gain,
}

/// 20 ms of the bot, and what begins and ends with them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Played {
    pub samples: [i16; FRAME_SAMPLES],
    /// The prompt whose first sound this is.
    pub started: Option<PromptId>,
    /// The prompt whose last sound this is.
    pub finished: Option<PromptId>,
}

impl Playout {
    pub const fn new() -> Self {
        Self {
            playing: None,
            tail: None,
        }
    }

    /// Plays a prompt from the next frame on, in place of any that plays; the
    /// ends that this brings about.
    pub fn play(&mut self, prompt: PromptId, audio: Arc<[i16]>) -> [Option<Ended>; 2] {
        let replaced = self.stop_playing();
        if audio.is_empty() {
            return [replaced, Some((prompt, PromptEnd::Failed))];
        }
        self.playing = Some(Playing::new(prompt, audio));
        [replaced, None]
    }

    /// Lowers the prompt by 12 dB, if it plays.
    pub fn duck(&mut self, prompt: PromptId) {
        self.glide(prompt, DUCKED);
    }

    /// Brings the prompt back to its level, if it plays.
    pub fn unduck(&mut self, prompt: PromptId) {
        self.glide(prompt, 1.0);
    }

    /// Stops the prompt, if it plays; its fade is in the next frame.
    pub fn stop(&mut self, prompt: PromptId) -> Option<Ended> {
        match &self.playing {
            Some(playing) if playing.prompt == prompt => self.stop_playing(),
            _ => None,
        }
    }

    /// Will the next frame hold a prompt?
    pub const fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// The next 20 ms.
    pub fn next_frame(&mut self) -> Played {
        let mut played = Played {
            samples: [0; FRAME_SAMPLES],
            started: None,
            finished: None,
        };
        if let Some(playing) = &mut self.playing {
            played.started = playing.is_untouched().then_some(playing.prompt);
            playing.fill(&mut played.samples);
            if playing.is_over() {
                played.finished = Some(playing.prompt);
                self.playing = None;
            }
        }
        if let Some(tail) = self.tail.take() {
            for (sample, left) in played.samples.iter_mut().zip(tail) {
                *sample = sample.saturating_add(left);
            }
        }
        played
    }

    fn glide(&mut self, prompt: PromptId, factor: f32) {
        if let Some(playing) = &mut self.playing
            && playing.prompt == prompt
        {
            playing.level.glide_to(factor, FADE as u32);
        }
    }

    fn stop_playing(&mut self) -> Option<Ended> {
        let playing = self.playing.take()?;
        let heard_ms = u32::try_from(playing.next / PER_MS).unwrap_or(u32::MAX);
        let prompt = playing.prompt;
        if !playing.is_untouched() {
            self.tail = Some(playing.into_tail());
        }
        Some((prompt, PromptEnd::Stopped { heard_ms }))
    }
}

/// A prompt and how it ended.
pub(crate) type Ended = (PromptId, PromptEnd);

impl Playing {
    fn new(prompt: PromptId, audio: Arc<[i16]>) -> Self {
        let mut playing = Self {
            prompt,
            audio,
            next: 0,
            edge: Gain::new(0.0),
            level: Gain::new(1.0),
        };
        playing.edge.glide_to(1.0, playing.fade() as u32);
        playing
    }

    const fn is_untouched(&self) -> bool {
        self.next == 0
    }

    fn is_over(&self) -> bool {
        self.next == self.audio.len()
    }

    /// The length of its fades: half of the whole for very short prompts.
    fn fade(&self) -> usize {
        FADE.min(self.audio.len() / 2)
    }

    /// Puts the next samples to the beginning of `samples`, as many as are left.
    fn fill(&mut self, samples: &mut [i16]) {
        let fade_begin = self.audio.len() - self.fade();
        let until_fade = fade_begin.saturating_sub(self.next);
        let filled = samples.len().min(self.audio.len() - self.next);
        let (plain, fading) = samples[..filled].split_at_mut(until_fade.min(filled));
        self.fill_plain(plain);
        if self.next == fade_begin {
            self.edge.glide_to(0.0, self.fade() as u32);
        }
        self.fill_plain(fading);
    }

    fn fill_plain(&mut self, samples: &mut [i16]) {
        let end = self.next + samples.len();
        samples.copy_from_slice(&self.audio[self.next..end]);
        self.next = end;
        self.edge.apply(samples);
        self.level.apply(samples);
    }

    /// Its next 10 ms, fading to silence.
    fn into_tail(mut self) -> [i16; FADE] {
        let mut tail = [0; FADE];
        let left = FADE.min(self.audio.len() - self.next);
        self.edge.glide_to(0.0, left as u32);
        self.fill_plain(&mut tail[..left]);
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp::level::{rms, steepest_step, to_db};
    use dsp::tone;

    const FIRST: PromptId = PromptId(1);
    const SECOND: PromptId = PromptId(2);

    fn hum(freq: f32, ms: usize) -> Arc<[i16]> {
        tone(freq, 8_000, ms * PER_MS, 12_000).into()
    }

    fn frames(playout: &mut Playout, count: usize) -> Vec<i16> {
        (0..count)
            .flat_map(|_| playout.next_frame().samples)
            .collect()
    }

    /// The steepest step of a 400 Hz hum, with what a 10 ms fade adds to it.
    const HUM_STEP: u16 = 3_840 + 12_000 / 80;

    #[test]
    fn a_prompt_starts_once_and_finishes_once_with_its_last_sound() {
        let mut playout = Playout::new();
        assert_eq!(playout.play(FIRST, hum(400.0, 50)), [None, None]);
        let shown: Vec<_> = (0..4)
            .map(|_| playout.next_frame())
            .map(|played| (played.started, played.finished, rms(&played.samples) > 0.0))
            .collect();
        let golden = [
            (Some(FIRST), None, true),
            (None, None, true),
            (None, Some(FIRST), true),
            (None, None, false),
        ];
        assert_eq!(shown, golden);
        assert_eq!(playout.stop(FIRST), None);
    }

    #[test]
    fn a_prompt_of_constant_pressure_has_no_step_at_either_end() {
        for length in [1, 2, 79, 80, 159, 160, 161, 400] {
            let mut playout = Playout::new();
            playout.play(FIRST, vec![16_000; length].into());
            let mut heard = vec![0];
            heard.extend(frames(&mut playout, 5));
            let fade = 80.min((length / 2).max(1));
            let limit = 16_000 / fade as u16 + 1;
            assert!(steepest_step(&heard) <= limit, "{length} samples");
        }
    }

    #[test]
    fn a_stopped_prompt_is_silent_10_ms_later_and_tells_what_was_heard() {
        let mut playout = Playout::new();
        playout.play(FIRST, hum(400.0, 1_000));
        let mut heard = frames(&mut playout, 5);
        let ended = playout.stop(FIRST);
        assert_eq!(ended, Some((FIRST, PromptEnd::Stopped { heard_ms: 100 })));
        assert_eq!(playout.stop(FIRST), None);
        heard.extend(frames(&mut playout, 2));
        assert!(rms(&heard[800..840]) > 3_000.0);
        assert!(heard[880..].iter().all(|&sample| sample == 0));
        assert!(steepest_step(&heard) <= HUM_STEP);
    }

    #[test]
    fn a_prompt_stopped_within_its_last_fade_still_ends_softly() {
        let mut playout = Playout::new();
        playout.play(FIRST, vec![16_000; 160 + 40].into());
        let mut heard = frames(&mut playout, 1);
        assert!(playout.stop(FIRST).is_some());
        heard.extend(frames(&mut playout, 1));
        assert!(steepest_step(&heard) <= 201);
    }

    #[test]
    fn a_new_prompt_takes_over_without_a_step() {
        let mut playout = Playout::new();
        playout.play(FIRST, hum(400.0, 1_000));
        let mut heard = frames(&mut playout, 3);
        let ends = playout.play(SECOND, hum(400.0, 1_000));
        assert_eq!(
            ends,
            [Some((FIRST, PromptEnd::Stopped { heard_ms: 60 })), None]
        );
        let played = playout.next_frame();
        assert_eq!(played.started, Some(SECOND));
        heard.extend(played.samples);
        heard.extend(frames(&mut playout, 3));
        assert!(steepest_step(&heard) <= HUM_STEP);
    }

    #[test]
    fn a_prompt_replaced_before_its_first_sound_was_not_heard() {
        let mut playout = Playout::new();
        playout.play(FIRST, hum(400.0, 100));
        let ends = playout.play(SECOND, Arc::from([]));
        let not_heard = PromptEnd::Stopped { heard_ms: 0 };
        assert_eq!(
            ends,
            [Some((FIRST, not_heard)), Some((SECOND, PromptEnd::Failed))]
        );
        assert_eq!(frames(&mut playout, 1), [0; FRAME_SAMPLES]);
    }

    #[test]
    fn ducking_is_12_db_and_softly_there_within_10_ms() {
        let mut playout = Playout::new();
        playout.play(FIRST, hum(400.0, 1_000));
        let mut heard = frames(&mut playout, 5);
        playout.duck(SECOND);
        playout.duck(FIRST);
        heard.extend(frames(&mut playout, 5));
        playout.unduck(FIRST);
        heard.extend(frames(&mut playout, 5));
        let (full, ducked, again) = (&heard[400..800], &heard[880..1_600], &heard[1_680..2_400]);
        let down = to_db(rms(ducked) / rms(full));
        assert!((down + 12.0).abs() < 0.1, "{down} dB");
        assert!((to_db(rms(again) / rms(full))).abs() < 0.1);
        assert!(steepest_step(&heard) <= HUM_STEP);
    }
}
