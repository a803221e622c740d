//! Sound for the places that no packet brought.
//!
//! A gap is bridged by the last pitch period of what was heard, over and over,
//! at full level for 10 ms and then fading, until there is silence 60 ms after
//! the gap began. It is the idea of ITU-T G.711 Appendix I without its delay:
//! where that recommendation holds back 3.75 ms to overlap the beginning of a
//! gap, here the step into it is measured and levelled out over 4 ms. What comes
//! after a gap is faded in over the made-up sound within 5 ms.

use crate::ring::Holed;
use call_model::FRAME_SAMPLES;

/// Shortest and longest pitch period looked for: 200 and 66.7 Hz; higher voices
/// are found by a multiple of theirs.
const PERIOD_MIN: usize = 40;
const PERIOD_MAX: usize = 120;
/// How much of the past is compared with itself one period earlier.
const WINDOW: usize = 160;
const PAST: usize = WINDOW + PERIOD_MAX;

/// Made-up samples until the fade begins.
const HELD: usize = 80;
/// Made-up samples until there is silence.
const FADED: usize = 480;
/// Samples over which the step into a gap is levelled out.
const ENTRY: usize = 32;
/// Samples over which real sound takes over again.
const RETURN: usize = 40;

/// Turns a stream with holes into one without.
#[derive(Clone, Debug)]
pub(crate) struct Concealer {
    /// The last samples that went out, oldest first.
    past: [i16; PAST],
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    /// The packets carry the sound.
    Hearing,
    /// Nothing comes; the sound is made up.
    Bridging(Bridge),
    /// Real sound takes over; so many samples of it have been heard.
    Returning { bridge: Bridge, heard: usize },
}

impl Concealer {
    /// A stream that was silent until now.
    pub fn new() -> Self {
        Self {
            past: [0; PAST],
            phase: Phase::Hearing,
        }
    }

    /// The frame as it is heard, every hole filled.
    pub fn mend(&mut self, frame: &Holed) -> [i16; FRAME_SAMPLES] {
        let mut mended = [0; FRAME_SAMPLES];
        for n in 0..FRAME_SAMPLES {
            if frame[n].is_none() {
                self.enter_gap(&mended[..n]);
            }
            mended[n] = self.next(frame[n]);
        }
        self.remember(&mended);
        mended
    }

    /// At the first missing sample: prepare to repeat what was heard until now,
    /// which is the past and the beginning of this frame.
    fn enter_gap(&mut self, this_frame: &[i16]) {
        match &self.phase {
            Phase::Bridging(_) => {}
            // A scrap too short to take over: go on as before.
            Phase::Returning { bridge, .. } => self.phase = Phase::Bridging(bridge.clone()),
            Phase::Hearing => {
                let mut heard = self.past;
                heard.rotate_left(this_frame.len());
                heard[PAST - this_frame.len()..].copy_from_slice(this_frame);
                self.phase = Phase::Bridging(Bridge::from(&heard));
            }
        }
    }

    fn next(&mut self, real: Option<i16>) -> i16 {
        match (&mut self.phase, real) {
            (Phase::Hearing, real) => real.unwrap_or(0),
            (Phase::Bridging(bridge), None) => bridge.next().round() as i16,
            (Phase::Bridging(bridge), Some(real)) => {
                let mut bridge = bridge.clone();
                let sample = bridge.give_way(real, 0);
                self.phase = Phase::Returning { bridge, heard: 1 };
                sample
            }
            (Phase::Returning { bridge, heard }, real) => {
                let sample = bridge.give_way(real.unwrap_or(0), *heard);
                *heard += 1;
                if *heard == RETURN {
                    self.phase = Phase::Hearing;
                }
                sample
            }
        }
    }

    fn remember(&mut self, frame: &[i16; FRAME_SAMPLES]) {
        self.past.copy_within(FRAME_SAMPLES.., 0);
        self.past[PAST - FRAME_SAMPLES..].copy_from_slice(frame);
    }
}

/// One gap's made-up sound.
#[derive(Clone, Debug)]
struct Bridge {
    /// One pitch period that leads back to its own beginning.
    cycle: [f32; PERIOD_MAX],
    period: usize,
    /// The step between what was heard and the cycle.
    entry_step: f32,
    /// Samples made up so far.
    made_up: usize,
}

impl Bridge {
    fn from(heard: &[i16; PAST]) -> Self {
        let heard = heard.map(f32::from);
        let period = pitch_period(&heard);
        Self {
            cycle: cycle(&heard, period),
            period,
            entry_step: heard[PAST - 1] - heard[PAST - 1 - period],
            made_up: 0,
        }
    }

    fn next(&mut self) -> f32 {
        let sample = self.cycle[self.made_up % self.period] + self.levelling();
        let sample = sample * self.gain();
        self.made_up = self.made_up.saturating_add(1);
        sample.clamp(f32::from(i16::MIN), f32::from(i16::MAX))
    }

    /// The next sample while real sound, of which `heard` samples were heard,
    /// takes over.
    fn give_way(&mut self, real: i16, heard: usize) -> i16 {
        let share = (heard + 1) as f32 / RETURN as f32;
        let mixed = f32::from(real) * share + self.next() * (1.0 - share);
        mixed.round() as i16
    }

    fn levelling(&self) -> f32 {
        let left = ENTRY.saturating_sub(self.made_up);
        self.entry_step * left as f32 / ENTRY as f32
    }

    fn gain(&self) -> f32 {
        let fading = self.made_up.saturating_sub(HELD);
        let left = (FADED - HELD).saturating_sub(fading);
        left as f32 / (FADED - HELD) as f32
    }
}

/// The last period of what was heard; its last quarter is blended into what
/// stood before its beginning, so that it can follow itself without a step.
fn cycle(heard: &[f32; PAST], period: usize) -> [f32; PERIOD_MAX] {
    let mut cycle = [0.0; PERIOD_MAX];
    let begin = PAST - period;
    let quarter = period / 4;
    for n in 0..period {
        let blended = (n + 1).saturating_sub(period - quarter);
        let share = blended as f32 / quarter as f32;
        cycle[n] = heard[begin + n] * (1.0 - share) + heard[begin + n - period] * share;
    }
    cycle
}

/// The lag at which what was heard resembles itself most.
fn pitch_period(heard: &[f32; PAST]) -> usize {
    let recent = &heard[PAST - WINDOW..];
    let likeness = |period: usize| {
        let earlier = &heard[PAST - WINDOW - period..PAST - period];
        let product: f32 = recent.iter().zip(earlier).map(|(a, b)| a * b).sum();
        let energy: f32 = earlier.iter().map(|b| b * b).sum();
        product / (energy + 1.0).sqrt()
    };
    let mut best = (PERIOD_MAX, f32::MIN);
    for period in PERIOD_MIN..=PERIOD_MAX {
        let candidate = likeness(period);
        if candidate > best.1 {
            best = (period, candidate);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp::level::{rms, steepest_step};
    use dsp::{Goertzel, tone};

    fn frames(sound: &[i16]) -> impl Iterator<Item = Holed> {
        sound
            .chunks_exact(FRAME_SAMPLES)
            .map(|frame| std::array::from_fn(|n| Some(frame[n])))
    }

    /// A tone in which the given frames are missing, as it is heard.
    fn heard(sound: &[i16], missing: impl Fn(usize) -> bool) -> Vec<i16> {
        let mut concealer = Concealer::new();
        frames(sound)
            .enumerate()
            .flat_map(|(n, frame)| {
                let holed = if missing(n) {
                    [None; FRAME_SAMPLES]
                } else {
                    frame
                };
                concealer.mend(&holed)
            })
            .collect()
    }

    #[test]
    fn a_lost_frame_of_a_tone_still_sounds_like_it() {
        for freq in [90.0, 150.0, 220.0, 440.0, 1_000.0, 2_600.0] {
            let sound = tone(freq, 8_000, 3_200, 10_000);
            let heard = heard(&sound, |n| n == 10);
            let gap = &heard[1_600..1_760];
            assert!(Goertzel::new(freq, 8_000).share(gap) > 0.8, "{freq} Hz");
            assert!(rms(gap) > 5_000.0, "{freq} Hz: {}", rms(gap));
        }
    }

    #[test]
    fn neither_end_of_a_gap_has_a_step() {
        // 31 and 50 Hz are too low for their period to be found.
        for freq in [31.0, 50.0, 90.0, 133.0, 220.0, 441.0] {
            let sound = tone(freq, 8_000, 4_800, 10_000);
            let natural = steepest_step(&sound);
            for lost in 1..8 {
                let heard = heard(&sound, |n| (10..10 + lost).contains(&n));
                let step = steepest_step(&heard[200..]);
                assert!(
                    step < natural + 800,
                    "{freq} Hz, {lost} lost: {step} over {natural}"
                );
            }
        }
    }

    #[test]
    fn after_60_ms_a_gap_is_silent() {
        let sound = tone(300.0, 8_000, 3_200, 10_000);
        let heard = heard(&sound, |n| n >= 10);
        assert!(rms(&heard[1_600..1_680]) > 6_000.0);
        assert!(rms(&heard[1_920..2_079]) < 2_500.0);
        assert!(heard[1_600 + FADED..].iter().all(|&sample| sample == 0));
    }

    #[test]
    fn a_scrap_inside_a_gap_does_not_start_the_fade_again() {
        let sound = tone(300.0, 8_000, 3_200, 10_000);
        let mut concealer = Concealer::new();
        for frame in frames(&sound).take(10) {
            concealer.mend(&frame);
        }
        for _ in 0..4 {
            concealer.mend(&[None; FRAME_SAMPLES]);
        }
        let mut scrap = [None; FRAME_SAMPLES];
        scrap[..10].fill(Some(9_000));
        let heard = concealer.mend(&scrap);
        assert!(heard[10..].iter().all(|&sample| sample == 0), "{heard:?}");
    }

    #[test]
    fn what_is_whole_is_left_alone() {
        let sound = tone(700.0, 8_000, 1_600, 10_000);
        assert_eq!(heard(&sound, |_| false), sound);
    }

    #[test]
    fn silence_is_concealed_by_silence() {
        assert_eq!(heard(&[0; 1_600], |n| n == 3), [0; 1_600]);
    }
}
