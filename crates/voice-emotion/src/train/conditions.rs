//! What telephone lines do to speech, for training and for measuring.

use crate::dice::Dice;
use call_model::{CallTime, Codec, FRAME_SAMPLES, FRAME_TIME, PcmFrame, SAMPLE_RATE};
use dsp::{g711, level};
use std::borrow::Cow;

/// Silence before and after the clip, in samples: 400 ms, as a call's voice detection reaches back.
const LEAD: usize = 3_200;
/// After a lost frame the next is lost with this probability: losses come in bursts.
const LOST_AGAIN: f32 = 0.3;
/// Speeds at which speech still sounds like somebody's.
const SLOWEST: f32 = 0.87;
const FASTEST: f32 = 1.15;

/// Noise behind the caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noise {
    /// The same power at every frequency.
    White,
    /// Many people talking.
    Babble,
}

/// One way a line may be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Condition {
    /// How much louder the line is.
    pub gain_db: f32,
    /// Noise, and how many dB it stands below the speech.
    pub noise: Option<(Noise, f32)>,
    /// The share of frames that are lost.
    pub loss: f32,
    /// The line's codec.
    pub codec: Codec,
    /// Only so many seconds of the clip, from somewhere within.
    pub cut_s: Option<f32>,
    /// How much faster the clip runs. With pitch and formants it makes another speaker of whoever
    /// speaks, and of few speakers more.
    pub speed: f32,
}

impl Condition {
    /// A line that does nothing but code.
    pub const fn clean(codec: Codec) -> Self {
        Self {
            gain_db: 0.0,
            noise: None,
            loss: 0.0,
            codec,
            cut_s: None,
            speed: 1.0,
        }
    }

    /// Some line of those that occur.
    pub fn any(dice: &mut Dice) -> Self {
        let codec = [Codec::Pcmu, Codec::Pcma][dice.below(2)];
        let noise = match dice.below(3) {
            0 => None,
            1 => Some((Noise::White, 5.0 + 15.0 * dice.share())),
            _ => Some((Noise::Babble, 5.0 + 15.0 * dice.share())),
        };
        Self {
            gain_db: 24.0 * dice.share() - 12.0,
            noise,
            loss: [0.0, 0.0, 0.05][dice.below(3)],
            codec,
            cut_s: (dice.below(3) == 0).then(|| 0.8 + 2.0 * dice.share()),
            speed: SLOWEST + (FASTEST - SLOWEST) * dice.share(),
        }
    }

    /// The clip as the far end hears it. `babble` is other people's speech, which is read from anywhere.
    pub fn apply(&self, clip: &[i16], babble: &[f32], dice: &mut Dice) -> Vec<PcmFrame> {
        let clip = self.at_speed(clip);
        let clip = self.cut(&clip, dice);
        let mut sound = vec![0.0; LEAD + clip.len() + LEAD];
        for (place, sample) in sound[LEAD..].iter_mut().zip(clip) {
            *place = f32::from(*sample);
        }
        if let Some((noise, below_db)) = self.noise {
            let loud = loudness(clip) * level::from_db(-below_db);
            add_noise(&mut sound, noise, loud, babble, dice);
        }
        let gain = level::from_db(self.gain_db);
        let mut frames = Vec::with_capacity(sound.len() / FRAME_SAMPLES);
        let (mut at, mut is_lost) = (CallTime::ZERO, false);
        for chunk in sound.as_chunks::<FRAME_SAMPLES>().0 {
            let mut frame = PcmFrame::silent(at);
            for (place, sample) in frame.samples.iter_mut().zip(chunk) {
                *place = self.coded((sample * gain).round() as i16);
            }
            is_lost = self.loses(is_lost, dice);
            frame.concealed = is_lost;
            frames.push(frame);
            at = at + FRAME_TIME;
        }
        frames
    }

    fn at_speed<'a>(&self, clip: &'a [i16]) -> Cow<'a, [i16]> {
        if self.speed == 1.0 {
            return Cow::Borrowed(clip);
        }
        let faster_hz = self.speed * SAMPLE_RATE as f32;
        Cow::Owned(dsp::resample(clip, faster_hz.round() as u32, SAMPLE_RATE))
    }

    fn cut<'a>(&self, clip: &'a [i16], dice: &mut Dice) -> &'a [i16] {
        let Some(cut_s) = self.cut_s else {
            return clip;
        };
        let length = (cut_s * 8_000.0) as usize;
        let spare = clip.len().saturating_sub(length);
        let from = dice.below(spare + 1);
        &clip[from..clip.len().min(from + length)]
    }

    fn loses(&self, lost_before: bool, dice: &mut Dice) -> bool {
        if self.loss <= 0.0 {
            return false;
        }
        // So that on the whole the stated share is lost.
        let first = self.loss * (1.0 - LOST_AGAIN) / (1.0 - self.loss);
        dice.share() < if lost_before { LOST_AGAIN } else { first }
    }

    fn coded(&self, sample: i16) -> i16 {
        match self.codec {
            Codec::Pcmu => g711::ulaw_to_linear(g711::linear_to_ulaw(sample)),
            Codec::Pcma => g711::alaw_to_linear(g711::linear_to_alaw(sample)),
        }
    }
}

/// Root mean square of the louder half of a clip: of its speech, whatever pauses it has.
fn loudness(clip: &[i16]) -> f32 {
    let mut frames: Vec<f32> = clip.chunks(FRAME_SAMPLES).map(level::rms).collect();
    frames.sort_by(|a, b| b.total_cmp(a));
    frames.truncate(frames.len().div_ceil(2));
    let squares: f32 = frames.iter().map(|rms| rms * rms).sum();
    (squares / frames.len().max(1) as f32).sqrt()
}

fn add_noise(sound: &mut [f32], noise: Noise, loud: f32, babble: &[f32], dice: &mut Dice) {
    match noise {
        Noise::White => {
            for sample in sound {
                // The sum of four even numbers is nearly a normal one of variance 1/3.
                let sum: f32 = (0..4).map(|_| dice.share() - 0.5).sum();
                *sample += loud * sum * 3.0_f32.sqrt();
            }
        }
        Noise::Babble if babble.is_empty() => {}
        Noise::Babble => {
            let from = dice.below(babble.len());
            let endless = babble.iter().cycle().skip(from);
            for (sample, noise) in sound.iter_mut().zip(endless) {
                *sample += loud * noise;
            }
        }
    }
}

/// Many people at once: clips laid over each other in twelve rows of 20 s, of root mean square 1.
pub fn babble(clips: &[&[i16]], dice: &mut Dice) -> Vec<f32> {
    const ROWS: usize = 12;
    const LENGTH: usize = 160_000;
    let mut sum = vec![0.0; LENGTH];
    for _ in 0..ROWS {
        let mut at = 0;
        while at < LENGTH {
            let Some(clip) = dice.pick(clips).filter(|clip| !clip.is_empty()) else {
                break;
            };
            let loud = loudness(clip).max(1.0);
            for (place, sample) in sum[at..].iter_mut().zip(clip.iter()) {
                *place += f32::from(*sample) / loud;
            }
            at += clip.len();
        }
    }
    let squares: f32 = sum.iter().map(|s| s * s).sum();
    let rms = (squares / LENGTH as f32).sqrt().max(1e-6);
    sum.iter_mut().for_each(|s| *s /= rms);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_stands_as_far_below_the_speech_as_was_asked() {
        let clip = dsp::tone(500.0, 8_000, 16_000, 8_000);
        for noise in [Noise::White, Noise::Babble] {
            let mut dice = Dice::new(1);
            let people = dsp::tone(333.0, 8_000, 16_000, 4_000);
            let babble = babble(&[&people], &mut dice);
            let line = Condition {
                noise: Some((noise, 10.0)),
                ..Condition::clean(Codec::Pcmu)
            };
            let frames = line.apply(&clip, &babble, &mut dice);
            let lead: Vec<i16> = frames[..20].iter().flat_map(|f| f.samples).collect();
            let below = level::dbfs(&clip) - level::dbfs(&lead);
            assert!((below - 10.0).abs() < 1.0, "{noise:?}: {below}");
        }
    }

    #[test]
    fn a_faster_clip_is_shorter_and_higher() {
        let clip = dsp::tone(500.0, 8_000, 16_000, 8_000);
        let line = Condition {
            speed: 1.1,
            ..Condition::clean(Codec::Pcmu)
        };
        let frames = line.apply(&clip, &[], &mut Dice::new(3));
        let sound: Vec<i16> = frames.iter().flat_map(|f| f.samples).collect();
        let spoken = &sound[LEAD..sound.len() - LEAD];
        assert!(spoken.len().abs_diff(16_000 * 10 / 11) < 2 * FRAME_SAMPLES);
        let share = |hz| dsp::Goertzel::new(hz, 8_000).share(spoken);
        assert!(share(550.0) > 0.9 && share(500.0) < 0.01);
    }

    #[test]
    fn the_stated_share_of_frames_is_lost() {
        let line = Condition {
            loss: 0.05,
            ..Condition::clean(Codec::Pcma)
        };
        let frames = line.apply(&vec![0; 1_600_000], &[], &mut Dice::new(2));
        let lost = frames.iter().filter(|frame| frame.concealed).count();
        let share = lost as f32 / frames.len() as f32;
        assert!((share - 0.05).abs() < 0.01, "{share}");
    }
}
