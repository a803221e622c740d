//! Whether a caller who may speak either of two languages is heard in the right one.

use super::{EvalClip, SILENCE, cpu_seconds, sound};
use crate::{CallerChannel, HearingRequest, Recognizer, SpeechError};
use call_model::{
    CallTime, Codec, EscalationWords, FRAME_SAMPLES, FRAME_TIME, Heard, Language, PcmFrame,
    PhraseGrammar, SAMPLE_RATE, TurnId,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What may be said in the two languages: the one asked for first.
pub struct LanguageTask<'a> {
    /// The engine.
    pub recognizer: &'a dyn Recognizer,
    /// What may be said in the language asked for.
    pub asked: Arc<PhraseGrammar>,
    /// What may be said in the other.
    pub also: Arc<PhraseGrammar>,
}

/// Of the recordings of one language.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct LanguageCount {
    /// Recordings heard.
    pub clips: usize,
    /// Those given to the right language, understood or not.
    pub right: usize,
    /// Those understood in some language.
    pub understood: usize,
    /// Those understood, and in the wrong language.
    pub understood_wrong: usize,
    /// Seconds of sound.
    pub audio_seconds: f64,
    /// CPU seconds spent on it.
    pub cpu_seconds: f64,
}

/// Hears every clip as the first turn of a call and counts the language each is given to.
///
/// # Errors
/// The engine's, and those of files that cannot be read.
pub fn tell_languages(
    task: &LanguageTask<'_>,
    root: &Path,
    clips: &[EvalClip],
) -> Result<BTreeMap<Language, LanguageCount>, SpeechError> {
    let grammars = [Arc::clone(&task.asked), Arc::clone(&task.also)];
    task.recognizer.prepare(&grammars, &[])?;
    let mut counts: BTreeMap<Language, LanguageCount> = BTreeMap::new();
    for clip in clips {
        let samples = sound::read(&root.join(&clip.path))?;
        let codec = match clip.language {
            Language::En => Codec::Pcmu,
            Language::Zh => Codec::Pcma,
        };
        let samples = sound::sent(&samples, codec, SILENCE);
        let cpu = cpu_seconds();
        let heard = hear(task, &samples)?;
        let count = counts.entry(clip.language).or_default();
        count.cpu_seconds += cpu_seconds() - cpu;
        count.audio_seconds += samples.len() as f64 / f64::from(SAMPLE_RATE);
        let (given, is_understood) = match heard {
            Heard::Final { language, .. } => (language, true),
            Heard::NoMatch { language, .. } => (language, false),
            Heard::Partial { .. } => (None, false),
        };
        let is_right = given == Some(clip.language);
        count.clips += 1;
        count.right += usize::from(is_right);
        count.understood += usize::from(is_understood);
        count.understood_wrong += usize::from(is_understood && !is_right);
    }
    Ok(counts)
}

fn hear(task: &LanguageTask<'_>, samples: &[i16]) -> Result<Heard, SpeechError> {
    let nothing = |language| {
        Arc::new(EscalationWords {
            language,
            words: Vec::new(),
        })
    };
    let mut stream = task.recognizer.open(HearingRequest {
        turn: TurnId(1),
        grammar: Some(Arc::clone(&task.asked)),
        escalation: nothing(task.asked.language),
        also: Some((Some(Arc::clone(&task.also)), nothing(task.also.language))),
        channel: CallerChannel::default(),
    })?;
    let mut at = CallTime::ZERO;
    for samples in samples.chunks(FRAME_SAMPLES) {
        let mut frame = PcmFrame::silent(at);
        frame.samples[..samples.len()].copy_from_slice(samples);
        stream.push(&frame)?;
        at = at + FRAME_TIME;
    }
    stream.finish()
}
