//! Sounds over a prompt that interrupt nothing: backchannels, coughs, echoes, noise, babble.

use super::hearing_sounds::{Recording, no_speech};
use crate::cli::EvalBargein;
use call_model::Language;
use hearing_trials::{
    Disturbance, Echo, NoSpeech, USUAL_SPEECH_DBFS, at_level, cough, made_sounds, mixed,
};
use speech::eval::speak_made_up;
use std::fmt;
use std::time::Duration;

/// Voices that say backchannels, beside the callers' own recordings of them.
const ENGLISH: [&str; 5] = [
    "flite kal16",
    "flite rms",
    "flite awb",
    "flite slt",
    "espeak en-us+f4",
];
const MANDARIN: [&str; 3] = [
    "espeak cmn-latn-pinyin",
    "espeak cmn-latn-pinyin+f3",
    "espeak cmn-latn-pinyin+m4",
];
/// What they say, as short as people do: flite spells "mm-hmm", and espeak-ng takes a second for 好的.
const ENGLISH_SAID: [&str; 8] = [
    "uh-huh",
    "okay",
    "yeah",
    "right",
    "I see",
    "all right",
    "sure",
    "got it",
];
const MANDARIN_SAID: [&str; 5] = ["嗯", "哦", "对", "好", "是的"];
/// Speakers at once in a babble.
const SPEAKERS: usize = 6;
/// So far beneath the callers.
const BABBLE_DB: f32 = 10.0;
/// A prompt over babble or noise.
const LASTING: Duration = Duration::from_secs(15);

/// What kind of sound it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// "Uh-huh", 嗯.
    Backchannel,
    /// One to three bursts.
    Cough,
    /// The prompt itself.
    Echo,
    /// Hiss, tones, breath, and what files hold.
    Noise,
    /// Others who talk.
    Babble,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Backchannel => "backchannels",
            Self::Cough => "coughs",
            Self::Echo => "echoes",
            Self::Noise => "noise",
            Self::Babble => "babble",
        })
    }
}

/// All that may be heard over a prompt.
pub struct Others {
    each: usize,
    babble: f32,
    backchannels: Vec<(Language, Vec<i16>)>,
    noise: Vec<NoSpeech>,
    crowds: Vec<Vec<i16>>,
}

impl Others {
    /// Has backchannels spoken, and reads and makes noise.
    pub fn gather(options: &EvalBargein, recordings: &[Recording]) -> anyhow::Result<Self> {
        let mut noise = made_sounds(LASTING);
        noise.retain(|it| it.name != "silence");
        noise.extend(no_speech(&options.no_speech)?);
        Ok(Self {
            each: options.others,
            babble: options.babble,
            backchannels: backchannels(recordings)?,
            noise,
            crowds: crowds(recordings),
        })
    }

    /// What is heard in a language, which is the `place`th of `share` that are tried.
    pub fn of(&self, language: Language, place: usize, share: usize) -> Vec<(Kind, Disturbance)> {
        let own: Vec<&Vec<i16>> = self
            .backchannels
            .iter()
            .filter(|(of, _)| *of == language)
            .map(|(_, sound)| sound)
            .collect();
        let mut all = Vec::new();
        for number in (place..self.each).step_by(share) {
            // Every mix of the numbers comes about, and each run has the same.
            let turn = number / share;
            if !own.is_empty() {
                let level = USUAL_SPEECH_DBFS - 6.0 + (turn % 13) as f32;
                let sound = at_level(own[turn % own.len()], level);
                all.push((Kind::Backchannel, Disturbance::Sound(sound)));
            }
            all.push((Kind::Cough, Disturbance::Sound(cough(number as u64))));
            all.push((Kind::Echo, Disturbance::Echo(echo(number))));
            if !self.noise.is_empty() {
                all.push((Kind::Noise, self.noise(number)));
            }
        }
        let lasts = LASTING.as_secs_f32() / 60.0;
        let crowds = (self.babble / lasts / share as f32).ceil() as usize;
        let mine = self.crowds.iter().cycle().skip(place).step_by(share);
        for crowd in mine.take(if self.crowds.is_empty() { 0 } else { crowds }) {
            let sound = at_level(crowd, USUAL_SPEECH_DBFS - BABBLE_DB);
            all.push((Kind::Babble, Disturbance::Beneath(sound)));
        }
        all
    }

    fn noise(&self, number: usize) -> Disturbance {
        let noise = &self.noise[number % self.noise.len()];
        let level = -45.0 + (number * 7 % 26) as f32;
        let from = number * 8_000 % noise.sound.len().max(1);
        let length = (LASTING.as_secs() * 8_000) as usize;
        let part: Vec<i16> = noise
            .sound
            .iter()
            .cycle()
            .skip(from)
            .take(length)
            .copied()
            .collect();
        Disturbance::Lasting(at_level(&part, level))
    }
}

/// 10 to 30 dB weaker, 50 to 300 ms later, half of them smeared.
fn echo(number: usize) -> Echo {
    Echo {
        delay: Duration::from_millis(50 + (number * 37 % 251) as u64),
        loss_db: 10.0 + (number * 13 % 21) as f32,
        is_smeared: number % 2 == 1,
    }
}

fn backchannels(recordings: &[Recording]) -> anyhow::Result<Vec<(Language, Vec<i16>)>> {
    let mut sounds = Vec::new();
    let voices: [(Language, &[&str], &[&str]); 2] = [
        (Language::En, &ENGLISH, &ENGLISH_SAID),
        (Language::Zh, &MANDARIN, &MANDARIN_SAID),
    ];
    for (language, voices, said) in voices {
        if !recordings.iter().any(|it| it.clip.language == language) {
            continue;
        }
        for text in said {
            for voice in voices {
                sounds.push((language, speak_made_up(voice, text)?));
            }
        }
        for recording in recordings.iter().filter(|it| it.clip.language == language) {
            if said.contains(&recording.clip.text.as_str()) {
                sounds.push((language, recording.sound.clone()));
            }
        }
    }
    Ok(sounds)
}

/// Many people at once, each crowd of other recordings.
fn crowds(recordings: &[Recording]) -> Vec<Vec<i16>> {
    /// Crowds before they come again.
    const CROWDS: usize = 20;
    // Each speaker of a crowd says one recording after the other.
    const SAYS: usize = 8;
    let crowd = |number: usize| {
        let speakers: Vec<Vec<i16>> = (0..SPEAKERS)
            .map(|speaker| {
                let first = (number * SPEAKERS + speaker) * SAYS * 7;
                let places = (0..SAYS).map(|said| (first + said * 13) % recordings.len());
                places
                    .flat_map(|at| recordings[at].sound.iter().copied())
                    .collect()
            })
            .collect();
        mixed(&speakers, LASTING)
    };
    match recordings.is_empty() {
        true => Vec::new(),
        false => (0..CROWDS).map(crowd).collect(),
    }
}
