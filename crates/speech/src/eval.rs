//! How well an engine hears: recordings through G.711 and the real stream, counted.

pub mod escalation;
mod invented;
mod languages;
mod manifest;
mod report;
mod sound;

pub use escalation::speak as speak_made_up;
pub use invented::{InventedCount, InventedTask, invented};
pub use languages::{LanguageCount, LanguageTask, tell_languages};
pub use manifest::{EvalClip, read_manifest};
pub use report::EvalReport;
pub use sound::read as read_sound;

use crate::{CallerChannel, HearingRequest, Recognizer, SpeechError};
use call_model::{
    CallTime, Codec, EscalationWords, FRAME_SAMPLES, FRAME_TIME, Heard, PcmFrame, PhraseGrammar,
    SAMPLE_RATE, TurnId,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Silence before and after each recording: 0.1 s.
const SILENCE: usize = SAMPLE_RATE as usize / 10;

/// What is right for each recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expectation {
    /// Its text, word for word, or a text that sounds the same.
    Text,
    /// Every value of its slots somewhere in the text.
    Slots,
    /// Nothing: it is foreign to the grammar and is to be rejected.
    NoMatch,
}

/// One run over many recordings.
pub struct EvalTask<'a> {
    /// The engine; it is prepared for the grammar first.
    pub recognizer: &'a dyn Recognizer,
    /// What may be said.
    pub grammar: Arc<PhraseGrammar>,
    /// What is searched for beside it.
    pub escalation: Arc<EscalationWords>,
    /// The codec the sound is sent through.
    pub codec: Codec,
    /// What is right.
    pub expectation: Expectation,
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
    let mut report = EvalReport::default();
    let mut callers: BTreeMap<&str, CallerChannel> = BTreeMap::new();
    for clip in clips {
        let channel = match clip.speaker.as_str() {
            "" => CallerChannel::default(),
            speaker => callers.entry(speaker).or_default().clone(),
        };
        let samples = sound::read(&root.join(&clip.path))?;
        let heard = hear(
            task,
            &sound::sent(&samples, task.codec, SILENCE),
            channel,
            &mut report,
        )?;
        judge(task, clip, &heard, &mut report);
    }
    Ok(report)
}

fn hear(
    task: &EvalTask<'_>,
    samples: &[i16],
    channel: CallerChannel,
    report: &mut EvalReport,
) -> Result<Heard, SpeechError> {
    let cpu = cpu_seconds();
    let mut stream = task.recognizer.open(HearingRequest {
        turn: TurnId(1),
        grammar: Some(Arc::clone(&task.grammar)),
        escalation: Arc::clone(&task.escalation),
        also: None,
        channel,
    })?;
    let mut at = CallTime::ZERO;
    for samples in samples.chunks(FRAME_SAMPLES) {
        let mut frame = PcmFrame::silent(at);
        frame.samples[..samples.len()].copy_from_slice(samples);
        if stream.push(&frame)?.is_some() {
            report.partials += 1;
        }
        at = at + FRAME_TIME;
    }
    let asked = Instant::now();
    let heard = stream.finish()?;
    report.final_latencies.push(asked.elapsed());
    report.cpu_seconds += cpu_seconds() - cpu;
    report.audio_seconds += samples.len() as f64 / f64::from(SAMPLE_RATE);
    Ok(heard)
}

fn judge(task: &EvalTask<'_>, clip: &EvalClip, heard: &Heard, report: &mut EvalReport) {
    report.clips += 1;
    let (understood, spotted) = match heard {
        Heard::Final { best, spotted, .. } => (Some(best), spotted),
        Heard::NoMatch { spotted, .. } | Heard::Partial { spotted, .. } => (None, spotted),
    };
    report.spotted += spotted.len();
    let text = understood.map_or("", |best| best.text.reveal().as_str());
    report.accepted += usize::from(understood.is_some());
    let is_right = match task.expectation {
        Expectation::Text => text == clip.text || (task.sounds_alike)(text, &clip.text),
        Expectation::Slots => {
            let found = clip
                .slots
                .iter()
                .filter(|slot| text.contains(slot.as_str()));
            let found = found.count();
            report.slots += clip.slots.len();
            report.slots_found += found;
            found == clip.slots.len()
        }
        Expectation::NoMatch => understood.is_none(),
    };
    report.right += usize::from(is_right);
    if let Some(best) = understood {
        report.confidences.push((best.confidence, is_right));
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
