//! The voice: a trait, and the programs behind it.

use crate::SpeechError;
use crate::program;
use crate::prompt::wav;
use crate::scratch::Scratch;
use call_model::{Language, Pace, SAMPLE_RATE};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// How long a program may take for one text.
const SPEAK_LIMIT: Duration = Duration::from_secs(10);
/// The longest text, in bytes: some ten minutes of speech.
const TEXT_MAX: usize = 8_192;

/// Turns words into sound.
pub trait Synthesizer: Send + Sync {
    /// The text as 16-bit samples at 8 kHz, one channel, spoken at this pace.
    ///
    /// # Errors
    /// When there is no voice for the language, or the engine fails.
    fn speak(&self, text: &str, language: Language, pace: Pace) -> Result<Vec<i16>, SpeechError>;

    /// Engine, version and voices; a different name means different sound.
    fn name(&self) -> &str;
}

/// espeak-ng's voices.
const ENGLISH: &str = "en-us";
/// Its `cmn` reads the pinyin that it makes of characters as English, tones and all: 是的 as "shi, de five".
const MANDARIN: &str = "cmn-latn-pinyin";

/// espeak-ng, run as a program: it is GPL, and so never linked.
#[derive(Debug)]
pub struct EspeakSynthesizer {
    name: String,
}

impl EspeakSynthesizer {
    /// Looks for the program.
    ///
    /// # Errors
    /// [`SpeechError::VoiceMissing`] when it is not installed.
    pub fn find() -> Result<Self, SpeechError> {
        match program::version_of("espeak-ng", "--version") {
            Some(version) => Ok(Self {
                // Without the folder of its data, which is no matter of the sound.
                name: format!(
                    "{} {ENGLISH}+{MANDARIN}",
                    version.split("  ").next().unwrap_or_default()
                ),
            }),
            None => Err(SpeechError::VoiceMissing {
                language: Language::En,
                remedy: "install espeak-ng with: apt install espeak-ng".to_owned(),
            }),
        }
    }
}

impl Synthesizer for EspeakSynthesizer {
    fn speak(&self, text: &str, language: Language, pace: Pace) -> Result<Vec<i16>, SpeechError> {
        let (voice, words_a_minute) = match language {
            Language::En => (ENGLISH, 165),
            Language::Zh => (MANDARIN, 160),
        };
        let words_a_minute = words_a_minute * u32::from(pace.percent()) / 100;
        let mut command = Command::new("espeak-ng");
        command.args([
            "-v",
            voice,
            "-s",
            &words_a_minute.to_string(),
            "-b",
            "1",
            "--stdin",
            "--stdout",
        ]);
        let sound = program::run(command, checked("espeak-ng", text)?, SPEAK_LIMIT)?;
        decoded("espeak-ng", &sound)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// flite, run as a program: English only, a better voice under a permissive licence.
#[derive(Debug)]
pub struct FliteSynthesizer {
    name: String,
}

impl FliteSynthesizer {
    const VOICE: &str = "slt";

    /// Looks for the program.
    ///
    /// # Errors
    /// [`SpeechError::VoiceMissing`] when it is not installed.
    pub fn find() -> Result<Self, SpeechError> {
        match program::version_of("flite", "--version") {
            Some(version) => Ok(Self {
                name: format!("flite {version} {}", Self::VOICE),
            }),
            None => Err(SpeechError::VoiceMissing {
                language: Language::En,
                remedy: "install flite with: apt install flite".to_owned(),
            }),
        }
    }
}

impl Synthesizer for FliteSynthesizer {
    fn speak(&self, text: &str, language: Language, pace: Pace) -> Result<Vec<i16>, SpeechError> {
        if language != Language::En {
            return Err(SpeechError::VoiceMissing {
                language,
                remedy: "flite speaks English only; install espeak-ng".to_owned(),
            });
        }
        // It mends the header of what it wrote, so it can write to no pipe.
        let scratch = Scratch::new("wav")?;
        let mut command = Command::new("flite");
        command
            .args(["-voice", Self::VOICE])
            .args(stretched(pace))
            .arg("-")
            .arg(&scratch.path);
        program::run(command, checked("flite", text)?, SPEAK_LIMIT)?;
        let sound = fs::read(&scratch.path).map_err(|source| scratch.error(source))?;
        decoded("flite", &sound)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// One voice for each language.
pub struct VoiceByLanguage {
    name: String,
    voices: BTreeMap<Language, Arc<dyn Synthesizer>>,
}

impl VoiceByLanguage {
    /// Lets each language speak through its own engine.
    pub fn new(voices: BTreeMap<Language, Arc<dyn Synthesizer>>) -> Self {
        let names: Vec<String> = voices
            .iter()
            .map(|(language, voice)| format!("{language}={}", voice.name()))
            .collect();
        Self {
            name: names.join(" "),
            voices,
        }
    }

    /// The same, but for these languages.
    #[must_use]
    pub fn with(self, others: BTreeMap<Language, Arc<dyn Synthesizer>>) -> Self {
        let mut voices = self.voices;
        voices.extend(others);
        Self::new(voices)
    }

    /// The best of what is installed: flite for English where it is, espeak-ng for the rest.
    ///
    /// # Errors
    /// [`SpeechError::VoiceMissing`] when espeak-ng and flite are both missing.
    pub fn installed() -> Result<Self, SpeechError> {
        let mut voices: BTreeMap<Language, Arc<dyn Synthesizer>> = BTreeMap::new();
        let espeak = EspeakSynthesizer::find().map(Arc::new);
        if let Ok(espeak) = &espeak {
            for language in Language::ALL {
                voices.insert(language, Arc::<EspeakSynthesizer>::clone(espeak));
            }
        }
        if let Ok(flite) = FliteSynthesizer::find() {
            voices.insert(Language::En, Arc::new(flite));
        }
        match espeak {
            Err(missing) if voices.is_empty() => Err(missing),
            Ok(_) | Err(_) => Ok(Self::new(voices)),
        }
    }
}

impl Synthesizer for VoiceByLanguage {
    fn speak(&self, text: &str, language: Language, pace: Pace) -> Result<Vec<i16>, SpeechError> {
        let voice = self
            .voices
            .get(&language)
            .ok_or_else(|| SpeechError::VoiceMissing {
                language,
                remedy: "install espeak-ng with: apt install espeak-ng".to_owned(),
            })?;
        voice.speak(text, language, pace)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// What has flite take longer over each sound; nothing where the pace is its own.
fn stretched(pace: Pace) -> Vec<String> {
    if pace.is_usual() {
        return Vec::new();
    }
    let stretch = f32::from(Pace::USUAL.percent()) / f32::from(pace.percent());
    vec![
        "--setf".to_owned(),
        format!("duration_stretch={stretch:.2}"),
    ]
}

pub(crate) fn checked<'t>(program: &str, text: &'t str) -> Result<&'t str, SpeechError> {
    if text.len() <= TEXT_MAX {
        return Ok(text);
    }
    Err(SpeechError::Voice {
        program: program.to_owned(),
        what: format!("a text of more than {TEXT_MAX} bytes is no prompt"),
    })
}

pub(crate) fn decoded(program: &str, sound: &[u8]) -> Result<Vec<i16>, SpeechError> {
    let clip = wav::read(sound).map_err(|what| SpeechError::Voice {
        program: program.to_owned(),
        what: format!("it gave no usable WAV: {what}"),
    })?;
    Ok(dsp::resample(&clip.samples, clip.rate, SAMPLE_RATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Between a quarter and twenty seconds of sound that is not silence.
    fn assert_speech(samples: &[i16]) {
        assert!(
            (2_000..160_000).contains(&samples.len()),
            "{} samples",
            samples.len()
        );
        assert!(dsp::level::dbfs(samples) > -45.0);
    }

    #[test]
    fn espeak_speaks_both_languages() {
        let Ok(voice) = EspeakSynthesizer::find() else {
            eprintln!("SKIPPED 1 test: espeak-ng is not installed");
            return;
        };
        let english = voice.speak("Your balance is 42 dollars.", Language::En, Pace::USUAL);
        assert_speech(&english.expect("speaks"));
        let mandarin = voice.speak("您好，请问您要查询什么？", Language::Zh, Pace::USUAL);
        assert_speech(&mandarin.expect("speaks"));
        assert!(voice.name().contains("eSpeak"), "{}", voice.name());
    }

    #[test]
    fn flite_speaks_english_and_says_so_of_the_rest() {
        let Ok(voice) = FliteSynthesizer::find() else {
            eprintln!("SKIPPED 1 test: flite is not installed");
            return;
        };
        let english = voice.speak("How can I help you?", Language::En, Pace::USUAL);
        assert_speech(&english.expect("speaks"));
        let mandarin = voice.speak("您好", Language::Zh, Pace::USUAL);
        assert!(matches!(mandarin, Err(SpeechError::VoiceMissing { .. })));
    }

    #[test]
    fn every_voice_speaks_more_slowly_when_asked() {
        let voices: [Option<Box<dyn Synthesizer>>; 2] = [
            EspeakSynthesizer::find()
                .ok()
                .map(|voice| Box::new(voice) as _),
            FliteSynthesizer::find()
                .ok()
                .map(|voice| Box::new(voice) as _),
        ];
        for voice in voices.into_iter().flatten() {
            let length = |pace| {
                let sound = voice.speak("Your parcel is on its way.", Language::En, pace);
                sound.expect("speaks").len()
            };
            let (usual, slow) = (length(Pace::USUAL), length(Pace::of_percent(70)));
            assert!(
                slow * 10 > usual * 12,
                "{}: {usual} and {slow}",
                voice.name()
            );
        }
    }

    #[test]
    fn a_text_without_end_is_refused() {
        assert!(checked("voice", &"la ".repeat(TEXT_MAX)).is_err());
    }
}
