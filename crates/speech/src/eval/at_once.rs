//! What turns that are heard at once take of memory and time.

use super::{EvalClip, EvalTask, SILENCE, cpu_seconds, request, sound};
use crate::{CallerChannel, HearingStream, SpeechError};
use call_model::{FRAME_TIME, PcmFrame};
use std::path::Path;

/// What turns take that are heard at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AtOnce {
    /// Megabytes by which each turn but the first lets the process grow; none where the system does not tell, or
    /// there is one turn alone.
    pub megabytes_a_turn: Option<f64>,
    /// CPU seconds for a second of their sound, once all that they need is open.
    pub cpu_seconds_a_second: f64,
}

/// Hears `turns` recordings at once, a frame of each in its turn as the frames of calls come, the recordings one after the other
/// and from the first again. They are heard twice: the engine opens for the first time what the second finds open.
///
/// # Errors
/// The engine's, and those of files that cannot be read.
pub fn hear_at_once(
    task: &EvalTask<'_>,
    root: &Path,
    clips: &[EvalClip],
    turns: usize,
) -> Result<Option<AtOnce>, SpeechError> {
    let mut lines = Vec::new();
    for (number, clip) in (1..).zip(clips.iter().take(turns)) {
        let sound = sound::read(&root.join(&clip.path))?;
        lines.push((task.line)(
            &sound::between_silences(&sound, SILENCE),
            number,
        ));
    }
    if lines.is_empty() {
        return Ok(None);
    }
    let lines: Vec<&[PcmFrame]> = lines
        .iter()
        .map(Vec::as_slice)
        .cycle()
        .take(turns)
        .collect();
    let first = push_all(task, &lines[..1])?;
    let before = proportional_kilobytes();
    let others = push_all(task, &lines[1..])?;
    let grown = before.zip(proportional_kilobytes());
    finish_all(first)?;
    finish_all(others)?;
    let spent = cpu_seconds();
    finish_all(push_all(task, &lines)?)?;
    let spent = cpu_seconds() - spent;
    let frames: usize = lines.iter().map(|line| line.len()).sum();
    let seconds = FRAME_TIME.as_secs_f64() * frames as f64;
    let more = turns.saturating_sub(1) as f64;
    Ok(Some(AtOnce {
        megabytes_a_turn: grown
            .filter(|_| more > 0.0)
            .map(|(before, after)| (after - before).max(0.0) / 1_024.0 / more),
        cpu_seconds_a_second: spent / seconds,
    }))
}

/// Streams that were given all of their lines, none at its end.
fn push_all(
    task: &EvalTask<'_>,
    lines: &[&[PcmFrame]],
) -> Result<Vec<Box<dyn HearingStream>>, SpeechError> {
    let open = |_: &&[PcmFrame]| {
        let channel = CallerChannel::default();
        task.recognizer.open(request(task, channel))
    };
    let mut streams: Vec<_> = lines.iter().map(open).collect::<Result<_, _>>()?;
    let longest = lines.iter().map(|line| line.len()).max().unwrap_or(0);
    for at in 0..longest {
        for (stream, line) in streams.iter_mut().zip(lines) {
            if let Some(frame) = line.get(at) {
                stream.push(frame)?;
            }
        }
    }
    Ok(streams)
}

fn finish_all(streams: Vec<Box<dyn HearingStream>>) -> Result<(), SpeechError> {
    for stream in streams {
        stream.finish()?;
    }
    Ok(())
}

/// What the process holds of the machine's memory, pages that are mapped more than once counted once (proc(5),
/// `/proc/pid/smaps_rollup`, `Pss`): every decoder maps the files of its model anew.
fn proportional_kilobytes() -> Option<f64> {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
