//! What callers do while a prompt plays, and what the prompt does then.

use crate::call::{Deed, Frame, TrialCall, through};
use crate::dice::Dice;
use crate::echo::{Echo, EchoPath};
use crate::scene::Scene;
use crate::sounds::{audible, samples, speech_dbfs};
use crate::{Line, TrialError};
use call_model::{CallTime, FRAME_SAMPLES, FRAME_TIME, Key, PromptId, SAMPLE_RATE};
use std::sync::Arc;
use std::time::Duration;

/// The greeting begins within so long, or the trial is no trial.
const GREETING: Duration = Duration::from_secs(2);
/// After the sound the call goes on for so long.
const AFTER: Duration = Duration::from_millis(1_500);
/// A prompt that was lowered for nothing is back by then.
pub const BACK_WITHIN: Duration = Duration::from_secs(1);
/// The gain from which a prompt counts as lowered: −12 dB, with half a decibel for the codec.
const LOWERED: f32 = 0.266;
/// Sound of a prompt below this cannot be told from a lowered one.
const TELLS_RMS: f32 = 60.0;
/// What is quieter is silence.
const SILENT_RMS: f32 = 3.0;

/// What a caller who speaks over a prompt came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Interrupted {
    /// From the first audible sound, as it came to the server, to the prompt 12 dB lower or silent;
    /// none: it was not lowered before the recording and a moment were over.
    pub lowered_ms: Option<i64>,
    /// The prompt stopped for it, at the latest when the turn was understood.
    pub is_stopped: bool,
    /// From the decision to stop to silence.
    pub silent_ms: Option<i64>,
}

/// What a sound that interrupts nothing did to a prompt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Disturbed {
    /// So often the prompt was lowered.
    pub ducks: u32,
    /// It was stopped.
    pub is_stopped: bool,
    /// It was not back a second after the sound; after a sound that lasts, a second
    /// after it was lowered.
    pub is_stuck: bool,
    /// So many results of the ear were words.
    pub understood: usize,
    /// So long the prompt played.
    pub played: Duration,
}

/// Something that is heard while a prompt plays, and is no interruption.
#[derive(Clone, Debug)]
pub enum Disturbance {
    /// A short sound: a cough, an "uh-huh".
    Sound(Vec<i16>),
    /// A sound that lasts longer than the prompt.
    Lasting(Vec<i16>),
    /// A sound that lies beneath the whole call, as long as it is.
    Beneath(Vec<i16>),
    /// The prompt itself comes back.
    Echo(Echo),
}

/// A call whose prompt plays.
struct Playing<'r> {
    call: TrialCall<'r>,
    prompt: Arc<[i16]>,
    began: CallTime,
    hiss: Line,
    echo: Option<EchoPath>,
    beneath: Option<Beneath>,
    silence: Silence,
}

/// The hiss of a line, 20 ms after the other.
struct Silence {
    sound: Vec<i16>,
    next: usize,
}

impl Scene<'_> {
    /// A caller speaks over the prompt.
    ///
    /// # Errors
    /// The ear's.
    pub fn interrupt(&self, clip: &[i16], seed: u64) -> Result<Option<Interrupted>, TrialError> {
        let Some(speech) = audible(clip) else {
            return Ok(None);
        };
        let mut dice = Dice::new(seed);
        let mut playing = self.playing(&mut dice, None, None)?;
        playing.pass(Duration::from_millis(dice.between(1_000, 2_500)))?;
        let lead = samples(Duration::from_millis(dice.between(0, 19)));
        let mut sound = vec![0; lead + clip.len()];
        sound[lead..].copy_from_slice(clip);
        let came = playing.call.next_arrival().back(FRAME_TIME);
        let onset = came + time(lead + speech.start);
        let ended = came + time(lead + speech.end);
        playing.say(&sound, speech_dbfs(clip))?;
        playing.pass(AFTER)?;
        let lowered = playing.lowered(onset).filter(|at| *at <= ended + AFTER);
        let stopped = playing.call.first(onset, |deed| deed == Deed::Stopped);
        Ok(Some(Interrupted {
            lowered_ms: lowered.map(|at| millis(at, onset)),
            is_stopped: stopped.is_some(),
            silent_ms: stopped.and_then(|at| Some(millis(playing.silent(at)?, at))),
        }))
    }

    /// A caller presses a key over the prompt: from its first packet to silence, in milliseconds.
    ///
    /// # Errors
    /// The ear's.
    pub fn press(&self, key: Key, seed: u64) -> Result<Option<i64>, TrialError> {
        let mut dice = Dice::new(seed);
        let mut playing = self.playing(&mut dice, None, None)?;
        playing.pass(Duration::from_millis(dice.between(1_000, 2_500)))?;
        let came = playing.call.next_arrival();
        playing.call.tick_with_key(key)?;
        playing.pass(AFTER)?;
        Ok(playing.silent(came).map(|at| millis(at, came)))
    }

    /// Something is heard over the prompt that is no interruption.
    ///
    /// # Errors
    /// The ear's.
    pub fn disturb(&self, by: &Disturbance, seed: u64) -> Result<Disturbed, TrialError> {
        let mut dice = Dice::new(seed);
        let echo = match by {
            Disturbance::Echo(echo) => Some(EchoPath::new(*echo, &mut dice)),
            Disturbance::Sound(_) | Disturbance::Lasting(_) | Disturbance::Beneath(_) => None,
        };
        let beneath = match by {
            Disturbance::Beneath(sound) => Beneath::of(sound.clone()),
            Disturbance::Sound(_) | Disturbance::Lasting(_) | Disturbance::Echo(_) => None,
        };
        let mut playing = self.playing(&mut dice, echo, beneath)?;
        let before = Duration::from_millis(dice.between(1_000, 2_500));
        let is_back = match by {
            Disturbance::Sound(sound) => {
                playing.pass(before)?;
                playing.say(sound, 0.0)?;
                playing.pass(BACK_WITHIN)?;
                let is_back = !playing.is_lowered();
                playing.pass(AFTER)?;
                is_back
            }
            Disturbance::Lasting(sound) => {
                playing.pass(before)?;
                playing.say(&sound[..sound.len().min(playing.left())], 0.0)?;
                playing.longest_duck() <= BACK_WITHIN
            }
            Disturbance::Echo(_) | Disturbance::Beneath(_) => {
                playing.pass(time(playing.left()))?;
                playing.longest_duck() <= BACK_WITHIN
            }
        };
        let is_stopped = playing.is_stopped();
        let deeds = &playing.call.deeds;
        let count = |is_it: Deed| deeds.iter().filter(|(_, deed)| *deed == is_it).count();
        Ok(Disturbed {
            ducks: u32::try_from(count(Deed::Ducked)).unwrap_or(u32::MAX),
            is_stopped,
            is_stuck: is_stopped || !is_back,
            understood: count(Deed::Understood(true)),
            played: playing.call.now.since(playing.began),
        })
    }

    fn playing(
        &self,
        dice: &mut Dice,
        echo: Option<EchoPath>,
        beneath: Option<Beneath>,
    ) -> Result<Playing<'_>, TrialError> {
        let prompt = Arc::clone(&self.prompts[dice.place(self.prompts.len())]);
        let line = Line {
            seed: dice.throw(),
            ..self.line.clone()
        };
        let call = TrialCall::new(
            &self.plan,
            self.language,
            &line,
            Arc::clone(&prompt),
            self.recognizer,
        )?;
        let silence = Silence::of(&line);
        let mut playing = Playing {
            call,
            prompt,
            began: CallTime::ZERO,
            hiss: line,
            echo,
            beneath,
            silence,
        };
        while playing.began == CallTime::ZERO {
            playing.tick(None)?;
            let is_it = |deed| deed == Deed::Started(PromptId(1));
            match playing.call.first(CallTime::ZERO, is_it) {
                Some(at) => playing.began = at,
                None if playing.call.now > CallTime::ZERO + GREETING => {
                    return Err(TrialError::Unspoken);
                }
                None => {}
            }
        }
        Ok(playing)
    }
}

impl Playing<'_> {
    /// So long the caller is quiet.
    fn pass(&mut self, length: Duration) -> Result<(), TrialError> {
        for _ in 0..length.as_millis() / FRAME_TIME.as_millis() {
            self.tick(None)?;
        }
        Ok(())
    }

    /// The caller makes a sound, speech of such a level in it.
    fn say(&mut self, sound: &[i16], speech_dbfs: f32) -> Result<(), TrialError> {
        let mut sound = sound.to_vec();
        self.hiss.soil(&mut sound, speech_dbfs);
        for samples in sound.chunks(FRAME_SAMPLES) {
            let mut frame = [0; FRAME_SAMPLES];
            frame[..samples.len()].copy_from_slice(samples);
            self.tick(Some(frame))?;
        }
        Ok(())
    }

    fn tick(&mut self, caller: Option<Frame>) -> Result<(), TrialError> {
        let mut frame = caller.unwrap_or_else(|| self.silence.next());
        if let Some(beneath) = &mut self.beneath {
            beneath.add_to(&mut frame);
        }
        if let Some(echo) = &mut self.echo {
            echo.add_to(&mut frame);
        }
        self.call.tick(&frame)?;
        if let (Some(echo), Some((at, sent))) = (&mut self.echo, self.call.sent.last())
            && *at == self.call.now
        {
            echo.hear(&through(self.hiss.codec, sent));
        }
        Ok(())
    }

    /// Samples of the prompt that have not been sent.
    fn left(&self) -> usize {
        let sent = samples(self.call.now.since(self.began));
        self.prompt.len().saturating_sub(sent)
    }

    /// The prompt's own sound in a tick.
    fn own(&self, at: CallTime) -> &[i16] {
        let from = samples(at.since(self.began)).min(self.prompt.len());
        &self.prompt[from..(from + FRAME_SAMPLES).min(self.prompt.len())]
    }

    /// When the prompt was first 12 dB lower after a moment, or silent, as its sound tells.
    fn lowered(&self, after: CallTime) -> Option<CallTime> {
        let told = self
            .call
            .first(after, |deed| matches!(deed, Deed::Ducked | Deed::Stopped));
        let is_lowered = |(at, sent): &&(CallTime, Frame)| {
            let own = self.own(*at);
            if dsp::level::rms(own) >= TELLS_RMS {
                return gain(sent, own) <= LOWERED;
            }
            told.is_some_and(|told| told < *at)
        };
        let mut since = self.call.sent.iter().filter(|(at, _)| *at >= after);
        since.find(is_lowered).map(|(at, _)| *at)
    }

    /// When nothing was to be heard any more after a moment.
    fn silent(&self, after: CallTime) -> Option<CallTime> {
        let mut since = self.call.sent.iter().filter(|(at, _)| *at >= after);
        let found = since.find(|(at, sent)| {
            let tells = dsp::level::rms(self.own(*at)) >= TELLS_RMS;
            let is_stopped = || self.call.first(after, |deed| deed == Deed::Stopped);
            let rms = dsp::level::rms(sent);
            rms < SILENT_RMS && (tells || is_stopped().is_some_and(|stop| stop < *at))
        });
        found.map(|(at, _)| *at)
    }

    fn is_stopped(&self) -> bool {
        let is_it = |deed| matches!(deed, Deed::Stopped | Deed::BargedIn);
        self.call.first(CallTime::ZERO, is_it).is_some()
    }

    fn is_lowered(&self) -> bool {
        let mut levels = self.call.deeds.iter().rev();
        let last = levels.find(|(_, deed)| matches!(deed, Deed::Ducked | Deed::Unducked));
        matches!(last, Some((_, Deed::Ducked)))
    }

    fn longest_duck(&self) -> Duration {
        let (mut longest, mut since) = (Duration::ZERO, None);
        for (at, deed) in &self.call.deeds {
            match deed {
                Deed::Ducked => since = Some(*at),
                Deed::Unducked => {
                    longest = longest.max(since.take().map_or(Duration::ZERO, |s| at.since(s)));
                }
                Deed::Started(_)
                | Deed::Stopped
                | Deed::BargedIn
                | Deed::TurnEnded
                | Deed::Understood(_)
                | Deed::SpeechBegan => {}
            }
        }
        let now = self.call.now;
        longest.max(since.map_or(Duration::ZERO, |since| now.since(since)))
    }
}

impl Silence {
    const LENGTH: usize = 4 * SAMPLE_RATE as usize;

    fn of(line: &Line) -> Self {
        let mut sound = vec![0; Self::LENGTH];
        // Noise lies beneath speech of a usual level while nobody speaks, too.
        line.soil(&mut sound, USUAL_SPEECH_DBFS);
        Self { sound, next: 0 }
    }

    fn next(&mut self) -> Frame {
        let mut frame = [0; FRAME_SAMPLES];
        frame.copy_from_slice(&self.sound[self.next..][..FRAME_SAMPLES]);
        self.next = (self.next + FRAME_SAMPLES) % Self::LENGTH;
        frame
    }
}

/// A sound that lies beneath the whole call.
struct Beneath {
    sound: Vec<i16>,
    next: usize,
}

impl Beneath {
    fn of(sound: Vec<i16>) -> Option<Self> {
        (!sound.is_empty()).then_some(Self { sound, next: 0 })
    }

    fn add_to(&mut self, frame: &mut Frame) {
        for sample in frame {
            *sample = sample.saturating_add(self.sound[self.next]);
            self.next = (self.next + 1) % self.sound.len();
        }
    }
}

/// How loud callers usually are.
pub const USUAL_SPEECH_DBFS: f32 = -26.0;

/// How much of `own` is in `sent`, as a factor.
fn gain(sent: &[i16], own: &[i16]) -> f32 {
    let product = |one: &[i16], other: &[i16]| -> f32 {
        let pairs = one.iter().zip(other);
        pairs.map(|(a, b)| f32::from(*a) * f32::from(*b)).sum()
    };
    product(sent, own) / product(own, own).max(1.0)
}

fn time(samples: usize) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(SAMPLE_RATE))
}

fn millis(at: CallTime, from: CallTime) -> i64 {
    let micros = |at: CallTime| i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
    (micros(at) - micros(from)) / 1_000
}
