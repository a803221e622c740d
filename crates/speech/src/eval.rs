//! How well an engine hears: recordings through G.711 and the real stream, counted.

mod at_once;
mod errors;
pub mod escalation;
mod invented;
mod languages;
mod manifest;
mod report;
mod slots;
mod sound;
mod working_point;

pub use at_once::{AtOnce, hear_at_once};
pub use escalation::speak as speak_made_up;
pub use invented::{InventedCount, InventedTask, TurnsOf, invented};
pub use languages::{LanguageCount, LanguageTask, tell_languages};
pub use manifest::{EvalClip, read_manifest};
pub use report::{EvalReport, Judged, Spent, TextErrors};
pub use slots::SlotValues;
pub use sound::{clean_line, read as read_sound};

use crate::{CallerChannel, HearingRequest, PhraseAutomaton, Recognizer, SpeechError};
use call_model::{
    EscalationWords, FRAME_TIME, Heard, Hypothesis, PcmFrame, PhraseGrammar, Private, SAMPLE_RATE,
    TurnId,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Silence before and after each recording: 0.1 s.
const SILENCE: usize = SAMPLE_RATE as usize / 10;

/// What is right for each recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expectation {
    /// Its text, word for word, or a text that sounds the same.
    Text,
    /// Every value of its slots somewhere in the text, see [`SlotValues`].
    Slots,
    /// Nothing: it is foreign to the grammar and is to be rejected.
    NoMatch,
}

/// A line into the server: a sound at 8 kHz and a number of its own go in, the frames that the ear is given come out.
pub type EvalLine<'a> = dyn Fn(&[i16], u64) -> Vec<PcmFrame> + 'a;

/// One run over many recordings.
pub struct EvalTask<'a> {
    /// The engine; it is prepared for the grammar first.
    pub recognizer: &'a dyn Recognizer,
    /// What may be said.
    pub grammar: Arc<PhraseGrammar>,
    /// What is searched for beside it.
    pub escalation: Arc<EscalationWords>,
    /// The line that every recording comes over, e.g. [`clean_line`].
    pub line: &'a EvalLine<'a>,
    /// What is right.
    pub expectation: Expectation,
    /// The values that slots may have.
    pub slot_values: &'a SlotValues,
    /// Whether two texts are said alike, e.g. [`crate::SphinxRecognizer::sounds_alike`].
    pub sounds_alike: &'a dyn Fn(&str, &str) -> bool,
}

/// Hears every clip, each speaker's as one call, and counts.
///
/// Clips lie under `root`, FLAC or WAV, one channel. Recordings of unknown speakers are
/// calls of their own.
///
/// # Errors
/// The engine's, and those of files that cannot be read.
pub fn evaluate(
    task: &EvalTask<'_>,
    root: &Path,
    clips: &[EvalClip],
) -> Result<EvalReport, SpeechError> {
    let words = std::slice::from_ref(&task.escalation);
    task.recognizer
        .prepare(std::slice::from_ref(&task.grammar), words)?;
    let automaton = PhraseAutomaton::of(&task.grammar)?;
    let mut report = EvalReport::default();
    let mut callers: BTreeMap<&str, CallerChannel> = BTreeMap::new();
    for (number, clip) in (1..).zip(clips) {
        let channel = match clip.speaker.as_str() {
            "" => CallerChannel::default(),
            speaker => callers.entry(speaker).or_default().clone(),
        };
        let sound = sound::read(&root.join(&clip.path))?;
        let frames = (task.line)(&sound::between_silences(&sound, SILENCE), number);
        let heard = hear(task, &frames, channel)?;
        report
            .recordings
            .push(judge(task, &automaton, clip, &heard));
    }
    Ok(report)
}

/// What was heard of a recording, and when.
struct Hearing {
    heard: Heard,
    first_partial: Option<Duration>,
    standing_partial: Option<Duration>,
    final_latency: Duration,
    spent: Spent,
}

fn request(task: &EvalTask<'_>, channel: CallerChannel) -> HearingRequest {
    HearingRequest {
        turn: TurnId(1),
        grammar: Some(Arc::clone(&task.grammar)),
        escalation: Arc::clone(&task.escalation),
        also: None,
        channel,
    }
}

fn hear(
    task: &EvalTask<'_>,
    frames: &[PcmFrame],
    channel: CallerChannel,
) -> Result<Hearing, SpeechError> {
    let cpu = cpu_seconds();
    let mut stream = task.recognizer.open(request(task, channel))?;
    let mut partials = Vec::new();
    let mut now = Duration::ZERO;
    for frame in frames {
        let news = stream.push(frame)?;
        now += FRAME_TIME;
        if let Some(Heard::Partial { text, .. }) = news {
            partials.push((now, text));
        }
    }
    let asked = Instant::now();
    let heard = stream.finish()?;
    let final_latency = asked.elapsed();
    let spent = Spent {
        audio_seconds: now.as_secs_f64(),
        cpu_seconds: cpu_seconds() - cpu,
    };
    // The recording itself begins after the silence before it.
    let onset = Duration::from_secs(1) * SILENCE as u32 / SAMPLE_RATE;
    let partials: Vec<(Duration, &str)> = partials
        .iter()
        .map(|(at, text)| (at.saturating_sub(onset), text.reveal().as_str()))
        .collect();
    let said = partials.iter().find(|(_, text)| !text.is_empty());
    let standing_partial = match &heard {
        Heard::Final { best, .. } => standing(&partials, best.text.reveal()),
        Heard::NoMatch { .. } | Heard::Partial { .. } => None,
    };
    Ok(Hearing {
        first_partial: said.map(|(at, _)| *at),
        heard,
        standing_partial,
        final_latency,
        spent,
    })
}

/// When the final text was first there and stayed; none where only the final result had it.
fn standing(partials: &[(Duration, &str)], text: &str) -> Option<Duration> {
    let same = partials.iter().rev().take_while(|(_, it)| *it == text);
    same.last().map(|(at, _)| *at)
}

fn judge(
    task: &EvalTask<'_>,
    automaton: &PhraseAutomaton,
    clip: &EvalClip,
    hearing: &Hearing,
) -> Judged {
    let (understood, rejected, spotted) = match &hearing.heard {
        Heard::Final { best, spotted, .. } => (Some(best), None, spotted),
        Heard::NoMatch {
            rejected, spotted, ..
        } => (None, rejected.as_ref(), spotted),
        Heard::Partial { spotted, .. } => (None, None, spotted),
    };
    let text = understood.map_or("", |best| best.text.reveal().as_str());
    // A recogniser of free speech also writes what the grammar does not have, which is taken for none of its phrases.
    let has = |reading: &&Hypothesis| {
        let place = automaton.place_of_text(reading.text.reveal());
        place.is_some_and(|place| place.is_complete)
    };
    let is_accepted = understood.filter(has).is_some();
    let language = task.grammar.language;
    let errors = (task.expectation == Expectation::Text)
        .then(|| errors::of(text, &clip.text, language, task.sounds_alike));
    let (mut slots, mut slots_found) = (0, 0);
    let is_right = match task.expectation {
        Expectation::Text => {
            let said = spoken_text::normalise(&clip.text, language);
            spoken_text::normalise(text, language) == said || (task.sounds_alike)(text, &said)
        }
        Expectation::Slots => {
            slots = clip.slots.len();
            slots_found = task.slot_values.found(&clip.slots, text, language);
            slots_found == slots
        }
        Expectation::NoMatch => !is_accepted,
    };
    let reading = understood.or(rejected);
    Judged {
        speaker: clip.speaker.clone(),
        text: reading.map_or_else(|| Private::new(String::new()), |it| it.text.clone()),
        is_right,
        is_accepted,
        confidence: reading.filter(has).map(|reading| reading.confidence),
        slots,
        slots_found,
        spotted: spotted.len(),
        words: errors.map(|(words, _)| words),
        letters: errors.map(|(_, letters)| letters),
        first_partial: hearing.first_partial,
        standing_partial: hearing.standing_partial,
        final_latency: hearing.final_latency,
        spent: hearing.spent,
    }
}

/// CPU time of this process so far, threads that have ended included, since some engines work on threads
/// of their own; in steps of 10 ms (proc(5), `/proc/pid/stat`). Zero where the system does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after_name.split(' ').skip(11).take(2);
    let hundredths: f64 = ticks.filter_map(|it| it.parse::<f64>().ok()).sum();
    hundredths / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_stands_from_where_nothing_else_was_said_after_it() {
        let at = Duration::from_millis;
        let partials = [
            (at(20), "one"),
            (at(40), "two"),
            (at(60), "one"),
            (at(80), "one"),
        ];
        assert_eq!(standing(&partials, "one"), Some(at(60)));
        assert_eq!(standing(&partials, "two"), None);
        assert_eq!(standing(&[], "one"), None);
    }
}
