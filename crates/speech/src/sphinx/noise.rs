//! Noise beneath a voice, taken out before the ear.
//!
//! Models that learnt quiet lines make wrong words of noisy ones. RNNoise, a small recurrent network, tells voice from
//! what else there is at 48 kHz, so the line is brought there and back. It costs a quiet line some right
//! words, so only a line that is noisy before the caller speaks goes through it.

use call_model::FRAME_SAMPLES;
use dsp::{Decimator, Interpolator, level};
use nnnoiseless::DenoiseState;

/// A turn begins before its speech: so many frames of 20 ms tell how loud its line is.
const FIRST_FRAMES: usize = 6;
/// Below this there is no line to judge: a packet that never came, or a gateway that sends nothing in pauses.
const SILENT_DBFS: f32 = -75.0;
/// A line whose beginning is louder than this is noisy. Hiss of a telephone line lies below −60, a kitchen 10 dB
/// beneath a voice at −38 or above.
const NOISY_DBFS: f32 = -50.0;
/// RNNoise's rate over that of the line.
const FACTOR: usize = 6;
/// RNNoise works on 10 ms, and what comes out lags by as much.
const PIECE: usize = DenoiseState::FRAME_SIZE;
/// All lags together, in samples of the line.
const LAG: usize = Interpolator::LAG + Decimator::LAG + PIECE / FACTOR;
/// So much of what is taken out stays (−12 dB): less of it leaves holes that no model has met.
const KEPT: f32 = 0.25;

/// The sound of one turn on its way to the ear.
pub(super) enum TurnSound {
    /// Its beginning is awaited.
    Beginning(Vec<i16>),
    /// It goes on as it is.
    Quiet,
    /// It goes on with less noise.
    Noisy(Box<Suppressor>),
}

impl TurnSound {
    pub(super) const fn new() -> Self {
        Self::Beginning(Vec::new())
    }

    /// Takes the next frame, and appends what is ready for the ear to `ready`: as many samples as came in, sooner or later.
    pub(super) fn push(&mut self, samples: &[i16], ready: &mut Vec<i16>) {
        match self {
            Self::Beginning(begun) => {
                begun.extend(samples);
                if begun.len() >= FIRST_FRAMES * FRAME_SAMPLES {
                    self.begin(ready);
                }
            }
            Self::Quiet => ready.extend(samples),
            Self::Noisy(suppressor) => suppressor.push(samples, ready),
        }
    }

    /// Appends what is still on its way.
    pub(super) fn end(&mut self, ready: &mut Vec<i16>) {
        if matches!(self, Self::Beginning(_)) {
            self.begin(ready);
        }
        if let Self::Noisy(suppressor) = self {
            suppressor.end(ready);
        }
    }

    fn begin(&mut self, ready: &mut Vec<i16>) {
        let Self::Beginning(begun) = std::mem::replace(self, Self::Quiet) else {
            return;
        };
        if is_noisy(&begun) {
            *self = Self::Noisy(Box::new(Suppressor::new()));
        }
        self.push(&begun, ready);
    }
}

/// Whether a line is noisy: the middle one of its frames that are not silent, so that a click does not tell.
fn is_noisy(begun: &[i16]) -> bool {
    let levels = begun.chunks(FRAME_SAMPLES).map(level::dbfs);
    let mut levels: Vec<f32> = levels.filter(|dbfs| *dbfs > SILENT_DBFS).collect();
    levels.sort_by(f32::total_cmp);
    let middle = levels.get(levels.len() / 2);
    middle.is_some_and(|dbfs| *dbfs > NOISY_DBFS)
}

/// RNNoise on a telephone line; what comes out stands where it came in.
pub(super) struct Suppressor {
    up: Interpolator,
    network: Box<DenoiseState<'static>>,
    down: Decimator,
    /// At 48 kHz, what is less than a piece yet.
    wide: Vec<f32>,
    cleaned: [f32; PIECE],
    /// What came in and did not go out yet.
    waiting: Vec<i16>,
    /// Samples still to be dropped for all lags together.
    early: usize,
}

impl Suppressor {
    fn new() -> Self {
        Self {
            up: Interpolator::new(FACTOR),
            network: DenoiseState::new(),
            down: Decimator::new(FACTOR),
            wide: Vec::with_capacity(PIECE + FRAME_SAMPLES * FACTOR),
            cleaned: [0.0; PIECE],
            waiting: Vec::new(),
            early: LAG,
        }
    }

    fn push(&mut self, samples: &[i16], ready: &mut Vec<i16>) {
        self.waiting.extend(samples);
        self.run(samples, ready);
    }

    fn end(&mut self, ready: &mut Vec<i16>) {
        const SILENCE: [i16; PIECE] = [0; PIECE];
        while !self.waiting.is_empty() {
            self.run(&SILENCE, ready);
        }
    }

    fn run(&mut self, samples: &[i16], ready: &mut Vec<i16>) {
        for &sample in samples {
            self.up.push(f32::from(sample), &mut self.wide);
        }
        let mut gone = 0;
        let mut done = 0;
        for piece in self.wide.chunks_exact(PIECE) {
            self.network.process_frame(&mut self.cleaned, piece);
            done += PIECE;
            for few in self.cleaned.chunks_exact(FACTOR) {
                let clean = self.down.push(few);
                if self.early > 0 {
                    self.early -= 1;
                } else if let Some(&heard) = self.waiting.get(gone) {
                    let mixed = clean + KEPT * (f32::from(heard) - clean);
                    ready.push(mixed.round() as i16);
                    gone += 1;
                }
            }
        }
        self.wide.drain(..done);
        self.waiting.drain(..gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp::level::dbfs;

    fn through(sound: &[i16]) -> Vec<i16> {
        let (mut turn, mut ready) = (TurnSound::new(), Vec::new());
        for frame in sound.chunks(FRAME_SAMPLES) {
            turn.push(frame, &mut ready);
        }
        turn.end(&mut ready);
        ready
    }

    /// White noise of a fixed seed.
    fn noise(samples: usize, amplitude: i32) -> Vec<i16> {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 16) as i32 % (2 * amplitude + 1) - amplitude) as i16
        };
        (0..samples).map(|_| next()).collect()
    }

    #[test]
    fn a_quiet_line_reaches_the_ear_as_it_is() {
        let mut sound = noise(4_000, 20);
        sound.extend(dsp::tone(440.0, 8_000, 4_000, 9_000));
        assert_eq!(through(&sound), sound);
        let short = noise(300, 20);
        assert_eq!(through(&short), short);
        assert!(through(&[]).is_empty());
    }

    #[test]
    fn a_noisy_line_is_known_by_the_middle_of_its_beginning() {
        let loud = noise(FRAME_SAMPLES * 3, 1_500);
        let lost = vec![0; FRAME_SAMPLES * 3];
        assert!(is_noisy(&[lost.clone(), loud.clone()].concat()));
        assert!(!is_noisy(&lost) && !is_noisy(&[]));
        let hiss = noise(FRAME_SAMPLES * 5, 20);
        assert!(
            !is_noisy(&[hiss, loud[..FRAME_SAMPLES].to_vec()].concat()),
            "a click"
        );
    }

    #[test]
    fn steady_noise_sinks_and_some_of_it_stays() {
        let sound = noise(32_000, 600);
        let cleaned = through(&sound);
        assert_eq!(cleaned.len(), sound.len());
        let sunk = dbfs(&sound[24_000..]) - dbfs(&cleaned[24_000..]);
        let most = -level::to_db(KEPT);
        assert!((0.5 * most..=most + 0.5).contains(&sunk), "{sunk} dB");
    }

    #[test]
    fn what_goes_out_stands_where_it_came_in() {
        // A burst in noise: most of it is where it was, whatever becomes of it.
        let mut sound = noise(8_000, 300);
        for (sample, tone) in sound[4_000..]
            .iter_mut()
            .zip(dsp::tone(300.0, 8_000, 160, 20_000))
        {
            *sample = sample.saturating_add(tone);
        }
        let cleaned = through(&sound);
        let loudest = (0..8_000).max_by_key(|&n| cleaned[n].unsigned_abs());
        assert!(
            loudest.is_some_and(|n| (3_990..4_170).contains(&n)),
            "{loudest:?}"
        );
    }
}
