//! Runs a program on a text, under a deadline.

use crate::SpeechError;
use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

/// The most bytes a program may give back: ten minutes of 16-bit sound at 24 kHz.
const OUTPUT_MAX: u64 = 28_800_000;

/// Feeds `text` to the program's standard input (so that it shows in no list of
/// processes) and gives back what it writes to its standard output.
///
/// # Errors
/// [`SpeechError::VoiceTooSlow`] past the deadline, when the program is killed;
/// [`SpeechError::Voice`] when it cannot be started or fails.
pub(crate) fn run(
    mut command: Command,
    text: &str,
    limit: Duration,
) -> Result<Vec<u8>, SpeechError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |what: String| SpeechError::Voice {
        program: program.clone(),
        what,
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(format!("it cannot be started: {error}")))?;
    let outcome = converse(&mut child, text.to_owned(), limit);
    match outcome {
        Some(Ok(output)) => match child.wait() {
            Ok(status) if status.success() => Ok(output),
            Ok(status) => Err(failed(format!("it ended with {status}"))),
            Err(error) => Err(failed(error.to_string())),
        },
        Some(Err(error)) => {
            end(&mut child);
            Err(failed(error.to_string()))
        }
        None => {
            end(&mut child);
            Err(SpeechError::VoiceTooSlow { program, limit })
        }
    }
}

/// All output of the program, or nothing if the deadline came first.
fn converse(child: &mut Child, text: String, limit: Duration) -> Option<io::Result<Vec<u8>>> {
    let (mut input, mut output) = (child.stdin.take()?, child.stdout.take()?);
    let (sender, receiver) = sync_channel(1);
    // A writer of its own: a program that speaks while it still reads would
    // otherwise block against us, each waiting for the other's pipe.
    thread::spawn(move || {
        // A program that ends early breaks the pipe; its status tells the rest.
        let _ = input.write_all(text.as_bytes());
    });
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.by_ref().take(OUTPUT_MAX).read_to_end(&mut bytes);
        // Nobody listens any more when the deadline came first.
        let _ = sender.send(read.map(|_| bytes));
    });
    receiver.recv_timeout(limit).ok()
}

/// Kills the program and collects it, so that it is no zombie.
fn end(child: &mut Child) {
    if child.kill().is_ok() {
        let _ = child.wait();
    }
}

/// Whether a program of this name is on the search path, asked for its version.
pub(crate) fn version_of(program: &str, argument: &str) -> Option<String> {
    let mut command = Command::new(program);
    command.arg(argument);
    let said = run_any_status(command)?;
    let line = said
        .lines()
        .find(|line| line.contains("ersion") || line.contains("eSpeak"))?;
    Some(line.trim().chars().take(80).collect())
}

fn run_any_status(mut command: Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_is_fed_the_text_and_heard_out() {
        let said = run(shell("tr a-z A-Z"), "hello", Duration::from_secs(10)).expect("runs");
        assert_eq!(said, b"HELLO");
    }

    #[test]
    fn a_program_that_hangs_is_killed_at_its_deadline() {
        let hung = run(shell("exec sleep 60"), "", Duration::from_millis(50));
        assert!(matches!(hung, Err(SpeechError::VoiceTooSlow { .. })));
    }

    #[test]
    fn a_program_that_fails_is_named() {
        for command in [shell("exit 3"), Command::new("no-such-voice-program")] {
            let name = command.get_program().to_string_lossy().into_owned();
            let failed = run(command, "text", Duration::from_secs(10));
            assert!(failed.is_err_and(|error| error.to_string().contains(&name)));
        }
    }
}
