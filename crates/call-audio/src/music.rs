//! Hold music: a loop without a step, silent while a prompt sounds.
//!
//! The loop's last 10 ms are blended into its first, so that the seam is no click
//! whatever sound it is. It comes and goes within 10 ms. A prompt silences it; it
//! goes on where it was, a moment after the prompt, lest it flares up between
//! two prompts. While it is off it costs a look at a flag.

use call_model::FRAME_SAMPLES;
use dsp::Gain;
use std::sync::Arc;

/// Samples of every fade and of the seam: 10 ms.
const FADE: usize = 80;
/// Ticks between a prompt's end and the music: 200 ms.
const REST_TICKS: u8 = 10;

/// The music of one leg.
#[derive(Clone, Debug)]
pub(crate) struct Music {
    sound: Option<Loop>,
    is_wanted: bool,
    edge: Gain,
    /// The edge rises or stands: it was not told to go down.
    is_up: bool,
    /// Ticks until it comes back after a prompt.
    rest: u8,
    /// The last 10 ms of a loop that another one replaced.
    tail: Option<[i16; FADE]>,
}

impl Music {
    pub const fn new() -> Self {
        Self {
            sound: None,
            is_wanted: false,
            edge: Gain::new(0.0),
            is_up: false,
            rest: 0,
            tail: None,
        }
    }

    /// The loop to play from now on, from its beginning; none or an empty one is silence.
    pub fn set(&mut self, sound: Option<Arc<[i16]>>) {
        let new = sound.filter(|sound| !sound.is_empty()).map(Loop::new);
        let old = std::mem::replace(&mut self.sound, new);
        if let Some(old) = old.filter(|_| self.is_audible()) {
            self.tail = Some(self.faded(old));
        }
        self.edge = Gain::new(0.0);
        self.is_up = false;
    }

    pub const fn want(&mut self, is_wanted: bool) {
        self.is_wanted = is_wanted;
    }

    /// Adds the next 20 ms to `samples`, in which a prompt sounds or does not.
    pub fn mix_into(&mut self, samples: &mut [i16; FRAME_SAMPLES], does_prompt_sound: bool) {
        if let Some(tail) = self.tail.take() {
            add(samples, &tail);
        }
        self.decide(does_prompt_sound);
        if !self.is_audible() {
            return;
        }
        if let Some(sound) = &mut self.sound {
            let mut music = [0; FRAME_SAMPLES];
            sound.fill(&mut music);
            self.edge.apply(&mut music);
            add(samples, &music);
        }
    }

    fn decide(&mut self, does_prompt_sound: bool) {
        if does_prompt_sound {
            self.rest = REST_TICKS;
        }
        let is_up = self.is_wanted && self.rest == 0;
        if !does_prompt_sound {
            self.rest = self.rest.saturating_sub(1);
        }
        if is_up != std::mem::replace(&mut self.is_up, is_up) {
            let level = if is_up { 1.0 } else { 0.0 };
            self.edge.glide_to(level, FADE as u32);
        }
    }

    fn is_audible(&self) -> bool {
        self.edge.is_gliding() || self.edge.factor() > 0.0
    }

    /// The next 10 ms of a loop, on the way to silence.
    fn faded(&mut self, mut sound: Loop) -> [i16; FADE] {
        let mut tail = [0; FADE];
        sound.fill(&mut tail);
        self.edge.glide_to(0.0, FADE as u32);
        self.edge.apply(&mut tail);
        tail
    }
}

/// Adds one sound to another; what is too loud is clipped.
pub(crate) fn add(samples: &mut [i16], more: &[i16]) {
    for (sample, more) in samples.iter_mut().zip(more) {
        *sample = sample.saturating_add(*more);
    }
}

/// A sound that leads back into itself.
#[derive(Clone, Debug)]
struct Loop {
    sound: Arc<[i16]>,
    next: usize,
}

impl Loop {
    const fn new(sound: Arc<[i16]>) -> Self {
        Self { sound, next: 0 }
    }

    /// Samples of the seam: half of the whole for very short sounds.
    fn seam(&self) -> usize {
        FADE.min(self.sound.len() / 2)
    }

    fn fill(&mut self, samples: &mut [i16]) {
        let mut filled = 0;
        while filled < samples.len() {
            filled += self.fill_some(&mut samples[filled..]);
        }
    }

    /// Fills up to the seam, or up to its end; at least one sample.
    fn fill_some(&mut self, samples: &mut [i16]) -> usize {
        let (length, seam) = (self.sound.len(), self.seam());
        let seam_begin = length - seam;
        let is_seam = self.next >= seam_begin;
        let until = if is_seam { length } else { seam_begin };
        let count = samples.len().min(until - self.next);
        let samples = &mut samples[..count];
        samples.copy_from_slice(&self.sound[self.next..self.next + count]);
        if is_seam {
            let head = &self.sound[self.next - seam_begin..];
            for (n, (sample, head)) in samples.iter_mut().zip(head).enumerate() {
                let share = (self.next - seam_begin + n + 1) as i32;
                let whole = seam as i32 + 1;
                let mixed = i32::from(*sample) * (whole - share) + i32::from(*head) * share;
                *sample = (mixed / whole) as i16;
            }
        }
        self.next += count;
        if self.next == length {
            self.next = seam;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp::level::{rms, steepest_step};
    use dsp::tone;

    const QUIET: [i16; FRAME_SAMPLES] = [0; FRAME_SAMPLES];

    /// A hum of 400 Hz that is cut off at its crest and begins at another: a loop's worst case.
    fn hum(samples: usize) -> Arc<[i16]> {
        tone(400.0, 8_000, samples + 5, 12_000)[5..].into()
    }

    fn playing(sound: Arc<[i16]>) -> Music {
        let mut music = Music::new();
        music.set(Some(sound));
        music.want(true);
        music
    }

    fn frames(music: &mut Music, count: usize, does_prompt_sound: bool) -> Vec<i16> {
        let frames = (0..count).flat_map(|_| {
            let mut frame = QUIET;
            music.mix_into(&mut frame, does_prompt_sound);
            frame
        });
        frames.collect()
    }

    /// The steepest step of the hum, with what a 10 ms fade adds to it.
    const HUM_STEP: u16 = 3_840 + 12_000 / 80;

    #[test]
    fn a_loop_of_any_length_goes_on_without_a_step() {
        for length in [2, 3, 79, 160, 161, 173, 1_000, 8_003] {
            let mut music = playing(vec![16_000; length].into());
            let heard = frames(&mut music, 150, false);
            assert!(steepest_step(&heard) <= 201, "{length} samples");
            assert!(heard[80..].iter().all(|s| *s >= 15_999), "{length} samples");
        }
        for length in [1_000, 1_003, 1_010, 8_013] {
            let heard = frames(&mut playing(hum(length)), 150, false);
            let step = steepest_step(&heard);
            assert!(step <= HUM_STEP, "{length} samples: {step}");
        }
    }

    #[test]
    fn music_comes_and_goes_within_10_ms() {
        let mut music = playing(hum(8_000));
        let mut heard = frames(&mut music, 5, false);
        music.want(false);
        heard.extend(frames(&mut music, 3, false));
        music.want(true);
        heard.extend(frames(&mut music, 3, false));
        assert!(rms(&heard[80..800]) > 8_000.0);
        assert!(heard[880..1_280].iter().all(|sample| *sample == 0));
        assert!(rms(&heard[1_360..]) > 8_000.0);
        assert!(steepest_step(&heard) <= HUM_STEP);
    }

    #[test]
    fn a_prompt_silences_it_and_a_moment_later_it_goes_on_where_it_was() {
        let ramp: Vec<i16> = (0..32_000).map(|n| n as i16).collect();
        let mut music = playing(ramp.into());
        frames(&mut music, 5, false);
        let under = frames(&mut music, 50, true);
        assert!(under[80..].iter().all(|sample| *sample == 0));
        let after = frames(&mut music, 12, false);
        let back = after.iter().position(|sample| *sample != 0).expect("music");
        assert!((1_600..1_700).contains(&back), "{back}");
        assert_eq!(after[11 * 160], 5 * 160 + 160 + 160);
    }

    #[test]
    fn another_loop_takes_over_softly_and_none_is_silence() {
        let mut music = playing(hum(8_000));
        let mut heard = frames(&mut music, 3, false);
        music.set(Some(hum(4_000)));
        heard.extend(frames(&mut music, 3, false));
        music.set(Some(Arc::from([])));
        heard.extend(frames(&mut music, 3, false));
        music.set(None);
        heard.extend(frames(&mut music, 3, false));
        assert!(steepest_step(&heard) <= HUM_STEP);
        assert!(rms(&heard[560..960]) > 8_000.0);
        assert!(heard[1_040..].iter().all(|sample| *sample == 0));
    }
}
