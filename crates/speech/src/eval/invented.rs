//! What an engine hears where nobody speaks: silence, noise, music, tones.

mod sounds;

use super::{cpu_seconds, sound};
use crate::{CallerChannel, HearingRequest, Recognizer, SpeechError};
use call_model::{
    CallTime, Codec, EscalationWords, FRAME_SAMPLES, FRAME_TIME, Heard, Language, PcmFrame,
    PhraseGrammar, SAMPLE_RATE, TurnId,
};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// The lengths of the turns that the sound is cut into, in seconds, over and over.
const TURNS_S: [usize; 6] = [2, 4, 1, 6, 3, 8];
/// So many turns are one call: the ear learns its line.
const TURNS_OF_A_CALL: usize = 6;

/// One measurement.
pub struct InventedTask<'a> {
    /// The engine.
    pub recognizer: &'a dyn Recognizer,
    /// What may be said: the turns take them one after the other. None: a turn without a grammar.
    pub grammars: Vec<Arc<PhraseGrammar>>,
    /// What is searched for beside them, one list for each language.
    pub escalation: Vec<Arc<EscalationWords>>,
    /// The line's codec.
    pub codec: Codec,
    /// Seconds of each kind of sound.
    pub seconds: usize,
    /// Recordings of music that callers hear, and that comes back from other machines.
    pub music: Vec<PathBuf>,
    /// Recordings of noise.
    pub noise: Vec<PathBuf>,
    /// Which parts of a sound are turns: what a voice detector would let pass. None: all of it, cut into turns
    /// of one to eight seconds, which is harder than a call.
    pub turns: Option<&'a TurnsOf<'a>>,
}

/// The parts of a sound, in samples, that are a caller's turns.
pub type TurnsOf<'a> = dyn Fn(&[i16]) -> Vec<Range<usize>> + 'a;

/// What was made of one kind of sound.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct InventedCount {
    /// Turns heard.
    pub turns: usize,
    /// Turns that were understood: each an invention.
    pub understood: usize,
    /// Escalation words that were found: inventions too.
    pub spotted: usize,
    /// Seconds of sound.
    pub audio_seconds: f64,
    /// Seconds of it that the engine was given.
    pub heard_seconds: f64,
    /// CPU seconds spent on it.
    pub cpu_seconds: f64,
}

/// Has the ear hear every kind of sound, as turns of a caller who says nothing.
///
/// # Errors
/// The engine's, and those of files that cannot be read.
pub fn invented(
    task: &InventedTask<'_>,
) -> Result<BTreeMap<&'static str, InventedCount>, SpeechError> {
    task.recognizer.prepare(&task.grammars, &task.escalation)?;
    let samples = task.seconds * SAMPLE_RATE as usize;
    let mut kinds: Vec<(&'static str, Vec<i16>)> = sounds::made(samples);
    for (name, files) in [("music", &task.music), ("recorded noise", &task.noise)] {
        if let Some(recorded) = recorded(files, samples)? {
            kinds.push((name, recorded));
        }
    }
    let mut counts = BTreeMap::new();
    for (name, samples) in kinds {
        counts.insert(name, heard(task, &samples)?);
    }
    Ok(counts)
}

/// The recordings one after the other, from the start again until there is enough of them.
fn recorded(files: &[PathBuf], samples: usize) -> Result<Option<Vec<i16>>, SpeechError> {
    let mut all = Vec::new();
    for file in files {
        all.extend(sound::read(file)?);
    }
    let is_something = !all.is_empty();
    Ok(is_something.then(|| all.into_iter().cycle().take(samples).collect()))
}

fn heard(task: &InventedTask<'_>, samples: &[i16]) -> Result<InventedCount, SpeechError> {
    let samples = sound::sent(samples, task.codec, 0);
    let turns = match task.turns {
        Some(turns) => turns(&samples),
        None => cut(samples.len()),
    };
    let seconds = |samples: usize| samples as f64 / f64::from(SAMPLE_RATE);
    let mut count = InventedCount {
        turns: turns.len(),
        audio_seconds: seconds(samples.len()),
        ..InventedCount::default()
    };
    let mut channel = CallerChannel::default();
    for (turn, part) in turns.into_iter().enumerate() {
        if turn % TURNS_OF_A_CALL == 0 {
            channel = CallerChannel::default();
        }
        let now = samples.get(part).unwrap_or_default();
        count.heard_seconds += seconds(now.len());
        let cpu = cpu_seconds();
        let news = hear(task, turn, channel.clone(), now)?;
        count.cpu_seconds += cpu_seconds() - cpu;
        let (Heard::Final { spotted, .. }
        | Heard::NoMatch { spotted, .. }
        | Heard::Partial { spotted, .. }) = &news;
        count.spotted += spotted.len();
        count.understood += usize::from(matches!(news, Heard::Final { .. }));
    }
    Ok(count)
}

/// All of so many samples, in turns.
fn cut(samples: usize) -> Vec<Range<usize>> {
    let (mut turns, mut from) = (Vec::new(), 0);
    for seconds in TURNS_S.iter().cycle() {
        if from == samples {
            break;
        }
        let to = samples.min(from + seconds * SAMPLE_RATE as usize);
        turns.push(from..to);
        from = to;
    }
    turns
}

fn hear(
    task: &InventedTask<'_>,
    turn: usize,
    channel: CallerChannel,
    samples: &[i16],
) -> Result<Heard, SpeechError> {
    let grammar = match task.grammars.len() {
        0 => None,
        count => Some(Arc::clone(&task.grammars[turn % count])),
    };
    let mut lists = task.escalation.iter();
    let language = grammar.as_ref().map(|grammar| grammar.language);
    let words = lists.find(|words| language.is_none_or(|language| words.language == language));
    let words = words.cloned().unwrap_or_else(|| {
        Arc::new(EscalationWords {
            language: language.unwrap_or(Language::En),
            words: Vec::new(),
        })
    });
    let mut stream = task.recognizer.open(HearingRequest {
        turn: TurnId(1),
        grammar,
        escalation: words,
        also: None,
        channel,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ScriptedRecognizer, ScriptedTurn};

    #[test]
    fn an_engine_that_hears_words_in_everything_is_found_out_and_one_that_hears_none_is_not() {
        let heard = |script: Option<ScriptedTurn>, turns: Option<&TurnsOf<'_>>| {
            let scripts = script.map(|script| (TurnId(1), script));
            let recognizer = ScriptedRecognizer::by_turn(scripts);
            let task = InventedTask {
                recognizer: &recognizer,
                grammars: Vec::new(),
                escalation: Vec::new(),
                codec: Codec::Pcmu,
                seconds: 12,
                music: Vec::new(),
                noise: Vec::new(),
                turns,
            };
            invented(&task).expect("heard")
        };
        for (kind, count) in heard(Some(ScriptedTurn::saying("thank you")), None) {
            assert_eq!((count.turns, count.understood), (4, 4), "{kind}");
            assert!((count.audio_seconds - 12.0).abs() < 1e-9, "{kind}");
        }
        let counts = heard(None, None);
        assert!(counts.values().all(|count| count.understood == 0));
        let turns = |_: &[i16]| std::iter::once(0..16_000).collect();
        let heard = heard(Some(ScriptedTurn::saying("thank you")), Some(&turns));
        let counts = heard.values();
        assert!(counts.into_iter().all(|count| {
            (count.turns, count.understood) == (1, 1) && (count.heard_seconds - 2.0).abs() < 1e-9
        }));
    }
}
