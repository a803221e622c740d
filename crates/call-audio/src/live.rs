//! Sound that comes live from elsewhere, 20 ms for each tick: a bridge's way in.
//!
//! It begins with a fade of 10 ms. Where a tick brings none, what was last heard
//! dies away within 10 ms, mirrored in time, for what would have come next is
//! not known. So a bridge may end at any tick, and is never told beforehand.

use crate::music::add;
use call_model::FRAME_SAMPLES;
use dsp::Gain;

/// Samples of every fade: 10 ms.
const FADE: usize = 80;

type Frame = [i16; FRAME_SAMPLES];

/// The live sound of one leg.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    next: Option<Frame>,
    /// The last 10 ms that were heard, if the last tick brought any.
    heard: Option<[i16; FADE]>,
}

impl Live {
    pub const fn new() -> Self {
        Self {
            next: None,
            heard: None,
        }
    }

    /// The sound of the next tick.
    pub const fn feed(&mut self, frame: &Frame) {
        self.next = Some(*frame);
    }

    /// The next tick is not for sound.
    pub const fn skip(&mut self) {
        self.next = None;
        self.heard = None;
    }

    /// Adds this tick's sound to `samples`.
    pub fn mix_into(&mut self, samples: &mut Frame) {
        match (self.next.take(), self.heard.take()) {
            (Some(mut frame), heard) => {
                if heard.is_none() {
                    fade(&mut frame[..FADE], 0.0, 1.0);
                }
                self.heard = frame.last_chunk().copied();
                add(samples, &frame);
            }
            (None, Some(mut tail)) => {
                tail.reverse();
                fade(&mut tail, 1.0, 0.0);
                add(samples, &tail);
            }
            (None, None) => {}
        }
    }
}

fn fade(samples: &mut [i16], from: f32, to: f32) {
    let mut gain = Gain::new(from);
    gain.glide_to(to, samples.len() as u32);
    gain.apply(samples);
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp::level::steepest_step;
    use dsp::tone;

    /// The steepest step of the hum, with what a 10 ms fade adds to it.
    const HUM_STEP: u16 = 3_840 + 12_000 / 80;

    /// What is heard of a 400 Hz hum of which only these ticks bring something.
    fn heard(ticks: &str) -> Vec<i16> {
        let hum = tone(400.0, 8_000, ticks.len() * FRAME_SAMPLES, 12_000);
        let mut live = Live::new();
        let mut heard = Vec::new();
        for (tick, frame) in ticks.chars().zip(hum.as_chunks::<FRAME_SAMPLES>().0) {
            match tick {
                '#' => live.feed(frame),
                'k' => live.skip(),
                _ => {}
            }
            let mut samples = [0; FRAME_SAMPLES];
            live.mix_into(&mut samples);
            heard.extend(samples);
        }
        heard
    }

    #[test]
    fn what_is_fed_is_heard_as_it_is_after_a_fade_in() {
        let heard = heard(".###");
        let hum = tone(400.0, 8_000, 640, 12_000);
        assert_eq!(heard[240..], hum[240..]);
        assert!(heard[..160].iter().all(|sample| *sample == 0));
        assert!(steepest_step(&heard) <= HUM_STEP);
    }

    #[test]
    fn a_bridge_that_ends_or_stutters_makes_no_step() {
        let heard = heard("##.#..####.");
        assert!(steepest_step(&heard) <= HUM_STEP);
        assert!(heard[400..480].iter().all(|sample| *sample == 0));
        assert!(heard[1_680..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn after_a_key_the_sound_fades_in_anew() {
        let heard = heard("##k##");
        assert!(heard[320..480].iter().all(|sample| *sample == 0));
        assert!(steepest_step(&heard[320..]) <= HUM_STEP);
    }
}
