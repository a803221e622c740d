//! Sentences that are made as a scenario is read: flite says English ones in the party's voice,
//! espeak-ng Mandarin ones.

use crate::wav;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The voices flite has; whose folder of clips is called otherwise speaks with the first.
const FLITE: [&str; 4] = ["rms", "awb", "slt", "kal16"];
/// How fast the Mandarin one speaks, in words a minute: unhurried, as it is the harder to hear.
const MANDARIN_PACE: &str = "140";

/// The sentence as sound of 8 kHz; else why it cannot be said here.
pub fn made(text: &str, voice: &str) -> Result<Arc<[i16]>, String> {
    let scratch = Scratch::new();
    let mut program = match text.chars().any(is_han) {
        true => {
            let mut program = Command::new("espeak-ng");
            program.args(["-v", "cmn", "-s", MANDARIN_PACE, "-w"]);
            program.arg(&scratch.0).args(["--", text]);
            program
        }
        false => {
            let voice = FLITE.iter().find(|name| **name == voice);
            let mut program = Command::new("flite");
            program.args(["-voice", voice.unwrap_or(&FLITE[0]), "-t", text, "-o"]);
            program.arg(&scratch.0);
            program
        }
    };
    let name = program.get_program().to_string_lossy().into_owned();
    program.stdin(Stdio::null()).stdout(Stdio::null());
    let status = program.stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => {
            wav::read(&scratch.0).map_err(|error| format!("{name} made no sound of it: {error}"))
        }
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name} does not run: {error}")),
    }
}

const fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}')
}

/// A file that is gone with this.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("loadtest-{}-{number}.wav", std::process::id());
        Self(Path::new(&std::env::temp_dir()).join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::speech_extent;

    #[test]
    fn a_sentence_is_said_where_its_program_is() {
        for (text, program) in [("where is my order", "flite"), ("查订单", "espeak-ng")] {
            match made(text, "slt") {
                Ok(audio) => assert!(speech_extent(&audio).len() > 2_000, "{text}"),
                Err(why) => assert!(why.contains(program), "{why}"),
            }
        }
    }
}
