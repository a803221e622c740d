//! From frames to the beginnings and ends of speech.

use crate::VoiceSettings;
use crate::floor::NoiseFloor;
use crate::likeness::VoiceLikeness;
use crate::tone::{Tonality, ToneCheck};
use call_model::{CallTime, FRAME_TIME, PcmFrame};
use dsp::level::dbfs;
use std::time::Duration;

/// After so long without a loud frame the net rests.
const NET_RESTS_AFTER: Duration = Duration::from_millis(300);
/// A gap in a beginning's loud frames that still belongs to it.
const BEGINNING_GAP: Duration = Duration::from_millis(60);

/// A frame of tone undoes so much evidence: the ends of a tone may sound like a voice.
const TONE_UNDOES: Duration = Duration::from_millis(40);

/// And a frame of noise so much, or a long noise would add up its doubtful moments.
const NOISE_UNDOES: Duration = Duration::from_millis(5);

/// The caller began or stopped speaking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VoiceNews {
    /// Speech began.
    SpeechStarted {
        /// When its first sound was; some 60 to 200 ms before this news.
        since: CallTime,
    },
    /// Speech ended, if only for a breath.
    SpeechEnded {
        /// When its last voiced sound ended; the hangover before this news.
        since: CallTime,
    },
}

/// Tells when one caller speaks; one per call.
#[derive(Debug)]
pub struct VoiceDetector {
    settings: VoiceSettings,
    floor: NoiseFloor,
    tone: ToneCheck,
    likeness: VoiceLikeness,
    /// The frame before, to wake the net with.
    before: Option<PcmFrame>,
    last_loud: Option<CallTime>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Nobody speaks.
    Quiet,
    /// Something sounds that may become speech.
    Beginning(Beginning),
    /// The caller speaks.
    Speaking { voiced_until: CallTime },
}

#[derive(Clone, Copy, Debug)]
struct Beginning {
    first_loud: CallTime,
    last_loud: CallTime,
    /// Voiced sound so far, less what spoke against it.
    evidence: Duration,
}

/// What one frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sound {
    /// Not above the line's noise.
    Silence,
    /// A key, a dial tone, a beep.
    Tone,
    /// Loud, but no voice, or not yet known to be one.
    Noise,
    /// Enough of a voice to go on with.
    Murmur,
    /// A voice by its likeness, but so pure that it may be a tone.
    Hum,
    /// A voice.
    Voice,
}

impl VoiceDetector {
    /// A detector for a call that begins in silence.
    pub fn new(settings: VoiceSettings) -> Self {
        Self {
            settings,
            floor: NoiseFloor::new(),
            tone: ToneCheck::new(),
            likeness: VoiceLikeness::new(),
            before: None,
            last_loud: None,
            phase: Phase::Quiet,
        }
    }

    /// Takes the next 20 ms of the caller's sound; frames come in order of time.
    pub fn push(&mut self, frame: &PcmFrame) -> Option<VoiceNews> {
        let sound = self.classify(frame);
        let news = match self.phase {
            Phase::Quiet => self.begin(frame, sound),
            Phase::Beginning(beginning) => self.go_on_beginning(frame, sound, beginning),
            Phase::Speaking { voiced_until } => self.go_on_speaking(frame, sound, voiced_until),
        };
        self.before = Some(frame.clone());
        news
    }

    /// Whether the caller is speaking, the hangover included.
    pub const fn is_speaking(&self) -> bool {
        matches!(self.phase, Phase::Speaking { .. })
    }

    fn classify(&mut self, frame: &PcmFrame) -> Sound {
        let level = dbfs(&frame.samples);
        let threshold =
            (self.floor.dbfs() + self.settings.above_floor_db).max(self.settings.quietest_dbfs);
        let is_loud = level >= threshold;
        let likeness = self.likeness_of(frame, level, is_loud);
        self.tone.hear(&frame.samples);
        let sound = if is_loud {
            self.classify_loud(likeness)
        } else {
            self.tone.forget();
            Sound::Silence
        };
        self.floor.learn(
            level,
            matches!(sound, Sound::Voice | Sound::Hum | Sound::Murmur),
        );
        sound
    }

    fn classify_loud(&mut self, likeness: f32) -> Sound {
        let is_murmur = likeness >= self.settings.voice_holds;
        let is_voice = likeness >= self.settings.voice_begins;
        match self.tone.judge() {
            Tonality::Steady | Tonality::Key => Sound::Tone,
            Tonality::None if is_voice => Sound::Voice,
            Tonality::Peaks if is_voice => Sound::Hum,
            Tonality::None | Tonality::Peaks if is_murmur => Sound::Murmur,
            Tonality::None | Tonality::Peaks => Sound::Noise,
        }
    }

    /// Asks the net only around loud frames; a net that rested hears the frame before
    /// first, so that an onset is no step out of nothing.
    fn likeness_of(&mut self, frame: &PcmFrame, level: f32, is_loud: bool) -> f32 {
        let was_awake = self
            .last_loud
            .is_some_and(|last| frame.at.since(last) <= NET_RESTS_AFTER);
        if is_loud {
            self.last_loud = Some(frame.at);
        }
        if !is_loud && !was_awake {
            return 0.0;
        }
        if let (false, Some(before)) = (was_awake, &self.before) {
            self.likeness.score(&before.samples, dbfs(&before.samples));
        }
        self.likeness.score(&frame.samples, level)
    }

    fn begin(&mut self, frame: &PcmFrame, sound: Sound) -> Option<VoiceNews> {
        if matches!(sound, Sound::Silence | Sound::Tone) {
            return None;
        }
        let beginning = Beginning {
            first_loud: frame.at,
            last_loud: frame.at,
            evidence: Duration::ZERO,
        };
        self.go_on_beginning(frame, sound, beginning)
    }

    fn go_on_beginning(
        &mut self,
        frame: &PcmFrame,
        sound: Sound,
        mut beginning: Beginning,
    ) -> Option<VoiceNews> {
        if sound != Sound::Silence {
            beginning.last_loud = frame.at;
        }
        let is_over = match sound {
            Sound::Silence => frame.at.since(beginning.last_loud) > BEGINNING_GAP,
            Sound::Tone => !beginning.lose(TONE_UNDOES),
            Sound::Noise => {
                beginning.lose(NOISE_UNDOES);
                false
            }
            Sound::Murmur | Sound::Hum | Sound::Voice => {
                beginning.evidence += evidence_in(sound, frame);
                false
            }
        };
        if is_over {
            self.phase = Phase::Quiet;
            return None;
        }
        if beginning.evidence < self.settings.onset {
            self.phase = Phase::Beginning(beginning);
            return None;
        }
        let end = frame.at + FRAME_TIME;
        self.phase = Phase::Speaking { voiced_until: end };
        let earliest = end.back(self.settings.reach_back);
        Some(VoiceNews::SpeechStarted {
            since: beginning.first_loud.max(earliest),
        })
    }

    fn go_on_speaking(
        &mut self,
        frame: &PcmFrame,
        sound: Sound,
        voiced_until: CallTime,
    ) -> Option<VoiceNews> {
        let end = frame.at + FRAME_TIME;
        match sound {
            Sound::Murmur | Sound::Hum | Sound::Voice => {
                self.phase = Phase::Speaking { voiced_until: end }
            }
            Sound::Silence | Sound::Tone | Sound::Noise
                if end.since(voiced_until) >= self.settings.hangover =>
            {
                self.phase = Phase::Quiet;
                return Some(VoiceNews::SpeechEnded {
                    since: voiced_until,
                });
            }
            Sound::Silence | Sound::Tone | Sound::Noise => {}
        }
        None
    }
}

impl Beginning {
    /// Takes evidence away; tells whether any is left.
    fn lose(&mut self, undone: Duration) -> bool {
        self.evidence = self.evidence.saturating_sub(undone);
        !self.evidence.is_zero()
    }
}

/// How much an onset gains by a frame that is no noise; sound that we made up proves nothing.
fn evidence_in(sound: Sound, frame: &PcmFrame) -> Duration {
    match sound {
        Sound::Silence | Sound::Tone | Sound::Noise | Sound::Murmur => Duration::ZERO,
        Sound::Hum | Sound::Voice if frame.concealed => Duration::ZERO,
        Sound::Hum => FRAME_TIME / 2,
        Sound::Voice => FRAME_TIME,
    }
}
