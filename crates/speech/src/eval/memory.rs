//! What each turn that is heard beside others takes of memory.

use super::{EvalClip, EvalTask, SILENCE, request, sound};
use crate::{CallerChannel, SpeechError};
use std::path::Path;

/// So many turns beside the first.
const MORE: usize = 3;

/// Megabytes that a turn takes while others are heard: by how much the process grows from one open
/// turn to four, all hearing the first recording. None where the system does not tell.
///
/// # Errors
/// The engine's, and that of a file that cannot be read.
pub fn megabytes_a_turn(
    task: &EvalTask<'_>,
    root: &Path,
    clips: &[EvalClip],
) -> Result<Option<f64>, SpeechError> {
    let Some(clip) = clips.first() else {
        return Ok(None);
    };
    let sound = sound::read(&root.join(&clip.path))?;
    let frames = (task.line)(&sound::between_silences(&sound, SILENCE), 1);
    let hear = || {
        let mut stream = task
            .recognizer
            .open(request(task, CallerChannel::default()))?;
        for frame in &frames {
            stream.push(frame)?;
        }
        Ok::<_, SpeechError>(stream)
    };
    let _first = hear()?;
    let before = resident_kilobytes();
    let _more: Vec<_> = (0..MORE).map(|_| hear()).collect::<Result<_, _>>()?;
    let grown = before.zip(resident_kilobytes());
    Ok(grown.map(|(before, after)| (after - before).max(0.0) / 1_024.0 / MORE as f64))
}

/// What the process holds of the machine's memory (proc(5), `/proc/pid/status`, `VmRSS`).
fn resident_kilobytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
